"""The right side of a page: cards one under the other, which scroll."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea

from engine.translation import tr
from widgets.accessibility import describe
from widgets.theme import INSPECTOR_WIDTH_PX


class Inspector(QScrollArea):
    """As wide on every page; only what is in it changes."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(INSPECTOR_WIDTH_PX)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        describe(self.verticalScrollBar(), tr("Scroll the inspector"))
