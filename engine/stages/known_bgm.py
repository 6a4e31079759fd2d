"""Known background music: find where given tracks lie in a mix and take them out.

What `TrackSearch` finds is fitted and subtracted block by block.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.artifacts import ArtifactStore, artifact_key
from engine.context import Progress, RunContext
from engine.dsp.align import Placement, read_aligned
from engine.dsp.subtract import BlockFit, fit_block, window_samples
from engine.stages.arithmetic import subtract
from engine.stages.copies import without_copies
from engine.stages.leftovers import VERSION as LEFTOVERS_VERSION
from engine.stages.leftovers import still_heard
from engine.stages.track_search import LEAST_GAIN, VERSION, Find, Track, TrackSearch
from engine.types import AudioRef, BgmMatch, Region, Samples

if TYPE_CHECKING:
    from engine.dsp.track_model import Knowledge

Times = np.ndarray[tuple[int], np.dtype[np.float64]]

STAGE = "known_bgm"
_VERSION = 6
"""To be raised whenever something else is found by `align`, `subtract`, `track_model`,
`smooth_path`, `half_overlap` or `copies`; `VERSION` if by a trial: `consistency`, `evenness`."""
_FIT_BLOCK_S = 30.0
_CROSSFADE_S = 2.0
_MARGIN_S = 2.0
"""So far beyond a find the fit looks for faint ends: what a fade hides from the search."""
_CORE_MARGIN_S = 0.25
"""So far beyond a find single bands may have gains of their own; further out they follow noise."""
_LESSON_S = 5.0
"""A block in which a find has hardly begun, if at all, teaches that the track is not heard."""
_SEARCH_SHARE = 0.3
"""Part of the bar that the search gets."""
_AUDIBLE = 0.1
"""20 dB below its usual gain a track counts as not yet, or no longer, heard."""
_GRID = np.float32(2**23)
"""The music is rounded to 24 bits, so that it and the rest add up to a 24-bit mix exactly."""


@dataclass(frozen=True, slots=True)
class KnownBgmRequest:
    """A mix and the tracks to look for."""

    mix: AudioRef
    tracks: tuple[Track, ...]


@dataclass(frozen=True, slots=True)
class KnownBgmResult:
    """`restored` + `bgm` = mix.

    Attributes:
        bgm: The tracks as they sound in the mix; not made if none was found.
        restored: The mix without them; the mix itself if none was found.
        matches: Where each track sounds, in the order of the mix.
        poor: Stretches in which the tracks are still heard afterwards.
        copies: Files that sound the same as another one everywhere, and so left nothing to find.
    """

    bgm: AudioRef
    restored: AudioRef
    matches: tuple[BgmMatch, ...]
    poor: tuple[Region, ...]
    copies: frozenset[Path]


@dataclass(frozen=True, slots=True)
class _Heard:
    """The part of a find that is heard, as it lies in the cache: without the file, which may move.

    Attributes:
        placement: The stretch.
        gain_db: Level of the track in the mix relative to its file, median over the stretch.
    """

    placement: Placement
    gain_db: float

    def match(self, find: Find) -> BgmMatch:
        """The same for the user."""
        stretch = find.track.stretch
        return BgmMatch(
            track=find.track.path.absolute(),
            track_start_s=float(self.placement.track_start_s) * stretch,
            video_start_s=float(self.placement.mix_start_s),
            video_end_s=float(self.placement.mix_end_s),
            gain_db=self.gain_db,
            speed=float(self.placement.speed) * stretch,
            confidence=find.confidence,
        )


def remove_known_bgm(
    request: KnownBgmRequest, store: ArtifactStore, context: RunContext
) -> KnownBgmResult:
    """Take known tracks out of a mix of any length."""
    context.report(Progress(STAGE, 0.0, 1.0))
    mix = request.mix
    tracks = [(track.audio.key, track.rate_hz, track.proved) for track in request.tracks]
    key = artifact_key(STAGE, _VERSION, VERSION, mix.key, tracks)
    found = _finds(request, store, context)
    finds = without_copies(found, store)
    if not finds:
        context.report(Progress(STAGE, 1.0, 1.0))
        return KnownBgmResult(replace(mix, key=key), mix, (), (), frozenset())
    bgm, heard = store.find(key), store.find_value(key, tuple[_Heard | None, ...])
    if bgm is None or heard is None:
        heard = _removed(mix, finds, key, store, context)
        bgm = store.published(key)
    restored = subtract(mix, (bgm,), store, context)
    poor = _poor(restored, finds, store, context)
    context.report(Progress(STAGE, 1.0, 1.0))
    copies = {find.track.path for find in found} - {find.track.path for find in finds}
    return KnownBgmResult(bgm, restored, _matches(finds, heard), poor, frozenset(copies))


def _poor(
    restored: AudioRef, finds: list[Find], store: ArtifactStore, context: RunContext
) -> tuple[Region, ...]:
    """Where the tracks are still heard; kept like the sound."""
    placed = [(find.track.audio.key, find.track.rate_hz, find.placement) for find in finds]
    key = artifact_key("still_heard", LEFTOVERS_VERSION, restored.key, placed)
    known = store.find_value(key, tuple[Region, ...])
    if known is not None:
        return known
    found = still_heard(restored, finds, store, context)
    store.put_value(key, found)
    return found


def _finds(request: KnownBgmRequest, store: ArtifactStore, context: RunContext) -> list[Find]:
    """Where the tracks sound."""
    search = TrackSearch(request.mix, store, context)
    finds: list[Find] = []
    for number, track in enumerate(request.tracks):
        finds += search.find(track)
        done = _SEARCH_SHARE * (number + 1) / len(request.tracks)
        context.report(Progress(STAGE, done, 1.0))
    return finds


def _removed(
    mix: AudioRef, finds: list[Find], key: str, store: ArtifactStore, context: RunContext
) -> tuple[_Heard | None, ...]:
    """Write what is heard of the tracks, and keep where that was, find by find."""
    removal = _Removal(mix, store, context, finds)
    with store.writer(key, mix.channels, mix.sample_rate_hz, mix.num_samples) as writer:
        for block in removal.blocks():
            writer.write(block)
        heard = removal.heard()
        store.put_value(key, heard)
    return heard


def _matches(finds: Iterable[Find], heard: Iterable[_Heard | None]) -> tuple[BgmMatch, ...]:
    """What was found, as heard by the fit, in the order of the mix."""
    matches = [part.match(find) for find, part in zip(finds, heard, strict=True) if part]
    return tuple(sorted(matches, key=lambda match: match.video_start_s))


class _Removal:
    """Fits all finds block by block; blocks overlap and are crossfaded."""

    def __init__(
        self, mix: AudioRef, store: ArtifactStore, context: RunContext, finds: list[Find]
    ) -> None:
        self._mix, self._store, self._context = mix, store, context
        self._rate = mix.sample_rate_hz
        self._samples = store.map(mix)
        self._followed = [_Followed(find, store.map(find.track.audio)) for find in finds]

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

    def heard(self) -> tuple[_Heard | None, ...]:
        """What is heard of each find; None where it is nothing."""
        return tuple(followed.heard() for followed in self._followed)

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
        return music


class _Followed:
    """A find and what the blocks so far told of it."""

    def __init__(self, find: Find, samples: Samples) -> None:
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
        rate_hz = self._find.track.rate_hz
        window = window_samples(sample_rate_hz)
        margin = window // 2
        begin, end = first - margin, last + margin
        known = read_aligned(
            self._find.placement, self._samples, rate_hz, sample_rate_hz, begin, end
        )
        core = slice(
            round((self._find.placement.mix_start_s - _CORE_MARGIN_S) * sample_rate_hz) - first,
            round((self._find.placement.mix_end_s + _CORE_MARGIN_S) * sample_rate_hz) - first,
        )
        check = context.raise_if_cancelled
        fit = fit_block(rest, known, window, self._knowledge, check, core, margin)
        heard = min(core.stop, last - first) - max(core.start, 0)
        if heard >= round(_LESSON_S * sample_rate_hz):
            self._knowledge = fit.knowledge
        every = window // 2
        self._gains.append(fit.gain[::every].copy())
        self._levels.append(_levels(fit.bgm, every))
        self._times.append(np.arange(first, last, every) / sample_rate_hz)
        return fit

    def heard(self) -> _Heard | None:
        """The stretch over which the track is heard; None if it never is."""
        if not self._gains:
            return None
        gains, times = np.concatenate(self._gains), np.concatenate(self._times)
        levels = np.concatenate(self._levels)
        # Where the track itself is silent any gain fits; where it is loud, only the true one.
        heard = np.flatnonzero(
            (gains > max(_AUDIBLE * _usual(gains), LEAST_GAIN))
            & (levels > _AUDIBLE * _usual(levels))
        )
        if not heard.size:
            return None
        placement = self._find.placement.between(*self._within_file(times[heard]))
        return _Heard(placement, 20 * float(np.log10(np.median(gains[heard]))))

    def _within_file(self, heard_s: Times) -> tuple[float, float]:
        """First and last of some times of the mix, but not outside the track's file."""
        placement, track = self._find.placement, self._find.track
        begin_s = placement.mix_start_s - placement.track_start_s / placement.speed
        end_s = begin_s + track.audio.duration_s / track.stretch / placement.speed
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
