"""Changing the rate of sound of any length, in bounded memory."""

from collections.abc import Iterable, Iterator

import numpy as np
import soxr

from engine.types import Samples


def resampled_length(num_samples: int, from_hz: int, to_hz: int) -> int:
    """Samples after a change of rate, rounded to nearest, but something of what is something."""
    return max(min(1, num_samples), (num_samples * to_hz * 2 + from_hz) // (2 * from_hz))


def resample_blocks(
    blocks: Iterable[Samples], from_hz: int, to_hz: int, num_samples: int
) -> Iterator[Samples]:
    """Change the rate; first and last sample keep their time.

    Args:
        blocks: (channels, n) float32, in order.
        from_hz: Their rate.
        to_hz: The rate wanted.
        num_samples: Length of the result in samples; a rounding difference is cut or padded.

    Yields:
        Blocks (channels, n) float32, together num_samples long.
    """
    left = num_samples
    channels = 0
    for block in resample_freely(blocks, from_hz, to_hz):
        channels = block.shape[0]
        if left and block.shape[1]:
            yield block[:, :left]
        left = max(0, left - block.shape[1])
    if left:
        yield np.zeros((channels, left), np.float32)


def at_rate(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """A whole sound at another rate: (channels, num_samples) float32."""
    if from_hz == to_hz:
        return samples
    num_samples = resampled_length(samples.shape[1], from_hz, to_hz)
    blocks = resample_blocks([samples], from_hz, to_hz, num_samples)
    return np.concatenate(list(blocks), axis=1)


def resample_freely(blocks: Iterable[Samples], from_hz: int, to_hz: int) -> Iterator[Samples]:
    """The same for sound whose length is not known; the result's is right to a few samples."""
    if from_hz == to_hz:
        yield from blocks
        return
    stream: soxr.ResampleStream | None = None
    for block in blocks:
        if stream is None:
            stream = soxr.ResampleStream(from_hz, to_hz, block.shape[0], dtype="float32")
        yield _planar(stream.resample_chunk(np.ascontiguousarray(block.T)), block.shape[0])
    if stream is not None:
        silence = np.zeros((0, block.shape[0]), np.float32)
        yield _planar(stream.resample_chunk(silence, last=True), block.shape[0])


def _planar(frames: Samples, channels: int) -> Samples:
    return frames.reshape(-1, channels).T
