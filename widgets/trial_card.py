"""A blind test that is going on: how far it is, the question, the answers."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QSlider, QWidget

from engine.translation import tr
from widgets.accessibility import announce, describe
from widgets.actions import ANSWERS
from widgets.cards import Card, row
from widgets.control_manners import mind_manners
from widgets.key_sets import KeyMap, Keys, native
from widgets.review_view import Question, TrialView
from widgets.styling import button, discard, label, restyle

_MOST = 100
_START = 50
_QUESTIONS = {
    Question.ABX: tr("Is X the same as A, or as B?"),
    Question.PREFERENCE: tr("Which one do you like best?"),
    Question.RATING: tr("How good is each one?"),
}
_LISTEN = tr("Listen to each of them first.")
_SILENT = tr("Nothing can be heard: connect a sound device, then go on.")
_ANSWER = tr("The answer of this trial.")
_KEYS = tr("Answer with {keys}, or with Return; Space plays.")
_NEXT = tr("On to the next trial with {keys}; Space plays.")
_RETURN = tr("Answer with Return; Space plays.")
_HIDDEN = tr("So far: hidden until the last trial.")
_KINDS = {
    Question.ABX: tr("ABX, equally loud"),
    Question.PREFERENCE: tr("Preference, equally loud"),
    Question.RATING: tr("Rating, equally loud"),
}
_WORDS = (tr("bad"), tr("poor"), tr("fair"), tr("good"), tr("excellent"))


class TrialCard(Card):
    """Answers are buttons, or a slider for each sound.

    Signals:
        chosen: Index of the sound; in ABX, of that which X is.
        rated: tuple of a rating from 0 to 100 for each sound.
        loop_requested: Play or pause the stretch.
        stop_requested: Give the test up.
    """

    chosen = Signal(int)
    rated = Signal(object)
    loop_requested = Signal()
    stop_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._view: TrialView | None = None
        self._title = label("", "strong")
        self._kind = label("", "dim")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        describe(self._bar, tr("Progress of the blind test"))
        self._question = label("", wrap=True)
        self._answers = Answers()
        self._keys: list[Keys] = [()] * len(ANSWERS)
        self._hint = label(_LISTEN, wrap=True)
        self._keys_hint = label("", "dim", wrap=True)
        self._loop = button("", description=tr("Play or pause what is compared (Space)."))
        self._loop.clicked.connect(self.loop_requested)
        self._stop = button(
            tr("Give up"), name=tr("Give the blind test up"), description=tr("Ends the test.")
        )
        self._stop.clicked.connect(self.stop_requested)
        self.column.addLayout(row(self._title, self._kind, stretch_after=0))
        for part in (self._bar, self._question, self._answers, self._hint, self._keys_hint):
            self.column.addWidget(part)
        self.column.addLayout(row(self._loop, self._stop, stretch_after=0))
        self.column.addWidget(label(_HIDDEN, "dim"))

    def show_trial(self, view: TrialView | None) -> None:
        """Show a trial; None hides the card."""
        before, self._view = self._view, view
        self.setVisible(view is not None)
        if view is None:
            return
        if before is None or (before.number, before.letters) != (view.number, view.letters):
            self._begin(view)
        self._hint.setText(_SILENT if view.is_silent else _LISTEN)
        self._hint.setVisible(not view.can_answer)
        self._answers.show_ready(is_ready=view.can_answer, why_not=self._hint.text())

    def set_keys(self, keys: KeyMap) -> None:
        """Have answers say these keys."""
        self._keys = [keys[command] for command in ANSWERS]
        self._show_keys()

    def answer(self, index: int) -> None:
        """Give the answer of this number; of a rating, which has one, the sliders as they are."""
        if index < len(self._answers.buttons):
            self._answers.buttons[index].click()

    def _show_keys(self) -> None:
        firsts = [native(its[0]) for its in self._keys[: len(self._answers.buttons)] if its]
        is_rating = self._view is not None and self._view.question is Question.RATING
        words = _NEXT if is_rating else _KEYS
        self._keys_hint.setText(words.format(keys=", ".join(firsts)) if firsts else _RETURN)

    def _begin(self, view: TrialView) -> None:
        self._title.setText(
            tr("Trial {number} of {num_trials}", number=view.number, num_trials=view.num_trials)
        )
        self._kind.setText(_KINDS[view.question])
        self._bar.setRange(0, view.num_trials)
        self._bar.setValue(view.number - 1)
        self._question.setText(_QUESTIONS[view.question])
        self._loop.setText(view.stretch)
        self._loop.setAccessibleName(tr("Play or pause: {stretch}", stretch=view.stretch))
        fresh = RatingRows(view) if view.question is Question.RATING else ChoiceRow(view)
        fresh.answered.connect(self._on_answered)
        self.column.replaceWidget(self._answers, fresh)
        discard(self._answers)
        self._answers = fresh
        self._show_keys()
        # What is not shown yet takes no focus.
        fresh.show()
        fresh.first().setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, f"{self._title.text()}. {self._question.text()}")

    def _on_answered(self, answer: object) -> None:
        if self._view is None or not self._view.can_answer:
            announce(self, self._hint.text())
        elif isinstance(answer, int):
            self.chosen.emit(answer)
        else:
            self.rated.emit(answer)


class Answers(QWidget):
    """Buttons that can have the focus before they answer: it would wander if they were disabled.

    Attributes:
        buttons: One for each answer. Return presses them, Space is left to playing.

    Signals:
        answered: Index of the sound that was chosen, or tuple of the ratings.
    """

    answered = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.buttons: list[QPushButton] = []

    def first(self) -> QWidget:
        """What has the focus when a trial begins."""
        return self.buttons[0]

    def show_ready(self, *, is_ready: bool, why_not: str) -> None:
        """Look as if they could be pressed, or say why they cannot yet."""
        for each in self.buttons:
            restyle(each, "kind", "main" if is_ready else "quiet")
            describe(each, each.accessibleName(), _ANSWER if is_ready else why_not)
            each.setToolTip(each.accessibleDescription())

    def add(self, words: str, name: str = "") -> QPushButton:
        """Make a button."""
        made = button(words, name=name)
        made.setAutoDefault(True)
        self.buttons.append(made)
        return made


class ChoiceRow(Answers):
    """A button for each possible answer."""

    def __init__(self, view: TrialView) -> None:
        super().__init__()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        is_abx = view.question is Question.ABX
        for index, letter in enumerate(view.letters[:2] if is_abx else view.letters):
            words = (
                tr("X is {letter}", letter=letter)
                if is_abx
                else tr("{letter} is best", letter=letter)
            )
            choice = self.add(words)
            choice.clicked.connect(partial(self.answered.emit, index))
            layout.addWidget(choice)
        layout.addStretch(1)


class RatingRows(Answers):
    """A slider for each sound, and Next."""

    def __init__(self, view: TrialView) -> None:
        super().__init__()
        box = Card()
        box.setProperty("kind", "plain")
        box.column.setContentsMargins(0, 0, 0, 0)
        letters = view.letters[view.num_open :]
        self._sliders = [_slider(letter) for letter in letters]
        for letter, slider in zip(letters, self._sliders, strict=True):
            words = label(rating_in_words(slider.value()), "dim")
            words.setMinimumWidth(words.fontMetrics().horizontalAdvance(tr("100 excellent")))
            slider.valueChanged.connect(lambda value, at=words: at.setText(rating_in_words(value)))
            line = row(label(letter, "strong"), slider, words)
            line.setStretch(1, 1)
            box.column.addLayout(line)
        done = self.add(tr("Next"), tr("Next trial"))
        done.clicked.connect(self._tell)
        box.column.addLayout(row(done, stretch_after=0))
        self.setLayout(box.column)

    def first(self) -> QWidget:
        """What has the focus when a trial begins."""
        return self._sliders[0]

    def _tell(self) -> None:
        self.answered.emit(tuple(slider.value() for slider in self._sliders))


def rating_in_words(rating: int) -> str:
    """Say what a rating means, by the five words of the scale: 57 fair."""
    return f"{rating} {_WORDS[min(rating * len(_WORDS) // _MOST, len(_WORDS) - 1)]}"


def _slider(letter: str) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(0, _MOST)
    slider.setValue(_START)
    slider.setPageStep(10)
    mind_manners(slider)
    describe(
        slider,
        tr("Rating of {letter}", letter=letter),
        tr("From 0, bad, to 100, excellent."),
    )
    return slider
