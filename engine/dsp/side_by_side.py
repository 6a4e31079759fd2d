"""The same work on several channels at once: numpy and scipy let other threads run meanwhile."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_POOL = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="channel")


def on_each(work: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
    """Results of `work`, which must not call `on_each` itself, in the order of the items."""
    return list(_POOL.map(work, items))
