"""The box that groups what belongs together."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from widgets.styling import restyle


class Card(QFrame):
    """A rounded box with a column of content; its border turns accent when it is the way to go."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(12, 12, 12, 12)
        self.column.setSpacing(8)

    def set_chosen(self, *, chosen: bool) -> None:
        """Show whether this card is the one that counts."""
        restyle(self, "chosen", "yes" if chosen else "no")


def row(*widgets: QWidget, stretch_after: int | None = None, spacing_px: int = 8) -> QHBoxLayout:
    """Put widgets side by side.

    Args:
        widgets: From left to right.
        stretch_after: Index of the widget after which the free room goes; None gives none.
        spacing_px: Room between two widgets.
    """
    layout = QHBoxLayout()
    layout.setSpacing(spacing_px)
    for index, widget in enumerate(widgets):
        layout.addWidget(widget)
        if index == stretch_after:
            layout.addStretch(1)
    return layout
