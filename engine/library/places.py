"""Places on the time line of a segment where the pairs of a mix are at home."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from engine.dsp.compiled import compiled
from engine.dsp.landmark_pairs import Change, Keys
from engine.dsp.landmarks import Frames
from engine.library.database import Placed
from engine.library.postings import GAP_FRAMES, LEAD_FRAMES, PLACE_FRAMES, Postings, Votes
from engine.library.shelves import length_frames

_LEAST_VOTES = 4
_LEAST_EXCESS = 4.0
"""Votes at a place beyond what is usual around it, in deviations; the rest is not looked at."""
_WORTH_A_LOOK = 3.0
"""The same beyond what is usual in the segment: most places are done with by that."""
_AROUND = 64
"""So many places on either side tell what is usual: some bars of music."""
_APART = 4
"""Places nearer to each other are the same."""
_MOST_PLACES = 2000


@dataclass(frozen=True, slots=True)
class Place:
    """A place that got votes.

    Attributes:
        track_id: The track there.
        middle_frame: Frame of the track in the middle of the stretch.
        change: The change under which it got them.
        excess: Votes beyond what is usual around it, in deviations.
    """

    track_id: int
    middle_frame: int
    change: Change
    excess: float


class Shelf:
    """A segment and those tracks on its time line that may be found."""

    def __init__(self, postings: Postings, tracks: Sequence[Placed]) -> None:
        self._postings = postings
        self._ids = [track.id for track in tracks]
        self._firsts = np.array([track.first_frame for track in tracks], np.int64)
        lasts = self._firsts + np.array([length_frames(track) for track in tracks], np.int64)
        self._num_frames = int(lasts.max(initial=0)) + GAP_FRAMES
        # A track that begins after the middle of the stretch, or ends before it, gets its votes.
        self._begins = _place_of(self._firsts - GAP_FRAMES // 2)
        self._ends = _place_of(lasts + GAP_FRAMES // 2)

    def places(self, keys: Keys, frames: Frames, change: Change) -> list[Place]:
        """Where more pairs agree than around it in the same track.

        Args:
            keys: (n,) of pairs of the stretch under the change.
            frames: (n,) when they begin, in frames of the track from the stretch's middle.
            change: The change.
        """
        if not self._ids:
            return []
        votes, cast = self._postings.votes(keys, frames, self._num_frames)
        usual = 2 * cast / len(votes)
        least = max(_LEAST_VOTES, ceil(usual + _WORTH_A_LOOK * sqrt(usual + 1)))
        where = np.empty(len(votes), np.int32)
        where = where[: _busy(votes, least, where)]
        tracks = np.searchsorted(self._begins, where, "right") - 1
        # What lies between these tracks are others, of which some are gone.
        is_theirs = (tracks >= 0) & (where + 1 < self._ends[tracks])
        where, tracks = where[is_theirs], tracks[is_theirs]
        excess = _beyond_those_around(votes, where, self._begins[tracks], self._ends[tracks])
        best = _peaks(where, tracks, excess)
        # Two places next to each other, counted together, have their middle between them.
        middles = (where[best] + 1) * PLACE_FRAMES - LEAD_FRAMES - self._firsts[tracks[best]]
        found = zip(tracks[best], middles, excess[best], strict=True)
        return [
            Place(self._ids[track], int(middle), change, float(votes_beyond))
            for track, middle, votes_beyond in found
        ]


def _place_of(frames: NDArray[np.int64]) -> NDArray[np.int64]:
    return (frames + LEAD_FRAMES) // PLACE_FRAMES


def _peaks(
    where: NDArray[np.int32], tracks: NDArray[np.intp], excess: NDArray[np.float32]
) -> NDArray[np.intp]:
    """Which places stand out, most first, and more than those next to them in the track."""
    out = np.flatnonzero(excess >= _LEAST_EXCESS)
    is_peak = np.ones(len(out), bool)
    for ahead in range(1, _APART + 1):
        one, other = out[:-ahead], out[ahead:]
        is_same = (where[other] - where[one] <= _APART) & (tracks[other] == tracks[one])
        is_peak[:-ahead] &= ~(is_same & (excess[other] > excess[one]))
        is_peak[ahead:] &= ~(is_same & (excess[other] <= excess[one]))
    best = out[is_peak]
    return best[np.argsort(-excess[best])[:_MOST_PLACES]]


@compiled
def _busy(votes: Votes, least: int, where: NDArray[np.int32]) -> int:
    """Note where two places next to each other have so many votes; gives their number."""
    # Eight places at a time are done with if none of them has half of the least: adding to that
    # of each what is missing to 128 sets the highest bit.
    eights = votes[: len(votes) // 8 * 8].view(np.uint64)
    highest, ones = np.uint64(0x8080808080808080), np.uint64(0x0101010101010101)
    missing = np.uint64(128 - min(128, (least + 1) // 2)) * ones
    count, done = 0, 0
    for eight in range(len(eights) + 1):
        if eight < len(eights):
            eight_votes = eights[eight]
            if ((eight_votes & ~highest) + missing | eight_votes) & highest == 0:
                continue
        for place in range(max(done, 8 * eight - 1), min(8 * eight + 8, len(votes) - 1)):
            if np.int64(votes[place]) + votes[place + 1] >= least:
                where[count] = place
                count += 1
        done = 8 * eight + 8
    return count


@compiled
def _beyond_those_around(
    votes: Votes, where: NDArray[np.int32], begins: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.float32]:
    """(n,) votes in two places beyond what is usual around them in the track, in deviations."""
    beyond = np.empty(len(where), np.float32)
    for i in range(len(where)):
        here = np.int64(votes[where[i]]) + votes[where[i] + 1]
        first, last = max(begins[i], where[i] - _AROUND), min(ends[i], where[i] + _AROUND + 2)
        around = 0
        for near in range(first, last):
            around += votes[near]
        usual = 2 * (around - here) / max(1, last - first - 2)
        beyond[i] = (here - usual) / np.sqrt(usual + 1)
    return beyond
