"""The running restore, or how the last one ended."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QProgressBar

from engine.translation import tr
from widgets.accessibility import announce, describe
from widgets.cards import Card, row
from widgets.icons import icon
from widgets.restore_view import OutcomeKind, OutcomeView, ProgressView, RestoreView
from widgets.styling import button, label
from widgets.theme import Theme
from widgets.wording import percent, stages_in_words, time_left

_STEPS = 1000
_ICONS = {
    OutcomeKind.DONE: "check",
    OutcomeKind.CANCELLED: "notice",
    OutcomeKind.FAILED: "error",
}


class ProgressCard(Card):
    """Stage, part done, time left, stages done, Cancel.

    Signals:
        cancel_requested: Stop the running restore.
        log_requested: Read what the last one did.
        details_requested: Put what a bug report needs on the clipboard.
    """

    cancel_requested = Signal()
    log_requested = Signal()
    details_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._view = RestoreView()
        self._symbol = QLabel()
        self._title = label("", "strong", wrap=True)
        self._left = label("", "dim")
        self._bar = QProgressBar()
        self._bar.setRange(0, _STEPS)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        self._hint = label("", "dim", wrap=True)
        self._finished = label("", "dim", wrap=True)
        self._cancel = button(tr("Cancel"), description=tr("Stop the restore; nothing is written."))
        self._cancel.clicked.connect(self.cancel_requested)
        self._log = button(
            tr("Log"), name=tr("Log of the restore"), description=tr("Read what was done.")
        )
        self._log.clicked.connect(self.log_requested)
        self._details = button(
            tr("Copy details"),
            description=tr("Put what a bug report needs on the clipboard: no folders, no sound."),
        )
        self._details.clicked.connect(self.details_requested)
        describe(self._bar, tr("Progress of the restore"))
        top = row(self._symbol, self._title, self._left)
        top.setStretch(1, 1)
        self.column.addLayout(top)
        self.column.addWidget(self._bar)
        self.column.addWidget(self._hint)
        bottom = row(self._finished, self._cancel)
        bottom.setStretch(0, 1)
        self.column.addLayout(bottom)
        self.column.addLayout(row(self._log, self._details, stretch_after=1))
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._theme = theme
        if self._view.outcome is not None:
            self._show_symbol(self._view.outcome.kind)

    def show_view(self, view: RestoreView) -> None:
        """Show the running restore, else how the last one ended, else nothing."""
        before, self._view = self._view, view
        if view.progress is not None:
            self._show_progress(view.progress)
            if before.progress is None or before.progress.stage != view.progress.stage:
                announce(self, view.progress.stage)
        elif view.outcome is not None:
            self._show_outcome(view.outcome)
            if before.outcome != view.outcome or before.progress is not None:
                announce(self, f"{view.outcome.text} {view.outcome.hint}".strip())
        self.setVisible(view.progress is not None or view.outcome is not None)

    def _show_progress(self, progress: ProgressView) -> None:
        self._show_parts(running=True)
        self._title.setText(progress.stage)
        self._left.setText(f"{percent(progress.fraction)} · {time_left(progress.left_s)}")
        self._bar.setValue(round(progress.fraction * _STEPS))
        self._bar.setAccessibleDescription(f"{progress.stage}, {self._left.text()}")
        self._finished.setText(stages_in_words(progress.finished))

    def _show_outcome(self, outcome: OutcomeView) -> None:
        self._show_parts(running=False)
        self._title.setText(outcome.text)
        self._hint.setText(outcome.hint)
        self._hint.setVisible(bool(outcome.hint))
        self._finished.setText(stages_in_words(outcome.finished))
        self._finished.setVisible(bool(outcome.finished))
        self._log.setVisible(outcome.kind is OutcomeKind.DONE)
        self._show_symbol(outcome.kind)

    def _show_parts(self, *, running: bool) -> None:
        for part in (self._left, self._bar, self._cancel, self._finished):
            part.setVisible(running)
        for part in (self._symbol, self._hint, self._log, self._details):
            part.setVisible(not running)

    def _show_symbol(self, kind: OutcomeKind) -> None:
        colors = {
            OutcomeKind.DONE: self._theme.ok,
            OutcomeKind.CANCELLED: self._theme.dim,
            OutcomeKind.FAILED: self._theme.bad,
        }
        self._symbol.setPixmap(icon(_ICONS[kind], colors[kind]).pixmap(16, 16))
