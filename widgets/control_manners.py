"""What sliders, lists and number fields leave to the panel and the window that they stand in."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QSlider,
    QSpinBox,
    QWidget,
)

ValueControl = QSlider | QComboBox | QAbstractSpinBox
"""What the wheel would change."""
_CHOSEN = (
    Qt.FocusReason.MouseFocusReason,
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
)
_COMES_BACK = Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason
_STEPS_OF_EDITS = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo


def mind_manners(control: ValueControl) -> None:
    """Have a control change only by what is meant for it.

    The wheel is its own only while it has the focus by a click or by Tab, and gives it none: else
    the panel scrolls. Undo and Redo are the window's unless a number is just being typed.
    """
    if control.focusPolicy() == Qt.FocusPolicy.WheelFocus:
        control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    control.installEventFilter(_Manners(control))


class _Manners(QObject):
    def __init__(self, control: QWidget) -> None:
        super().__init__(control)
        self._was_chosen = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave to others what is not meant for the control."""
        if isinstance(event, QFocusEvent):
            # A focus that the program gave, as at the start of a trial, is not the user's choice.
            if event.reason() not in _COMES_BACK:
                self._was_chosen = event.gotFocus() and event.reason() in _CHOSEN
            is_left = False
        elif event.type() == QEvent.Type.MouseButtonPress:
            self._was_chosen, is_left = True, False
        elif event.type() == QEvent.Type.Wheel:
            is_left = not self._was_chosen
        else:
            is_left = (
                event.type() == QEvent.Type.ShortcutOverride
                and isinstance(event, QKeyEvent)
                and any(event.matches(key) for key in _STEPS_OF_EDITS)
                and isinstance(watched, QSpinBox | QDoubleSpinBox)
                and not _is_typed_into(watched)
            )
        if is_left:
            event.ignore()
        return is_left


def _is_typed_into(field: QSpinBox | QDoubleSpinBox) -> bool:
    """Whether it shows something else than the number it stands for."""
    number = field.value()
    words = (
        field.textFromValue(int(number))
        if isinstance(field, QSpinBox)
        else field.textFromValue(number)
    )
    shown = field.specialValueText() if number == field.minimum() else ""
    return field.text() != (shown or f"{field.prefix()}{words}{field.suffix()}")
