"""Where a track sounds in a mix: found everywhere, aligned to the sample, tried by a fit.

A track that plays at another speed is searched as if its file had another rate: a rate of 44,100 Hz
taken for 45,423 is a speed of 1.03.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from engine.artifacts import ArtifactStore, artifact_key
from engine.context import RunContext, checked_in
from engine.dsp.align import Placement, Signal, read_aligned, refine
from engine.dsp.correlate import SEARCH_RATE_HZ, search_signal
from engine.dsp.passages import Passage, Passages
from engine.dsp.speed import SpeedFound, best_speed
from engine.dsp.subtract import Trial, try_fit, window_samples
from engine.stages.likely_cuts import likely_turns, named_turns
from engine.stages.turns import Turn, find_turns
from engine.types import AudioRef, Region

STAGE = "track_search"
VERSION = 14
"""To be raised whenever a search finds something else: `correlate`, `track_lines`, `passages`,
`align`, `turns`, `likely_cuts` or a trial."""
LEAST_GAIN = 0.003
"""50 dB below the file nobody hears the track, and the fit finds it in anything."""
_MIN_FRAMES = 30
"""With fewer telling frames in a trial the alignment alone has to be strong."""
_MIN_SHARE = 0.55
"""Part of a track that has to be there; more than what shares no more than drums with it has."""
_MIN_SHARE_EVEN = 0.4
"""The same where notes and strokes are there alike: a limiter moves what is there, speech hides
it."""
_STRONG = 25.0
"""A correlation peak so far over its background (chance gives 6 in an hour) needs no trial."""
_FAIRLY_STRONG, _SOME_FRAMES, _NEARLY_ALL = 15.0, 10, 0.75
"""A lower one will do if of the few telling frames nearly all speak for the track."""
_MANY_PIECES, _EXPLAINED = 80, 0.6
"""But where so many of its notes are heard and yet explain nothing of the mix, a few of its chords
are all that is there: a film's own pad plays them, too."""
_MAX_FAILED_TRIALS = 6
_MAX_FAILED_TRIALS_IF_PROVED = 40
"""What is known to be there is worth more of them: the film may play a loop of it more loudly."""
_TRIAL_S = 8.0
_UNSURE_S, _UNSURE_SHARE = 0.25, 0.1
"""So far off may the ends of a stretch be: the stroke that comes next in the track is not in it."""
_MORE_TRIALS_FROM_S = 12.0
"""A longer stretch is tried at both ends too: an intro may be shared, and the song another one."""


@dataclass(frozen=True, slots=True)
class Track:
    """A track that may lie in a mix.

    Attributes:
        path: Its file.
        audio: Its sound at the file's own rate.
        speed: Seconds of track a second of mix, to some hundred-thousandths.
        proved: A stretch of the mix in which it was found already.
        is_named: Whether the user says that it is there.
    """

    path: Path
    audio: AudioRef
    speed: float = 1.0
    proved: Region | None = None
    is_named: bool = False

    @property
    def rate_hz(self) -> int:
        """The rate at which the file sounds as it does in the mix; the search takes it for that."""
        return round(self.audio.sample_rate_hz * self.speed)

    @property
    def stretch(self) -> float:
        """Seconds of the file in a second of the track as it is searched."""
        return self.rate_hz / self.audio.sample_rate_hz


