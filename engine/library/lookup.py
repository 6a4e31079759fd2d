"""Which tracks of a library may sound in a stretch of a mix: votes of pairs, then all landmarks.

Votes find a place among a hundred million in some milliseconds, but lose what is faint: both
landmarks of a pair must be heard. So many places get a hearing by all their landmarks.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, product

import numpy as np
from numpy.typing import NDArray

from engine.dsp.landmark_match import Agreement, HeardLandmarks
from engine.dsp.landmark_pairs import AS_IT_IS, Change, Keys, Pairs, keys_of, pair_up
from engine.dsp.landmarks import Frames, Landmarks
from engine.dsp.side_by_side import on_each
from engine.errors import LibraryError
from engine.library.database import Database, Placed
from engine.library.packing import unpack
from engine.library.postings import GAP_FRAMES, Offsets, Postings
from engine.library.shelves import length_frames, segment_path

MIX_LANDMARKS_PER_S = 150
"""So many landmarks of a mix are needed for any attempt."""
HEARD_PER_S = 120
"""Landmarks of a mix that count when a place gets a hearing."""
SURE = 12.0
"""No track that is not there has come to so many deviations."""
_LEAST_VOTES = 4
_LEAST_EXCESS = 4.0
"""Votes at a place beyond what is usual in a segment, in deviations; the rest is not looked at."""
_VOTE_FRAMES = 4
_MOST_PLACES = 400
_EXACT_HEARINGS = 12
_TRACKS_AT_HAND = 512


@dataclass(frozen=True, slots=True)
class Candidate:
    """A track that may sound in the stretch.

    Attributes:
        track_id: Its number in the library.
        agreement: How it would lie under the stretch.
    """

    track_id: int
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to look a stretch up.

    Attributes:
        changes: What may have been done to the track.
        voters_per_s: Landmarks of the mix whose pairs vote.
        hearings: Places that get a hearing.
    """

    changes: tuple[Change, ...]
    voters_per_s: int
    hearings: int


_TEMPOS = tuple(1 + percent / 100 for percent in range(-6, 7) if percent)
_PLAYED = tuple(Change(tempo, tempo) for tempo in _TEMPOS)
_STRETCHED = tuple(change for t in _TEMPOS for change in (Change(t, 1.0), Change(1.0, t)))
CLEAR = Attempt((AS_IT_IS,), voters_per_s=45, hearings=40)
"""The track as it is."""
CLEAR_AT_A_SPEED = Attempt(_PLAYED, voters_per_s=25, hearings=40)
"""The track played faster or slower, with tempo and pitch changed alike."""
FAINT = Attempt((AS_IT_IS,), voters_per_s=150, hearings=400)
"""The track as it is, far below everything else: ten times the work."""
FAINT_AT_A_SPEED = Attempt(_PLAYED, voters_per_s=120, hearings=400)
STRETCHED = Attempt(_STRETCHED, voters_per_s=45, hearings=150)
"""Only the tempo, or only the pitch, changed."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A place on the time line of a segment that got votes.

    Attributes:
        track_id: The track there.
        middle_frame: Frame of the track in the middle of the stretch.
        change: The change under which it got them.
        excess: Votes beyond what the track gets anywhere, in deviations.
    """

    track_id: int
    middle_frame: int
    change: Change
    excess: float


