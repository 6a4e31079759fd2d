"""What came of listening: findings of blind tests, notes at times, the report."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from engine.translation import tr
from widgets.accessibility import describe
from widgets.cards import Card, row
from widgets.review_view import FindingView, NoteView
from widgets.styling import button, discard, label
from widgets.wording import tick_label

_NO_NOTES = tr("Notes stand at their time as markers, and in the report.")
_ALL_LISTENERS = tr(
    "Signed reports (HTML, PDF) and projects of others, in one table with these results. A report "
    "that was changed is refused; what is in two files counts once."
)
_REPORT = tr(
    "What was removed and how sure that is, levels, waveforms and spectra, blind tests, notes, "
    "models, and the hashes of the files: signed, so that a change is found out."
)


class ListCard(Card):
    """A title, and under it rows that come and go."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.column.addWidget(label(title, "strong"))
        self._rows: list[QWidget] = []

    def set_rows(self, rows: list[QWidget]) -> None:
        """Show these rows under the title instead of those before."""
        for old in self._rows:
            discard(old)
        self._rows = rows
        for index, fresh in enumerate(rows):
            self.column.insertWidget(1 + index, fresh)


class FindingsCard(ListCard):
    """What the blind tests of the project showed.

    Signals:
        forget_requested: Index of a test that is not to be kept.
    """

    forget_requested = Signal(int)

    def __init__(self) -> None:
        super().__init__(tr("Results"))
        self._findings: tuple[FindingView, ...] | None = None
        self.show_findings(())

    def show_findings(self, findings: tuple[FindingView, ...]) -> None:
        """Show results, oldest first; hidden when there are none."""
        if findings == self._findings:
            return
        self._findings = findings
        self.setVisible(bool(findings))
        self.set_rows([self._row(*each) for each in enumerate(findings)])

    def _row(self, index: int, finding: FindingView) -> QWidget:
        box = Card()
        box.setProperty("kind", "plain")
        box.column.setContentsMargins(0, 0, 0, 0)
        forget = button(
            tr("Forget"),
            name=tr("Forget result {number}", number=index + 1),
            description=finding.title,
        )
        forget.clicked.connect(partial(self.forget_requested.emit, index))
        top = row(label(finding.title, wrap=True), forget)
        top.setStretch(0, 1)
        box.column.addLayout(top)
        box.column.addWidget(label("\n".join(finding.lines), "dim", wrap=True))
        return box


class ListenersCard(ListCard):
    """What this project's blind tests and those of other listeners show together.

    Signals:
        add_requested: Read reports or projects of others.
        clear_requested: Forget them again.
    """

    add_requested = Signal()
    clear_requested = Signal()

    def __init__(self) -> None:
        super().__init__(tr("All listeners"))
        self._hint = label(_ALL_LISTENERS, "dim", wrap=True)
        self._add = button(tr("Add other listeners' reports…"), description=_ALL_LISTENERS)
        self._add.clicked.connect(self.add_requested)
        self._clear = button(tr("Forget them"), name=tr("Forget other listeners' reports"))
        self._clear.clicked.connect(self.clear_requested)
        self.column.addWidget(self._hint)
        self.column.addLayout(row(self._add, self._clear, stretch_after=1))
        self.show_findings(())

    def show_findings(self, findings: tuple[FindingView, ...], *, can_forget: bool = False) -> None:
        """Show what all tests show; none while there are no others than the project's own.

        Args:
            findings: What they show.
            can_forget: There are files of others, whether they could be read or not.
        """
        self._hint.setVisible(not findings)
        self._clear.setVisible(can_forget)
        self.set_rows([_finding_row(each) for each in findings])


class NotesCard(ListCard):
    """Notes at times.

    Signals:
        note_requested: Write one at the play head.
        note_opened: marker_id to write anew.
        seek_requested: Time of a note in seconds.
    """

    note_requested = Signal()
    note_opened = Signal(int)
    seek_requested = Signal(float)

    def __init__(self) -> None:
        super().__init__(tr("Notes"))
        self._notes: tuple[NoteView, ...] | None = None
        self._hint = label(_NO_NOTES, "dim", wrap=True)
        self._add = button(tr("Note here…"), description=tr("Write a note at the play head."))
        self._add.clicked.connect(self.note_requested)
        self.column.addWidget(self._hint)
        self.column.addLayout(row(self._add, stretch_after=0))
        self.show_notes(())

    def show_notes(self, notes: tuple[NoteView, ...]) -> None:
        """Show notes in the order of their times."""
        if notes == self._notes:
            return
        self._notes = notes
        self._hint.setVisible(not notes)
        self.set_rows([self._row(note) for note in notes])

    def set_enabled(self, *, enabled: bool) -> None:
        """Allow notes, or not."""
        self._add.setEnabled(enabled)

    def _row(self, note: NoteView) -> QWidget:
        when = tick_label(note.time_s, 0.1)
        # Line breaks would tear the row apart.
        text = " ".join(note.text.split())
        go = button(when, "tool", tr("Go to the note at {time}", time=when), text)
        go.clicked.connect(partial(self.seek_requested.emit, note.time_s))
        change = button(tr("Change…"), "tool", tr("Change the note at {time}", time=when), text)
        change.clicked.connect(partial(self.note_opened.emit, note.marker_id))
        holder = QWidget()
        line = row(go, label(text, wrap=True), change)
        line.setStretch(1, 1)
        line.setContentsMargins(0, 0, 0, 0)
        holder.setLayout(line)
        return holder


class ReportCard(Card):
    """Signs and saves a report.

    Signals:
        report_requested: Write it; who signs.
        signer_changed: Another name is in the field.
    """

    report_requested = Signal(str)
    signer_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._signer = QLineEdit()
        self._signer.setMaxLength(80)
        self._signer.setPlaceholderText(tr("Name"))
        self._signer.textChanged.connect(self.signer_changed)
        describe(self._signer, tr("Signed by"), tr("Stands in the report. May be empty."))
        self._save = button(tr("Sign and save…"), "main", tr("Sign and save the report"), _REPORT)
        self._save.clicked.connect(self._on_save)
        self.column.addWidget(label(tr("Report"), "strong"))
        self.column.addWidget(label(_REPORT, "dim", wrap=True))
        by = row(label(tr("Signed by")), self._signer)
        by.setStretch(1, 1)
        self.column.addLayout(by)
        self.column.addLayout(row(self._save, stretch_after=0))

    @property
    def signer(self) -> str:
        """Who would sign now."""
        return self._signer.text().strip()

    def show_signer(self, name: str) -> None:
        """Show who signed last."""
        self._signer.setText(name)

    def set_enabled(self, *, enabled: bool) -> None:
        """Allow a report, or not."""
        self._save.setEnabled(enabled)

    def _on_save(self) -> None:
        self.report_requested.emit(self.signer)


def _finding_row(finding: FindingView) -> QWidget:
    box = Card()
    box.setProperty("kind", "plain")
    box.column.setContentsMargins(0, 0, 0, 0)
    box.column.addWidget(label(finding.title, wrap=True))
    box.column.addWidget(label("\n".join(finding.lines), "dim", wrap=True))
    return box
