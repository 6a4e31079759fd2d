"""Several videos that are restored one after the other."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QRadioButton, QWidget

from engine.translation import tr
from widgets.accessibility import describe
from widgets.cards import Card, row
from widgets.file_drop import FileDrop
from widgets.queue_list import QueueList
from widgets.queue_view import QueueAct, QueueRun, QueueView
from widgets.styling import button, label, restyle
from widgets.theme import Theme

_WAY = tr("The added music is looked for in your library. Where it is not found:")
_ACTS = {
    QueueAct.OPEN: (tr("Open"), tr("Open it in the editor.")),
    QueueAct.OPEN_FOLDER: (tr("Open folder"), tr("Show the folder with the restored video.")),
    QueueAct.CANCEL: (tr("Cancel"), tr("Stop this one; the others go on.")),
    QueueAct.RETRY: (tr("Retry"), tr("Let it wait for its turn once more.")),
    QueueAct.LOG: (tr("Log"), tr("Read what was done.")),
    QueueAct.REMOVE: (tr("Remove"), tr("Take it off the queue; no file is deleted.")),
}
_START_WORDS = {
    QueueRun.IDLE: (tr("Restore all"), tr("Restore every waiting video, beside the original.")),
    QueueRun.RUNNING: (tr("Pause"), tr("Hold at the next chunk; what is done stays done.")),
    QueueRun.PAUSED: (tr("Go on"), tr("Go on where it was.")),
}


class QueueCard(Card):
    """The files with their states, what can be done about each, and about all.

    Attributes:
        drop: Videos dropped here join the queue.

    Signals:
        start_requested, pause_requested, resume_requested: Of the queue as a whole.
        add_requested: Choose more videos.
        clear_requested: Forget all files but the one that runs.
        act_requested: Number of a file, and the `QueueAct` that is wanted of it.
        only_speech_changed: Whether nothing but speech is kept where no track is found.
        files_dropped: list of pathlib.Path.
    """

    start_requested = Signal()
    pause_requested = Signal()
    resume_requested = Signal()
    add_requested = Signal()
    clear_requested = Signal()
    act_requested = Signal(int, str)
    only_speech_changed = Signal(bool)
    files_dropped = Signal(list)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._view = QueueView()
        self._summary = label("", "dim")
        self._list = QueueList(
            theme, tr("Files of the queue"), tr("Up and down choose a file; its buttons follow.")
        )
        self._detail = label("", "dim", wrap=True)
        self._acts = {act: self._act_button(act) for act in QueueAct}
        self._blind = QRadioButton(tr("Separate blind"))
        self._speech = QRadioButton(tr("Keep only speech"))
        self._start = button(tr("Restore all"), "main")
        self._add = button(tr("Add…"), name=tr("Add videos"), description=tr("Choose more videos."))
        self._clear = button(
            tr("Clear"),
            name=tr("Clear the queue"),
            description=tr("Forget all but the running one."),
        )
        self.drop = FileDrop(self)
        self._lay_out()
        self._connect()
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._list.set_theme(theme)

    def show_drop_hint(self, *, shown: bool) -> None:
        """Show that videos can be dropped here."""
        restyle(self, "drop", "yes" if shown else "no")

    def show_view(self, view: QueueView) -> None:
        """Show the queue; hidden when there is none."""
        self._view = view
        self.setVisible(bool(view.rows))
        self._summary.setText(view.summary)
        self._list.show_rows(view.rows)
        words, description = _START_WORDS[view.run]
        self._start.setText(words)
        self._start.setToolTip(description)
        describe(self._start, tr("{act}: queue", act=words), description)
        self._start.setEnabled(view.can_start or view.run is not QueueRun.IDLE)
        restyle(self._start, "kind", "main" if view.run is not QueueRun.RUNNING else "quiet")
        (self._speech if view.only_speech else self._blind).setChecked(True)
        for choice in (self._blind, self._speech):
            # One stop for Tab, at the chosen one; arrows go on from there.
            policy = Qt.FocusPolicy.TabFocus if choice.isChecked() else Qt.FocusPolicy.NoFocus
            choice.setFocusPolicy(policy)
        self._show_current()

    def _lay_out(self) -> None:
        describe(self._blind, tr("Where no track is found: separate blind"), _WAY)
        describe(self._speech, tr("Where no track is found: keep only speech"), _WAY)
        top = row(label(tr("Queue"), "strong"), self._summary, stretch_after=0)
        self.column.addLayout(top)
        self.column.addWidget(self._list)
        self.column.addWidget(self._detail)
        self.column.addLayout(row(*self._acts.values(), stretch_after=len(QueueAct) - 1))
        self.column.addWidget(label(_WAY, "dim", wrap=True))
        self.column.addLayout(row(self._blind, self._speech, stretch_after=1, spacing_px=16))
        self.column.addLayout(row(self._start, self._add, self._clear, stretch_after=0))

    def _connect(self) -> None:
        group = QButtonGroup(self)
        for choice in (self._blind, self._speech):
            group.addButton(choice)
        group.buttonClicked.connect(self._on_way)
        self._list.current_changed.connect(self._show_current)
        self._start.clicked.connect(self._on_start)
        self._add.clicked.connect(self.add_requested)
        self._clear.clicked.connect(self.clear_requested)
        self.drop.dropped.connect(self.files_dropped)

    def _act_button(self, act: QueueAct) -> QPushButton:
        words, description = _ACTS[act]
        result = button(words, description=description)
        restyle(result, "narrow", "yes")
        result.clicked.connect(partial(self._on_act, act))
        return result

    def _show_current(self) -> None:
        """Show what can be done about the current file, and all that there is to say of it."""
        current = self._list.current
        acts = current.acts if current is not None else ()
        for act, act_button in self._acts.items():
            act_button.setVisible(act in acts)
            words, description = _ACTS[act]
            name = current.name if current is not None else ""
            describe(
                act_button,
                tr("{act}: {file} in the queue", act=words, file=name),
                description,
            )
        detail = current.detail if current is not None else ""
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))

    def _on_act(self, act: QueueAct) -> None:
        current = self._list.current
        if current is not None:
            self.act_requested.emit(current.file_id, act.value)

    def _on_start(self) -> None:
        wishes = {
            QueueRun.IDLE: self.start_requested,
            QueueRun.RUNNING: self.pause_requested,
            QueueRun.PAUSED: self.resume_requested,
        }
        wishes[self._view.run].emit()

    def _on_way(self, chosen: QWidget) -> None:
        self.only_speech_changed.emit(chosen is self._speech)
