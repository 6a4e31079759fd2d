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

from engine.dsp.compiled import compiled
from engine.dsp.landmark_pairs import NUM_KEYS, Keys, keys_of, pair_up
from engine.dsp.landmarks import Frames, Landmarks
from engine.errors import LibraryError
from engine.translation import tr

FAN_OUT = 3
GAP_FRAMES = 4096
"""Silence between two tracks on the time line, longer than any stretch that is looked up."""
_COMMON = 8.0
"""A key that is so many times as frequent as the mean says too little for its cost."""
_SELDOM = 64
"""Not so in a small library: there only loops and copies of a track come to more than a few."""

_KEY_BITS = np.uint64(32)

Votes = NDArray[np.uint8]
_PLACE_BITS = np.uint64(2)
PLACE_FRAMES = 1 << int(_PLACE_BITS)
"""So exact are votes; landmarks of sustained tones are no better."""
LEAD_FRAMES = GAP_FRAMES // 2
"""A track that begins after the middle of a stretch would have begun so much earlier at most."""
_MOST_VOTES = 255


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
            numbers: NDArray[np.uint32] = np.asarray(np.memmap(path, np.uint32, "r"))
        except (OSError, ValueError) as error:
            raise _damaged(path) from error
        self._begins, self._frames = numbers[: NUM_KEYS + 1], numbers[NUM_KEYS + 1 :]
        if len(self._begins) <= NUM_KEYS or int(self._begins[-1]) != len(self._frames):
            raise _damaged(path)
        # Who counts votes trusts them.
        if (self._begins[1:] < self._begins[:-1]).any():
            raise _damaged(path)
        self._most = max(_SELDOM, int(_COMMON * len(self._frames) / NUM_KEYS))

    def votes(self, keys: Keys, frames: Frames, num_frames: int) -> tuple[Votes, int]:
        """How many pairs agree on where frame 0 of a mix would lie, for every place.

        Args:
            keys: (n,) of pairs of the mix; fastest in order, for then memory is read ahead.
            frames: (n,) when each of them begins in the mix, in frames of the track.
            num_frames: Length of the time line.

        Returns:
            (num_places,) uint8; place i holds what is `PLACE_FRAMES` long from frame
            i * `PLACE_FRAMES` - `LEAD_FRAMES` on. More than 255 votes count as so many. And how
            many count.
        """
        votes = np.zeros((num_frames + 2 * LEAD_FRAMES) // PLACE_FRAMES, np.uint8)
        early = frames - np.int32(LEAD_FRAMES)
        return votes, _cast(self._begins, self._frames, keys, early, self._most, votes)


@compiled
def _cast(
    begins: NDArray[np.uint32],
    postings: NDArray[np.uint32],
    keys: Keys,
    early: Frames,
    most: int,
    votes: Votes,
) -> int:
    """One vote a posting of each key, for where it would begin that much earlier."""
    cast, num_places = 0, np.uint64(len(votes))
    for i in range(len(keys)):
        first, end = np.int64(begins[keys[i]]), np.int64(begins[keys[i] + 1])
        if end - first > most:
            continue
        for j in range(first, end):
            # What is below 0 is far above all places without its sign.
            place = np.uint64(np.int64(postings[j]) - early[i]) >> _PLACE_BITS
            if place < num_places and votes[place] < _MOST_VOTES:
                votes[place] += np.uint8(1)
                cast += 1
    return cast


def _damaged(path: Path) -> LibraryError:
    return LibraryError(
        tr("{path} is missing or damaged", path=path), tr("make it again: reprise library rebuild")
    )
