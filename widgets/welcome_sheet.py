"""What works on this machine, and which networks can be had besides those that are here."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.translation import tr
from widgets.accessibility import announce, describe
from widgets.cards import Card, row
from widgets.sheet import Sheet
from widgets.styling import button, discard, label

_STEPS = 1000
_WIDTH_PX, _HEIGHT_PX = 620, 640
_NOTHING_FETCHED = tr(
    "Everything works with what is here. Nothing is fetched before you press Get; what was fetched "
    "is checked, and taken where the quality is Best."
)
_SIGNS = {True: "\N{CHECK MARK}", False: "\N{BALLOT X}", None: "\N{HORIZONTAL ELLIPSIS}"}
_LOOKING = tr("It is being looked what works here.")


class Offer(Enum):
    """What a network is at."""

    OFFERED = auto()
    ASKING = auto()
    SIZED = auto()
    COMING = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class FindingView:
    """One thing that was looked at.

    Attributes:
        what: Its name.
        words: How it is, and what to do where it does not work.
        works: Whether it works; None as long as that is not known.
    """

    what: str
    words: str
    works: bool | None = True


@dataclass(frozen=True, slots=True)
class OfferView:
    """A network that can be fetched.

    Attributes:
        name: Of its card.
        title: What it is called.
        detail: What it is for, its size and its licence.
        state: What it is at.
        words: How far it is, what went wrong, or why it cannot be had; may be empty.
        fraction: How much of it has come.
        can_get: Whether it can be fetched now.
    """

    name: str
    title: str
    detail: str
    state: Offer = Offer.OFFERED
    words: str = ""
    fraction: float = 0.0
    can_get: bool = True


@dataclass(frozen=True, slots=True)
class WelcomeView:
    """Everything that the sheet shows.

    Attributes:
        findings: What works; empty while it is looked at.
        here: Titles of the networks that are here.
        offers: Those that can be fetched.
        is_importing: A file is being taken in.
    """

    findings: tuple[FindingView, ...] = ()
    here: tuple[str, ...] = ()
    offers: tuple[OfferView, ...] = ()
    is_importing: bool = False


class OfferRow(Card):
    """One network: what it is, Get, and how far it is.

    Signals:
        get_requested: Fetch it.
        cancel_requested: Stop fetching it; what has come is kept for the next time.
    """

    get_requested = Signal()
    cancel_requested = Signal()

    def __init__(self, view: OfferView) -> None:
        super().__init__()
        self._detail = label("", "dim", wrap=True)
        self._words = label("", wrap=True)
        self._bar = QProgressBar()
        self._bar.setRange(0, _STEPS)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        describe(self._bar, tr("Progress of {name}", name=view.title))
        self.get = button(tr("Get"), name=tr("Get {name}", name=view.title))
        self.get.clicked.connect(self.get_requested)
        self.cancel = button(
            tr("Cancel"),
            name=tr("Cancel {name}", name=view.title),
            description=tr("What has come is kept for the next time."),
        )
        self.cancel.clicked.connect(self.cancel_requested)
        top = row(label(view.title, "strong", wrap=True), self.get, self.cancel)
        top.setStretch(0, 1)
        self.column.addLayout(top)
        self.column.addWidget(self._detail)
        self.column.addWidget(self._bar)
        self.column.addWidget(self._words)
        self.show_view(view)

    def show_view(self, view: OfferView) -> None:
        """Show what it is at."""
        is_busy = view.state in (Offer.ASKING, Offer.COMING)
        self._detail.setText(view.detail)
        self._words.setText(view.words)
        self._words.setVisible(bool(view.words))
        self._bar.setVisible(view.state is Offer.COMING)
        self._bar.setValue(round(_STEPS * view.fraction))
        self.get.setVisible(not is_busy)
        self.get.setEnabled(view.can_get)
        self.get.setText(tr("Try again") if view.state is Offer.FAILED else tr("Get"))
        self.get.setAccessibleDescription(f"{view.detail} {view.words}".strip())
        self.cancel.setVisible(is_busy)


class WelcomeSheet(Sheet):
    """Shows it until it is closed; the window behind stays usable. Esc closes it.

    Signals:
        get_requested: Name of a network that is to be fetched.
        cancel_requested: Name of one that is not to be fetched any more.
        import_requested: Take a network from a file.
    """

    get_requested = Signal(str)
    cancel_requested = Signal(str)
    import_requested = Signal()

    def __init__(self, view: WelcomeView, parent: QWidget) -> None:
        super().__init__(tr("What works here"), parent)
        self.resize(_WIDTH_PX, _HEIGHT_PX)
        self._rows: dict[str, OfferRow] = {}
        self._findings, self._grid = Card(), QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self._grid.setHorizontalSpacing(16)
        self._findings.column.addLayout(self._grid)
        self._shown: tuple[FindingView, ...] | None = None
        self._here = label("", "dim", wrap=True)
        self._import = button(
            tr("Import from file…"),
            name=tr("Import a network from a file"),
            description=tr("A checkpoint that you have; nothing in it is run."),
        )
        self._import.clicked.connect(self.import_requested)
        close = button(tr("Close"), "main")
        close.clicked.connect(self.accept)
        close.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(self._scrolled(), 1)
        layout.addLayout(row(self._import, close, stretch_after=0))
        close.setFocus()
        self.show_view(view)

    def show_view(self, view: WelcomeView) -> None:
        """Show what is known now."""
        if view.findings != self._shown:
            self._show_findings(view.findings)
        self._here.setText(tr("Here: {names}.", names=", ".join(view.here)) if view.here else "")
        for name in self._rows.keys() - {offer.name for offer in view.offers}:
            announce(self, tr("{name} is here.", name=name))
            discard(self._rows.pop(name))
        for offer in view.offers:
            if offer.name not in self._rows:
                self._rows[offer.name] = self._new_row(offer)
            self._rows[offer.name].show_view(offer)
        self._import.setEnabled(not view.is_importing)

    def _scrolled(self) -> QScrollArea:
        body = QWidget()
        body.setObjectName("content")
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(0, 0, 8, 0)
        self._column.setSpacing(12)
        self._column.addWidget(label(tr("This machine"), "title"))
        self._column.addWidget(self._findings)
        self._column.addWidget(label(tr("Networks"), "title"))
        self._column.addWidget(label(_NOTHING_FETCHED, wrap=True))
        self._column.addWidget(self._here)
        self._column.addStretch(1)
        area = QScrollArea()
        area.setWidget(body)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        describe(area.verticalScrollBar(), tr("Scroll what works here"))
        return area

    def _show_findings(self, findings: Sequence[FindingView]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                discard(old)
        for number, finding in enumerate(findings or (FindingView("", _LOOKING),)):
            what = f"{_SIGNS[finding.works]} {finding.what}" if finding.what else ""
            self._grid.addWidget(label(what), number, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(label(finding.words, "dim", wrap=True), number, 1)
        self._shown = tuple(findings)

    def _new_row(self, offer: OfferView) -> OfferRow:
        result = OfferRow(offer)
        result.get_requested.connect(partial(self.get_requested.emit, offer.name))
        result.cancel_requested.connect(partial(self.cancel_requested.emit, offer.name))
        self._column.insertWidget(self._column.count() - 1, result)
        return result
