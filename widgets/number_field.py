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

    @property
    def is_typed_in(self) -> bool:
        """Whether the user is at it and has typed what is not entered yet."""
        entered = f"{self.prefix()}{self.textFromValue(self.value())}{self.suffix()}"
        return self.hasFocus() and self.text() not in {entered, self.specialValueText()}

    def set_number(self, number: float, *, even_typed: bool = False) -> None:
        """Show a number without emitting; what is being typed stays.

        Args:
            number: What it is now.
            even_typed: It does not stay, for it was meant for something else.
        """
        editor, stays = self.lineEdit(), self.is_typed_in and not even_typed
        text, place = editor.text(), editor.cursorPosition()
        with QSignalBlocker(self):
            self.setValue(number)
        if stays:
            editor.setText(text)
            editor.setCursorPosition(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Return finish the entry and give the focus back to what holds the field."""
        super().keyPressEvent(event)
        parent = self.parentWidget()
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and parent is not None:
            parent.setFocus()
