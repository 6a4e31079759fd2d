"""The corner over the heads of the lanes: switches that are always in sight."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from widgets.accessibility import describe
from widgets.theme import LANE_HEADER_WIDTH_PX


class TimelineCorner(QFrame):
    """Shows actions that are on or off as small buttons."""

    def __init__(self, height_px: int, edge: str) -> None:
        super().__init__()
        self.setProperty("kind", "corner")
        self.setProperty("edge", edge)
        self.setFixedSize(LANE_HEADER_WIDTH_PX, height_px)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(8, 0, 8, 1)
        self._layout.setSpacing(4)
        self._layout.addStretch(1)

    def show_switches(self, actions: list[QAction]) -> None:
        """Show these, named by their short text."""
        for action in actions:
            button = QToolButton()
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            describe(button, action.iconText(), action.toolTip())
            self._layout.addWidget(button)

    def controls(self) -> list[QWidget]:
        """Give what Tab goes through, in order."""
        return list(self.findChildren(QToolButton))
