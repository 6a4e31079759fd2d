"""The anchors of a rating: the reference without its high frequencies (ITU-R BS.1534-3)."""

import math
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np

from app.sounds import MappedSound, Sound, sound_of
from engine.artifacts import artifact_key
from engine.context import Progress, RunContext
from engine.media.raw_audio import RawAudioWriter, raw_audio_path
from engine.types import AudioRef, Region, Samples

STAGE = "anchor"
_BLOCK_S = 5.0
_TRANSITION = 1 / 7
"""Of the cut-off frequency: 3.5 kHz passes, 4 kHz does not. The norm asks for 25 dB there."""

_STOP_DB = 60.0


def fits(hz: int, sample_rate_hz: int) -> bool:
    """Whether there is anything above that could be cut off."""
    return hz * (1 + _TRANSITION) <= sample_rate_hz / 2


def make_anchor(
    reference: Sound, hz: int, region: Region, cache: Path, context: RunContext
) -> Sound:
    """A stretch of a sound, low-passed: to the sample where the sound is, silent around it.

    Args:
        reference: Of what.
        hz: What lies above is cut off.
        region: Which stretch.
        cache: Folder of the artifacts.
        context: Of the job.

    Raises:
        ArtifactMissingError: A file of the sound is not there any more.
        OutputError: The file cannot be written.
    """
    rate_hz = reference.sample_rate_hz
    start, end = (round(s * rate_hz) for s in (region.start_s, region.end_s))
    end = min(end, reference.num_samples)
    parts = tuple(
        (part.ref.key, part.weight, part.start, part.skip, part.num_samples)
        for part in reference.parts
    )
    key = artifact_key(STAGE, (parts, start, end, hz))
    path = raw_audio_path(cache, key)
    ref = AudioRef(key, end - start, reference.channels, rate_hz)
    if not path.exists():
        with RawAudioWriter(path, reference.channels, rate_hz) as writer:
            for block in low_passed(reference, hz, (start, end), cache, context):
                writer.write(block)
    return sound_of((ref, 1.0)).within(start, reference.num_samples)


def low_passed(
    sound: Sound, hz: int, edges: tuple[int, int], cache: Path, context: RunContext
) -> Iterator[Samples]:
    """The samples between two edges without what lies above a frequency, in blocks.

    The filter is symmetric: it delays nothing.
    """
    taps = low_pass(hz, sound.sample_rate_hz)
    half, step = len(taps) // 2, round(_BLOCK_S * sound.sample_rate_hz)
    mapped, (start, end) = MappedSound(sound, cache), edges
    for first in range(start, end, step):
        context.raise_if_cancelled()
        context.report(Progress(STAGE, first - start, end - start))
        last = min(first + step, end)
        yield _convolved(_around(mapped, first - half, last + half), taps)


@lru_cache(maxsize=4)
def low_pass(hz: int, sample_rate_hz: int) -> Samples:
    """An odd number of taps, (num_taps,): a sinc under Kaiser's window.

    Kaiser, "Nonrecursive digital filter design using the I0-sinh window function", 1974.
    """
    width = hz * _TRANSITION / sample_rate_hz
    half = math.ceil((_STOP_DB - 7.95) / (14.36 * width) / 2)
    middle = hz / sample_rate_hz + width / 2
    places = np.arange(-half, half + 1)
    window = np.kaiser(2 * half + 1, 0.1102 * (_STOP_DB - 8.7))
    taps = np.sinc(2 * middle * places) * window
    return np.asarray(taps / taps.sum(), np.float32)


def _around(mapped: MappedSound, start: int, end: int) -> Samples:
    """A stretch with silence where the sound has not begun or is over."""
    inside = mapped.stretch(start, end)
    before = max(-start, 0)
    behind = end - start - before - inside.shape[1]
    return np.pad(inside, ((0, 0), (before, behind)))


def _convolved(samples: Samples, taps: Samples) -> Samples:
    """What a filter makes of the samples that have all their neighbours."""
    size = 1 << (samples.shape[1] + len(taps) - 1).bit_length()
    spectrum = np.fft.rfft(samples, size) * np.fft.rfft(taps, size)
    found = np.fft.irfft(spectrum, size)[:, len(taps) - 1 : samples.shape[1]]
    return found.astype(np.float32)
