"""Sound that went through a lossy codec once, as the soundtrack of a downloaded video has."""

import io
from dataclasses import dataclass
from typing import Literal

import av
import numpy as np
import soxr
from scipy import signal

from engine.errors import CodecError
from engine.types import Samples

SAMPLE_RATE_HZ = 44_100
_SEARCH_SAMPLES = 6000
_PROBE_S = 8.0


@dataclass(frozen=True, slots=True)
class LossyFormat:
    """A codec with the container and the sample rate it is used with, and its bit rates."""

    codec: Literal["aac", "libmp3lame", "libopus"]
    container: str
    sample_rate_hz: int
    kbit_s: tuple[int, ...]


FORMATS = (
    LossyFormat("aac", "mp4", 44_100, (64, 96, 128, 160, 192)),
    LossyFormat("libmp3lame", "mp3", 44_100, (64, 96, 128, 160, 192)),
    LossyFormat("libopus", "ogg", 48_000, (48, 64, 96, 128, 160)),
)


def through_random_codec(samples: Samples, rng: np.random.Generator) -> Samples:
    """Encode and decode with a random format and bit rate.

    Args:
        samples: (2, num_samples) float32 at 44.1 kHz.
        rng: Draws the format.

    Returns:
        Sound of the same length, aligned with the input to the sample.
    """
    format_ = FORMATS[int(rng.integers(len(FORMATS)))]
    return through_codec(samples, format_, int(rng.choice(format_.kbit_s)))


def through_codec(samples: Samples, format_: LossyFormat, kbit_s: int) -> Samples:
    """Encode and decode; see `through_random_codec`."""
    resampled = _resample(samples, SAMPLE_RATE_HZ, format_.sample_rate_hz)
    decoded = _decode(_encode(resampled, format_, kbit_s))
    return _aligned(_resample(decoded, format_.sample_rate_hz, SAMPLE_RATE_HZ), samples)


def _resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    if from_hz == to_hz:
        return samples
    return np.ascontiguousarray(soxr.resample(samples.T, from_hz, to_hz).T, np.float32)


def _encode(samples: Samples, format_: LossyFormat, kbit_s: int) -> bytes:
    file = io.BytesIO()
    try:
        with av.open(file, "w", format=format_.container) as container:
            stream = container.add_stream(format_.codec, rate=format_.sample_rate_hz)
            stream.bit_rate = kbit_s * 1000
            stream.layout = "stereo"
            frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
            frame.sample_rate = format_.sample_rate_hz
            frame.pts = 0
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    except av.FFmpegError as error:
        raise CodecError(
            f"FFmpeg cannot write {format_.codec}", "install PyAV's own wheel"
        ) from error
    return file.getvalue()


def _decode(data: bytes) -> Samples:
    with av.open(io.BytesIO(data), "r") as container:
        resampler = av.AudioResampler(format="fltp", layout="stereo")
        blocks = [
            block.to_ndarray()
            for frame in container.decode(audio=0)
            for block in resampler.resample(frame)
        ]
    return np.concatenate(blocks, axis=1)


def _aligned(decoded: Samples, reference: Samples) -> Samples:
    """Undo the codec's delay, found by correlation, and cut or pad to the reference's length."""
    lag, num_samples = _lag_samples(decoded, reference), reference.shape[1]
    padded = np.pad(decoded, ((0, 0), (_SEARCH_SAMPLES, _SEARCH_SAMPLES + num_samples)))
    start = _SEARCH_SAMPLES + lag
    return np.asarray(padded[:, start : start + num_samples], np.float32)


def _lag_samples(decoded: Samples, reference: Samples) -> int:
    """How much later the decoded sound is: the lag of the highest correlation.

    Looked for around the loudest stretch of the reference, as far as no codec delays.
    """
    mono = reference.mean(axis=0)
    span = min(round(_PROBE_S * SAMPLE_RATE_HZ), len(mono))
    starts = range(0, len(mono) - span + 1, max(1, span // 2))
    start = max(starts, key=lambda s: float(np.square(mono[s : s + span]).sum()))
    late = np.pad(decoded.mean(axis=0), (_SEARCH_SAMPLES, _SEARCH_SAMPLES + span))
    area = late[start : start + span + 2 * _SEARCH_SAMPLES]
    correlation = signal.correlate(area, mono[start : start + span], mode="valid")
    return int(np.argmax(correlation)) - _SEARCH_SAMPLES
