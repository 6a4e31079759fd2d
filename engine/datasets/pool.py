"""Many items made one after another, or in several processes that end with their parent."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from engine.context import RunContext
from engine.errors import CorpusError

_Item = TypeVar("_Item")


def make_all(
    make: Callable[[_Item], object], items: Iterable[_Item], workers: int, context: RunContext
) -> Iterator[None]:
    """Call `make` for each item; yields after each, in the order in which they are done.

    Args:
        make: Writes what it makes; with several workers it must be a module's own function, bound
            with `functools.partial` if need be.
        items: What to make.
        workers: Processes; 1 works in this one.
        context: Asked at least twice a second whether to go on.

    Raises:
        CorpusError: One of the processes died.
    """
    if workers <= 1:
        for item in items:
            context.raise_if_cancelled()
            make(item)
            yield
        return
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, spawn, _prepare_worker)
    try:
        running: set[Future[object]] = {pool.submit(make, item) for item in items}
        while running:
            done, running = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
            context.raise_if_cancelled()
            for future in done:
                future.result()
                yield
    except BrokenProcessPool as error:
        raise CorpusError(
            "a process that worked on it died, perhaps for want of memory",
            "run the same again: it goes on where it stopped; fewer --workers take less memory",
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _prepare_worker() -> None:
    """Leave Ctrl-C to the parent, which hears it too, and end with the parent however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
