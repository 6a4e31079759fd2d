"""Which tracks of a library may sound in a stretch of a mix: votes of pairs, then all landmarks.

Votes find a place among a hundred million in some milliseconds, but lose what is faint: both
landmarks of a pair must be heard. So many places get a hearing by all their landmarks.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, product

import numpy as np

from engine.dsp.landmark_match import Agreement, HeardLandmarks
from engine.dsp.landmark_pairs import AS_IT_IS, Change, Keys, Pairs, keys_of, pair_up
from engine.dsp.landmarks import Frames, Landmarks
from engine.dsp.side_by_side import on_each
from engine.errors import LibraryError
from engine.library.database import Database
from engine.library.packing import unpack
from engine.library.places import Place, Shelf
from engine.library.postings import Postings
from engine.library.shelves import segment_path

MIX_LANDMARKS_PER_S = 150
"""So many landmarks of a mix are needed for any attempt."""
HEARD_PER_S = 120
"""Landmarks of a mix that count when a place gets a hearing."""
SURE = 12.0
"""No other music has come to so many deviations, only the same music made faster or slower."""
_EXACT_HEARINGS = 12
_TRACKS_AT_HAND = 4096
"""Landmarks of so many stay in memory, some 60 MB."""


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
FAINT = Attempt((AS_IT_IS,), voters_per_s=150, hearings=1000)
"""The track as it is, far below everything else: ten times the work."""
FAINT_AT_A_SPEED = Attempt(_PLAYED, voters_per_s=120, hearings=600)
STRETCHED = Attempt(_STRETCHED, voters_per_s=45, hearings=150)
"""Only the tempo, or only the pitch, changed."""


def _shelves(database: Database, wanted: Callable[[int], bool]) -> list[Shelf]:
    """All segments that hold tracks which are wanted."""
    while True:
        with database.reading():
            placed = {s.number: database.placed(s.number) for s in database.segments()}
        chosen = {number: [t for t in placed[number] if wanted(t.id)] for number in placed}
        try:
            return [
                Shelf(Postings(segment_path(database.folder, number)), tracks)
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
        self._packed = lru_cache(_TRACKS_AT_HAND)(database.landmarks)

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

    def _places(self, pairs: Pairs, middle: int, attempt: Attempt) -> list[Place]:
        def asked(change: Change) -> tuple[Keys, Frames, Change]:
            keys, which = keys_of(pairs, change)
            order = np.argsort(keys)
            frames = np.rint((pairs.frames[which[order]] - middle) * change.tempo)
            return keys[order], frames.astype(np.int32), change

        questions = on_each(asked, attempt.changes)
        found = on_each(lambda both: both[0].places(*both[1]), product(self._shelves, questions))
        places = chain.from_iterable(found)
        return sorted(places, key=lambda place: -place.excess)[: attempt.hearings]

    def _hearings(self, places: list[Place], heard: HeardLandmarks) -> list[Candidate]:
        """How the tracks agree at these places: all of them roughly, the best ones exactly."""

        def roughly(of_track: tuple[bytes, list[Place]]) -> list[Candidate]:
            packed, places = of_track
            track = unpack(packed)
            return [_roughly(place, track, heard) for place in places]

        by_track = defaultdict[int, list[Place]](list)
        for place in places:
            by_track[place.track_id].append(place)
        # The database is for one thread.
        cases = [(self._packed(number), places) for number, places in by_track.items()]
        rough = list(chain.from_iterable(on_each(roughly, cases)))
        rough.sort(key=_deviations, reverse=True)
        return [self._exactly(candidate, heard) for candidate in rough[:_EXACT_HEARINGS]]

    def _exactly(self, candidate: Candidate, heard: HeardLandmarks) -> Candidate:
        track, rough = unpack(self._packed(candidate.track_id)), candidate.agreement
        exact = heard.best_agreement(track, rough.start_frame, rough.change)
        return Candidate(candidate.track_id, exact)


def _roughly(place: Place, track: Landmarks, heard: HeardLandmarks) -> Candidate:
    start = place.middle_frame - place.change.tempo * (heard.num_frames // 2)
    return Candidate(place.track_id, heard.rough_agreement(track, start, place.change))


def _deviations(candidate: Candidate) -> float:
    return candidate.agreement.deviations
