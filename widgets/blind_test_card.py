"""Chooses a blind test before it begins."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QRadioButton,
    QSpinBox,
    QWidget,
)

from engine.translation import tr
from widgets.accessibility import describe
from widgets.cards import Card, row
from widgets.control_manners import mind_manners
from widgets.review_view import BlindTestWish, CompareView, Question
from widgets.styling import button, chain_tab_order, label

MAX_TRIALS = 100
_USUAL_TRIALS = {Question.ABX: 16, Question.PREFERENCE: 16, Question.RATING: 3}
_NAMES = {Question.ABX: "ABX", Question.PREFERENCE: tr("Preference"), Question.RATING: tr("Rating")}
_MEANINGS = {
    Question.ABX: tr("Can a difference be heard at all? X is one of the two; say which."),
    Question.PREFERENCE: tr("Which one is better? They come unnamed, in another order each time."),
    Question.RATING: tr("How good is each, from 0 to 100? They come unnamed, in another order."),
}
_START_HINT = tr("Names and levels are hidden until it is over.")
_NOBODY = tr("Nothing")
_NOT_YET = tr("Nothing yet")
_TOO_FEW = tr("At least two versions are needed: restore the video, or compare with a file.")
_ONLY_PLACED = tr(
    "At least two versions are needed, and placed music is in none of them: export the video, then "
    "compare with that file."
)
_MEASURING = tr("Loudness is being measured; then it can begin.")
_SAME = tr("Choose different versions.")
_SILENT = tr("There is no sound device: nothing could be heard. Connect one.")
_ANCHORS: dict[str, tuple[int, ...]] = {
    tr("No anchors"): (),
    tr("Low anchor, 3.5 kHz"): (3500,),
    tr("Low and middle anchor, 3.5 and 7 kHz"): (3500, 7000),
}
_USUAL_ANCHORS = 1


class BlindTestCard(Card):
    """Question, versions, number of trials, who listens.

    Signals:
        start_requested: `BlindTestWish`.
        trials_changed: Question (its value) and number of trials, for words about what they show.
    """

    start_requested = Signal(object)
    trials_changed = Signal(str, int)

    def __init__(self) -> None:
        super().__init__()
        self._view = CompareView()
        self._questions = {question: _choice(question) for question in Question}
        self._group = QButtonGroup(self)
        self._meaning = label("", "dim", wrap=True)
        self._versions = [_version_box(number) for number in range(3)]
        self._reference = _reference_box()
        self._anchors = _anchor_box()
        self._without_sound = _without_sound_box()
        self._trials = _trials_box()
        self._power = label("", "dim", wrap=True)
        self._listener = _listener_field()
        self._why_not = label("", "dim", wrap=True)
        self._start = button(
            tr("Start"), "main", tr("Start the blind test"), tr("Names and levels are hidden.")
        )
        self._arrange()
        self._connect()
        self._questions[Question.ABX].setChecked(True)
        self._on_question()

    @property
    def question(self) -> Question:
        """What is to be asked."""
        return next(each for each, choice in self._questions.items() if choice.isChecked())

    def show_view(self, view: CompareView) -> None:
        """Offer the versions there are."""
        before, self._view = self._view, view
        if [v.version_id for v in before.versions] != [v.version_id for v in view.versions]:
            self._fill()
        self._show_state()

    def show_power(self, words: str) -> None:
        """Say what so many trials can show."""
        self._power.setText(words)

    def wish(self) -> BlindTestWish:
        """The test as it is set up now."""
        chosen = (box.currentData() for box in self._shown_boxes())
        return BlindTestWish(
            self.question,
            tuple(version_id for version_id in chosen if version_id),
            self._trials.value(),
            self._listener.text().strip(),
            self._has_reference,
            self._anchors.currentData() if self._has_reference else (),
            self._view.is_silent and self._without_sound.isChecked(),
        )

    @property
    def _has_reference(self) -> bool:
        return self.question is Question.RATING and self._reference.isChecked()

    def _arrange(self) -> None:
        self.column.addWidget(label(tr("Blind test"), "strong"))
        self.column.addLayout(row(*self._questions.values(), stretch_after=2, spacing_px=16))
        self.column.addWidget(self._meaning)
        for box in self._versions:
            self.column.addWidget(box)
        self.column.addWidget(self._reference)
        self.column.addWidget(self._anchors)
        trials = row(label(tr("Trials")), self._trials, label(tr("Listener")), self._listener)
        trials.setStretch(3, 1)
        self.column.addLayout(trials)
        self.column.addWidget(self._power)
        self.column.addWidget(self._why_not)
        self.column.addWidget(self._without_sound)
        self.column.addLayout(row(self._start, stretch_after=0))
        order: list[QWidget] = [*self._questions.values(), *self._versions]
        order += [self._reference, self._anchors, self._trials, self._listener]
        chain_tab_order([*order, self._without_sound, self._start])

    def _connect(self) -> None:
        for choice in self._questions.values():
            self._group.addButton(choice)
        self._group.buttonClicked.connect(self._on_question)
        self._trials.valueChanged.connect(self._tell_trials)
        self._start.clicked.connect(lambda: self.start_requested.emit(self.wish()))
        for box in self._versions:
            box.currentIndexChanged.connect(self._show_state)
        for check in (self._reference, self._without_sound):
            check.clicked.connect(self._show_state)

    def _shown_boxes(self) -> list[QComboBox]:
        return self._versions[:2] if self.question is Question.ABX else self._versions

    def _on_question(self) -> None:
        question = self.question
        self._meaning.setText(_MEANINGS[question])
        self._versions[2].setVisible(question is not Question.ABX)
        self._reference.setVisible(question is Question.RATING)
        self._trials.setValue(_USUAL_TRIALS[question])
        self._tell_trials()
        self._show_state()

    def _tell_trials(self) -> None:
        self.trials_changed.emit(self.question.value, self._trials.value())

    def _fill(self) -> None:
        for number, box in enumerate(self._versions):
            box.clear()
            if number == 2:
                box.addItem(_NOBODY, "")
            for version in self._view.versions:
                box.addItem(version.name, version.version_id)
            usual = number if number < 2 else 0
            box.setCurrentIndex(usual if usual < box.count() else -1)

    def _show_state(self) -> None:
        chosen = self.wish().version_ids
        reason = ""
        if len(self._view.versions) < 2:
            reason = _ONLY_PLACED if self._view.has_placed_music else _TOO_FEW
        elif len(set(chosen)) != len(chosen):
            reason = _SAME
        elif not self._view.is_measured:
            reason = _MEASURING
        elif self._view.is_silent:
            reason = _SILENT
        self._anchors.setVisible(self._has_reference)
        self._without_sound.setVisible(reason == _SILENT)
        self._why_not.setText(reason)
        self._why_not.setVisible(bool(reason))
        self._start.setEnabled(not reason or self.wish().without_sound)


def _choice(question: Question) -> QRadioButton:
    choice = QRadioButton(_NAMES[question])
    choice.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    describe(choice, tr("Blind test: {question}", question=_NAMES[question]), _MEANINGS[question])
    return choice


def _version_box(number: int) -> QComboBox:
    box = QComboBox()
    # Names of files may be long; the panel is not.
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    box.setPlaceholderText(_NOT_YET)
    name = (tr("First version"), tr("Second version"), tr("Third version, or nothing"))[number]
    describe(box, name, tr("One of the sounds that are compared."))
    mind_manners(box)
    return box


def _reference_box() -> QCheckBox:
    box = QCheckBox(tr("The first one is the reference"))
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    description = tr("It can be listened to as such, and is hidden among the others as well.")
    describe(box, box.text(), description)
    return box


def _anchor_box() -> QComboBox:
    box = QComboBox()
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    for words, anchors_hz in _ANCHORS.items():
        box.addItem(words, anchors_hz)
    box.setCurrentIndex(_USUAL_ANCHORS)
    description = tr(
        "The reference without its high notes, unnamed among the others (ITU-R BS.1534)."
    )
    describe(box, tr("Anchors"), description)
    mind_manners(box)
    return box


def _without_sound_box() -> QCheckBox:
    box = QCheckBox(tr("Go on without sound"))
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    describe(
        box, box.text(), tr("To try the test out; its result says that nobody heard anything.")
    )
    return box


def _trials_box() -> QSpinBox:
    box = QSpinBox()
    box.setRange(1, MAX_TRIALS)
    mind_manners(box)
    describe(
        box, tr("Number of trials"), tr("Chosen before the test, and not changed by its results.")
    )
    return box


def _listener_field() -> QLineEdit:
    field = QLineEdit()
    field.setMaxLength(80)
    field.setPlaceholderText(tr("Name"))
    describe(field, tr("Listener"), tr("Who answers; stands in the report. May be empty."))
    return field
