"""The one door through which anything is said to the user."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.errors import CancelledError, EngineError
from engine.translation import tr
from widgets.message_bar import MessageKind

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """Something to say.

    Attributes:
        kind: How serious it is.
        text: What happened.
        hint: What to do about it; may be empty.
        folder: Where what was written lies.
    """

    kind: MessageKind
    text: str
    hint: str = ""
    folder: Path | None = None


class Messages:
    """Collects messages until somebody listens, then passes them on; GUI thread only."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Message], None]] = []
        self._waiting: list[Message] = []

    def listen(self, show: Callable[[Message], None]) -> None:
        """Show every message from now on, and those that have waited for a first listener."""
        self._listeners.append(show)
        waiting, self._waiting = self._waiting, []
        for message in waiting:
            show(message)

    def say(self, message: Message) -> None:
        """Say something."""
        if not self._listeners:
            self._waiting.append(message)
        for show in self._listeners:
            show(message)

    def notice(self, text: str, hint: str = "", folder: Path | None = None) -> None:
        """Say that something went as wanted."""
        self.say(Message(MessageKind.NOTICE, text, hint, folder))

    def warn(self, text: str, hint: str = "", folder: Path | None = None) -> None:
        """Say that something is not quite as wanted."""
        self.say(Message(MessageKind.WARNING, text, hint, folder))

    def error(self, error: BaseException) -> None:
        """Say that something failed: a known error in its own words, anything else as a bug."""
        if isinstance(error, CancelledError):
            return
        if isinstance(error, EngineError):
            self.say(Message(MessageKind.ERROR, error.message, error.hint))
            return
        _log.error("unexpected error", exc_info=error)
        text = tr(
            "Something went wrong inside Reprise: {kind}: {error}",
            kind=type(error).__name__,
            error=error,
        )
        self.say(Message(MessageKind.ERROR, text, tr("Reprise goes on. The log says more.")))
