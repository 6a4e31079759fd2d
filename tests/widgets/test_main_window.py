"""The window: keys reach what they are for, and nothing else."""

import gettext
import re
from collections import Counter
from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QDragLeaveEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QMenu,
    QMenuBar,
    QPushButton,
    QRadioButton,
    QSlider,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from engine.translation import CATALOGUES, DOMAIN, LANGUAGES
from tests.widgets.samples import (
    child,
    click,
    color_at,
    drag_in,
    drop,
    file_mime,
    plain_image,
    press,
)
from widgets import main_window
from widgets.actions import ACTIONS, Command, Menu, Needs
from widgets.lane_header import GainField, LaneHeader
from widgets.main_window import MainWindow
from widgets.message_bar import MessageKind
from widgets.pages import Page
from widgets.review_view import Question, TrialView
from widgets.theme import DARK, LIGHT
from widgets.title_bar import Title, TitleBar
from widgets.window_actions import WindowState

NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
Key = Qt.Key


def enabled(window: MainWindow) -> set[str]:
    return {a.text().replace("&", "") for a in window.actions() if a.isEnabled()}


@pytest.mark.parametrize(
    ("key", "modifiers", "signal", "arguments"),
    [
        (Key.Key_O, CTRL, lambda w: w.open_requested, []),
        (Key.Key_E, CTRL, lambda w: w.export_video_requested, []),
        (Key.Key_E, CTRL | SHIFT, lambda w: w.export_stems_requested, []),
        (Key.Key_R, CTRL, lambda w: w.restore_panel.restore_blind_requested, []),
        (Key.Key_Z, CTRL, lambda w: w.undo_requested, []),
        (Key.Key_Space, NONE, lambda w: w.transport_bar.play_requested, []),
        (Key.Key_J, NONE, lambda w: w.transport_bar.shuttle_requested, [-1]),
        (Key.Key_K, NONE, lambda w: w.transport_bar.shuttle_requested, [0]),
        (Key.Key_L, NONE, lambda w: w.transport_bar.shuttle_requested, [1]),
        (Key.Key_L, CTRL, lambda w: w.transport_bar.loop_toggled, [True]),
        (Key.Key_Left, NONE, lambda w: w.transport_bar.step_requested, [-1]),
        (Key.Key_Right, NONE, lambda w: w.transport_bar.step_requested, [1]),
        (Key.Key_Left, SHIFT, lambda w: w.jump_requested, [-1.0]),
        (Key.Key_Right, SHIFT, lambda w: w.jump_requested, [1.0]),
        (Key.Key_Home, NONE, lambda w: w.transport_bar.to_start_requested, []),
        (Key.Key_End, NONE, lambda w: w.to_end_requested, []),
        (Key.Key_M, SHIFT, lambda w: w.timeline.mute_toggled, ["mix", True]),
        (Key.Key_S, SHIFT, lambda w: w.timeline.solo_toggled, ["mix", True]),
        (Key.Key_W, SHIFT, lambda w: w.timeline.spectrogram_toggled, ["mix", True]),
        (Key.Key_T, SHIFT, lambda w: w.switched, ["tall_lanes", True]),
        (Key.Key_N, NONE, lambda w: w.switched, ["snap", True]),
        (Key.Key_M, NONE, lambda w: w.mark_requested, ["add_marker"]),
        (Key.Key_I, NONE, lambda w: w.mark_requested, ["mark_in"]),
        (Key.Key_O, NONE, lambda w: w.mark_requested, ["mark_out"]),
        (Key.Key_Right, ALT, lambda w: w.mark_requested, ["marker_behind"]),
        (Key.Key_Down, ALT, lambda w: w.cut_requested, [1]),
        (Key.Key_Up, ALT, lambda w: w.cut_requested, [-1]),
        (Key.Key_S, CTRL, lambda w: w.save_requested, []),
        (Key.Key_S, CTRL | SHIFT, lambda w: w.save_as_requested, []),
        (Key.Key_3, CTRL, lambda w: w.page_chosen, ["review"]),
        (Key.Key_2, CTRL, lambda w: w.page_chosen, ["music"]),
        (Key.Key_B, NONE, lambda w: w.music_requested, ["split_clip"]),
        (Key.Key_G, NONE, lambda w: w.music_requested, ["gain_point"]),
        (Key.Key_0, NONE, lambda w: w.timeline.solo_only_requested, ["mix"]),
        (Key.Key_2, NONE, lambda w: w.timeline.solo_only_requested, ["bgm"]),
        (Key.Key_Plus, NONE, lambda w: w.timeline.view_changed, None),
    ],
)
def test_keys_become_wishes(
    window: MainWindow,
    qtbot: QtBot,
    key: Qt.Key,
    modifiers: Qt.KeyboardModifier,
    signal: Callable[[MainWindow], object],
    arguments: list[object] | None,
) -> None:
    with qtbot.waitSignal(signal(window)) as wish:
        press(window, key, modifiers)
    assert arguments is None or wish.args == arguments


