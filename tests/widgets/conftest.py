"""Widgets in the dark theme, and a window with a restored video in it."""

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.widgets.samples import DURATION_S, LANES, Saw
from widgets.main_window import MainWindow
from widgets.restore_view import RestoreView
from widgets.theme import DARK, apply_theme
from widgets.window_actions import WindowState


@pytest.fixture
def themed(qapp: QApplication) -> QApplication:
    """The application in the dark theme."""
    apply_theme(qapp, DARK)
    return qapp


@pytest.fixture
def empty_window(themed: QApplication, qtbot: QtBot) -> MainWindow:
    """The window before anything was opened, active on the screen."""
    window = MainWindow(DARK)
    qtbot.addWidget(window)
    window.resize(1440, 900)
    window.show()
    window.activateWindow()
    qtbot.waitActive(window).__enter__()
    return window


@pytest.fixture
def window(empty_window: MainWindow) -> MainWindow:
    """The window with a video, its lanes and something to undo."""
    empty_window.show_state(
        WindowState(
            "clip.mp4", has_media=True, can_export=True, has_clips=True, undo_name="Mute BGM"
        )
    )
    empty_window.transport_bar.set_duration(DURATION_S)
    empty_window.timeline.set_lanes(LANES)
    empty_window.timeline.set_duration(DURATION_S)
    for lane in LANES:
        empty_window.timeline.set_waveform(lane.lane_id, Saw(0.5))
    empty_window.restore_panel.show_view(RestoreView(has_media=True))
    return empty_window
