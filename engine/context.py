"""What a running stage sees of the world around it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

from engine.errors import CancelledError

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage is.

    Attributes:
        stage: Name of the stage.
        done: Work done, in the stage's own unit, from 0 to `total`.
        total: All the work.
    """

    stage: str
    done: float
    total: float

    @property
    def fraction(self) -> float:
        """Part done, from 0 to 1."""
        return min(self.done / self.total, 1.0) if self.total > 0 else 1.0


class RunContext(Protocol):
    """Given to every stage; called at least once a chunk, from the thread that runs the stage."""

    def report(self, progress: Progress) -> None:
        """Tell whoever listens how far the stage is."""

    def raise_if_cancelled(self) -> None:
        """Check in: may block while more urgent work goes first; raises `CancelledError`."""


def checked_in(items: Iterable[_Item], context: RunContext) -> Iterator[_Item]:
    """The same items, with a check-in before each."""
    for item in items:
        context.raise_if_cancelled()
        yield item


class PlainContext:
    """Context for scripts, tests and the command line.

    Attributes:
        on_progress: Receives every report.
        is_cancelled: Asked at each check-in.
    """

    def __init__(
        self,
        on_progress: Callable[[Progress], None] = lambda _: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self.on_progress = on_progress
        self.is_cancelled = is_cancelled

    def report(self, progress: Progress) -> None:
        """Pass the report on."""
        self.on_progress(progress)

    def raise_if_cancelled(self) -> None:
        """Raise `CancelledError` if it was asked for."""
        if self.is_cancelled():
            raise CancelledError
