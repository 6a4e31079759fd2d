"""Known background music: find where given tracks lie in a mix and take them out.

What `TrackSearch` finds is fitted and subtracted block by block.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.artifacts import ArtifactStore, artifact_key
from engine.context import Progress, RunContext
from engine.dsp.subtract import window_samples
from engine.stages.arithmetic import subtract
from engine.stages.copies import without_copies
from engine.stages.following import Followed, Heard, in_turns
from engine.stages.leftovers import VERSION as LEFTOVERS_VERSION
from engine.stages.leftovers import still_heard
from engine.stages.track_search import VERSION, Find, Track, TrackSearch
from engine.types import AudioRef, BgmMatch, Region, Samples

STAGE = "known_bgm"
_VERSION = 10
"""To be raised whenever something else is found by `align`, `subtract`, `track_model`, `following`,
`smooth_path`, `half_overlap` or `copies`; `VERSION` if by a trial: `consistency`, `evenness`,
`wholeness`."""
_FIT_BLOCK_S = 30.0
_CROSSFADE_S = 2.0
_SEARCH_SHARE = 0.3
"""Part of the bar that the search gets."""
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


def remove_known_bgm(
    request: KnownBgmRequest, store: ArtifactStore, context: RunContext
) -> KnownBgmResult:
    """Take known tracks out of a mix of any length."""
    context.report(Progress(STAGE, 0.0, 1.0))
    mix = request.mix
    tracks = [(t.audio.key, t.rate_hz, t.proved, t.is_named) for t in request.tracks]
    key = artifact_key(STAGE, _VERSION, VERSION, mix.key, tracks)
    found = _finds(request, store, context)
    finds = without_copies(found, store)
    if not finds:
        context.report(Progress(STAGE, 1.0, 1.0))
        return KnownBgmResult(replace(mix, key=key), mix, (), (), frozenset())
    bgm, heard = store.find(key), store.find_value(key, tuple[Heard | None, ...])
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
) -> tuple[Heard | None, ...]:
    """Write what is heard of the tracks, and keep where that was, find by find."""
    removal = _Removal(mix, store, context, finds)
    with store.writer(key, mix.channels, mix.sample_rate_hz, mix.num_samples) as writer:
        for block in removal.blocks():
            writer.write(block)
        heard = removal.heard()
        store.put_value(key, heard)
    return heard


def _matches(finds: Iterable[Find], heard: Iterable[Heard | None]) -> tuple[BgmMatch, ...]:
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
        self._followed = [Followed(turns, store, finds) for turns in in_turns(finds)]
        self._finds = finds

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

    def heard(self) -> tuple[Heard | None, ...]:
        """What is heard of each find; None where it is nothing."""
        heard = dict(part for followed in self._followed for part in followed.heard())
        return tuple(heard[find] for find in self._finds)

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
