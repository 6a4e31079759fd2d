"""The one overlap-add: runs a network over sound of any length, in bounded memory.

Chunks start every hop; the last one is aligned with the end, so nothing is padded but sound shorter
than one chunk. Chunks are weighted by a window that never reaches 0 and the sum is divided by the
sum of weights, so a network that changes nothing gives its input back.

Work that broke off goes on from what is finished: the few chunks that reach beyond it are done
again, in the same batches, so that the rest comes out as if nothing had happened.
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

Order = tuple[int, ...]
"""Which stem of a chunk is added to the first, the second, ..."""

ChooseOrder = Callable[[Stems, Stems], Order]
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

    def first_after(self, num_finished: int, starts: Sequence[int]) -> int:
        """The first chunk to do when `num_finished` samples are there; it begins a batch."""
        reaching = (i for i, s in enumerate(starts) if s + self.chunk_samples > num_finished)
        return next(reaching, len(starts)) // self.batch_size * self.batch_size

    def window(self) -> NDArray[np.float32]:
        """Weights of a chunk (chunk_samples,): faded over the overlap, never 0."""
        fade_samples = min(self.chunk_samples - self.hop_samples, self.chunk_samples // 2)
        window = np.ones(self.chunk_samples, np.float32)
        ramp = np.sin(np.pi / 2 * (np.arange(fade_samples) + 0.5) / max(1, fade_samples)) ** 2
        window[:fade_samples] = np.maximum(ramp, _FLOOR)
        window[self.chunk_samples - fade_samples :] = window[:fade_samples][::-1]
        return window


@dataclass(frozen=True, slots=True)
class Finished:
    """What an earlier run has done.

    Attributes:
        num_samples: Samples that need not come again.
        orders: Orders of the first chunks, as far as they were added.
    """

    num_samples: int = 0
    orders: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What one batch brought.

    Attributes:
        stems: The samples that it finished, (stems, channels, n).
        orders: Orders of the chunks that it added first.
    """

    stems: Stems
    orders: tuple[Order, ...]


NOTHING = Finished()


def overlap_add(
    sound: Samples,
    network: Network,
    chunking: Chunking,
    choose_order: ChooseOrder | None = None,
    finished: Finished = NOTHING,
) -> Iterator[Step]:
    """Run a network over a sound.

    Args:
        sound: (channels, num_samples), may be memory-mapped; read chunk by chunk.
        network: From chunks to stems.
        chunking: How the sound is cut.
        choose_order: Keeps the order of stems from chunk to chunk; None keeps the network's own.
        finished: Where to go on; the chunks' orders are taken from there, not chosen anew.

    Yields:
        A step a batch; their stems follow each other without a gap, up to the end of the sound.
    """
    num_samples = sound.shape[1]
    if finished.num_samples >= num_samples:
        return
    starts = chunking.starts(num_samples)
    first = chunking.first_after(finished.num_samples, starts)
    sums = _Sums(starts[first], chunking.window(), choose_order)
    for position in range(first, len(starts), chunking.batch_size):
        batch = starts[position : position + chunking.batch_size]
        outputs = network(np.stack([_chunk(sound, s, chunking.chunk_samples) for s in batch]))
        blocks: list[Stems] = [outputs[0, ..., :0]]
        orders: list[Order] = []
        for index, (start, stems) in enumerate(zip(batch, outputs, strict=True), position):
            blocks += sums.pop(start, finished.num_samples)
            known = finished.orders[index : index + 1]
            orders += [sums.add(stems, *known)][len(known) :]
        if batch[-1] == starts[-1]:
            blocks += sums.pop(num_samples, finished.num_samples)
        yield Step(np.concatenate(blocks, axis=-1), tuple(orders))


class _Sums:
    """The weighted sums over the stretch that chunks to come may still overlap."""

    def __init__(
        self, begin: int, window: NDArray[np.float32], choose_order: ChooseOrder | None
    ) -> None:
        self._begin = begin
        self._window = window
        self._choose_order = choose_order
        self._total: Stems = np.zeros(0, np.float32)
        self._weight: NDArray[np.float32] = np.zeros(0, np.float32)

    def pop(self, end: int, wanted_from: int) -> list[Stems]:
        """Take out what lies before `end`; what lies before `wanted_from`, too, is thrown away."""
        if end <= self._begin:
            return []
        length = end - self._begin
        done = self._total[..., :length] / self._weight[:length]
        unwanted = max(0, wanted_from - self._begin)
        self._total, self._weight = self._total[..., length:], self._weight[length:]
        self._begin = end
        return [done[..., unwanted:]]

    def add(self, stems: Stems, order: Order | None = None) -> Order:
        """Add a chunk that begins where the sums begin and ends later; returns its order."""
        overlap = self._total.shape[-1]
        if order is None:
            order = self._order_of(stems, overlap)
        added, weights = stems[list(order)] * self._window, self._window.copy()
        if overlap:
            added[..., :overlap] += self._total
            weights[:overlap] += self._weight
        self._total, self._weight = added, weights
        return order

    def _order_of(self, stems: Stems, overlap: int) -> Order:
        if self._choose_order is None or not overlap:
            return tuple(range(len(stems)))
        return self._choose_order(self._total / self._weight, stems[..., :overlap])


def _chunk(sound: Samples, start: int, chunk_samples: int) -> Samples:
    """One chunk, with silence behind a sound that is shorter."""
    chunk = np.asarray(sound[:, start : start + chunk_samples], np.float32)
    return np.pad(chunk, ((0, 0), (0, chunk_samples - chunk.shape[1])))
