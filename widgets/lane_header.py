"""The head of a lane: letter, name, gain, waveform or spectrogram, mute, solo."""

import math
import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QValidator
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from engine.translation import tr
from widgets.accessibility import announce, describe
from widgets.icons import icon
from widgets.lanes import Doubt, LaneSpec
from widgets.number_field import NumberField
from widgets.styling import restyle
from widgets.theme import LANE_HEADER_WIDTH_PX, LANE_HEIGHT_PX, Theme
from widgets.wording import tick_label

GAIN_MIN_DB = -60.0
GAIN_MAX_DB = 12.0
_GAIN_STEP_DB = 0.5
_MINUS = "\N{MINUS SIGN}"
_SILENT = f"{_MINUS}\N{INFINITY}"
_NUMBER = re.compile(r"[+-]?(?P<digits>\d*)(\.\d?)?")
_BADGE_PX = 20
_GAIN_WIDTH_PX = 58


class GainField(NumberField):
    """A gain in dB; the lowest value is silence (`-inf`).

    Signals:
        gain_changed: New gain in dB, by the user's hand only.
    """

    gain_changed = Signal(float)

    def __init__(self) -> None:
        super().__init__(GAIN_MIN_DB, GAIN_MAX_DB, _GAIN_STEP_DB, 1, "dB")
        self.setFixedWidth(_GAIN_WIDTH_PX)
        self.setSpecialValueText(f"{_SILENT} dB")
        self.edited.connect(self._on_edited)

    def set_gain(self, gain_db: float, *, even_typed: bool = False) -> None:
        """Show a gain without emitting; see `set_number`."""
        if even_typed or gain_db != self.gain_db():
            self.set_number(max(gain_db, GAIN_MIN_DB), even_typed=even_typed)

    def gain_db(self) -> float:
        """Give the gain shown."""
        return -math.inf if self.value() <= GAIN_MIN_DB else self.value()

    def textFromValue(self, value: float) -> str:
        """Write a real minus sign."""
        return f"{value:.1f}".replace("-", _MINUS)

    def valueFromText(self, text: str) -> float:
        """Read what `validate` let through."""
        number = self._number(text)
        return GAIN_MIN_DB if number == _SILENT else float(number.replace(_MINUS, "-"))

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Take numbers with either minus sign, and the sign of silence."""
        number = self._number(text)
        if number == _SILENT:
            return QValidator.State.Acceptable, text, position
        found = _NUMBER.fullmatch(number.replace(_MINUS, "-"))
        if found is None:
            return QValidator.State.Invalid, text, position
        complete = found["digits"] and GAIN_MIN_DB <= float(found[0]) <= GAIN_MAX_DB
        state = QValidator.State.Acceptable if complete else QValidator.State.Intermediate
        return state, text, position

    def _number(self, text: str) -> str:
        return text.removesuffix("dB").removesuffix(self.suffix()).strip()

    def _on_edited(self, _gain_db: float) -> None:
        self.gain_changed.emit(self.gain_db())


class LaneHeader(QFrame):
    """What belongs to one lane, at its left.

    Signals:
        mute_toggled: Whether the lane is to be muted.
        solo_toggled: Whether the lane is to be soloed.
        gain_changed: New gain in dB.
        spectrogram_toggled: Whether the lane is to show its frequencies.
        focused: The lane became the current one.
        move_requested: Go so many lanes down; negative is up.
    """

    mute_toggled = Signal(bool)
    solo_toggled = Signal(bool)
    gain_changed = Signal(float)
    spectrogram_toggled = Signal(bool)
    focused = Signal()
    move_requested = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setFixedSize(LANE_HEADER_WIDTH_PX, LANE_HEIGHT_PX)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._badge = badge()
        self._name = QLabel()
        self._name.setWordWrap(True)
        self._gain = GainField()
        self._gain.gain_changed.connect(self.gain_changed)
        self._spectrogram = _letter_button("", "view")
        self._spectrogram.clicked.connect(self.spectrogram_toggled)
        self._mute = _letter_button("M", "mute")
        self._mute.clicked.connect(self.mute_toggled)
        self._solo = _letter_button("S", "solo")
        self._solo.clicked.connect(self.solo_toggled)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 8, 1)
        layout.setSpacing(4)
        layout.addWidget(self._badge)
        layout.addSpacing(4)
        layout.addWidget(self._name, 1)
        for control in (self._gain, self._spectrogram, self._mute, self._solo):
            layout.addWidget(control)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._spectrogram.setIcon(icon("spectrogram", theme.text))

    def show_lane(self, lane: LaneSpec) -> None:
        """Show a lane without emitting."""
        self._badge.setText(lane.letter)
        restyle(self._badge, "lane", lane.color_token)
        self._name.setText(lane.name)
        self._gain.set_gain(lane.gain_db)
        self._spectrogram.setChecked(lane.as_spectrogram)
        self._mute.setChecked(lane.muted)
        self._solo.setChecked(lane.soloed)
        self._describe(lane)

    def controls(self) -> list[QWidget]:
        """Give what Tab goes through, in order."""
        return [self, self._gain, self._spectrogram, self._mute, self._solo]

    def toggle_mute(self) -> None:
        """Do what a click on M does, and say so: the focus may be elsewhere."""
        self._mute.click()
        self._announce(tr("muted") if self._mute.isChecked() else tr("not muted"))

    def toggle_solo(self) -> None:
        """Do what a click on S does, and say so."""
        self._solo.click()
        self._announce(tr("solo") if self._solo.isChecked() else tr("not solo"))

    def toggle_spectrogram(self) -> None:
        """Do what a click on the button of the frequencies does, and say so."""
        self._spectrogram.click()
        is_shown = self._spectrogram.isChecked()
        self._announce(tr("shown as spectrogram") if is_shown else tr("shown as waveform"))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Become the current lane."""
        super().focusInEvent(event)
        self.focused.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the focus wherever the head is clicked."""
        super().mousePressEvent(event)
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the lane above or below."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.move_requested.emit(step)

    def _announce(self, state: str) -> None:
        announce(self, tr("{lane} {state}", lane=self._name.text(), state=state))

    def _describe(self, lane: LaneSpec) -> None:
        state = [word for word, on in ((tr("muted"), lane.muted), (tr("solo"), lane.soloed)) if on]
        shown = [tr("shown as spectrogram")] if lane.as_spectrogram else []
        doubts = "".join(f"; {doubt_in_words(doubt)}" for doubt in lane.doubts)
        pending = [tr("being separated again in part")] if lane.pending else []
        words = ", ".join((state or [tr("audible")]) + shown + pending)
        describe(self, tr("Lane {lane}", lane=lane.name), words + doubts)
        describe(
            self._gain,
            tr("Gain of {lane}", lane=lane.name),
            tr("In decibels; the lowest value is silence."),
        )
        words = tr("Shows frequencies in the place of the waveform; Shift+W on the current lane.")
        describe(self._spectrogram, tr("Spectrogram of {lane}", lane=lane.name), words)
        self._spectrogram.setToolTip(tr("Waveform or spectrogram (Shift+W)"))
        describe(self._mute, tr("Mute {lane}", lane=lane.name), tr("Shift+M on the current lane."))
        describe(self._solo, tr("Solo {lane}", lane=lane.name), tr("Shift+S on the current lane."))


def doubt_in_words(doubt: Doubt) -> str:
    """Say where a lane is worth listening to, and why."""
    start, end = (tick_label(at_s, 0.1) for at_s in (doubt.region.start_s, doubt.region.end_s))
    return tr("{start} to {end}: {words}", start=start, end=end, words=doubt.words)


def badge(letter: str = "", lane: str = "") -> QLabel:
    """Make the square with a lane's letter on a lane's colour."""
    result = QLabel(letter)
    result.setProperty("lane", lane)
    result.setFixedSize(_BADGE_PX, _BADGE_PX)
    result.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return result


def _letter_button(letter: str, kind: str) -> QPushButton:
    button = QPushButton(letter)
    button.setProperty("kind", kind)
    button.setCheckable(True)
    button.setFixedSize(22, 20)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
