"""What an engine process can do: its jobs, and what they need loaded."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.context import RunContext

Handler = Callable[[Any, RunContext], object]
"""Runs one request under a context and returns its result, both of `engine.protocol`'s table."""


@dataclass(frozen=True, slots=True)
class Workload:
    """What was loaded.

    Attributes:
        handlers: Handler by type of request.
        device: The device in words, for the status bar.
        models: Names of the models that are loaded.
        leave_cores: Makes the calling thread's work leave this many cores to others.
    """

    handlers: Mapping[type, Handler]
    device: str
    models: tuple[str, ...]
    leave_cores: Callable[[int], None]


def find_loader(name: str) -> Callable[[], Workload]:
    """A function by `module:function`, or `module:function:argument` to call it with a word.

    The module is imported when the function is called.
    """

    def load() -> Workload:
        module, function, *arguments = name.split(":")
        workload = getattr(importlib.import_module(module), function)(*arguments)
        if not isinstance(workload, Workload):
            raise TypeError(f"{name} does not return a Workload")
        return workload

    return load
