"""Independent pieces of a network's work, each on one processor core from first step to last.

Torch itself splits every single step among the cores, which then wait for each other hundreds of
times a second. If one of them is late because something else runs on it, all are late. Here a core
goes on with the next piece instead, and finds what it works on in its own cache. A piece is worked
on by one thread whatever the number of cores, so that number changes no bit of the result.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import TypeVar

import torch

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class _Team:
    """Threads that are kept, for pieces are short.

    Attributes:
        size: How many there are; 1 means the caller itself.
    """

    def __init__(self) -> None:
        self.size = 1
        self.divides = True
        self._pool = ThreadPoolExecutor(1)

    def resize(self, size: int) -> None:
        """Have so many threads, in each of which torch uses one core."""
        if size == self.size:
            return
        self._pool.shutdown(wait=False)
        self.size = size
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="tile")
        everyone = Barrier(size)
        list(self._pool.map(lambda _: _use_one_core(everyone), range(size)))
        # The last call is also the default of threads that come later.
        torch.set_num_threads(size)

    def run(self, work: Callable[[_Item], _Result], items: list[_Item]) -> list[_Result]:
        return list(self._pool.map(work, items))


def _use_one_core(everyone: Barrier) -> None:
    # A thread takes the default when it first asks, even after it was told otherwise.
    torch.get_num_threads()
    torch.set_num_threads(1)
    everyone.wait()


_TEAM = _Team()


def on_each(work: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
    """Results of `work`, without gradients, in the order of the items.

    As many items are worked on at once as torch may use threads.

    Args:
        work: Must not call `on_each` itself.
        items: What it works on.
    """
    pieces = list(items)
    threads = torch.get_num_threads() if _TEAM.divides else 1
    inference = torch.is_inference_mode_enabled()

    def guarded(item: _Item) -> _Result:
        # These two belong to the thread.
        with torch.inference_mode(inference), torch.no_grad():
            return work(item)

    if min(threads, len(pieces)) < 2:
        return [guarded(item) for item in pieces]
    _TEAM.resize(threads)
    return _TEAM.run(guarded, pieces)


@contextmanager
def undivided() -> Iterator[None]:
    """Keep all work in the calling thread, for those who watch it: counters and profilers."""
    _TEAM.divides = False
    try:
        yield
    finally:
        _TEAM.divides = True
