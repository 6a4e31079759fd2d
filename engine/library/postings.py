"""Postings: for every key of a landmark pair the frames of the library where it begins.

A segment holds some hundred tracks or more one after another on one time line. Its file is an array
of unsigned 32-bit numbers: first where the postings of each key begin, then the postings. It is
made once and never changed; readers map it.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from engine.dsp.landmark_pairs import NUM_KEYS, Keys, keys_of, pair_up
from engine.dsp.landmarks import Frames, Landmarks
from engine.errors import LibraryError

FAN_OUT = 3
GAP_FRAMES = 4096
"""Silence between two tracks on the time line, longer than any stretch that is looked up."""
_COMMON = 8.0
"""A key that is so many times as frequent as the mean says too little for its cost."""
_SELDOM = 64
"""Not so in a small library: there only loops and copies of a track come to more than a few."""

_KEY_BITS = np.uint64(32)

Offsets = NDArray[np.int32]


def write_segment(file: IO[bytes], tracks: Iterable[tuple[int, Landmarks]]) -> None:
    """Write a segment.

    Args:
        file: Where it goes.
        tracks: First frame on the time line, and landmarks, of each track.
    """
    # Key and frame as one number: such are sorted ten times as fast as one by the other.
    both = np.concatenate([np.zeros(0, np.uint64), *(_numbers(*track) for track in tracks)])
    both.sort()
    first_of_key = np.arange(NUM_KEYS + 1, dtype=np.uint64) << _KEY_BITS
    file.write(np.searchsorted(both, first_of_key).astype(np.uint32).data)
    file.write(both.astype(np.uint32).data)


def _numbers(first_frame: int, landmarks: Landmarks) -> NDArray[np.uint64]:
    """Postings of a track, each with its key in the upper half."""
    pairs = pair_up(landmarks, FAN_OUT)
    keys, which = keys_of(pairs)
    frames = (pairs.frames[which] + first_frame).astype(np.uint64)
    return keys.astype(np.uint64) << _KEY_BITS | frames


class Postings:
    """A segment's file, mapped."""

    def __init__(self, path: Path) -> None:
        """Open a file.

        Raises:
            LibraryError: It is missing or damaged.
        """
        try:
            numbers = np.memmap(path, np.uint32, "r")
        except (OSError, ValueError) as error:
            raise _damaged(path) from error
        self._begins, self._frames = numbers[: NUM_KEYS + 1], numbers[NUM_KEYS + 1 :]
        if len(self._begins) <= NUM_KEYS or int(self._begins[-1]) != len(self._frames):
            raise _damaged(path)
        self._most = max(_SELDOM, int(_COMMON * len(self._frames) / NUM_KEYS))

    def offsets(self, keys: Keys, frames: Frames) -> Offsets:
        """Where frame 0 of a mix would lie on the time line for every pair that agrees, ascending.

        Args:
            keys: (n,) of pairs of the mix.
            frames: (n,) when each of them begins in the mix, in frames of the track.
        """
        begins = self._begins[keys]
        counts = self._begins[keys + 1] - begins
        useful = np.flatnonzero((counts > 0) & (counts <= self._most))
        begins, counts = begins[useful], counts[useful]
        ends = np.cumsum(counts, dtype=np.uint32)
        total = int(ends[-1]) if len(ends) else 0
        # Unsigned numbers wrap around on the way, and come out right.
        places = np.repeat(begins - (ends - counts), counts)
        places += np.arange(total, dtype=np.uint32)
        offsets: Offsets = self._frames[places].view(np.int32)
        offsets -= np.repeat(frames[useful], counts)
        offsets.sort()
        return offsets


def _damaged(path: Path) -> LibraryError:
    return LibraryError(f"{path} is missing or damaged", "make it again: reprise library rebuild")
