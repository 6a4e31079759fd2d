"""The restores of the project <-> the History card."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject

from app.controllers.restore import RestoreController
from app.document import Change, Document
from app.history import bring_back, is_current
from app.project import Attempt, Project
from app.restore_log import log_lines
from app.restore_words import result_words, way_words
from engine.artifacts import ArtifactStore, holds
from engine.translation import tr
from widgets.history_card import HistoryCard
from widgets.queue_view import QueueRow, RowKind


class HistoryController(QObject):
    """Shows what was tried, and brings an earlier try back."""

    def __init__(
        self,
        card: HistoryCard,
        document: Document,
        restore: RestoreController,
        store: ArtifactStore,
        show_text: Callable[[str, str], object],
    ) -> None:
        super().__init__()
        self._card, self._document, self._restore = card, document, restore
        self._store, self._show_text = store, show_text
        card.bring_back_requested.connect(self._bring_back)
        card.log_requested.connect(self._show_log)
        document.listen(self._on_change)

    def _bring_back(self, attempt_id: int) -> None:
        attempt = self._find(attempt_id)
        if attempt is None:
            return
        if holds(self._store, attempt.result.stems.values()):
            self._document.do(bring_back(attempt))
        else:
            self._restore.repeat(attempt)

    def _show_log(self, attempt_id: int) -> None:
        attempt = self._find(attempt_id)
        if attempt is not None:
            title = tr(
                "Log of {file}, {time}", file=attempt.result.video.name, time=made_words(attempt)
            )
            self._show_text(title, "\n".join(log_lines(attempt.result)))

    def _find(self, attempt_id: int) -> Attempt | None:
        history = self._document.project.history
        return next((each for each in history if each.attempt_id == attempt_id), None)

    def _on_change(self, change: Change) -> None:
        if change.media or change.restore or change.history:
            self._card.show_rows(history_shown(change.after))


def history_shown(project: Project) -> tuple[QueueRow, ...]:
    """A row for each restore, the newest first; none while there is nothing to choose from."""
    if len(project.history) < 2:
        return ()
    return tuple(
        _row(attempt, is_chosen=is_current(attempt, project)) for attempt in project.history
    )


def _row(attempt: Attempt, *, is_chosen: bool) -> QueueRow:
    words = result_words(attempt.result)
    return QueueRow(
        attempt.attempt_id,
        f"{made_words(attempt)} · {way_words(attempt.result, attempt.quality)}",
        RowKind.DONE if is_chosen else RowKind.WAITING,
        tr("Chosen now. {words}", words=words) if is_chosen else words,
    )


def made_words(attempt: Attempt) -> str:
    """When it was made: 14:03, or 2026-11-23 14:03 if that was not today."""
    made = datetime.fromtimestamp(attempt.made_s).astimezone()
    is_today = made.date() == datetime.now().astimezone().date()
    return f"{made:%H:%M}" if is_today else f"{made:%Y-%m-%d %H:%M}"
