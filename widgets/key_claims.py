"""Which keys the control in focus needs more than the window does."""

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QPushButton, QRadioButton, QSlider

_KEYS_OF_BUTTONS = {Qt.Key.Key_Space}
_KEYS_OF_CHOICES = {Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right}
_KEYS_OF_SLIDERS = {
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End),
    *(Qt.Key.Key_PageUp, Qt.Key.Key_PageDown),
}


def wants_key(widget: QObject | None, key: Qt.Key) -> bool:
    """Say whether a key belongs to a control, whatever it does elsewhere."""
    if isinstance(widget, QRadioButton):
        return key in _KEYS_OF_CHOICES
    if isinstance(widget, QSlider):
        return key in _KEYS_OF_SLIDERS
    if isinstance(widget, QPushButton) and widget.autoDefault():
        # Return presses it.
        return False
    return isinstance(widget, QAbstractButton | QComboBox) and key in _KEYS_OF_BUTTONS