def test_numbers_choose_versions_on_the_review_page(window: MainWindow, qtbot: QtBot) -> None:
    press(window, Key.Key_3, CTRL)
    assert window.page is Page.REVIEW
    with (
        qtbot.assertNotEmitted(window.timeline.solo_only_requested),
        qtbot.waitSignal(window.version_requested) as wish,
    ):
        press(window, Key.Key_2)
    assert wish.args == [2]
    with qtbot.waitSignal(window.page_chosen) as back:
        click(child(window, QPushButton, "Page Restore"))
    assert back.args == ["restore"]


def test_in_a_blind_test_only_playing_is_left(window: MainWindow) -> None:
    window.show_state(WindowState("clip.mp4", has_media=True, undo_name="Mute", is_testing=True))
    playing = {s.text.replace("&", "") for s in ACTIONS if s.menu is Menu.PLAYBACK}
    numbers = {f"Lane {number}" for number in range(10)}
    assert enabled(window) == playing | numbers
    assert not child(window, QPushButton, "Page Restore").isEnabled()


def test_sliders_keep_their_keys(window: MainWindow, qtbot: QtBot) -> None:
    window.show_page(Page.REVIEW)
    trial = TrialView(Question.RATING, 1, 3, ("1", "2"), can_answer=True)
    window.review_panel.show_trial(trial)
    slider = child(window, QSlider, "Rating of 1")
    slider.setFocus()
    with qtbot.assertNotEmitted(window.transport_bar.step_requested):
        press(slider, Key.Key_Right)
    assert slider.value() == 51


def test_j_and_l_go_by_frames_while_k_is_held(window: MainWindow, qtbot: QtBot) -> None:
    transport = window.transport_bar
    QTest.keyPress(window, Key.Key_K)
    for key, way in ((Key.Key_J, -1), (Key.Key_L, 1)):
        with (
            qtbot.assertNotEmitted(transport.shuttle_requested),
            qtbot.waitSignal(transport.step_requested) as step,
        ):
            press(window, key)
        assert step.args == [way]
    QTest.keyRelease(window, Key.Key_K)
    with (
        qtbot.assertNotEmitted(transport.step_requested),
        qtbot.waitSignal(transport.shuttle_requested),
    ):
        press(window, Key.Key_J)


