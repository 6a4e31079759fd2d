"""Every control has a name, and Tab reaches it."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QProgressBar,
    QRadioButton,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.types import Decision, StageReport, Verdict
from tests.widgets.samples import child, press
from widgets.lane_header import LaneHeader
from widgets.main_window import MainWindow
from widgets.message_bar import MessageKind
from widgets.pages import Page
from widgets.queue_view import QueueAct, QueueRow, QueueView, RowKind
from widgets.restore_view import (
    KeptStem,
    KnownTrackView,
    OutcomeKind,
    OutcomeView,
    ProgressView,
    RestoreView,
)
from widgets.result_card import ResultView
from widgets.review_view import (
    CompareView,
    FindingView,
    NoteView,
    Question,
    TrialView,
    VersionView,
)

INTERACTIVE = (
    *(QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox),
    *(LaneHeader, QComboBox, QLineEdit),
)
NAMED = (*INTERACTIVE, QProgressBar)
QUEUED = QueueRow(1, "a.mp4", RowKind.FAILED, "Failed: no sound", acts=tuple(QueueAct))
VIEWS = {
    "ready": RestoreView(has_media=True),
    "known": RestoreView(has_media=True, track=KnownTrackView("Night Drive.mp3", "found")),
    "running": RestoreView(
        has_media=True,
        progress=ProgressView("Separating", 0.5, 3.0, (StageReport("Speech", None, 1.0),)),
    ),
    "decided": RestoreView(has_media=True, decision=Decision("first", Verdict.BOTH, 0.5)),
    "done": RestoreView(
        has_media=True,
        kept=(KeptStem("ost", "Original music", True), KeptStem("bgm", "Added music", False)),
        amount=0.5,
        outcome=OutcomeView(OutcomeKind.DONE, "It has been taken out."),
    ),
}


COMPARED = CompareView(
    (
        VersionView("mix", "0", "Original", "mix", -14.0),
        VersionView("restored", "R", "Restored", "ost", -17.0, 3.0),
        VersionView("file 1", "F", "theirs.wav", "music", -16.0, 2.0, can_be_removed=True),
    ),
    "restored",
)
TRIALS = {
    "abx": TrialView(Question.ABX, 1, 16, ("A", "B", "X"), can_answer=True),
    "rating": TrialView(Question.RATING, 1, 3, ("R", "1", "2"), 1, can_answer=True),
}


@pytest.fixture(params=[*VIEWS, "review", *TRIALS])
def page(request: pytest.FixtureRequest, window: MainWindow) -> MainWindow:
    """The window in each state of its pages, with everything there is and a zoomed timeline."""
    if request.param in VIEWS:
        panel = window.restore_panel
        panel.show_view(VIEWS[request.param])
        panel.history_card.show_rows((replace(QUEUED, name="14:03", acts=()),))
        panel.result_card.show_view(ResultView((Path("/films/a.restored.mp4"),)))
        panel.queue_card.show_view(QueueView((QUEUED, replace(QUEUED, file_id=2)), "0 of 2 done"))
    else:
        window.show_page(Page.REVIEW)
        review, trial = window.review_panel, TRIALS.get(request.param)
        review.show_compare(COMPARED)
        review.findings_card.show_findings((FindingView("ABX", ("It was heard.",)),))
        review.notes_card.show_notes((NoteView(1, 2.0, "Softer"),))
        review.show_trial(trial)
        window.trial_stage.show_trial(trial)
    window.message_bar.show_message(MessageKind.ERROR, "Something went wrong", "Try again.")
    window.status_line.show_job("Open a.mp4: 40 %")
    window.timeline.zoom(3)
    QApplication.processEvents()
    return window


def controls(window: MainWindow, kinds: tuple[type[QWidget], ...]) -> list[QWidget]:
    # The field inside of a spin box is part of it.
    found = (w for w in window.findChildren(QWidget) if not w.objectName().startswith("qt_"))
    return [w for w in found if isinstance(w, kinds) and w.isVisible()]


def spoken_name(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def tab_stops(window: MainWindow) -> list[QWidget]:
    """What Tab goes through, once around."""
    stops: list[QWidget] = []
    widget = window.nextInFocusChain()
    while widget is not None and widget is not window:
        takes_tab = widget.focusPolicy() & Qt.FocusPolicy.TabFocus == Qt.FocusPolicy.TabFocus
        if takes_tab and widget.isVisible() and widget.isEnabled():
            stops.append(widget)
        widget = widget.nextInFocusChain()
    return stops


def test_every_control_has_a_name(page: MainWindow) -> None:
    nameless = [w for w in controls(page, NAMED) if not spoken_name(w).strip()]
    assert nameless == []


def test_no_two_controls_have_the_same_name(page: MainWindow) -> None:
    names = [spoken_name(w) for w in controls(page, INTERACTIVE) if not isinstance(w, QScrollBar)]
    assert sorted(names) == sorted(set(names))


def test_every_control_can_be_reached_with_tab(page: MainWindow) -> None:
    stops = tab_stops(page)
    wanted = [w for w in controls(page, INTERACTIVE) if w.isEnabled()]
    unreachable = [w for w in wanted if w not in stops and not isinstance(w, QScrollBar)]
    # Arrows go from the chosen one of a group to the others.
    assert all(isinstance(w, QRadioButton) and not w.isChecked() for w in unreachable)


def test_tab_goes_through_the_window_as_the_eye_does(window: MainWindow) -> None:
    names = [spoken_name(w) for w in tab_stops(window)]
    wanted = [
        "Undo: Mute BGM",
        "Play",
        "Fit",
        "Play head",
        "Lane Original mix",
        "Gain of Original mix",
        "Mute Original mix",
        "Solo Original mix",
        "Lane Dialogue",
        "Solo BGM removed",
        "Choose a file…",
        "Quality: Standard",
        "Separate blind",
    ]
    assert [name for name in names if name in wanted] == wanted


def test_pressing_tab_really_gets_round(window: MainWindow, qtbot: QtBot) -> None:
    seen: list[QWidget] = []
    for _ in range(len(tab_stops(window)) + 3):
        press(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        assert focus is not None
        seen.append(focus)
    reached = {spoken_name(widget) for widget in seen}
    for name in ("Play", "Play head", "Lane Dialogue", "Solo BGM removed", "Quality: Standard"):
        assert name in reached


def test_switches_tell_their_state(window: MainWindow) -> None:
    for name, checked in (("Mute BGM removed", True), ("Mute Dialogue", False)):
        switch = next(w for w in controls(window, (QAbstractButton,)) if spoken_name(w) == name)
        state = QAccessible.queryAccessibleInterface(switch).state()
        assert state.checkable
        assert bool(state.checked) is checked


def test_progress_is_a_value_with_words(window: MainWindow) -> None:
    window.restore_panel.show_view(VIEWS["running"])
    bar = child(window, QProgressBar, "Progress of the restore")
    interface = QAccessible.queryAccessibleInterface(bar)
    assert interface.role() == QAccessible.Role.ProgressBar
    assert interface.text(QAccessible.Text.Description) == "Separating, 50 % · about 3 s left"