@dataclass(frozen=True, slots=True)
class Find:
    """A placement of a track and how its trial went."""

    track: Track
    placement: Placement
    trial: Trial

    @property
    def is_convincing(self) -> bool:
        """Whether the trial speaks for it, or could not say much but the alignment does."""
        if self.trial.gain < LEAST_GAIN or self.trial.evenness.is_uneven or self._is_partial:
            return False
        if self._trial_says_little:
            is_strong = self.placement.strength >= _STRONG and not self._explains_nothing
            return is_strong or self._little_says_yes
        return self.trial.consistency.share >= self._least_share

    @property
    def lacks_much(self) -> bool:
        """Whether notes of it are missing in a stretch of some length: no part of it counts."""
        lasts_s = self.placement.mix_end_s - self.placement.mix_start_s
        return self._is_partial and lasts_s >= _TRIAL_S

    @property
    def confidence(self) -> float:
        """How sure, 0 to 1; 0.5 is what just counts as found. A scale, not a measured frequency."""
        if self._trial_says_little:
            return 1 - math.exp(-((self.placement.strength / _STRONG) ** 2))
        return 1 / (1 + math.exp(-12 * (self.trial.consistency.share - self._least_share)))

    @property
    def _is_partial(self) -> bool:
        # What the user knows to be there may be ducked so fast that notes seem to be missing.
        wholeness = self.trial.wholeness
        return not self.track.is_named and (wholeness.is_patchy or wholeness.lacks_lows)

    @property
    def _explains_nothing(self) -> bool:
        found, pieces = self.trial.consistency.share, self.trial.wholeness.pieces
        return not self.track.is_named and pieces >= _MANY_PIECES and found < _EXPLAINED

    @property
    def _least_share(self) -> float:
        return _MIN_SHARE_EVEN if self.trial.evenness.tells else _MIN_SHARE

    @property
    def _little_says_yes(self) -> bool:
        found = self.trial.consistency
        is_clear = found.frames >= _SOME_FRAMES and found.share >= _NEARLY_ALL
        return is_clear and self.placement.strength >= _FAIRLY_STRONG

    @property
    def _trial_says_little(self) -> bool:
        return self.trial.consistency.frames < _MIN_FRAMES


@dataclass(frozen=True, slots=True)
class _Tried:
    """A convincing find as it lies in the cache.

    Attributes:
        is_another_song: Whether some of the track is missing elsewhere in the stretch.
    """

    placement: Placement
    trial: Trial
    is_another_song: bool


