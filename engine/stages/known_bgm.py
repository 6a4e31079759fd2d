"""Known background music: find where given tracks lie in a mix and take them out.

Tracks are looked for everywhere (looped, cut, begun anywhere), every find is tried by a fit of its
strongest part, and what stands the trial is fitted and subtracted block by block.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.artifacts import ArtifactStore, artifact_key
from engine.context import Progress, RunContext, checked_in
from engine.dsp.align import (
    Placement,
    Signal,
    find_placements,
    read_aligned,
    refine,
    search_signal,
)
from engine.dsp.subtract import BlockFit, Trial, fit_block, try_fit, window_samples
from engine.stages.arithmetic import subtract
from engine.types import AudioRef, BgmMatch, Region, Samples

if TYPE_CHECKING:
    from engine.dsp.track_model import Knowledge

Times = np.ndarray[tuple[int], np.dtype[np.float64]]

STAGE = "known_bgm"
_VERSION = 2
"""To be raised whenever `align`, `subtract`, `track_model` or `consistency` find something else."""
_FIT_BLOCK_S = 30.0
_CROSSFADE_S = 2.0
_MARGIN_S = 2.0
"""So far beyond a find the fit looks for faint ends: what a fade hides from the search."""
_CORE_MARGIN_S = 0.25
"""So far beyond a find single bands may have gains of their own; further out they follow noise."""
_MIN_FRAMES = 30
"""With fewer telling frames in a trial the alignment alone has to be strong."""
_MIN_SHARE = 0.55
"""Part of a track that has to be there; more than what shares no more than drums with it has."""
_MIN_LENGTH_S = 1.5
_LEAST_GAIN = 0.003
"""50 dB below the file nobody hears the track, and the fit finds it in anything."""
_STRONG = 25.0
"""A correlation peak so far over its background (chance gives 6 in an hour) needs no trial."""
_MAX_FAILED_TRIALS = 6
_TRIAL_S = 8.0
_SEARCH_SHARE = 0.3
"""Part of the bar that the search gets."""
_AUDIBLE = 0.1
"""20 dB below its usual gain a track counts as not yet, or no longer, heard."""
_GRID = np.float32(2**23)
"""The music is rounded to 24 bits, so that it and the rest add up to a 24-bit mix exactly."""


@dataclass(frozen=True, slots=True)
class Track:
    """A track that may lie in the mix: its file, and its sound at its own rate."""

    path: Path
    audio: AudioRef


@dataclass(frozen=True, slots=True)
class KnownBgmRequest:
    """A mix and the tracks to look for."""

    mix: AudioRef
    tracks: tuple[Track, ...]


@dataclass(frozen=True, slots=True)
class FitQuality:
    """How well a track fitted one stretch of the mix.

    Attributes:
        track: Absolute path of the track's file.
        region: The stretch.
        consistency: Part of the places where the track should be heard at which it is, 0 to 1.
    """

    track: str
    region: Region
    consistency: float


@dataclass(frozen=True, slots=True)
class KnownBgmResult:
    """`restored` + `bgm` = mix.

    Attributes:
        bgm: The tracks as they sound in the mix.
        restored: The mix without them; the mix itself if none was found.
        matches: Where each track sounds, in the order of the mix.
        quality: How well it went, stretch by stretch.
    """

    bgm: AudioRef
    restored: AudioRef
    matches: tuple[BgmMatch, ...]
    quality: tuple[FitQuality, ...]


def remove_known_bgm(
    request: KnownBgmRequest, store: ArtifactStore, context: RunContext
) -> KnownBgmResult:
    """Take known tracks out of a mix of any length."""
    context.report(Progress(STAGE, 0.0, 1.0))
    mix = request.mix
    tracks = [(str(track.path.absolute()), track.audio.key) for track in request.tracks]
    key = artifact_key(STAGE, _VERSION, mix.key, tracks)
    bgm, story = store.find(key), store.find_value(key, _Story)
    if bgm is None or story is None:
        story = _removed(request, key, store, context)
        bgm = store.published(key)
    restored = subtract(mix, (bgm,), store, context) if story.quality else mix
    context.report(Progress(STAGE, 1.0, 1.0))
    return KnownBgmResult(bgm, restored, story.matches, story.quality)


@dataclass(frozen=True, slots=True)
class _Story:
    """What there is to tell of a removal; it lies beside the music in the cache."""

    matches: tuple[BgmMatch, ...]
    quality: tuple[FitQuality, ...]


def _removed(
    request: KnownBgmRequest, key: str, store: ArtifactStore, context: RunContext
) -> _Story:
    """Find the tracks and write what is heard of them."""
    search = TrackSearch(request.mix, store, context)
    finds: list[Find] = []
    for number, track in enumerate(request.tracks):
        finds += search.find(track)
        done = _SEARCH_SHARE * (number + 1) / len(request.tracks)
        context.report(Progress(STAGE, done, 1.0))
    finds.sort(key=lambda find: -find.placement.strength)
    removal = _Removal(request.mix, store, context, finds)
    with store.writer(key, request.mix.channels, request.mix.sample_rate_hz) as writer:
        for block in removal.blocks():
            writer.write(block)
        story = _Story(removal.matches(), tuple(removal.quality))
        store.put_value(key, story)
    return story


@dataclass(frozen=True, slots=True)
class Find:
    """A placement of a track and how its trial went."""

    track: Track
    placement: Placement
    trial: Trial

    @property
    def is_convincing(self) -> bool:
        """Whether the trial speaks for it, or could not say much but the alignment does."""
        if self.trial.gain < _LEAST_GAIN:
            return False
        if self._trial_says_little:
            return self.placement.strength >= _STRONG
        return self.trial.consistency.share >= _MIN_SHARE

    @property
    def confidence(self) -> float:
        """How sure, 0 to 1; 0.5 is what just counts as found. A scale, not a measured frequency."""
        if self._trial_says_little:
            return 1 - math.exp(-((self.placement.strength / _STRONG) ** 2))
        return 1 / (1 + math.exp(-12 * (self.trial.consistency.share - _MIN_SHARE)))

    @property
    def _trial_says_little(self) -> bool:
        return self.trial.consistency.frames < _MIN_FRAMES


class TrackSearch:
    """Looks for one track after the other in the same mix."""

    def __init__(self, mix: AudioRef, store: ArtifactStore, context: RunContext) -> None:
        self._mix, self._store, self._context = mix, store, context
        self._samples = store.map(mix)
        self._signal = self._search_signal(mix)

    def find(self, track: Track) -> list[Find]:
        """The stretches where the track sounds; no two are much the same stretch."""
        check = self._context.raise_if_cancelled
        signal = self._search_signal(track.audio)
        placements = [
            placement
            for placement in find_placements(self._signal, signal, check)
            if placement.mix_end_s - placement.mix_start_s >= _MIN_LENGTH_S
        ]
        found: list[Find] = []
        failed = 0
        for placement in placements:
            if any(_covers(find.placement, placement) for find in found):
                continue
            attempt = self._try(track, placement)
            if attempt.is_convincing:
                found.append(attempt)
                continue
            failed += 1
            if failed == _MAX_FAILED_TRIALS:
                break
        return found

    def _search_signal(self, ref: AudioRef) -> Signal:
        blocks = checked_in(self._store.blocks(ref), self._context)
        return search_signal(blocks, ref.num_samples, ref.sample_rate_hz)

    def _try(self, track: Track, placement: Placement) -> Find:
        """Align the placement to the sample and fit the surroundings of its strongest block."""
        rate, track_rate = self._mix.sample_rate_hz, track.audio.sample_rate_hz
        known = self._store.map(track.audio)
        placement = refine(placement, self._samples, known, track_rate, rate)
        first = max(placement.mix_start_s, placement.strongest_s - _TRIAL_S / 2)
        last = min(placement.mix_end_s, placement.strongest_s + _TRIAL_S / 2)
        start, stop = round(first * rate), min(round(last * rate), self._mix.num_samples)
        trial = try_fit(
            self._samples[:, start:stop],
            read_aligned(placement, known, track_rate, rate, start, stop),
            window_samples(rate),
            check=self._context.raise_if_cancelled,
        )
        return Find(track, placement, trial)


class _Removal:
    """Fits all finds block by block; blocks overlap and are crossfaded."""

    def __init__(
        self, mix: AudioRef, store: ArtifactStore, context: RunContext, finds: list[Find]
    ) -> None:
        self._mix, self._store, self._context = mix, store, context
        self._rate = mix.sample_rate_hz
        self._samples = store.map(mix)
        self._followed = [_Followed(find, store.map(find.track.audio)) for find in finds]
        self.quality: list[FitQuality] = []

    def blocks(self) -> Iterator[Samples]:
        """The music in order, (channels, n) float32 at a time."""
        fade = round(_CROSSFADE_S * self._rate)
        step = round(_FIT_BLOCK_S * self._rate) - fade
        rise = np.linspace(0, 1, fade, endpoint=False, dtype=np.float32)
        total = self._mix.num_samples
        tail = np.zeros((self._mix.channels, 0), np.float32)
        for start in range(0, max(1, total - fade), step):
            self._context.raise_if_cancelled()
            stop = min(start + step + fade, total)
            block = self._music(start, stop)
            joint = tail.shape[1]
            block[:, :joint] = tail + rise[:joint] * (block[:, :joint] - tail)
            tail = block[:, step:]
            ready = block if stop == total else block[:, :step]
            yield np.round(ready * _GRID).astype(np.float32) / _GRID
            done = _SEARCH_SHARE + (1 - _SEARCH_SHARE) * (stop / total if total else 1.0)
            self._context.report(Progress(STAGE, done, 1.0))

    def matches(self) -> tuple[BgmMatch, ...]:
        """What was found, as heard by the fit."""
        heard = (followed.match() for followed in self._followed)
        return tuple(sorted((m for m in heard if m), key=lambda match: match.video_start_s))

    def _music(self, start: int, stop: int) -> Samples:
        """Music between two samples of the mix; each find is fitted to what the others left."""
        music = np.zeros((self._mix.channels, stop - start), np.float32)
        window = window_samples(self._rate)
        for followed in self._followed:
            first, last = followed.within(start, stop, self._rate)
            if last - first < window:
                continue
            inside = slice(first - start, last - start)
            rest = self._samples[:, first:last] - music[:, inside]
            fit = followed.fit(rest, first, self._rate, self._context)
            music[:, inside] += fit.bgm
            region = Region(first / self._rate, last / self._rate)
            self.quality.append(FitQuality(followed.path, region, fit.consistency.share))
        return music


class _Followed:
    """A find and what the blocks so far told of it."""

    def __init__(self, find: Find, samples: Samples) -> None:
        self.path = str(find.track.path.absolute())
        self._find, self._samples = find, samples
        self._knowledge: tuple[Knowledge, ...] | None = None
        self._times: list[Times] = []
        self._gains: list[Samples] = []
        self._levels: list[Samples] = []

    def within(self, start: int, stop: int, sample_rate_hz: int) -> tuple[int, int]:
        """The part of samples start to stop where the track may sound."""
        placement = self._find.placement
        first = round((placement.mix_start_s - _MARGIN_S) * sample_rate_hz)
        last = round((placement.mix_end_s + _MARGIN_S) * sample_rate_hz)
        return max(first, start), min(last, stop)

    def fit(self, rest: Samples, first: int, sample_rate_hz: int, context: RunContext) -> BlockFit:
        """Fit the track to the mix from sample `first` on."""
        last = first + rest.shape[1]
        track_rate = self._find.track.audio.sample_rate_hz
        known = read_aligned(
            self._find.placement, self._samples, track_rate, sample_rate_hz, first, last
        )
        window = window_samples(sample_rate_hz)
        core = slice(
            round((self._find.placement.mix_start_s - _CORE_MARGIN_S) * sample_rate_hz) - first,
            round((self._find.placement.mix_end_s + _CORE_MARGIN_S) * sample_rate_hz) - first,
        )
        fit = fit_block(rest, known, window, self._knowledge, context.raise_if_cancelled, core)
        self._knowledge = fit.knowledge
        every = window // 2
        self._gains.append(fit.gain[::every].copy())
        self._levels.append(_levels(fit.bgm, every))
        self._times.append(np.arange(first, last, every) / sample_rate_hz)
        return fit

    def match(self) -> BgmMatch | None:
        """The stretch over which the track is heard; None if it never is."""
        if not self._gains:
            return None
        gains, times = np.concatenate(self._gains), np.concatenate(self._times)
        levels = np.concatenate(self._levels)
        # Where the track itself is silent any gain fits; where it is loud, only the true one.
        heard = np.flatnonzero(
            (gains > max(_AUDIBLE * _usual(gains), _LEAST_GAIN))
            & (levels > _AUDIBLE * _usual(levels))
        )
        if not heard.size:
            return None
        placement = self._find.placement.between(*self._within_file(times[heard]))
        return BgmMatch(
            track=self.path,
            track_start_s=float(placement.track_start_s),
            video_start_s=float(placement.mix_start_s),
            video_end_s=float(placement.mix_end_s),
            gain_db=20 * float(np.log10(np.median(gains[heard]))),
            speed=float(placement.speed),
            confidence=self._find.confidence,
        )

    def _within_file(self, heard_s: Times) -> tuple[float, float]:
        """First and last of some times of the mix, but not outside the track's file."""
        placement, audio = self._find.placement, self._find.track.audio
        begin_s = placement.mix_start_s - placement.track_start_s / placement.speed
        end_s = begin_s + audio.duration_s / placement.speed
        return max(float(heard_s.min()), begin_s), min(float(heard_s.max()), end_s)


def _levels(bgm: Samples, every: int) -> Samples:
    """Root mean square of each stretch of `every` samples, the last one with what there is."""
    starts = np.arange(0, bgm.shape[1], every)
    lengths = np.diff(starts, append=bgm.shape[1])
    power = np.add.reduceat(np.mean(bgm**2, axis=0), starts) / lengths
    return np.sqrt(power).astype(np.float32)


def _usual(values: Samples) -> float:
    """Median of what is above 0."""
    return float(np.median(values[values > 0])) if np.any(values > 0) else 0.0


def _covers(found: Placement, other: Placement) -> bool:
    """Whether more than half of the other stretch lies within the found one."""
    common = min(found.mix_end_s, other.mix_end_s) - max(found.mix_start_s, other.mix_start_s)
    return common > 0.5 * (other.mix_end_s - other.mix_start_s)
