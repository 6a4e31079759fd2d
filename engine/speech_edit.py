"""Other speech regions for a blind restore: only the stretches that change are separated again.

The gate that cuts speech out of the voices is opened or closed there, and what that leaves goes
through the mixed-music network once more, cut into the very chunks of the film. Old and new music
are crossfaded around the stretches; elsewhere every stem stays as it is, bit for bit.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.artifacts import BLOCK_S, ArtifactStore, artifact_key
from engine.blind_way import divided, undivided
from engine.catalog import read_cards
from engine.context import RunContext, checked_in
from engine.errors import ModelError, RegionError
from engine.restore_job import Job, Stages
from engine.stages import mixed_music, separator
from engine.stages.arithmetic import subtract
from engine.stages.excerpt import cut, on_grid
from engine.stages.mixed_music import MixedMusicResult
from engine.stages.patching import FADE_S, patched
from engine.stages.speech import FADE_S as GATE_FADE_S
from engine.stages.speech import SpeechGate
from engine.translation import tr
from engine.types import (
    AudioRef,
    Region,
    RestoreRequest,
    RestoreResult,
    Samples,
    SpeechEditRequest,
    StemName,
)

_VERSION = 1
_LEAST_S = 0.0005
"""Regions last so long at least, and are so far apart: more than a sample."""

_MUSICS = StemName.MUSIC1, StemName.MUSIC2


@dataclass(frozen=True, slots=True)
class Stretch:
    """Samples from `start` to before `stop` in which the gate changes.

    Attributes:
        start: First sample.
        stop: The one after the last.
        opens: Some of it becomes speech.
    """

    start: int
    stop: int
    opens: bool


def request_of(request: SpeechEditRequest) -> RestoreRequest:
    """The restore that such a result comes from, by the same networks as far as they are known."""
    result, known = request.result, {card.name for card in read_cards()}
    wanted = separator.STAGE, mixed_music.STAGE
    is_all_removed = StemName.BGM in result.stems and result.decision is None
    return RestoreRequest(
        video=result.video,
        ost="second" if is_all_removed else "auto",
        quality=result.quality,
        device=request.device,
        models={
            stage.name: stage.model
            for stage in result.stages
            if stage.name in wanted and stage.model in known and stage.model is not None
        },
    )


def edit_speech(
    request: SpeechEditRequest, stages: Stages, store: ArtifactStore, context: RunContext
) -> RestoreResult:
    """Make a blind restore with other speech regions; which music is kept stays as it was.

    Raises:
        RegionError: The result has no speech apart, or the regions cannot be.
        ArtifactMissingError: A sound of the result is not in the cache any more.
        ModelError: There is no network any more that tells two pieces of music apart.
        DiskFullError: The disk has no room for what has to be written.
    """
    old = request.result
    job = Job(request_of(request), stages, store, context).needing(*old.stems.values())
    mix, dialogue = old.stems[StemName.MIX], old.stems.get(StemName.DIALOGUE)
    if dialogue is None or not old.may_change_speech:
        raise RegionError(
            tr("the speech of this restore is not apart from the rest"), tr("restore blind")
        )
    _require_in_order(request.speech, mix.duration_s)
    stretches = changed(old.speech, request.speech, mix)
    if not stretches:
        return replace(old, speech=request.speech)
    job.require_space((len(old.stems) + 1) * mix.num_bytes)
    gates = tuple(SpeechGate(each, mix.sample_rate_hz) for each in (old.speech, request.speech))
    patches = [
        (_region(mix, each.start, each.stop), _spoken(job, dialogue, mix, each, gates, request))
        for each in stretches
    ]
    dialogue = patched(dialogue, patches, store, context, fade_s=0.0)
    stems = {StemName.MIX: mix, StemName.DIALOGUE: dialogue}
    job = job.needing(dialogue)
    if old.decision is None:
        stems |= undivided(job, mix, dialogue)
    else:
        stems |= divided(job, mix, _music(job, old, dialogue, stretches), old.decision)
    warnings = dict.fromkeys((*old.warnings, *job.log.warnings))
    return replace(old, stems=stems, speech=request.speech, warnings=tuple(warnings))


def changed(old: Sequence[Region], new: Sequence[Region], mix: AudioRef) -> list[Stretch]:
    """Where the gate of some regions differs from that of others, in order, apart from each other.

    Args:
        old: Regions in order, not touching each other.
        new: The same.
        mix: The sound that they lie in.
    """
    rate_hz = mix.sample_rate_hz
    spans = [
        [(round(r.start_s * rate_hz), round(r.end_s * rate_hz)) for r in o] for o in (old, new)
    ]
    # Whoever is inside of one of both has passed an odd number of edges.
    edges = sorted(edge for both in spans for span in both for edge in span)
    fade = round(GATE_FADE_S * rate_hz) + 1
    pieces = (
        Stretch(
            max(start - fade, 0),
            min(stop + fade, mix.num_samples),
            any(first <= start < last for first, last in spans[1]),
        )
        for start, stop in zip(edges[::2], edges[1::2], strict=True)
        if start < stop
    )
    return _joined(pieces)


def _joined(stretches: Iterator[Stretch]) -> list[Stretch]:
    """Those that overlap or touch as one."""
    found: list[Stretch] = []
    for each in stretches:
        if found and each.start <= found[-1].stop:
            last = found.pop()
            each = Stretch(last.start, max(last.stop, each.stop), last.opens or each.opens)
        found.append(each)
    return found


def _spoken(
    job: Job,
    dialogue: AudioRef,
    mix: AudioRef,
    stretch: Stretch,
    gates: tuple[SpeechGate, ...],
    request: SpeechEditRequest,
) -> AudioRef:
    """The new dialogue of a stretch.

    Where the gate closes, less is left of the old one; where it opens, voices are added. So the
    two join without a click even if the voices had to be made anew by another network.
    """
    place = _region(mix, stretch.start, stretch.stop)
    before = cut(dialogue, place, job.store, job.context)
    voices = _voices(job, mix, place) if stretch.opens else None
    parts = voices.key if voices is not None else "", request.result.speech, request.speech
    key = artifact_key("speech-edit", _VERSION, before.key, stretch.start, *parts)
    if job.store.find(key) is not None:
        return job.store.published(key)
    heard = job.store.map(before)
    added: Samples | None = job.store.map(voices) if voices is not None else None
    with job.store.writer(key, mix.channels, mix.sample_rate_hz, before.num_samples) as writer:
        for first, last in checked_in(_blocks(0, before.num_samples, mix), job.context):
            edges = stretch.start + first, stretch.start + last
            closed, opened = _steps(*(gate(*edges) for gate in gates))
            block = heard[:, first:last] * closed
            writer.write(block if added is None else block + added[:, first:last] * opened)
    return job.store.published(key)


def _steps(
    old: NDArray[np.float32], new: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What is left of speech where a gate closes, and what of the voices comes where it opens."""
    is_open = old > 0
    closed = np.where(is_open, np.minimum(new / np.where(is_open, old, 1), 1), 1)
    return closed.astype(np.float32), np.maximum(new - old, 0)