class TrackSearch:
    """Looks for one track after the other in the same mix; what was found lies in the cache."""

    def __init__(self, mix: AudioRef, store: ArtifactStore, context: RunContext) -> None:
        self._mix, self._store, self._context = mix, store, context
        self._samples = store.map(mix)

    @cached_property
    def _signal(self) -> Signal:
        return self._search_signal(self._mix, self._mix.sample_rate_hz)

    def find(self, track: Track, within: Region | None = None) -> list[Find]:
        """The stretches where a track sounds; no two overlap, but where it was proved.

        Where it was proved it is found again, whatever stands out more elsewhere.

        Args:
            track: What to look for.
            within: Look only here, some seconds at least.
        """
        everywhere = within or Region(0.0, self._mix.duration_s)
        if within is not None or track.proved is None:
            tried = self._tried(track, everywhere, _MAX_FAILED_TRIALS)
        else:
            tried = self._tried(track, everywhere, _MAX_FAILED_TRIALS_IF_PROVED)
            surely = self._tried(track, track.proved, _MAX_FAILED_TRIALS)
            # Longer stretches tell more: what they show to be another song stays so.
            known = [one.placement for one in tried]
            tried += tuple(one for one in surely if not _cover(known, one.placement))
        turns = sorted(
            (one for one in tried if not one.is_another_song),
            key=lambda one: one.placement.mix_start_s,
        )
        choose = named_turns if track.is_named else likely_turns
        turns = choose(turns, everywhere.end_s - everywhere.start_s)
        return [Find(track, one.placement, one.trial) for one in turns]

    def _tried(self, track: Track, region: Region, max_failed: int) -> tuple[_Tried, ...]:
        """What is convincing in a stretch; kept in the cache."""
        question = track.audio.key, track.rate_hz, track.is_named, region, max_failed
        key = artifact_key(STAGE, VERSION, self._mix.key, question)
        tried = self._store.find_value(key, tuple[_Tried, ...])
        if tried is None:
            tried = tuple(self._convincing(track, region, max_failed))
            self._store.put_value(key, tried)
        return tried

    def best_speed(
        self, track: Track, within: Region, start_s: float, between: tuple[float, float]
    ) -> SpeedFound:
        """The speed at which a track agrees best with a stretch; see `engine.dsp.speed`."""
        part = slice(*(round(s * SEARCH_RATE_HZ) for s in (within.start_s, within.end_s)))
        known, rate_hz = self._store.map(track.audio), track.audio.sample_rate_hz
        check = self._context.raise_if_cancelled
        return best_speed(self._signal[part], known, rate_hz, start_s, between, check)

    def _convincing(self, track: Track, region: Region, max_failed: int) -> Iterator[_Tried]:
        """What stands a trial; what does not is left to other passages of the track."""
        first = round(region.start_s * SEARCH_RATE_HZ)
        mix = self._signal[first : round(region.end_s * SEARCH_RATE_HZ)]
        known = self._search_signal(track.audio, track.rate_hz)
        check = self._context.raise_if_cancelled
        others: list[Find] = []

        def turn(passage: Passage) -> Turn | None:
            attempt = self._try(track, passage.placement)
            if self._is_another_song(attempt):
                others.append(attempt)
            elif attempt.is_convincing:
                return Turn(passage, attempt.placement, attempt.trial)
            return None

        passages = Passages(mix, known, check, first / SEARCH_RATE_HZ)
        turns = find_turns(passages, turn, max_failed)
        yield from (_Tried(other.placement, other.trial, is_another_song=True) for other in others)
        yield from (_Tried(one.placement, one.trial, is_another_song=False) for one in turns)

    def _search_signal(self, ref: AudioRef, rate_hz: int) -> Signal:
        blocks = checked_in(self._store.blocks(ref), self._context)
        return search_signal(blocks, ref.num_samples, rate_hz)

    def _try(self, track: Track, placement: Placement) -> Find:
        """Align the placement to the sample and fit the surroundings of its strongest block."""
        known, rate = self._store.map(track.audio), self._mix.sample_rate_hz
        placement = refine(placement, self._samples, known, track.rate_hz, rate)
        return Find(track, placement, self._trial(track, placement, placement.strongest_s))

    def _is_another_song(self, find: Find) -> bool:
        """Whether so much of the track is missing in a stretch that no part of it counts."""
        if not find.is_convincing:
            return find.lacks_much
        start_s, end_s = find.placement.mix_start_s, find.placement.mix_end_s
        if find.track.is_named or end_s - start_s < _MORE_TRIALS_FROM_S:
            return False
        ends_s = start_s + _TRIAL_S / 2, end_s - _TRIAL_S / 2
        far_s = (s for s in ends_s if abs(s - find.placement.strongest_s) > _TRIAL_S / 2)
        trials = (self._trial(find.track, find.placement, s) for s in far_s)
        return any(trial.evenness.is_another_song for trial in trials)

    def _trial(self, track: Track, placement: Placement, middle_s: float) -> Trial:
        """Fit some seconds of an aligned placement."""
        rate, known = self._mix.sample_rate_hz, self._store.map(track.audio)
        start_s, end_s = placement.mix_start_s, placement.mix_end_s
        unsure_s = min(_UNSURE_S, _UNSURE_SHARE * (end_s - start_s))
        first = max(start_s + unsure_s, middle_s - _TRIAL_S / 2)
        last = min(end_s - unsure_s, middle_s + _TRIAL_S / 2)
        start, stop = round(first * rate), min(round(last * rate), self._mix.num_samples)
        return try_fit(
            self._samples[:, start:stop],
            read_aligned(placement, known, track.rate_hz, rate, start, stop),
            window_samples(rate),
            check=self._context.raise_if_cancelled,
        )


def _cover(found: Iterable[Placement], other: Placement) -> bool:
    """Whether more than half of another stretch lies within what was found."""
    common_s = sum(
        max(0.0, min(one.mix_end_s, other.mix_end_s) - max(one.mix_start_s, other.mix_start_s))
        for one in found
    )
    return common_s > 0.5 * (other.mix_end_s - other.mix_start_s)
