"""The big buttons of a blind test, beside the picture."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from widgets.accessibility import announce, describe
from widgets.review_view import TrialView
from widgets.styling import discard, label

_HINT = "Switches without a gap, at the same place."


class TrialStage(QWidget):
    """One button for each sound that is listened to; nothing on it tells which it is.

    Signals:
        listen_requested: Index of the button.
    """

    listen_requested = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._buttons: list[QPushButton] = []
        self._letters: tuple[str, ...] = ()
        self._row = QHBoxLayout()
        self._row.setSpacing(12)
        hint = label(_HINT, "stage-hint")
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.addStretch(1)
        layout.addLayout(self._row)
        layout.addWidget(hint)
        layout.addStretch(1)
        self.hide()

    def show_trial(self, view: TrialView | None) -> None:
        """Show the buttons of a trial; None hides them."""
        self.setVisible(view is not None)
        if view is None:
            return
        if view.letters != self._letters:
            self._make(view.letters)
        for index, each in enumerate(self._buttons):
            if each.isChecked() != (index == view.heard):
                each.setChecked(index == view.heard)
                if index == view.heard:
                    announce(self, f"{view.letters[index]} is heard")

    def _make(self, letters: tuple[str, ...]) -> None:
        for old in self._buttons:
            discard(old)
        self._letters = letters
        self._buttons = [_listen_button(index, letter) for index, letter in enumerate(letters)]
        for index, each in enumerate(self._buttons):
            each.clicked.connect(partial(self.listen_requested.emit, index))
            self._row.addWidget(each)


def _listen_button(index: int, letter: str) -> QPushButton:
    result = QPushButton()
    result.setProperty("kind", "listen")
    result.setCheckable(True)
    result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    key = f"key {index + 1}"
    describe(result, f"Listen to {letter}", f"{key.capitalize()}.")
    column = QVBoxLayout(result)
    for text, kind in ((letter, "letter"), (key, "dim")):
        words: QLabel = label(text, kind)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        column.addWidget(words)
    return result
