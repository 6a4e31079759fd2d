"""The big buttons of a blind test, beside the picture."""

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from engine.translation import tr
from widgets.accessibility import announce, describe
from widgets.review_view import TrialView
from widgets.styling import discard, label

_WIDTH_PX, _LEAST_WIDTH_PX, _HEIGHT_PX = 128, 60, 116
_HINT = tr("Switches without a gap, at the same place.")


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
        self._buttons: list[ListenButton] = []
        self._letters: tuple[str, ...] = ()
        self._first_key = 1
        self._row = QHBoxLayout()
        self._row.setSpacing(12)
        hint = label(_HINT, "stage-hint", wrap=True)
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
            self._make(view.letters, view.first_key)
        for index, each in enumerate(self._buttons):
            if each.isChecked() != (index == view.heard):
                each.setChecked(index == view.heard)
                if index == view.heard:
                    announce(self, tr("{version} is heard", version=view.letters[index]))

    def press_number(self, number: int) -> None:
        """Listen to the button that has this number as its key, if there is one."""
        index = number - self._first_key
        if 0 <= index < len(self._buttons):
            self.listen_requested.emit(index)

    def _make(self, letters: tuple[str, ...], first_key: int) -> None:
        for old in self._buttons:
            discard(old)
        self._letters, self._first_key = letters, first_key
        self._buttons = [ListenButton(*each) for each in enumerate(letters, first_key)]
        for index, each in enumerate(self._buttons):
            each.clicked.connect(partial(self.listen_requested.emit, index))
            self._row.addWidget(each)


class ListenButton(QPushButton):
    """A letter and its key; smaller where there is little room, for the picture's sake."""

    def __init__(self, number: int, letter: str) -> None:
        super().__init__()
        self.setProperty("kind", "listen")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        key = tr("key {number}", number=number)
        description = tr("Key {number}.", number=number)
        describe(self, tr("Listen to {letter}", letter=letter), description)
        column = QVBoxLayout(self)
        for text, kind in ((letter, "letter"), (key, "dim")):
            words = label(text, kind)
            words.setAlignment(Qt.AlignmentFlag.AlignCenter)
            words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(words)

    def sizeHint(self) -> QSize:
        """Big enough to be found without looking."""
        return QSize(_WIDTH_PX, _HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        """Room for the letter and the key."""
        return QSize(_LEAST_WIDTH_PX, _HEIGHT_PX)
