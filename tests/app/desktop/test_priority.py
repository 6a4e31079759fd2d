"""Threads that compute give way; the window's own does not."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.desktop.priority import NICENESS, give_way
from app.jobs import ThreadPool
from engine import worker


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@pytest.mark.skipif(sys.platform != "linux", reason="threads have a niceness there alone")
def test_the_threads_of_jobs_give_way_and_the_windows_does_not() -> None:
    before, told, pool = niceness(), list[int](), ThreadPool()
    pool.put(lambda: told.append(niceness()))
    pool.close(10.0)
    assert told == [max(before, NICENESS)]
    assert niceness() == before


def test_they_are_as_nice_as_the_engine() -> None:
    assert worker.NICENESS == NICENESS


@pytest.mark.skipif(sys.platform != "linux", reason="as above")
def test_what_the_system_refuses_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refused)
    with ThreadPoolExecutor(1) as threads:
        threads.submit(give_way).result()
