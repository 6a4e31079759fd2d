"""Bugs: logged with their traceback, and said to the user, wherever they were raised."""

import logging
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Self

from PySide6.QtCore import QObject, Signal

from app.messages import Messages

LOG_BYTES = 2_000_000


def log_to(path: Path) -> None:
    """Keep warnings and worse in a file; without a place to write, on standard error."""
    handler: logging.Handler
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
    except OSError:
        handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


class CrashReporter(QObject):
    """While its `with` block lasts, nothing that is raised anywhere goes unheard.

    Signals:
        caught: An exception; emitted in the thread that raised it, heard in the window's.
    """

    caught = Signal(object)

    def __init__(self, messages: Messages) -> None:
        super().__init__()
        self._messages = messages
        self.caught.connect(self._say)

    def __enter__(self) -> Self:
        """Take over the hooks."""
        self._hooks = sys.excepthook, threading.excepthook
        sys.excepthook = self._on_error
        threading.excepthook = self._on_thread_error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the hooks back."""
        sys.excepthook, threading.excepthook = self._hooks

    def _on_error(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._hooks[0](kind, error, trace)
        else:
            self.caught.emit(error)

    def _on_thread_error(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self.caught.emit(arguments.exc_value)

    def _say(self, error: BaseException) -> None:
        self._messages.error(error)
