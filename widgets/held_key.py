"""Whether a key of a shortcut is held down."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent, QKeySequence


class HeldKey:
    """Follows one key through the events of a window.

    Attributes:
        EVENTS: Kinds of events that tell something of it.
        is_down: The key is held.
        is_repeat: The newest key came by itself, because some key is held.
    """

    EVENTS = frozenset(
        {QEvent.Type.ShortcutOverride, QEvent.Type.KeyRelease, QEvent.Type.WindowDeactivate}
    )

    def __init__(self) -> None:
        self.is_down = False
        self.is_repeat = False

    def note(self, event: QEvent, keys: Sequence[QKeySequence]) -> None:
        """Look at an event of the window.

        Args:
            event: One of `EVENTS`.
            keys: Those that count.
        """
        if event.type() == QEvent.Type.WindowDeactivate:
            # Whoever lets go of it now tells another window.
            self.is_down = False
        if not isinstance(event, QKeyEvent):
            return
        is_ours = QKeySequence(event.keyCombination()) in keys
        # A shortcut takes the press itself away, but not the question that comes before it.
        if event.type() == QEvent.Type.ShortcutOverride:
            self.is_repeat = event.isAutoRepeat()
            self.is_down |= is_ours
        elif event.type() == QEvent.Type.KeyRelease and is_ours and not event.isAutoRepeat():
            self.is_down = False
