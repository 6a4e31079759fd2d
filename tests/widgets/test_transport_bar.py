"""The transport says where it is, and passes wishes on."""

import math
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.widgets.samples import click, color_at
from widgets.level_meter import LevelMeter, LoudnessView, meter_fraction
from widgets.theme import DARK
from widgets.transport_bar import TransportBar


@pytest.fixture
def bar(themed: QApplication, qtbot: QtBot) -> Iterator[TransportBar]:
    host = QWidget()
    qtbot.addWidget(host)
    bar = TransportBar(DARK)
    bar.setParent(host)
    bar.resize(1100, bar.height())
    bar.set_duration(58.233)
    host.show()
    yield bar
    host.close()


def button(bar: TransportBar, name: str) -> QPushButton:
    return next(b for b in bar.findChildren(QPushButton) if b.accessibleName() == name)


def texts(bar: TransportBar) -> list[str]:
    return [label.text() for label in bar.findChildren(QLabel) if label.isVisible()]


@pytest.mark.parametrize(
    ("name", "signal", "arguments"),
    [
        ("Play", "play_requested", []),
        ("To the start", "to_start_requested", []),
        ("One frame back", "step_requested", [-1]),
        ("One frame on", "step_requested", [1]),
        ("Loop", "loop_toggled", [True]),
        ("Zoom in", "zoom_requested", [1.5]),
        ("Zoom out", "zoom_requested", [1 / 1.5]),
        ("Fit", "fit_requested", []),
    ],
)
def test_buttons_pass_wishes_on(
    bar: TransportBar, qtbot: QtBot, name: str, signal: str, arguments: list[object]
) -> None:
    with qtbot.waitSignal(getattr(bar, signal)) as wish:
        click(button(bar, name))
    assert wish.args == arguments


@pytest.mark.parametrize(
    ("speed", "said"),
    [
        (0, ""),
        (1, ""),
        (4, ", 4 times as fast"),
        (-1, ", backwards"),
        (-2, ", backwards 2 times as fast"),
    ],
)
def test_an_unusual_speed_is_said(bar: TransportBar, speed: int, said: str) -> None:
    bar.set_speed(speed)
    assert f"/ 00:58.233{said}" in texts(bar)


def test_times_and_levels_are_shown_in_words(bar: TransportBar) -> None:
    bar.set_position(21.84)
    bar.set_levels(-6.2)
    bar.set_message("Too loud")
    assert {"00:21.840", "/ 00:58.233", "peak \N{MINUS SIGN}6.2 dB", "Too loud"} <= set(texts(bar))
    bar.set_levels(-math.inf)
    assert "silence" in texts(bar)


def test_nothing_open_disables_everything(bar: TransportBar) -> None:
    assert all(b.isEnabled() for b in bar.findChildren(QPushButton))
    bar.set_duration(0.0)
    assert not any(b.isEnabled() for b in bar.findChildren(QPushButton))


def test_play_turns_into_pause(bar: TransportBar) -> None:
    bar.set_playing(playing=True)
    assert button(bar, "Pause").isVisible()
    bar.set_playing(playing=False)
    assert button(bar, "Play").isVisible()


def test_looping_is_asked_for_by_turns(bar: TransportBar) -> None:
    wishes: list[bool] = []
    bar.loop_toggled.connect(wishes.append)
    bar.toggle_loop()
    bar.toggle_loop()
    assert wishes == [True, False]


@pytest.mark.parametrize(
    ("loudness", "said"),
    [
        (LoudnessView(), None),
        (LoudnessView(true_peak_db=-1.62), "TP -1.6 dB"),
        (LoudnessView(-17.9, -18.44, 0.3), "now -17.9, all -18.4 LUFS \N{MIDDLE DOT} TP 0.3 dB"),
        (LoudnessView(integrated_lufs=-18.4), "all -18.4 LUFS"),
    ],
)
def test_loudness_is_said_as_far_as_it_is_known(
    bar: TransportBar, loudness: LoudnessView, said: str | None
) -> None:
    before = set(texts(bar))
    bar.set_loudness(LoudnessView(-1, -1, -1))
    bar.set_loudness(loudness)
    wanted = said and said.replace("-", "\N{MINUS SIGN}")
    assert {*texts(bar), ""} - before == ({wanted} if wanted else set())
    meter = bar.findChildren(LevelMeter)[0]
    description = QAccessible.queryAccessibleInterface(meter).text(QAccessible.Text.Description)
    assert description == (wanted or "Nothing has been measured since play began.")


@pytest.mark.parametrize(("width", "shown"), [(1300, 6), (1100, 5), (700, 3), (500, 1)])
def test_read_outs_give_way_to_the_buttons(bar: TransportBar, width: int, shown: int) -> None:
    bar.set_levels(-6.2)
    bar.set_message("Too loud: 1234 samples clipped")
    bar.set_loudness(LoudnessView(-17.9, -18.4, -1.6))
    bar.resize(width, bar.height())
    QApplication.processEvents()
    meters = bar.findChildren(LevelMeter)
    visible = len(texts(bar)) + sum(meter.isVisible() for meter in meters)
    assert visible == shown
    buttons = bar.findChildren(QPushButton)
    assert all(b.width() >= b.minimumSizeHint().width() for b in buttons)
    assert max(b.geometry().right() for b in buttons) < max(width, bar.minimumSizeHint().width())


@pytest.mark.parametrize(
    ("peak_db", "part"), [(-math.inf, 0), (-90, 0), (-60, 0), (-30, 0.5), (0, 1), (6, 1)]
)
def test_the_meter_is_even_in_decibels(peak_db: float, part: float) -> None:
    assert meter_fraction(peak_db) == pytest.approx(part)


@pytest.mark.parametrize(("peak_db", "color"), [(-12, DARK.ok), (-3, DARK.warn), (0.5, DARK.bad)])
def test_the_meter_lights_up(
    themed: QApplication, qtbot: QtBot, peak_db: float, color: str
) -> None:
    meter = LevelMeter(DARK)
    qtbot.addWidget(meter)
    meter.resize(160, 6)
    meter.set_peak(peak_db)
    assert color_at(meter, 60, 3) == color
    meter.set_peak(-60)
    assert color_at(meter, 60, 3) == DARK.line


def test_the_loudest_peak_is_marked(themed: QApplication, qtbot: QtBot) -> None:
    meter = LevelMeter(DARK)
    qtbot.addWidget(meter)
    meter.resize(160, 6)
    meter.set_peak(-60)
    meter.set_loudest(-30)
    assert color_at(meter, 80, 3) == DARK.text
    meter.set_loudest(-math.inf)
    assert color_at(meter, 80, 3) == DARK.line


def test_in_a_blind_test_there_is_nothing_to_zoom(bar: TransportBar) -> None:
    zooms = [
        button
        for button in bar.findChildren(QPushButton)
        if button.accessibleName() in ("Zoom in", "Zoom out", "Fit")
    ]
    assert len(zooms) == 3
    for is_blind in (True, False):
        bar.set_blind(blind=is_blind)
        assert [zoom.isEnabled() for zoom in zooms] == [not is_blind] * 3
