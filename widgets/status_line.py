"""The line at the bottom: engine, sound device, what the user waits for, queue."""

from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from engine.translation import tr
from widgets.accessibility import describe
from widgets.styling import button, label, restyle

HEIGHT_PX = 28
_DOT_PX = 8


class Health(StrEnum):
    """Colour of a status dot; the text beside it always says the same in words."""

    OK = "ok"
    BUSY = "busy"
    WARN = "warn"
    BAD = "bad"


class StatusItem(QWidget):
    """A dot and words."""

    def __init__(self, subject: str) -> None:
        super().__init__()
        self._subject = subject
        self._dot = QLabel()
        self._dot.setProperty("kind", "dot")
        self._dot.setFixedSize(_DOT_PX, _DOT_PX)
        self._text = label("", "dim")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._dot, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self._text)
        self.hide()

    def show_state(self, health: Health, text: str) -> None:
        """Show a state in words."""
        restyle(self._dot, "state", health.value)
        self._text.setText(f"{self._subject}: {text}")
        describe(self, f"{self._subject}: {text}")
        self.show()


class StatusLine(QFrame):
    """What the machine is doing, in words.

    Signals:
        cancel_requested: Give up what is opened or written.
    """

    cancel_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._engine = StatusItem(tr("Engine"))
        self._sound = StatusItem(tr("Sound"))
        self._job = label("", "dim")
        # Cut off rather than widening the window: a file may have a long name.
        self._job.setMinimumWidth(1)
        self._cancel = button(
            tr("Cancel"),
            "quiet",
            tr("Cancel what is shown at the foot"),
            tr("Give up what is opened or written; nothing half written stays."),
        )
        self._cancel.setProperty("line", "yes")
        self._cancel.clicked.connect(self.cancel_requested)
        self._cancel.hide()
        self._files = label("", "dim")
        self.setFixedHeight(HEIGHT_PX)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(20)
        layout.addWidget(self._engine)
        layout.addWidget(self._sound)
        layout.addStretch(1)
        layout.addWidget(self._job)
        layout.addWidget(self._cancel)
        layout.addWidget(self._files)

    def set_engine(self, health: Health, text: str) -> None:
        """Show the engine's state, e.g. OK, "GPU 0, ready"."""
        self._engine.show_state(health, text)

    def set_sound(self, health: Health, text: str) -> None:
        """Show the sound device, e.g. OK, "Built-in output, 48 kHz"."""
        self._sound.show_state(health, text)

    def show_job(self, text: str) -> None:
        """Show what is opened or written, e.g. "Open clip.mp4: 40 %"; nothing if it is empty."""
        self._job.setText(text)
        self._job.setToolTip(text)
        self._cancel.setVisible(bool(text))

    def set_files(self, text: str) -> None:
        """Show which file of several is restored, e.g. "1 of 3 in the queue"."""
        self._files.setText(text)
