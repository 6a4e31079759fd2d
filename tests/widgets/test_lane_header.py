"""The head of a lane says and takes gain, mute and solo."""

import math
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QValidator
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from engine.types import Region
from tests.widgets.samples import child, click, press, turn_wheel
from widgets import lane_header
from widgets.lane_header import GAIN_MIN_DB, GainField, LaneHeader
from widgets.lanes import Doubt, LaneSpec
from widgets.theme import DARK

MINUS = "\N{MINUS SIGN}"
LANE = LaneSpec("ost", "O", "OST restored", "ost", gain_db=-6.0, muted=True)


@pytest.fixture
def gain(themed: QApplication, qtbot: QtBot) -> GainField:
    field = GainField()
    qtbot.addWidget(field)
    field.show()
    field.activateWindow()
    qtbot.waitActive(field).__enter__()
    return field


@pytest.fixture
def header(themed: QApplication, qtbot: QtBot) -> LaneHeader:
    header = LaneHeader(DARK)
    qtbot.addWidget(header)
    header.show_lane(LANE)
    return header


def button(header: LaneHeader, name: str) -> QPushButton:
    return next(b for b in header.findChildren(QPushButton) if b.accessibleName() == name)


@pytest.mark.parametrize(
    ("gain_db", "text"),
    [(0.0, "0.0 dB"), (-6.0, f"{MINUS}6.0 dB"), (-math.inf, f"{MINUS}\N{INFINITY} dB")],
)
def test_a_gain_is_shown_without_being_announced(
    gain: GainField, gain_db: float, text: str
) -> None:
    changes: list[float] = []
    gain.gain_changed.connect(changes.append)
    gain.set_gain(3.0)
    gain.set_gain(gain_db)
    assert gain.text() == text
    assert gain.gain_db() == gain_db
    assert changes == []


@pytest.mark.parametrize(
    ("typed", "gain_db"), [("-3.5", -3.5), (f"{MINUS}3.5", -3.5), ("+2", 2.0), ("-60", -math.inf)]
)
def test_a_gain_can_be_typed(gain: GainField, qtbot: QtBot, typed: str, gain_db: float) -> None:
    gain.lineEdit().setText(typed)
    with qtbot.waitSignal(gain.gain_changed) as change:
        press(gain, Qt.Key.Key_Return)
    assert change.args == [gain_db]


def test_typing_tells_only_the_finished_number(gain: GainField, qtbot: QtBot) -> None:
    changes: list[float] = []
    gain.gain_changed.connect(changes.append)
    gain.setFocus()
    gain.selectAll()
    QTest.keyClicks(gain, "-12")
    assert changes == []
    press(gain, Qt.Key.Key_Return)
    assert changes == [-12.0]


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("-3.0 dB", QValidator.State.Acceptable),
        (f"{MINUS}\N{INFINITY} dB", QValidator.State.Acceptable),
        ("-", QValidator.State.Intermediate),
        ("13 dB", QValidator.State.Intermediate),
        ("m", QValidator.State.Invalid),
        ("nan", QValidator.State.Invalid),
        ("1e1", QValidator.State.Invalid),
    ],
)
def test_only_numbers_in_range_are_taken(
    gain: GainField, text: str, state: QValidator.State
) -> None:
    assert gain.validate(text, 0)[0] == state


def test_arrows_change_half_a_decibel(gain: GainField, qtbot: QtBot) -> None:
    gain.setFocus()
    with qtbot.waitSignal(gain.gain_changed) as change:
        press(gain, Qt.Key.Key_Down)
    assert change.args == [-0.5]


def test_the_wheel_changes_the_gain_only_in_focus(gain: GainField, qtbot: QtBot) -> None:
    gain.clearFocus()
    assert not turn_wheel(gain, 5, QPoint(0, 120)).isAccepted()
    assert gain.gain_db() == 0
    gain.setFocus(Qt.FocusReason.TabFocusReason)
    turn_wheel(gain, 5, QPoint(0, 120))
    assert gain.gain_db() == 0.5


def test_a_lane_is_shown_without_being_announced(themed: QApplication, qtbot: QtBot) -> None:
    header = LaneHeader(DARK)
    qtbot.addWidget(header)
    heard: list[object] = []
    for signal in (
        header.mute_toggled,
        header.solo_toggled,
        header.spectrogram_toggled,
        header.gain_changed,
    ):
        signal.connect(heard.append)
    header.show_lane(LANE)
    assert heard == []
    assert button(header, "Mute OST restored").isChecked()
    assert not button(header, "Solo OST restored").isChecked()
    assert child(header, GainField).gain_db() == -6.0


def test_clicks_become_wishes(header: LaneHeader, qtbot: QtBot) -> None:
    with qtbot.waitSignal(header.mute_toggled) as mute:
        click(button(header, "Mute OST restored"))
    with qtbot.waitSignal(header.solo_toggled) as solo:
        header.toggle_solo()
    with qtbot.waitSignal(header.spectrogram_toggled) as spectrogram:
        click(button(header, "Spectrogram of OST restored"))
    assert (mute.args, solo.args, spectrogram.args) == ([False], [True], [True])


def test_the_state_is_said_in_words(header: LaneHeader) -> None:
    assert header.accessibleName() == "Lane OST restored"
    assert header.accessibleDescription() == "muted"
    header.show_lane(LaneSpec("ost", "O", "OST restored", "ost"))
    assert header.accessibleDescription() == "audible"
    header.show_lane(LaneSpec("ost", "O", "OST restored", "ost", as_spectrogram=True))
    assert header.accessibleDescription() == "audible, shown as spectrogram"
    assert button(header, "Spectrogram of OST restored").isChecked()


def test_where_to_listen_is_said(header: LaneHeader) -> None:
    doubts = (Doubt(Region(31.04, 35.5), "The track was changed."), Doubt(Region(60, 61), "Odd."))
    header.show_lane(replace(LANE, doubts=doubts))
    assert header.accessibleDescription() == (
        "muted; 0:31.0 to 0:35.5: The track was changed.; 1:00.0 to 1:01.0: Odd."
    )


def test_the_lowest_gain_is_silence() -> None:
    assert GAIN_MIN_DB == -60


def test_keys_that_change_a_lane_from_elsewhere_are_spoken(
    header: LaneHeader, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken: list[str] = []
    monkeypatch.setattr(lane_header, "announce", lambda _source, text: spoken.append(text))
    header.toggle_mute()
    header.toggle_solo()
    header.toggle_spectrogram()
    assert spoken == [
        "OST restored not muted",
        "OST restored solo",
        "OST restored shown as spectrogram",
    ]
