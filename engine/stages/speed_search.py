"""At what speed a track that is known by name sounds in a mix: all speeds and places are tried.

There is no index: landmarks of the track are laid against those of each stretch of the mix at every
speed and place. What agrees best is proved in the sound, like what a library names.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

from engine.artifacts import ArtifactStore, artifact_key
from engine.context import RunContext, checked_in
from engine.dsp.landmark_match import Agreement, HeardLandmarks
from engine.dsp.landmark_pairs import Change
from engine.dsp.landmarks import Landmarks, find_landmarks
from engine.dsp.side_by_side import on_each
from engine.library.lookup import SURE
from engine.stages.track_proof import heard_in, proved, stretches
from engine.stages.track_search import VERSION, Track, TrackSearch
from engine.types import AudioRef, Region

STAGE = "speed_search"
_VERSION = 2
"""To be raised whenever landmarks, their agreement or `best_speed` find something else."""
_TEMPOS = tuple(1 + (2 * step + 1) / 400 for step in range(-13, 13))
"""Half a per cent apart, up to 6.25 %; each is looked for 0.5 % around."""
_LANDMARKS_PER_S = 40
_HEARD_PER_S = 300
"""Of the mix: what of a track 20 dB below the rest is heard is not among the first hundred."""
_PLACES_A_TEMPO = 2
_EXACT_HEARINGS = 30
_LEAST_DEVIATIONS = 4.0
"""Chance alone comes to 5: there are so many places and speeds."""
_PROOFS = 8
"""So many places are looked at in the sound, some tenths of a second each."""
_SAME_FRAMES = 25
"""What begins nearer to another place is that place, at a speed next to its own."""


@dataclass(frozen=True, slots=True)
class _Played:
    """How a track sounds in a mix, as it lies in the cache."""

    speed: float
    proved: Region | None


def as_played(
    mix: AudioRef, tracks: Iterable[Track], store: ArtifactStore, context: RunContext
) -> tuple[Track, ...]:
    """Tracks at the speeds at which they sound in a mix.

    Only those are looked for at other speeds that are not found at their own; they stay as they
    are if they are not found at any.
    """
    search = _SpeedSearch(mix, store, context)
    return tuple(search.as_played(track) for track in tracks)


class _SpeedSearch:
    """Looks for tracks in one mix."""

    def __init__(self, mix: AudioRef, store: ArtifactStore, context: RunContext) -> None:
        self._mix, self._store, self._context = mix, store, context
        self._search = TrackSearch(mix, store, context)

    def as_played(self, track: Track) -> Track:
        """The track at the speed at which it is found."""
        if self._search.find(track):
            return track
        key = artifact_key(STAGE, _VERSION, VERSION, self._mix.key, track.audio.key)
        played = self._store.find_value(key, _Played)
        if played is None:
            found = self._proved(track) or track
            played = _Played(found.speed, found.proved)
            self._store.put_value(key, played)
        return replace(track, speed=played.speed, proved=played.proved)

    def _proved(self, track: Track) -> Track | None:
        landmarks = self._landmarks(track.audio, _LANDMARKS_PER_S)
        for agreement, region in islice(self._likely(landmarks), _PROOFS):
            if played := proved(self._search, track, agreement, region):
                return played
        return None

    def _likely(self, track: Landmarks) -> Iterator[tuple[Agreement, Region]]:
        """Places worth a proof: what is sure at once, what is not in the end, likeliest first."""
        unsure = []
        for region in stretches(self._mix.duration_s):
            self._context.raise_if_cancelled()
            heard = HeardLandmarks(heard_in(self._heard, region))
            for agreement in _best_places(heard, track):
                if agreement.deviations >= SURE:
                    yield agreement, region
                elif agreement.deviations >= _LEAST_DEVIATIONS:
                    unsure.append((agreement, region))
        yield from sorted(unsure, key=lambda place: -place[0].deviations)

    @cached_property
    def _heard(self) -> Landmarks:
        return self._landmarks(self._mix, _HEARD_PER_S)

    def _landmarks(self, ref: AudioRef, per_s: int) -> Landmarks:
        blocks = checked_in(self._store.blocks(ref), self._context)
        return find_landmarks(blocks, ref.sample_rate_hz, per_s)


def _best_places(heard: HeardLandmarks, track: Landmarks) -> list[Agreement]:
    """Where and how fast a track agrees best with a stretch, likeliest first."""

    def at_tempo(tempo: float) -> list[Agreement]:
        return heard.best_places(track, Change(tempo, tempo), _PLACES_A_TEMPO)

    rough = [place for places in on_each(at_tempo, _TEMPOS) for place in places]
    exact = [
        heard.best_agreement(track, place.start_frame, place.change)
        for place in sorted(rough, key=_deviations, reverse=True)[:_EXACT_HEARINGS]
    ]
    best: list[Agreement] = []
    for place in sorted(exact, key=_deviations, reverse=True):
        if all(abs(place.start_frame - one.start_frame) > _SAME_FRAMES for one in best):
            best.append(place)
    return best[:_PROOFS]


def _deviations(agreement: Agreement) -> float:
    return agreement.deviations