class _Shelf:
    """A segment and those tracks on its time line that may be found."""

    def __init__(self, postings: Postings, tracks: Sequence[Placed]) -> None:
        self._postings = postings
        self._ids = [track.id for track in tracks]
        self._firsts = [track.first_frame for track in tracks]
        starts = np.array(self._firsts, np.int32)
        ends = starts + np.array([length_frames(track) for track in tracks], np.int32)
        # A track that begins after the middle of the stretch, or ends before it, gets its votes.
        self._bounds = np.stack((starts - GAP_FRAMES // 2, ends + GAP_FRAMES // 2))

    def places(self, keys: Keys, frames: Frames, change: Change) -> Iterator[_Place]:
        """Where more pairs agree than elsewhere in the same track.

        Args:
            keys: (n,) of pairs of the stretch under the change.
            frames: (n,) when they begin, in frames of the track from the stretch's middle.
            change: The change.
        """
        offsets = self._postings.offsets(keys, frames)
        places, votes = _crowded(offsets)
        starts, ends = self._bounds
        track = np.searchsorted(starts, places, "right") - 1
        # What lies between these tracks are others, of which some are gone.
        is_theirs = (track >= 0) & (places < ends[track])
        places, votes, track = places[is_theirs], votes[is_theirs], track[is_theirs]
        cast = np.diff(np.searchsorted(offsets, self._bounds), axis=0)[0]
        usual = (cast * (_VOTE_FRAMES + 1) / (ends - starts))[track]
        excess = (votes - usual) / np.sqrt(usual + 1)
        for i in np.argsort(-excess)[:_MOST_PLACES].tolist():
            which = int(track[i])
            middle_frame = int(places[i]) - self._firsts[which]
            yield _Place(self._ids[which], middle_frame, change, float(excess[i]))


def _least_votes(offsets: Offsets) -> int:
    """So many votes at a place are not chance; what is usual depends on how many were cast."""
    span = int(offsets[-1]) - int(offsets[0]) if len(offsets) else 0
    usual = len(offsets) * (_VOTE_FRAMES + 1) / max(span, GAP_FRAMES)
    return max(_LEAST_VOTES, int(usual + _LEAST_EXCESS * np.sqrt(usual + 1)))


def _crowded(offsets: Offsets) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places with many votes within `_VOTE_FRAMES`, and how many; no two are the same place."""
    ahead = _least_votes(offsets) - 1
    if len(offsets) <= ahead:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    begins = np.flatnonzero(offsets[ahead:] - offsets[:-ahead] <= _VOTE_FRAMES)
    places = offsets[begins].astype(np.int64)
    votes = np.searchsorted(offsets, places + _VOTE_FRAMES, "right") - begins
    # Of places close together the one with most votes: groups end where there is a gap.
    group = np.cumsum(np.diff(places, prepend=places[:1]) > _VOTE_FRAMES)
    order = np.lexsort((-votes, group))
    best = order[np.flatnonzero(np.diff(group[order], prepend=-1))]
    return places[best] + _VOTE_FRAMES // 2, votes[best]


def _shelves(database: Database, wanted: Callable[[int], bool]) -> list[_Shelf]:
    """All segments that hold tracks which are wanted."""
    while True:
        with database.reading():
            placed = {s.number: database.placed(s.number) for s in database.segments()}
        chosen = {number: [t for t in placed[number] if wanted(t.id)] for number in placed}
        try:
            return [
                _Shelf(Postings(segment_path(database.folder, number)), tracks)
                for number, tracks in chosen.items()
                if tracks
            ]
        except LibraryError:
            # Somebody may have made it anew since its number was read.
            if placed.keys() == {segment.number for segment in database.segments()}:
                raise


class Lookup:
    """Looks stretches of a mix up in a library as it was when this was made."""

    def __init__(self, database: Database, wanted: Callable[[int], bool] = lambda _: True) -> None:
        """Open all segments.

        Args:
            database: The library.
            wanted: Whether a track may be found at all.
        """
        self._shelves = _shelves(database, wanted)
        self._landmarks = lru_cache(_TRACKS_AT_HAND)(lambda i: unpack(database.landmarks(i)))

    def candidates(self, stretch: Landmarks, attempt: Attempt) -> tuple[Candidate, ...]:
        """Tracks that may sound in a stretch, most likely first, each once.

        Args:
            stretch: Some 20 s of a mix, with `MIX_LANDMARKS_PER_S`.
            attempt: What to try.
        """
        pairs = pair_up(stretch.strongest(attempt.voters_per_s))
        places = self._places(pairs, stretch.num_frames // 2, attempt)
        heard = HeardLandmarks(stretch.strongest(HEARD_PER_S))
        best: dict[int, Candidate] = {}
        for candidate in self._hearings(places, heard):
            known = best.get(candidate.track_id)
            if known is None or _deviations(known) < _deviations(candidate):
                best[candidate.track_id] = candidate
        return tuple(sorted(best.values(), key=_deviations, reverse=True))

    def _places(self, pairs: Pairs, middle: int, attempt: Attempt) -> list[_Place]:
        def places_on(where: tuple[Change, _Shelf]) -> list[_Place]:
            change, shelf = where
            keys, which = keys_of(pairs, change)
            frames = np.rint((pairs.frames[which] - middle) * change.tempo).astype(np.int32)
            return list(shelf.places(keys, frames, change))

        found = on_each(places_on, product(attempt.changes, self._shelves))
        places = chain.from_iterable(found)
        return sorted(places, key=lambda place: -place.excess)[: attempt.hearings]

    def _hearings(self, places: list[_Place], heard: HeardLandmarks) -> list[Candidate]:
        """How the tracks agree at these places: all of them roughly, the best ones exactly."""
        rough = []
        for place in places:
            start = place.middle_frame - place.change.tempo * (heard.num_frames // 2)
            track = self._landmarks(place.track_id)
            rough.append(
                Candidate(place.track_id, heard.rough_agreement(track, start, place.change))
            )
        rough.sort(key=_deviations, reverse=True)
        return [self._exactly(candidate, heard) for candidate in rough[:_EXACT_HEARINGS]]

    def _exactly(self, candidate: Candidate, heard: HeardLandmarks) -> Candidate:
        track, rough = self._landmarks(candidate.track_id), candidate.agreement
        exact = heard.best_agreement(track, rough.start_frame, rough.change)
        return Candidate(candidate.track_id, exact)


def _deviations(candidate: Candidate) -> float:
    return candidate.agreement.deviations
