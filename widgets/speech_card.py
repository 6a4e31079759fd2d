"""Where somebody speaks: what can be changed of it, and the sound that follows."""

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar

from widgets.accessibility import announce, describe
from widgets.cards import Card, row
from widgets.restore_view import ProgressView
from widgets.styling import button, label
from widgets.wording import percent, time_left

_STEPS = 1000
_HINT = "Drag an edge in the lane Dialogue, or use the menu Mark: only that is separated again."


@dataclass(frozen=True, slots=True)
class SpeechView:
    """What the card shows.

    Attributes:
        num_regions: Stretches of speech; None where speech cannot be changed.
        progress: How far the sound has followed; None when it has.
    """

    num_regions: int | None = None
    progress: ProgressView | None = None


class SpeechCard(Card):
    """How many stretches there are, and how far a change of them is.

    Signals:
        cancel_requested: Leave the speech as it was.
    """

    cancel_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._view = SpeechView()
        self._words = label("", "strong", wrap=True)
        self._hint = label(_HINT, "dim", wrap=True)
        self._stage = label("", wrap=True)
        self._left = label("", "dim")
        self._bar = QProgressBar()
        self._bar.setRange(0, _STEPS)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        describe(self._bar, "Progress of the speech")
        self._cancel = button(
            "Cancel", name="Cancel the speech", description="Leave the speech as it was."
        )
        self._cancel.clicked.connect(self.cancel_requested)
        self.column.addWidget(self._words)
        self.column.addWidget(self._hint)
        top = row(self._stage, self._left, self._cancel)
        top.setStretch(0, 1)
        self.column.addLayout(top)
        self.column.addWidget(self._bar)
        self._show()

    def show_view(self, view: SpeechView) -> None:
        """Show the speech; hidden where it cannot be changed."""
        before, self._view = self._view, view
        self._show()
        if view.progress is not None and before.progress is None:
            announce(self, "The speech is being separated again")
        elif before.progress is not None and view.progress is None:
            announce(self, f"The sound has followed: {self._words.text()}")

    def _show(self) -> None:
        view = self._view
        self.setVisible(view.num_regions is not None)
        if view.num_regions is not None:
            self._words.setText(_speech_in_words(view.num_regions))
        for part in (self._stage, self._left, self._bar, self._cancel):
            part.setVisible(view.progress is not None)
        if view.progress is not None:
            self._stage.setText(view.progress.stage)
            self._left.setText(
                f"{percent(view.progress.fraction)} · {time_left(view.progress.left_s)}"
            )
            self._bar.setValue(round(view.progress.fraction * _STEPS))
            self._bar.setAccessibleDescription(f"{view.progress.stage}, {self._left.text()}")


def _speech_in_words(num_regions: int) -> str:
    if num_regions == 0:
        return "No speech was found"
    return "Speech at one place" if num_regions == 1 else f"Speech at {num_regions} places"
