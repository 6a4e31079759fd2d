"""The inspector of the Review page."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.translation import tr
from widgets.blind_test_card import BlindTestCard
from widgets.compare_card import CompareCard
from widgets.inspector import Inspector
from widgets.review_cards import FindingsCard, ListenersCard, NotesCard, ReportCard
from widgets.review_view import CompareView, TrialView
from widgets.styling import label
from widgets.trial_card import TrialCard


class ReviewPanel(Inspector):
    """Compares by ear, asks blind, keeps what was found. Connect to its cards.

    Attributes:
        compare_card: Versions, equally loud.
        blind_card: Sets a blind test up.
        trial_card: A blind test that is going on; then all other cards are hidden.
        findings_card: What tests showed.
        listeners_card: What they and those of others show together.
        notes_card: Notes at times.
        report_card: Signs.
    """

    def __init__(self) -> None:
        super().__init__()
        self.compare_card = CompareCard()
        self.blind_card = BlindTestCard()
        self.trial_card = TrialCard()
        self.findings_card = FindingsCard()
        self.listeners_card = ListenersCard()
        self.notes_card = NotesCard()
        self.report_card = ReportCard()
        self.setWidget(self._body())
        self.show_compare(CompareView())
        self.show_trial(None)

    def show_compare(self, view: CompareView) -> None:
        """Show what can be compared."""
        self.compare_card.show_view(view)
        self.blind_card.show_view(view)
        for card in (self.notes_card, self.report_card):
            card.set_enabled(enabled=bool(view.versions))

    def show_trial(self, view: TrialView | None) -> None:
        """Show a trial and nothing that could give its answer away; None ends that."""
        self.trial_card.show_trial(view)
        self._quiet_cards.setVisible(view is None)

    def _body(self) -> QWidget:
        body = QWidget()
        body.setProperty("kind", "inspector")
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(label(tr("Listen and compare"), "title"))
        column.addWidget(self.trial_card)
        self._quiet_cards = QWidget()
        self._quiet_cards.setProperty("kind", "inspector")
        quiet = QVBoxLayout(self._quiet_cards)
        quiet.setContentsMargins(0, 0, 0, 0)
        quiet.setSpacing(12)
        for card in (
            self.compare_card,
            self.blind_card,
            self.findings_card,
            self.listeners_card,
            self.notes_card,
            self.report_card,
        ):
            quiet.addWidget(card)
        column.addWidget(self._quiet_cards)
        column.addStretch(1)
        return body
