"""The one overlap-add: runs a network over sound of any length, in bounded memory.

Chunks start every hop; the last one is aligned with the end, so nothing is padded but sound shorter
than one chunk. Chunks are weighted by a window that never reaches 0 and the sum is divided by the
sum of weights, so a network that changes nothing gives its input back.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.types import Samples

Stems = NDArray[np.float32]
"""(stems, channels, samples)."""

Network = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""(batch, channels, chunk_samples) -> (batch, stems, channels, chunk_samples)."""

Order = Callable[[Stems, Stems], Sequence[int]]
"""(what is there, what comes, over their overlap) -> the order in which the stems are added."""

_FLOOR = 1e-3


@dataclass(frozen=True, slots=True)
class Chunking:
    """How sound is cut.

    Attributes:
        chunk_samples: Length of a chunk.
        hop_samples: From one chunk's start to the next, at most `chunk_samples`.
        batch_size: Chunks the network gets at once.
    """

    chunk_samples: int
    hop_samples: int
    batch_size: int = 1

    def __post_init__(self) -> None:
        """Refuse chunks that leave gaps."""
        if not 0 < self.hop_samples <= self.chunk_samples or self.batch_size < 1:
            raise ValueError(f"cannot cut with {self}")

    def starts(self, num_samples: int) -> list[int]:
        """Where the chunks begin; the last one ends with the sound."""
        last = max(0, num_samples - self.chunk_samples)
        return [*range(0, last, self.hop_samples), last]

    def window(self) -> NDArray[np.float32]:
        """Weights of a chunk (chunk_samples,): faded over the overlap, never 0."""
        fade_samples = min(self.chunk_samples - self.hop_samples, self.chunk_samples // 2)
        window = np.ones(self.chunk_samples, np.float32)
        ramp = np.sin(np.pi / 2 * (np.arange(fade_samples) + 0.5) / max(1, fade_samples)) ** 2
        window[:fade_samples] = np.maximum(ramp, _FLOOR)
        window[self.chunk_samples - fade_samples :] = window[:fade_samples][::-1]
        return window


def overlap_add(
    sound: Samples, network: Network, chunking: Chunking, order: Order | None = None
) -> Iterator[Stems]:
    """Run a network over a sound.

    Args:
        sound: (channels, num_samples), may be memory-mapped; read chunk by chunk.
        network: From chunks to stems.
        chunking: How the sound is cut.
        order: Keeps the order of stems from chunk to chunk; None keeps the network's own.

    Yields:
        Finished blocks (stems, channels, n) in order; together num_samples long.
    """
    num_samples = sound.shape[1]
    if num_samples == 0:
        return
    window = chunking.window()
    starts = chunking.starts(num_samples)
    total, weight = np.zeros(0, np.float32), np.zeros(0, np.float32)
    begin = 0
    for position in range(0, len(starts), chunking.batch_size):
        batch = starts[position : position + chunking.batch_size]
        outputs = network(np.stack([_chunk(sound, s, chunking.chunk_samples) for s in batch]))
        for start, stems in zip(batch, outputs, strict=True):
            if total.ndim == 1:
                total = np.zeros((*stems.shape[:2], 0), np.float32)
            if start > begin:
                yield _divided(total, weight, start - begin)
                total, weight = total[..., start - begin :], weight[start - begin :]
                begin = start
            total, weight = _added(total, weight, stems, window, order)
    yield _divided(total, weight, num_samples - begin)


def _chunk(sound: Samples, start: int, chunk_samples: int) -> Samples:
    """One chunk, with silence behind a sound that is shorter."""
    chunk = np.asarray(sound[:, start : start + chunk_samples], np.float32)
    return np.pad(chunk, ((0, 0), (0, chunk_samples - chunk.shape[1])))


def _added(
    total: Stems, weight: Samples, stems: Stems, window: NDArray[np.float32], order: Order | None
) -> tuple[Stems, NDArray[np.float32]]:
    """The sums with one more chunk, which begins where they begin and ends later."""
    overlap = total.shape[-1]
    if order is not None and overlap:
        stems = stems[list(order(total / weight, stems[..., :overlap]))]
    added, weights = stems * window, window.copy()
    added[..., :overlap] += total
    weights[:overlap] += weight
    return added, weights


def _divided(total: Stems, weight: NDArray[np.float32], num_samples: int) -> Stems:
    return total[..., :num_samples] / weight[:num_samples]