def _voices(job: Job, mix: AudioRef, place: Region) -> AudioRef:
    """The separator's voices of a stretch; where they have gone it runs for that stretch alone."""
    stage, quality = job.stages.separator(), job.request.quality
    whole = stage.finished(mix, quality, job.context)
    if whole is not None:
        return cut(whole, place, job.store, job.context)
    around = on_grid(place, mix, *stage.grid(quality))
    voices = stage(cut(mix, around, job.store, job.context), quality, job.context)
    job.log.warn_once(stage.shortages)
    return _cut_from(voices, around, place, job)


def _music(
    job: Job, old: RestoreResult, dialogue: AudioRef, stretches: Sequence[Stretch]
) -> MixedMusicResult:
    """Both musics, separated again in the stretches, and the effects that they leave."""
    stage = job.stages.mixed_music()
    if stage is None:
        raise ModelError(
            tr("the network that told the two pieces of music apart is not there any more"),
            tr("choose it again, or restore once more"),
        )
    mix, musics = old.stems[StemName.MIX], [old.stems[name] for name in _MUSICS]
    patches: list[tuple[Region, tuple[AudioRef, ...]]] = []
    for place in _with_fades(stretches, mix):
        around = on_grid(place, mix, *stage.grid(job.request.quality))
        part, speech = (cut(ref, around, job.store, job.context) for ref in (mix, dialogue))
        found = stage(part, job.request.quality, job.context, without=(speech,))
        job.log.warn_once(stage.shortages)
        before = [cut(music, around, job.store, job.context) for music in musics]
        pair = _in_order(before, (found.music1, found.music2), job)
        patches.append((place, tuple(_cut_from(music, around, place, job) for music in pair)))
    first, second = (
        patched(music, [(p, pair[index]) for p, pair in patches], job.store, job.context)
        for index, music in enumerate(musics)
    )
    effects = subtract(mix, (dialogue, first, second), job.store, job.context)
    return MixedMusicResult(first, second, effects)


def _with_fades(stretches: Sequence[Stretch], mix: AudioRef) -> list[Region]:
    """The stretches with room around them in which old music becomes new music, and back."""
    fade = round(FADE_S * mix.sample_rate_hz)
    wide = (
        replace(each, start=max(each.start - fade, 0), stop=min(each.stop + fade, mix.num_samples))
        for each in stretches
    )
    return [_region(mix, each.start, each.stop) for each in _joined(wide)]


def _in_order(
    before: Sequence[AudioRef], found: tuple[AudioRef, AudioRef], job: Job
) -> tuple[AudioRef, AudioRef]:
    """Two musics of a stretch in the order of the two that were there, by what they share."""
    likeness = np.zeros((2, 2))
    blocks = zip(*(job.store.blocks(ref) for ref in (*before, *found)), strict=True)
    for first, second, third, fourth in checked_in(blocks, job.context):
        likeness += [[np.vdot(a, b) for b in (third, fourth)] for a in (first, second)]
    is_swapped = np.trace(likeness) < np.trace(likeness[::-1])
    return (found[1], found[0]) if is_swapped else found


def _cut_from(part: AudioRef, around: Region, place: Region, job: Job) -> AudioRef:
    """A stretch of the film out of a part of the film that begins elsewhere."""
    rate_hz = part.sample_rate_hz
    first = round(around.start_s * rate_hz)
    start, stop = (round(edge_s * rate_hz) - first for edge_s in (place.start_s, place.end_s))
    return cut(part, Region(start / rate_hz, stop / rate_hz), job.store, job.context)


def _region(mix: AudioRef, start: int, stop: int) -> Region:
    return Region(start / mix.sample_rate_hz, stop / mix.sample_rate_hz)


def _blocks(start: int, stop: int, mix: AudioRef) -> Iterator[tuple[int, int]]:
    step = round(BLOCK_S * mix.sample_rate_hz)
    return ((first, min(first + step, stop)) for first in range(start, stop, step))


def _require_in_order(regions: Sequence[Region], duration_s: float) -> None:
    edges_s = [edge_s for region in regions for edge_s in (region.start_s, region.end_s)]
    is_rising = all(b - a >= _LEAST_S for a, b in itertools.pairwise(edges_s))
    if edges_s and not (is_rising and edges_s[0] >= 0 and edges_s[-1] <= duration_s):
        raise RegionError(tr("speech regions have to lie in the film, one after the other"))
