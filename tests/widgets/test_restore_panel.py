"""The Restore page shows its state and offers what makes sense in it."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QProgressBar, QPushButton, QRadioButton
from pytestqt.qtbot import QtBot

from engine.types import Decision, Quality, StageReport, Verdict
from tests.widgets.samples import Saw, child, click, color_at, drop, file_mime
from widgets import progress_card
from widgets.music_choice import MiniWaveform
from widgets.restore_panel import RestorePanel
from widgets.restore_view import (
    KnownTrackView,
    OutcomeKind,
    OutcomeView,
    ProgressView,
    RestoreView,
)
from widgets.theme import DARK, INSPECTOR_WIDTH_PX, LIGHT

READY = RestoreView(has_media=True)
KNOWN = replace(READY, track=KnownTrackView("Night Drive.mp3", "3 dB over the original"))
RUNNING = replace(
    KNOWN,
    progress=ProgressView("Separating music", 0.62, 14, (StageReport("Speech", "silero", 0.4),)),
)
DECIDED = replace(
    READY, decision=Decision("first", Verdict.FIRST, 0.87), reasons=("on the cuts", "beside them")
)


@pytest.fixture
def panel(themed: QApplication, qtbot: QtBot) -> RestorePanel:
    panel = RestorePanel(DARK)
    qtbot.addWidget(panel)
    panel.resize(INSPECTOR_WIDTH_PX, 860)
    panel.show()
    return panel


def texts(panel: RestorePanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


def buttons(panel: RestorePanel) -> dict[str, bool]:
    """Texts of the buttons in view, and whether they can be used."""
    visible = [b for b in panel.findChildren(QPushButton) if b.isVisible()]
    return {b.text() or b.accessibleName(): b.isEnabled() for b in visible}


def click_button(panel: RestorePanel, text: str) -> None:
    found = [
        b
        for b in panel.findChildren(QPushButton)
        if b.isVisible() and text in {b.text(), b.accessibleName()}
    ]
    click(found[0])


def main_buttons(panel: RestorePanel) -> list[str]:
    return [
        b.text()
        for b in panel.findChildren(QPushButton)
        if b.isVisible() and b.property("kind") == "main"
    ]


def test_without_a_video_nothing_can_be_started(panel: RestorePanel, qtbot: QtBot) -> None:
    panel.show_view(RestoreView())
    assert buttons(panel) == {"Choose a file…": True, "Separate blind": False, "Hear 10 s": False}
    with (
        qtbot.assertNotEmitted(panel.restore_blind_requested),
        qtbot.assertNotEmitted(panel.restore_known_requested),
    ):
        panel.request_restore()


def test_a_video_without_sound_has_nothing_to_take_out(panel: RestorePanel, qtbot: QtBot) -> None:
    panel.show_view(replace(KNOWN, has_sound=False))
    started = "Remove exactly this track", "Separate blind", "Hear 10 s"
    assert not any(buttons(panel)[text] for text in started)
    assert any("has no sound track" in text for text in texts(panel))
    with (
        qtbot.assertNotEmitted(panel.restore_blind_requested),
        qtbot.assertNotEmitted(panel.restore_known_requested),
    ):
        panel.request_restore()


FOUND = replace(READY, found=(KnownTrackView("Night Drive.mp3", "Under 0:00 to 0:58"),))


def test_what_the_library_knows_is_the_surest_way(panel: RestorePanel, qtbot: QtBot) -> None:
    panel.show_view(FOUND)
    assert main_buttons(panel) == ["Remove exactly this track"]
    assert "Found in your library" in texts(panel)
    assert "Night Drive.mp3\nUnder 0:00 to 0:58" in texts(panel)
    assert buttons(panel)["Another file…"]
    with qtbot.waitSignal(panel.restore_known_requested):
        panel.request_restore()
    panel.show_view(replace(FOUND, found=2 * FOUND.found))
    assert main_buttons(panel) == ["Remove these tracks"]
    panel.show_view(replace(FOUND, track=KnownTrackView("Mine.mp3")))
    assert "Mine.mp3" in texts(panel)


def test_some_seconds_can_be_tried_first(panel: RestorePanel, qtbot: QtBot) -> None:
    panel.show_view(FOUND)
    known, blind = [b for b in panel.findChildren(QPushButton) if b.text() == "Hear 10 s"]
    with qtbot.waitSignal(panel.preview_known_requested):
        click(known)
    with qtbot.waitSignal(panel.preview_blind_requested):
        click(blind)
    panel.show_view(READY)
    assert not known.isVisible()
    panel.show_view(RUNNING)
    assert not known.isEnabled()
    assert not blind.isEnabled()


def test_that_the_library_is_searched_is_said(panel: RestorePanel) -> None:
    panel.show_view(replace(READY, is_searching=True))
    assert any("Your library is being searched" in text for text in texts(panel))
    panel.show_view(READY)
    assert not any("Your library" in text for text in texts(panel))


def test_a_film_without_sound_has_nothing_to_take_out(panel: RestorePanel) -> None:
    choose = child(panel, QPushButton, "Choose a file…")
    panel.show_view(READY)
    assert choose.property("kind") == "main"
    panel.show_view(replace(READY, has_sound=False))
    assert choose.property("kind") == "quiet"


def test_the_surest_way_is_the_main_one(panel: RestorePanel) -> None:
    panel.show_view(READY)
    assert main_buttons(panel) == ["Choose a file…"]
    panel.show_view(KNOWN)
    assert main_buttons(panel) == ["Remove exactly this track"]
    assert buttons(panel)["Separate blind"]
    assert {"Night Drive.mp3", "3 dB over the original"} <= set(texts(panel))


@pytest.mark.parametrize(
    ("view", "text", "signal"),
    [
        (READY, "Choose a file…", "choose_track_requested"),
        (READY, "Separate blind", "restore_blind_requested"),
        (KNOWN, "Remove exactly this track", "restore_known_requested"),
        (KNOWN, "Change…", "choose_track_requested"),
        (KNOWN, "Forget this track", "clear_track_requested"),
        (RUNNING, "Cancel", "cancel_requested"),
        (DECIDED, "Swap", "swap_requested"),
    ],
)
def test_buttons_pass_wishes_on(
    panel: RestorePanel, qtbot: QtBot, view: RestoreView, text: str, signal: str
) -> None:
    panel.show_view(view)
    with qtbot.waitSignal(getattr(panel, signal)):
        click_button(panel, text)


@pytest.mark.parametrize(
    ("view", "signal"), [(READY, "restore_blind_requested"), (KNOWN, "restore_known_requested")]
)
def test_the_key_takes_the_surest_way(
    panel: RestorePanel, qtbot: QtBot, view: RestoreView, signal: str
) -> None:
    panel.show_view(view)
    with qtbot.waitSignal(getattr(panel, signal)):
        panel.request_restore()


def test_the_track_is_not_changed_under_a_running_restore(
    panel: RestorePanel, qtbot: QtBot
) -> None:
    panel.show_view(RUNNING)
    with qtbot.assertNotEmitted(panel.choose_track_requested):
        panel.request_track()
    panel.show_view(KNOWN)
    with qtbot.waitSignal(panel.choose_track_requested):
        panel.request_track()


def test_a_track_can_be_dropped_on_its_card(panel: RestorePanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.track_dropped) as dropped:
        drop(panel.known_card, file_mime("/music/a.mp3"))
    assert [path.name for path in dropped.args[0]] == ["a.mp3"]


def test_the_quality_is_chosen_by_hand_and_shown_by_value(
    panel: RestorePanel, qtbot: QtBot
) -> None:
    choices = {choice.text(): choice for choice in panel.findChildren(QRadioButton)}
    with qtbot.waitSignal(panel.quality_changed) as quality:
        choices["Best"].click()
    assert quality.args == ["best"]
    with qtbot.assertNotEmitted(panel.quality_changed):
        panel.show_view(replace(READY, quality=Quality.DRAFT, estimate_s=38))
    assert choices["Draft"].isChecked()
    assert any("About 40 s" in text for text in texts(panel))


def test_a_running_restore_shows_stage_part_time_and_what_is_done(panel: RestorePanel) -> None:
    panel.show_view(RUNNING)
    assert {"Separating music", "62 % · about 14 s left", "Speech ✓ 0.4 s"} <= set(texts(panel))
    assert child(panel, QProgressBar).value() == 620
    usable = {text for text, enabled in buttons(panel).items() if enabled}
    assert usable == {"Cancel"}


@pytest.mark.parametrize("kind", OutcomeKind)
def test_an_outcome_is_said_with_what_to_do(panel: RestorePanel, kind: OutcomeKind) -> None:
    panel.show_view(RUNNING)
    panel.show_view(replace(KNOWN, outcome=OutcomeView(kind, "It ended.", "Listen to it.")))
    assert {"It ended.", "Listen to it."} <= set(texts(panel))
    assert "Cancel" not in buttons(panel)
    assert not child(panel, QProgressBar).isVisible()


def test_stages_and_outcomes_are_spoken_once(
    panel: RestorePanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken: list[str] = []
    monkeypatch.setattr(progress_card, "announce", lambda _source, text: spoken.append(text))
    assert RUNNING.progress is not None
    panel.show_view(RUNNING)
    panel.show_view(replace(RUNNING, progress=replace(RUNNING.progress, fraction=0.7)))
    done = replace(KNOWN, outcome=OutcomeView(OutcomeKind.DONE, "The music is out."))
    panel.show_view(done)
    panel.show_view(replace(done, estimate_s=3))
    assert spoken == ["Separating music", "The music is out."]


def test_there_is_no_choice_without_a_decision(panel: RestorePanel) -> None:
    panel.show_view(READY)
    assert "Which music belongs to the picture?" not in texts(panel)
    assert "Swap" not in buttons(panel)


def test_a_decision_names_what_is_kept_and_why(panel: RestorePanel) -> None:
    panel.show_view(DECIDED)
    shown = texts(panel)
    assert {"Music 1 → keep", "Music 2 → take out", "on the cuts", "beside them"} <= set(shown)
    assert "Music 1 fits the picture (fairly sure, 87 %)." in shown
    panel.show_view(replace(DECIDED, decision=Decision("second", Verdict.SECOND, 1.0)))
    assert {"Music 1 → take out", "Music 2 → keep"} <= set(texts(panel))


def test_the_kept_music_has_the_colour_of_the_ost(panel: RestorePanel) -> None:
    panel.set_music_waveforms(Saw(0.8), Saw(0.8), 60.0)
    panel.show_view(DECIDED)
    QApplication.processEvents()
    first, second = panel.findChildren(MiniWaveform)
    assert color_at(first, 40, 10) == DARK.ost
    assert color_at(second, 40, 10) == DARK.bgm
    panel.set_theme(LIGHT)
    assert color_at(first, 40, 10) == LIGHT.ost
    panel.set_music_waveforms(None, None, 0.0)
    assert color_at(first, 40, 10) != LIGHT.ost


def test_long_names_never_widen_the_panel(panel: RestorePanel) -> None:
    name = "A very long name of a track that somebody called so for good reasons " * 3
    panel.show_view(replace(RUNNING, track=KnownTrackView(name, name)))
    QApplication.processEvents()
    body = panel.widget()
    assert body is not None
    assert body.width() <= panel.viewport().width()
    assert body.minimumSizeHint().width() <= panel.viewport().width()
