"""The window as a whole: title, undo, theme, messages, engine state."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from app.controllers.blind_test import BlindTestController
from app.document import Change, Document
from app.engine_client import EngineClient, EngineState, EngineStatus
from app.messages import Message, Messages
from app.settings import SettingsChange, SettingsStore
from engine.remarks import in_words
from engine.translation import tr
from widgets.main_window import MainWindow
from widgets.status_line import Health
from widgets.window_actions import WindowState

_HEALTH = {
    EngineStatus.STARTING: Health.BUSY,
    EngineStatus.READY: Health.OK,
    EngineStatus.RESTARTING: Health.BUSY,
    EngineStatus.STOPPED: Health.BAD,
}


class ShellController(QObject):
    """What belongs to no panel."""

    def __init__(
        self,
        window: MainWindow,
        document: Document,
        messages: Messages,
        settings: SettingsStore,
        engine: EngineClient,
        open_folder: Callable[[Path], object],
        blind_test: BlindTestController,
    ) -> None:
        super().__init__()
        self._window, self._document, self._settings = window, document, settings
        self._blind_test = blind_test
        blind_test.running_changed.connect(self._show)
        window.undo_requested.connect(self._undo)
        window.redo_requested.connect(self._redo)
        window.theme_chosen.connect(self._keep_theme)
        window.message_bar.folder_requested.connect(open_folder)
        engine.state_changed.connect(self._show_engine)
        document.listen(self._on_change)
        messages.listen(self._show_message)
        window.show_recent(settings.current.recent_files)
        settings.listen(self._on_preferred)
        self._show()

    def _undo(self) -> None:
        self._document.undo()

    def _redo(self) -> None:
        self._document.redo()

    def _on_preferred(self, change: SettingsChange) -> None:
        recent = change.after.recent_files
        if recent != change.before.recent_files:
            self._window.show_recent(recent)

    def _keep_theme(self, name: str) -> None:
        self._settings.change(theme=name)

    def _show_message(self, message: Message) -> None:
        bar = self._window.message_bar
        bar.show_message(message.kind, message.text, message.hint, message.folder)

    def _show_engine(self, state: EngineState) -> None:
        self._window.status_line.set_engine(_HEALTH[state.status], engine_words(state))

    def _on_change(self, change: Change) -> None:
        if change.before.media is not None and (change.restore or change.lanes):
            # What was said of the state before may not be true any more.
            self._window.message_bar.clear()
        self._show()

    def _show(self) -> None:
        document, media = self._document, self._document.project.media
        shown = document.file or (media.path if media is not None else None)
        self._window.show_state(
            WindowState(
                title=shown.name if shown is not None else "",
                edited=document.is_edited,
                has_media=media is not None,
                can_export=document.project.has_result,
                has_clips=bool(document.project.clips),
                undo_name=document.undo_name,
                redo_name=document.redo_name,
                is_testing=self._blind_test.session is not None,
            )
        )


def engine_words(state: EngineState) -> str:
    """The engine's state for the status line."""
    ready = tr("ready")
    if state.device:
        ready = tr("{device}, ready", device=in_words(state.device))
    words = {
        EngineStatus.STARTING: tr("starting"),
        EngineStatus.READY: ready,
        EngineStatus.RESTARTING: tr("starting again"),
        EngineStatus.STOPPED: tr("stopped"),
    }
    return f"{words[state.status]}: {state.problem}" if state.problem else words[state.status]
