"""Landmarks as few bytes: about two a landmark."""

import zlib

import numpy as np

from engine.dsp.landmarks import Landmarks
from engine.errors import LibraryError

_FINENESS = 8
"""Steps are kept to an eighth."""


def pack(landmarks: Landmarks) -> bytes:
    """The landmarks without their ranks."""
    gaps = np.diff(landmarks.frames, prepend=np.int32(0)).astype("<u4")
    steps = np.rint(landmarks.steps * _FINENESS).astype("<u2")
    # Bytes of equal worth together: zeros beside zeros are small.
    planes = [
        column.view(np.uint8).reshape(len(column), column.itemsize).T for column in (gaps, steps)
    ]
    header = np.array([landmarks.num_frames, len(gaps)], "<u4").tobytes()
    return header + zlib.compress(b"".join(plane.tobytes() for plane in planes))


def unpack(data: bytes) -> Landmarks:
    """What `pack` made; of nothing there are none.

    Raises:
        LibraryError: It is damaged.
    """
    if not data:
        none = np.zeros(0, np.int32)
        return Landmarks(none, none.astype(np.float32), none, 0)
    try:
        num_frames, count = (int(number) for number in np.frombuffer(data[:8], "<u4"))
        flat = np.frombuffer(zlib.decompress(data[8:]), np.uint8).reshape(6, count)
    except (zlib.error, ValueError) as error:
        raise LibraryError(
            "the landmarks of a track are damaged", "make them again: reprise library rebuild"
        ) from error
    gaps = np.ascontiguousarray(flat[:4].T).view("<u4").ravel()
    steps = np.ascontiguousarray(flat[4:].T).view("<u2").ravel()
    return Landmarks(
        np.cumsum(gaps, dtype=np.int64).astype(np.int32),
        steps.astype(np.float32) / np.float32(_FINENESS),
        np.zeros(count, np.int32),
        num_frames,
    )
