"""A field for a number with a unit."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDoubleSpinBox

from widgets.control_manners import mind_manners


class NumberField(QDoubleSpinBox):
    """Tells a number when it is entered, and only what the user's own hand did.

    Signals:
        edited: The new number.
    """

    edited = Signal(float)

    def __init__(self, low: float, high: float, step: float, decimals: int, unit: str) -> None:
        super().__init__()
        self.setRange(low, high)
        self.setSingleStep(step)
        self.setDecimals(decimals)
        self.setSuffix(f" {unit}")
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setKeyboardTracking(False)
        self.valueChanged.connect(self.edited)
        mind_manners(self)

    def set_number(self, number: float) -> None:
        """Show a number without emitting."""
        with QSignalBlocker(self):
            self.setValue(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Return finish the entry and give the focus back to what holds the field."""
        super().keyPressEvent(event)
        parent = self.parentWidget()
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and parent is not None:
            parent.setFocus()