def test_a_window_that_is_left_while_k_is_held_forgets_it(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyPress(window, Key.Key_K)
    QApplication.sendEvent(window, QEvent(QEvent.Type.WindowDeactivate))
    with qtbot.waitSignal(window.transport_bar.shuttle_requested):
        press(window, Key.Key_L)


def test_holding_l_does_not_play_ever_faster(window: MainWindow, qtbot: QtBot) -> None:
    press(window, Key.Key_L)
    for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
        again = QKeyEvent(kind, Key.Key_L, NONE, "l", autorep=True)
        with qtbot.assertNotEmitted(window.transport_bar.shuttle_requested):
            QApplication.sendEvent(window, again)


def test_zoom_keys_change_the_view_and_back(window: MainWindow, qtbot: QtBot) -> None:
    views: list[tuple[float, float]] = []
    window.timeline.view_changed.connect(lambda *view: views.append(view))
    press(window, Key.Key_Plus)
    press(window, Key.Key_PageDown)
    press(window, Key.Key_PageUp)
    press(window, Key.Key_0, CTRL)
    spans = [end_s - start_s for start_s, end_s in views]
    assert spans == pytest.approx([40.0, 40.0, 40.0, 60.0])
    assert views[1][0] > views[2][0]


def test_before_a_video_is_open_only_opening_makes_sense(empty_window: MainWindow) -> None:
    needs_nothing = {s.text.replace("&", "") for s in ACTIONS if s.needs is Needs.NOTHING}
    assert enabled(empty_window) == needs_nothing


def test_undo_and_redo_say_what_they_do(window: MainWindow, qtbot: QtBot) -> None:
    assert "Undo: Mute BGM" in enabled(window)
    button = child(window, QPushButton, "Undo: Mute BGM")
    with qtbot.waitSignal(window.undo_requested):
        click(button)
    window.show_state(WindowState("clip.mp4", has_media=True, redo_name="Mute BGM"))
    assert "Redo: Mute BGM" in enabled(window)
    assert not button.isEnabled()
    for keys in ((Key.Key_Y, CTRL), (Key.Key_Z, CTRL | SHIFT)):
        with qtbot.waitSignal(window.redo_requested):
            press(window, *keys)


def test_the_title_says_what_is_open_and_edited(window: MainWindow) -> None:
    window.show_state(WindowState("clip.mp4", edited=True))
    assert window.isWindowModified()
    assert window.windowTitle() == "clip.mp4[*] \N{EM DASH} Reprise"
    window.show_state(WindowState())
    assert window.windowTitle() == "Reprise[*]"


def test_space_presses_the_button_that_has_the_focus(window: MainWindow, qtbot: QtBot) -> None:
    loop = child(window, QPushButton, "Loop")
    loop.setFocus(Qt.FocusReason.TabFocusReason)
    with (
        qtbot.assertNotEmitted(window.transport_bar.play_requested),
        qtbot.waitSignal(window.transport_bar.loop_toggled),
    ):
        press(loop, Key.Key_Space)
    with qtbot.waitSignal(window.transport_bar.shuttle_requested):
        press(loop, Key.Key_L)


def test_a_click_does_not_take_space_away_from_playing(window: MainWindow, qtbot: QtBot) -> None:
    loop = child(window, QPushButton, "Loop")
    click(loop)
    assert not loop.hasFocus()
    with qtbot.waitSignal(window.transport_bar.play_requested):
        press(QApplication.focusWidget() or window, Key.Key_Space)


def test_arrows_move_between_choices_not_the_picture(window: MainWindow, qtbot: QtBot) -> None:
    choice = next(c for c in window.restore_panel.findChildren(QRadioButton) if c.isChecked())
    choice.setFocus()
    with (
        qtbot.assertNotEmitted(window.transport_bar.step_requested),
        qtbot.waitSignal(window.restore_panel.quality_changed) as quality,
    ):
        press(choice, Key.Key_Right)
    assert quality.args == ["best"]


def test_typing_a_gain_triggers_nothing_else(window: MainWindow, qtbot: QtBot) -> None:
    gain = child(window, GainField, "Gain of Dialogue")
    gain.setFocus()
    gain.selectAll()
    with (
        qtbot.assertNotEmitted(window.timeline.mute_toggled),
        qtbot.assertNotEmitted(window.timeline.solo_only_requested),
        qtbot.waitSignal(window.timeline.gain_changed) as change,
    ):
        for key in (Key.Key_M, Key.Key_Minus, Key.Key_2, Key.Key_Left, Key.Key_Right):
            press(gain, key)
        press(gain, Key.Key_Return)
    assert change.args == ["dialogue", -2.0]
    assert child(window, LaneHeader, "Lane Dialogue").hasFocus()


def test_a_click_beside_ends_typing(window: MainWindow, qtbot: QtBot) -> None:
    gain = child(window, GainField, "Gain of Dialogue")
    gain.setFocus()
    click(window.video_view, QPoint(300, 200))
    assert not gain.hasFocus()


def test_files_dropped_anywhere_are_told_once(window: MainWindow, qtbot: QtBot) -> None:
    for target in (window, window.video_view):
        with qtbot.waitSignal(window.files_dropped) as files:
            drop(target, file_mime("/a.mp4"))
        assert [path.name for path in files.args[0]] == ["a.mp4"]


def test_a_track_dropped_on_its_card_is_no_new_video(window: MainWindow, qtbot: QtBot) -> None:
    with (
        qtbot.assertNotEmitted(window.files_dropped),
        qtbot.waitSignal(window.restore_panel.track_dropped),
    ):
        drop(window.restore_panel.known_card, file_mime("/a.mp3"))


def test_a_drag_shows_where_it_may_end(window: MainWindow) -> None:
    card = window.restore_panel.known_card
    drag_in(window, file_mime("/a.mp4"))
    assert card.property("drop") == "yes"
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert card.property("drop") == "no"


def test_escape_dismisses_the_message(window: MainWindow, qtbot: QtBot) -> None:
    window.message_bar.show_message(MessageKind.ERROR, "No sound track")
    with qtbot.waitSignal(window.message_bar.dismissed):
        press(window, Key.Key_Escape)


def test_a_message_moves_nothing(window: MainWindow) -> None:
    def places() -> list[QPoint]:
        panels = (window.restore_panel, window.transport_bar, window.timeline, window.video_view)
        return [panel.mapTo(window, QPoint(0, 0)) for panel in panels]

    before = places()
    window.message_bar.show_message(MessageKind.WARNING, "Something to know", "What to do about it")
    QApplication.processEvents()
    assert window.message_bar.visibleRegion().boundingRect() == window.message_bar.rect()
    assert places() == before


def test_the_picture_is_fitted_below_a_message(window: MainWindow) -> None:
    view = window.video_view
    view.show_frame(plain_image(90, 160, "#aa0000"))
    middle, top = view.width() // 2, 14
    assert color_at(view, middle, top) == "#aa0000"
    window.message_bar.show_message(MessageKind.NOTICE, "Something to know", "What to do about it")
    QApplication.processEvents()
    height = window.message_bar.height()
    assert height > top
    assert color_at(view, middle, height - 2) == DARK.stage
    assert color_at(view, middle, height + top) == "#aa0000"
    window.message_bar.dismiss()
    assert color_at(view, middle, top) == "#aa0000"


def test_the_theme_is_chosen_in_the_menu(window: MainWindow, qtbot: QtBot) -> None:
    light = next(a for a in window.findChildren(type(window.actions()[0])) if a.text() == "&Light")
    with qtbot.waitSignal(window.theme_chosen) as chosen:
        light.trigger()
    assert chosen.args == ["light"]
    assert light.isChecked()
    assert color_at(window.transport_bar, 3, 20) == LIGHT.panel
    window.set_theme(DARK)
    assert color_at(window.transport_bar, 3, 20) == DARK.panel


def test_the_window_fits_on_the_screen(window: MainWindow) -> None:
    window.resize(5000, 4000)
    window.fit_to_screen()
    room = window.screen().availableSize().expandedTo(window.minimumSize())
    assert window.width() <= room.width()
    assert window.height() <= room.height()


def test_closing_is_told(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.closing):
        window.close()


def test_question_mark_shows_the_keys(window: MainWindow, qtbot: QtBot) -> None:
    press(window, Key.Key_Question)
    sheet = QApplication.activeModalWidget()
    assert sheet is not None
    assert sheet.windowTitle() == "Keyboard shortcuts"
    press(sheet, Key.Key_Escape)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 700), (960, 600)])
