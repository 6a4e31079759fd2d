"""Waveforms for the timeline: peaks where they suffice, the samples themselves closer up."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np

from app.sounds import Part, Sound
from engine.artifacts import artifact_key, mark_used
from engine.context import Progress, RunContext, checked_in
from engine.errors import ArtifactMissingError
from engine.media.peaks import BIN_SAMPLES, Peaks, build_peaks
from engine.types import Samples
from widgets.lanes import Peaks as ShownPeaks

STAGE = "peaks"
_GROWING_BIN_SAMPLES = 4096


class StoredWaveform:
    """The waveform of a whole sound: a `widgets.lanes.WaveformSource`.

    Attributes:
        sound: What it is the waveform of.
    """

    def __init__(self, sound: Sound, peaks: Peaks, cache: Path) -> None:
        self.sound = sound
        self._peaks, self._cache = peaks, cache

    def window(self, start_s: float, end_s: float, num_bins: int) -> ShownPeaks:
        """Lowest and highest sample of all channels: (num_bins, 2) float32."""
        rate_hz = self.sound.sample_rate_hz
        start, end = round(start_s * rate_hz), round(end_s * rate_hz)
        if end - start < BIN_SAMPLES * num_bins:
            # Whoever paints cannot help it if the sound has gone: the peaks are still there.
            with suppress(ArtifactMissingError):
                return self._close_up(start, end, num_bins)
        return self._peaks.extremes(start, end, num_bins)

    def _close_up(self, start: int, end: int, num_bins: int) -> ShownPeaks:
        samples = self.sound.stretch(self._cache, start, end)
        shown = np.zeros((num_bins, 2), np.float32)
        edges = np.arange(num_bins) * (end - start) // num_bins
        inside = edges < samples.shape[1]
        if inside.any():
            low, high = samples.min(axis=0), samples.max(axis=0)
            shown[inside, 0] = np.minimum.reduceat(low, edges[inside])
            shown[inside, 1] = np.maximum.reduceat(high, edges[inside])
        return shown


class GrowingWaveform:
    """The waveform of a sound that is still being read; one thread adds, another one looks."""

    def __init__(self, sample_rate_hz: int) -> None:
        self._rate_hz = sample_rate_hz
        self._bins: tuple[ShownPeaks, ...] = ()
        self._rest = np.zeros((2, 0), np.float32)

    def add(self, block: Samples) -> None:
        """Append a block (channels, num_samples) float32."""
        ends = np.stack([block.min(axis=0), block.max(axis=0)])
        ends = np.concatenate([self._rest, ends], axis=1)
        whole = ends.shape[1] // _GROWING_BIN_SAMPLES * _GROWING_BIN_SAMPLES
        folded = ends[:, :whole].reshape(2, -1, _GROWING_BIN_SAMPLES)
        self._rest = ends[:, whole:]
        bins = np.stack([folded[0].min(axis=1), folded[1].max(axis=1)], axis=1)
        self._bins = (*self._bins, bins)

    def window(self, start_s: float, end_s: float, num_bins: int) -> ShownPeaks:
        """What is known so far: (num_bins, 2) float32, 0 where nothing is."""
        shown = np.zeros((num_bins, 2), np.float32)
        bins = np.concatenate(self._bins) if self._bins else shown[:0]
        edges_s = np.linspace(start_s, end_s, num_bins, endpoint=False)
        edges = (edges_s * self._rate_hz / _GROWING_BIN_SAMPLES).astype(np.int64)
        inside = edges < len(bins)
        if inside.any():
            known = bins[: self._end_bin(end_s, len(bins))]
            shown[inside, 0] = np.minimum.reduceat(known[:, 0], edges[inside])
            shown[inside, 1] = np.maximum.reduceat(known[:, 1], edges[inside])
        return shown

    def _end_bin(self, end_s: float, num_bins: int) -> int:
        return min(num_bins, int(end_s * self._rate_hz / _GROWING_BIN_SAMPLES) + 1)


def find_waveform(sound: Sound, cache: Path) -> StoredWaveform | None:
    """The waveform of a sound, if its peaks have been made."""
    path = _path_of(sound, cache)
    try:
        peaks = Peaks(path)
    except (OSError, ValueError):
        return None
    mark_used(path)
    return StoredWaveform(sound, peaks, cache)


def make_waveform(sound: Sound, cache: Path, context: RunContext) -> StoredWaveform:
    """The waveform of a sound; its peaks are made if they are not there."""
    found = find_waveform(sound, cache)
    if found is not None:
        return found
    blocks = _reported(sound.blocks(cache), sound.num_samples, context)
    path = _path_of(sound, cache)
    peaks = build_peaks(blocks, sound.channels, sound.sample_rate_hz, path)
    return StoredWaveform(sound, peaks, cache)


def peaks_path(terms: tuple[tuple[str, float], ...], cache: Path) -> Path:
    """Where the peaks of a sum lie, given the keys and weights of its parts."""
    return cache / f"{artifact_key(STAGE, terms)}.peaks"


def _path_of(sound: Sound, cache: Path) -> Path:
    terms = tuple((part.ref.key, part.weight) for part in sound.parts)
    if sound == Sound(tuple(Part(part.ref, part.weight) for part in sound.parts)):
        return peaks_path(terms, cache)
    stretches = tuple(
        (part.start, part.skip, part.num_samples, *(curve.points for curve in part.curves))
        for part in sound.parts
    )
    return cache / f"{artifact_key(STAGE, terms, stretches, sound.num_samples)}.peaks"


def _reported(
    blocks: Iterator[Samples], num_samples: int, context: RunContext
) -> Iterator[Samples]:
    done = 0
    for block in checked_in(blocks, context):
        yield block
        done += block.shape[1]
        context.report(Progress(STAGE, done, num_samples))
