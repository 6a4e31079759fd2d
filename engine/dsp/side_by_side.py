"""The same work on several channels at once: numpy, scipy and compiled loops let threads run."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class _Team:
    """Threads for one step of work after the other; kept, for steps are short.

    Attributes:
        size: How many there are.
    """

    def __init__(self, size: int) -> None:
        self.resize(size)

    def resize(self, size: int) -> None:
        self.size = size
        # The pool before ends by itself once nobody waits for it.
        self.pool = ThreadPoolExecutor(size, thread_name_prefix="channel")


_TEAM = _Team(os.cpu_count() or 1)


def use_threads(count: int) -> None:
    """Work on so many items at once from now on."""
    if count != _TEAM.size:
        _TEAM.resize(count)


def threads() -> int:
    """How many threads may work at once; for transforms that bring their own."""
    return _TEAM.size


def on_each(work: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
    """Results of `work`, which must not call `on_each` itself, in the order of the items."""
    return list(_TEAM.pool.map(work, items))