def test_nothing_overlaps_at_any_size(window: MainWindow, width: int, height: int) -> None:
    window.resize(width, height)
    QApplication.processEvents()
    panels = [
        window.video_view,
        window.transport_bar,
        window.timeline,
        window.restore_panel,
        window.status_line,
    ]
    places = [QRect(panel.mapTo(window, panel.rect().topLeft()), panel.size()) for panel in panels]
    for index, place in enumerate(places):
        assert not any(place.intersects(other) for other in places[index + 1 :])
        assert window.rect().contains(place)
    assert window.restore_panel.width() == 392
    assert window.video_view.height() >= 120


def test_switches_are_in_sight_and_speak_as_keys_do(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    spoken: list[str] = []
    monkeypatch.setattr(main_window, "announce", lambda _source, text: spoken.append(text))
    window.set_switch(Command.SNAP, on=True)
    snap = child(window, QToolButton, "Snap")
    assert snap.isChecked()
    assert spoken == []
    with qtbot.waitSignal(window.switched) as switched:
        click(snap)
    assert switched.args == ["snap", False]
    assert not window.timeline.snapping.is_on
    press(window, Key.Key_N)
    assert snap.isChecked()
    assert spoken == ["Snap off", "Snap on"]


def test_a_long_name_of_an_edit_does_not_fill_the_bar(themed: QApplication, qtbot: QtBot) -> None:
    bar = TitleBar(DARK)
    qtbot.addWidget(bar)
    before_px = bar.minimumSizeHint().width()
    bar.show_undo("Compare with " + "y" * 200)
    assert bar.minimumSizeHint().width() < before_px + 300
    assert child(bar, QPushButton, "Undo: Compare with " + "y" * 200).isEnabled()


@pytest.mark.parametrize("width_px", [960, 1100, 1440])
def test_the_pages_stay_where_they_are_whatever_can_be_undone(
    empty_window: MainWindow, qtbot: QtBot, width_px: int
) -> None:
    empty_window.resize(width_px, 700)
    bar = child(empty_window, TitleBar)
    places = set()
    for name in ("", "Mute", "Move a gain point of music 1 " * 4):
        empty_window.show_state(WindowState(name, edited=bool(name), undo_name=name))
        qtbot.wait(10)
        places.add(bar.pages.geometry().getRect())
    assert len(places) == 1


def test_edited_is_said_in_full_and_the_name_gives_way(qtbot: QtBot) -> None:
    bar = TitleBar(DARK)
    qtbot.addWidget(bar)
    bar.resize(900, bar.height())
    bar.show()
    bar.show_document("A long name of a film " * 5 + ".mp4", edited=True)
    qtbot.wait(5)
    (title,) = bar.findChildren(Title)
    assert title.text().endswith("— edited")
    assert "…" in title.text()
    assert title.fontMetrics().horizontalAdvance(title.text()) <= title.width()


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_menu_has_a_letter_twice(empty_window: MainWindow, code: str) -> None:
    words = gettext.translation(DOMAIN, CATALOGUES, [code], fallback=True)
    for bar in empty_window.findChildren(QMenuBar):
        for menu in (bar, *bar.findChildren(QMenu)):
            texts = [words.gettext(action.text()) for action in menu.actions() if action.text()]
            found = Counter(letter.upper() for text in texts for letter in letters(text))
            assert max(found.values(), default=1) == 1, (code, found, texts)


def letters(text: str) -> list[str]:
    """The letters that a text marks; `&&` is a mere `&`."""
    return re.findall(r"&(\w)", text.replace("&&", ""))
