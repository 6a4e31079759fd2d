"""Which tracks of the user's library sound in a mix: looked up by landmarks, proved by a fit.

The mix is looked up stretch by stretch. What the library names is looked for in the sound itself;
once a track is proved, all places where it sounds are known, and need not be looked up again.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from engine import remarks
from engine.artifacts import ArtifactStore
from engine.context import Progress, RunContext, checked_in
from engine.dsp.landmarks import Landmarks, find_landmarks
from engine.errors import EngineError, OutputError
from engine.library.database import Database, Entry
from engine.library.indexing import add_folder
from engine.library.lookup import (
    CLEAR,
    CLEAR_AT_A_SPEED,
    FAINT,
    FAINT_AT_A_SPEED,
    MIX_LANDMARKS_PER_S,
    STRETCHED,
    SURE,
    Attempt,
    Candidate,
    Lookup,
)
from engine.stages.decode import decode
from engine.stages.track_proof import heard_in, proved, stretches
from engine.stages.track_search import Find, Track, TrackSearch
from engine.types import AudioRef, Region

STAGE = "library"
_AT_FIRST = ((CLEAR, 5.5), (CLEAR_AT_A_SPEED, 5.5))
_IN_DEPTH = ((FAINT, 5.0), (FAINT_AT_A_SPEED, 5.0))
"""What is tried in turn; a track that agrees by fewer deviations is not worth reading."""
_PARTS = 3
"""Of a short loop, or of cuts on the beat, too little of a stretch agrees; of a part, enough."""
_PROOFS = 3
"""So many tracks are looked for in the sound of one stretch."""
_COVERED = 0.8
_MAX_NAMED = 3
_LEAST_CHANGE = 0.018
"""Less nobody stretches a track by, but songs with the same beat may differ so much."""


@dataclass(frozen=True, slots=True)
class Stretched:
    """A track of which only the tempo or only the pitch was changed: known, but not removable.

    Attributes:
        path: Its file.
        region: Where it was heard.
        tempo: Seconds of track a second of mix.
        pitch: Frequency in the mix over that in the track.
    """

    path: Path
    region: Region
    tempo: float
    pitch: float

    def words(self) -> str:
        """What was done to it."""
        if self.tempo == 1.0:
            return remarks.ITS_PITCH(percent=f"{self.pitch - 1:+.0%}")
        return remarks.ITS_TEMPO(percent=f"{self.tempo - 1:+.0%}")


@dataclass(frozen=True, slots=True)
class LibrarySearch:
    """What a library holds of a mix.

    Attributes:
        tracks: Tracks that sound in it, each with its speed.
        stretched: Tracks that sound in it but cannot be taken out.
        unread: Names of new files that look like sound and cannot be read.
        lost: Names of tracks that were recognised but whose files cannot be read any more.
        itself: Names of tracks whose file is the very one that the mix is of.
    """

    tracks: tuple[Track, ...]
    stretched: tuple[Stretched, ...]
    unread: tuple[str, ...]
    lost: tuple[str, ...]
    itself: tuple[str, ...] = ()

    def warnings(self) -> Iterator[str]:
        """What the user should know, in plain sentences."""
        if self.unread:
            yield remarks.UNREAD(names=_listed(self.unread))
        if self.lost:
            yield remarks.FILES_GONE(names=_listed(self.lost))
        for name in self.itself:
            yield remarks.OWN_SOUND(track=name)
        for track in self.stretched:
            yield remarks.STRETCHED(track=track.path.name, change=track.words())


def search_library(
    folders: Iterable[Path],
    mix: AudioRef,
    database: Database,
    store: ArtifactStore,
    context: RunContext,
) -> LibrarySearch:
    """Find the tracks of some folders in a mix; what is new in the folders is taken in first.

    Left out are films, what this program has restored, and the very file that the mix is of, which
    is told: all would be "found", and taking them out would leave silence. Whether a track is a
    copy of the mix in another file, `engine.identify` tells from what the track leaves.

    Raises:
        InputNotFoundError: There is no such folder.
        LibraryError: The library cannot be used.
    """
    entries: dict[int, Entry] = {}
    unread: list[str] = []
    for folder in folders:
        told = {entry.path for entry in database.entries(folder.absolute())}
        report = add_folder(folder, database, context, only_searched=True)
        unread += [path.name for path, _ in report.unread if path not in told]
        entries |= {e.id: e for e in database.entries(folder.absolute()) if not e.problem}
    lookup = Lookup(database, entries.__contains__)
    return replace(search_entries(entries, lookup, mix, store, context), unread=tuple(unread))


def search_entries(
    entries: Mapping[int, Entry],
    lookup: Lookup,
    mix: AudioRef,
    store: ArtifactStore,
    context: RunContext,
) -> LibrarySearch:
    """Find tracks that are in the library already.

    Args:
        entries: The tracks that may be found, by number.
        lookup: Names no others.
        mix: The sound to look through.
        store: The cache.
        context: Asked and told once a stretch.
    """
    search = _Search(entries, lookup, mix, store, context)
    search.run()
    return LibrarySearch(
        tracks=tuple(search.tracks),
        stretched=tuple(search.stretched.values()),
        unread=(),
        lost=search.names_of_lost(),
        itself=tuple(search.itself),
    )


class _Search:
    """Looks one mix up.

    Attributes:
        tracks: What was proved.
        stretched: What was recognised but cannot be proved, by track.
        lost: Tracks that were recognised but could not be read, by number.
        itself: Names of tracks that are the mix itself.
    """

    def __init__(
        self,
        entries: Mapping[int, Entry],
        lookup: Lookup,
        mix: AudioRef,
        store: ArtifactStore,
        context: RunContext,
    ) -> None:
        self._entries, self._lookup = entries, lookup
        self._mix, self._store, self._context = mix, store, context
        self._search = TrackSearch(mix, store, context)
        self._covered: list[Region] = []
        # Content of which all is known: proved, or the mix itself.
        self._settled: set[str] = set()
        self.tracks: list[Track] = []
        self.stretched: dict[str, Stretched] = {}
        self.lost: dict[int, Entry] = {}
        self.itself: list[str] = []

    def run(self) -> None:
        """Look up all stretches."""
        blocks = checked_in(self._store.blocks(self._mix), self._context)
        landmarks = find_landmarks(blocks, self._mix.sample_rate_hz, MIX_LANDMARKS_PER_S)
        regions = list(stretches(self._mix.duration_s))
        for number, region in enumerate(regions):
            self._context.report(Progress(STAGE, number, len(regions)))
            stretch = heard_in(landmarks, region)
            # Stretches overlap by half; every second one is enough for what takes long.
            in_depth = number % 2 == 0 or number == len(regions) - 1
            attempts = _AT_FIRST + _IN_DEPTH if in_depth else _AT_FIRST
            # There may be one track after the other in the same stretch.
            while self._look_up(region, stretch, attempts):
                pass

    def names_of_lost(self) -> tuple[str, ...]:
        """Names of what is lost, but for what was found by a copy that is still there."""
        names = {entry.content: entry.path.name for entry in self.lost.values()}
        return tuple(name for content, name in names.items() if content not in self._settled)

    def _is_covered(self, region: Region) -> bool:
        """Whether proved tracks sound in nearly all of it."""
        cells = np.linspace(region.start_s, region.end_s, 100)
        covered = np.zeros(len(cells), bool)
        for found in self._covered:
            covered |= (cells >= found.start_s) & (cells < found.end_s)
        return bool(covered.mean() >= _COVERED)

    def _look_up(
        self, region: Region, landmarks: Landmarks, attempts: tuple[tuple[Attempt, float], ...]
    ) -> bool:
        """Go from what is likely to what is less so until something is proved; whether it was."""
        if self._is_covered(region):
            # Another track may lie under the one that fills it; a clear one is worth the time.
            candidates = self._worth_a_proof(landmarks, CLEAR, SURE)
            return any(self._prove(candidate, region) for candidate in candidates)
        for attempt, least_deviations in attempts:
            for candidate in self._worth_a_proof(landmarks, attempt, least_deviations):
                if self._prove(candidate, region):
                    return True
        for part in _parts(landmarks):
            for candidate in self._worth_a_proof(part, *_AT_FIRST[0]):
                if self._prove(candidate, region):
                    return True
        for candidate in self._worth_a_proof(landmarks, STRETCHED, SURE)[:1]:
            change = candidate.agreement.change
            # Unchanged, it would have been proved: then it is something like the track.
            if max(abs(change.tempo - 1), abs(change.pitch - 1)) >= _LEAST_CHANGE:
                self._note_stretched(candidate, region)
        return False

    def _worth_a_proof(
        self,
        landmarks: Landmarks,
        attempt: Attempt,
        least_deviations: float,
    ) -> list[Candidate]:
        """The likeliest tracks; not those of which all places are known already, nor lost ones."""
        self._context.raise_if_cancelled()
        candidates = [
            candidate
            for candidate in self._lookup.candidates(landmarks, attempt)
            if candidate.agreement.deviations >= least_deviations
            and self._entries[candidate.track_id].content not in self._settled
            and candidate.track_id not in self.lost
        ]
        return candidates[:_PROOFS]

    def _prove(self, candidate: Candidate, region: Region) -> bool:
        """Look for a track in the sound of a stretch, then everywhere."""
        track = self._track(candidate)
        if track is None:
            return False
        played = proved(self._search, track, candidate.agreement, region)
        if played is None:
            return False
        self.tracks.append(played)
        self._settled.add(self._entries[candidate.track_id].content)
        self._covered += [_region(find) for find in self._search.find(played)]
        return True

    def _track(self, candidate: Candidate) -> Track | None:
        """The track's sound; None if it is the mix itself, or cannot be read any more."""
        entry = self._entries[candidate.track_id]
        try:
            audio = decode(entry.path, self._store, self._context).mix
        except OutputError:
            raise
        except EngineError:
            # Without its sound there is no proof.
            if candidate.agreement.deviations >= SURE:
                self.lost[entry.id] = entry
            return None
        # A library is larger than any cache; what is worked on counts as used last.
        for ref in (self._mix, *(track.audio for track in self.tracks), audio):
            self._store.find(ref.key)
        self._store.trim()
        if audio.key == self._mix.key:
            self._settled.add(entry.content)
            self.itself.append(entry.path.name)
            return None
        return Track(entry.path, audio)

    def _note_stretched(self, candidate: Candidate, region: Region) -> None:
        entry, change = self._entries[candidate.track_id], candidate.agreement.change
        known = self.stretched.get(entry.content)
        if known is not None:
            region = Region(known.region.start_s, region.end_s)
        self.stretched[entry.content] = Stretched(entry.path, region, change.tempo, change.pitch)


def _parts(landmarks: Landmarks) -> Iterator[Landmarks]:
    """A stretch in parts, as long as each other."""
    ends = [round(part * landmarks.num_frames / _PARTS) for part in range(_PARTS + 1)]
    return (landmarks.between(first, last) for first, last in pairwise(ends))


def _listed(names: tuple[str, ...]) -> str:
    more = len(names) - _MAX_NAMED
    some = ", ".join(names[:_MAX_NAMED])
    return remarks.AND_MORE(names=some, more=more) if more > 0 else some


def _region(find: Find) -> Region:
    return Region(find.placement.mix_start_s, find.placement.mix_end_s)
