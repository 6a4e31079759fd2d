"""A button that waits for the next key."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence

from engine.translation import tr
from widgets.accessibility import announce, describe
from widgets.styling import DialogButton

_TEXT = tr("Change the key…")
_WAITING_TEXT = tr("Press the new key, or Esc")
_MODIFIERS = {
    Qt.Key.Key_Shift,
    Qt.Key.Key_Control,
    Qt.Key.Key_Alt,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_Meta,
    Qt.Key.Key_CapsLock,
    Qt.Key.Key_NumLock,
    Qt.Key.Key_unknown,
}
# They go through the dialog and leave it.
_REFUSED = {Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Backtab}


class KeyField(DialogButton):
    """Pressed, it takes the next key for itself, whatever that does elsewhere.

    Signals:
        key_pressed: The key, as Qt writes it everywhere.
    """

    key_pressed = Signal(str)

    def __init__(self) -> None:
        super().__init__(_TEXT)
        self._is_waiting = False
        self.setProperty("kind", "quiet")
        describe(self, tr("Change the key"), tr("Takes the next key that is pressed."))
        self.clicked.connect(self.wait)

    def wait(self) -> None:
        """Take the next key."""
        self._set_waiting(waiting=True)
        self.setFocus()
        announce(self, _WAITING_TEXT)

    def event(self, event: QEvent) -> bool:
        """Take keys before anybody else does, Tab too."""
        if self._is_waiting and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress:
                self._take(event)
            event.accept()
            return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Wait no longer."""
        self._set_waiting(waiting=False)
        super().focusOutEvent(event)

    def _take(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _MODIFIERS:
            return
        self._set_waiting(waiting=False)
        if key not in _REFUSED:
            self.key_pressed.emit(key_of(event))

    def _set_waiting(self, *, waiting: bool) -> None:
        self._is_waiting = waiting
        self.setText(_WAITING_TEXT if waiting else _TEXT)


def key_of(event: QKeyEvent) -> str:
    """The key of an event as a shortcut: what Shift made of it counts, and no longer Shift."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    text = event.text()
    is_sign = len(text) == 1 and text.isprintable() and not text.isalnum() and text != " "
    if is_sign:
        modifiers &= ~Qt.KeyboardModifier.ShiftModifier
    sequence = QKeySequence(event.key() | modifiers.value)
    return sequence.toString(QKeySequence.SequenceFormat.PortableText)
