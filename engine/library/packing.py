"""Landmarks as few bytes, three a landmark, that are read in no time."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from engine.dsp.landmarks import Landmarks
from engine.errors import LibraryError
from engine.translation import tr

_FINENESS = 8
"""Steps are kept to an eighth."""
_FAR = 255
"""A gap of so many frames, with no landmark at its end."""
_HEADER = struct.Struct("<4I")
"""Length of the sound, number of gaps, number of landmarks, checksum of what follows."""


def pack(landmarks: Landmarks) -> bytes:
    """The landmarks without their ranks."""
    gaps = np.diff(landmarks.frames, prepend=np.int32(0))
    far, rest = np.divmod(gaps, _FAR)
    short = np.full(len(gaps) + int(far.sum()), _FAR, np.uint8)
    short[np.cumsum(far + 1) - 1] = rest
    steps = np.rint(landmarks.steps * _FINENESS).astype("<u2")
    body = short.tobytes() + steps.tobytes()
    return _HEADER.pack(landmarks.num_frames, len(short), len(steps), zlib.crc32(body)) + body


def unpack(data: bytes) -> Landmarks:
    """What `pack` made; of nothing there are none.

    Raises:
        LibraryError: It is damaged.
    """
    if not data:
        none = np.zeros(0, np.int32)
        return Landmarks(none, none.astype(np.float32), none, 0)
    gaps, steps, num_frames = _parts(data)
    frames = np.cumsum(gaps, dtype=np.int32)[gaps < _FAR]
    fine = steps.astype(np.float32) / np.float32(_FINENESS)
    return Landmarks(frames, fine, np.zeros(len(frames), np.int32), num_frames)


def _parts(data: bytes) -> tuple[NDArray[np.uint8], NDArray[np.uint16], int]:
    """Gaps, steps, and the length in frames."""
    if len(data) >= _HEADER.size:
        num_frames, num_gaps, count, checksum = _HEADER.unpack_from(data)
        body = memoryview(data)[_HEADER.size :]
        if len(body) == num_gaps + 2 * count and zlib.crc32(body) == checksum:
            steps = np.frombuffer(body, "<u2", count, num_gaps)
            return np.frombuffer(body, np.uint8, num_gaps), steps, num_frames
    raise LibraryError(
        tr("the landmarks of a track are damaged"), tr("make them again: reprise library rebuild")
    )
