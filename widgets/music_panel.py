"""The inspector of the Music page."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.inspector import Inspector
from widgets.music_cards import AddMusicCard, ClipCard, DuckCard, PlacedCard
from widgets.music_view import MusicView
from widgets.styling import label
from widgets.theme import Theme


class MusicPanel(Inspector):
    """Places music in the film. Connect to its cards.

    Attributes:
        add_card: How music gets in.
        placed_card: All clips.
        clip_card: The selected clip in numbers.
        duck_card: How its lane makes room for speech.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.add_card = AddMusicCard()
        self.placed_card = PlacedCard(theme)
        self.clip_card = ClipCard()
        self.duck_card = DuckCard()
        self.setWidget(self._body())
        self.show_view(MusicView())

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self.placed_card.set_theme(theme)

    def show_view(self, view: MusicView) -> None:
        """Show what is placed."""
        self.add_card.show_view(view)
        self.placed_card.show_view(view)
        self.clip_card.show_clip(view.selected)
        self.duck_card.show_view(view.duck)

    def _body(self) -> QWidget:
        body = QWidget()
        body.setProperty("kind", "inspector")
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(label("Place music in the film", "title"))
        for card in (self.add_card, self.placed_card, self.clip_card, self.duck_card):
            column.addWidget(card)
        column.addStretch(1)
        return body
