"""The Review page shows versions, asks blind, and keeps quiet about the answer meanwhile."""

import math
from dataclasses import replace

import pytest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSlider,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.widgets.samples import child, click
from widgets.compare_card import level_in_words
from widgets.review_panel import ReviewPanel
from widgets.review_view import (
    BlindTestWish,
    CompareView,
    FindingView,
    NoteView,
    Question,
    TrialView,
    VersionView,
)
from widgets.theme import INSPECTOR_WIDTH_PX
from widgets.trial_card import rating_in_words
from widgets.trial_stage import TrialStage

ORIGINAL = VersionView("mix", "0", "Original", "mix", -14.0, 0.0)
RESTORED = VersionView("restored", "R", "Restored", "ost", -17.5, 3.5)
DIALOGUE = VersionView("dialogue", "D", "Dialogue", "dialogue", -math.inf, 0.0)
MEASURED = CompareView((ORIGINAL, RESTORED, DIALOGUE), "restored", stretch="Loudness of the whole.")
ABX = TrialView(Question.ABX, 7, 16, ("A", "B", "X"), stretch="Loop 0:20.0 to 0:26.0")


@pytest.fixture
def panel(themed: QApplication, qtbot: QtBot) -> ReviewPanel:
    panel = ReviewPanel()
    qtbot.addWidget(panel)
    panel.resize(INSPECTOR_WIDTH_PX, 1400)
    panel.show()
    return panel


def words(parent: QWidget) -> str:
    """All that can be read; what has just been added is shown by the event loop."""
    QApplication.processEvents()
    return "\n".join(each.text() for each in parent.findChildren(QLabel) if each.isVisible())


def test_versions_are_listed_with_their_keys_and_levels(panel: ReviewPanel) -> None:
    panel.show_compare(MEASURED)
    choice = child(panel, QRadioButton, "Hear Restored")
    assert choice.isChecked()
    assert choice.text() == "1  Restored"
    assert "\N{MINUS SIGN}17.5 LUFS, +3.5 dB" in words(panel)
    assert "silence" in words(panel)


def test_long_names_make_nothing_wider_than_the_page(panel: ReviewPanel) -> None:
    long = VersionView(
        "file 1", "F", "&name" * 40 + ".wav", "music", -23.3, 5.2, can_be_removed=True
    )
    panel.show_compare(replace(MEASURED, versions=(ORIGINAL, RESTORED, long)))
    QApplication.processEvents()
    body = panel.widget()
    assert body is not None
    assert body.width() <= panel.viewport().width()
    assert child(panel, QRadioButton, f"Hear {long.name}").text().count("…") == 1


def test_a_version_is_chosen_by_hand_and_by_key(panel: ReviewPanel, qtbot: QtBot) -> None:
    panel.show_compare(MEASURED)
    with qtbot.waitSignal(panel.compare_card.version_chosen) as chosen:
        click(child(panel, QRadioButton, "Hear Dialogue"))
    assert chosen.args == ["dialogue"]
    assert panel.compare_card.version_at(0) == "mix"
    assert panel.compare_card.version_at(3) == ""
    panel.show_compare(replace(MEASURED, heard="mix"))
    heard = [each.text() for each in panel.findChildren(QRadioButton) if each.isChecked()]
    assert heard[0] == "0  Original"


def test_equal_loudness_can_be_switched_off(panel: ReviewPanel, qtbot: QtBot) -> None:
    panel.show_compare(MEASURED)
    with qtbot.waitSignal(panel.compare_card.matching_toggled) as toggled:
        child(panel, QCheckBox, "Equally loud").click()
    assert toggled.args == [False]
    panel.show_compare(replace(MEASURED, is_matched=False))
    assert "+3.5 dB" not in words(panel)


def test_levels_are_said_as_far_as_they_are_known() -> None:
    measuring = replace(ORIGINAL, loudness_lufs=None)
    assert level_in_words(measuring, is_matched=True) == "measuring"
    assert level_in_words(ORIGINAL, is_matched=True) == "\N{MINUS SIGN}14.0 LUFS, 0.0 dB"


def test_a_blind_test_is_set_up_and_begun(panel: ReviewPanel, qtbot: QtBot) -> None:
    panel.show_compare(MEASURED)
    child(panel, QSpinBox).setValue(10)
    child(panel, QLineEdit, "Listener").setText(" Anna ")
    with qtbot.waitSignal(panel.blind_card.start_requested) as begun:
        click(child(panel, QPushButton, "Start the blind test"))
    assert begun.args == [BlindTestWish(Question.ABX, ("mix", "restored"), 10, "Anna")]


def test_a_preference_may_have_a_third_version(panel: ReviewPanel) -> None:
    panel.show_compare(MEASURED)
    third = child(panel, QComboBox, "Third version, or nothing")
    assert not third.isVisible()
    click(child(panel, QRadioButton, "Blind test: Preference"))
    assert third.isVisible()
    assert panel.blind_card.wish().version_ids == ("mix", "restored")
    third.setCurrentIndex(3)
    assert panel.blind_card.wish().version_ids == ("mix", "restored", "dialogue")


def test_what_cannot_begin_says_why(panel: ReviewPanel) -> None:
    start = child(panel, QPushButton, "Start the blind test")
    assert not start.isEnabled()
    assert "restore the video, or compare with a file" in words(panel)
    panel.show_compare(
        replace(MEASURED, versions=(ORIGINAL, replace(RESTORED, loudness_lufs=None)))
    )
    assert "Loudness is being measured" in words(panel)
    panel.show_compare(MEASURED)
    assert start.isEnabled()
    child(panel, QComboBox, "Second version").setCurrentIndex(0)
    assert not start.isEnabled()
    assert "different versions" in words(panel)


def test_choices_stay_while_levels_come_in(panel: ReviewPanel) -> None:
    panel.show_compare(MEASURED)
    child(panel, QComboBox, "First version").setCurrentIndex(2)
    panel.show_compare(replace(MEASURED, heard="mix"))
    assert panel.blind_card.wish().version_ids == ("dialogue", "restored")


def test_the_number_of_trials_is_told_for_words_about_it(panel: ReviewPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.blind_card.trials_changed) as told:
        child(panel, QSpinBox).setValue(5)
    assert told.args == ["abx", 5]
    panel.blind_card.show_power("Five of five are needed.")
    assert "Five of five" in words(panel)


def test_a_trial_shows_nothing_that_tells(panel: ReviewPanel) -> None:
    panel.show_compare(MEASURED)
    panel.show_trial(ABX)
    seen = words(panel)
    assert "Trial 7 of 16" in seen
    for secret in ("Original", "Restored", "LUFS", "dB"):
        assert secret not in seen
    assert not any(each.isVisible() for each in panel.findChildren(QRadioButton))
    panel.show_trial(None)
    assert "LUFS" in words(panel)


def test_an_answer_waits_until_all_were_listened_to(panel: ReviewPanel, qtbot: QtBot) -> None:
    panel.show_trial(ABX)
    answer = child(panel, QPushButton, "X is B")
    with qtbot.assertNotEmitted(panel.trial_card.chosen):
        click(answer)
        panel.trial_card.answer(1)
    assert "Listen to each" in words(panel)
    assert "Listen to each" in answer.accessibleDescription()
    panel.show_trial(replace(ABX, can_answer=True, heard=2))
    assert "Listen to each" not in answer.accessibleDescription()
    with qtbot.waitSignal(panel.trial_card.chosen) as chosen:
        click(child(panel, QPushButton, "X is B"))
    assert chosen.args == [1]


def test_a_preference_has_a_button_for_each(panel: ReviewPanel, qtbot: QtBot) -> None:
    letters = ("1", "2", "3")
    panel.show_trial(TrialView(Question.PREFERENCE, 1, 8, letters, can_answer=True))
    with qtbot.waitSignal(panel.trial_card.chosen) as chosen:
        click(child(panel, QPushButton, "3 is best"))
    assert chosen.args == [2]


def test_ratings_are_sliders_with_words(panel: ReviewPanel, qtbot: QtBot) -> None:
    panel.show_trial(TrialView(Question.RATING, 1, 3, ("1", "2"), can_answer=True))
    child(panel, QSlider, "Rating of 1").setValue(85)
    assert "85 excellent" in words(panel)
    with qtbot.waitSignal(panel.trial_card.rated) as rated:
        click(child(panel, QPushButton, "Next trial"))
    assert rated.args == [(85, 50)]
    panel.show_trial(TrialView(Question.RATING, 2, 3, ("1", "2"), can_answer=True))
    assert child(panel, QSlider, "Rating of 1").value() == 50


@pytest.mark.parametrize(("rating", "word"), [(0, "bad"), (20, "poor"), (57, "fair"), (100, "exc")])
def test_ratings_have_words(rating: int, word: str) -> None:
    assert rating_in_words(rating).startswith(f"{rating} {word}")


def test_before_a_restore_the_original_is_not_offered_twice(panel: ReviewPanel) -> None:
    panel.show_compare(CompareView((ORIGINAL,), "mix"))
    first, second = (child(panel, QComboBox, name) for name in ("First version", "Second version"))
    assert (first.currentText(), second.currentText()) == ("Original", "")
    assert second.placeholderText() == "Nothing yet"
    assert panel.blind_card.wish().version_ids == ("mix",)
    assert "At least two versions" in words(panel)
    panel.show_compare(MEASURED)
    assert (first.currentText(), second.currentText()) == ("Original", "Restored")


def test_a_note_with_line_breaks_is_one_row(panel: ReviewPanel) -> None:
    panel.notes_card.show_notes((NoteView(3, 21.8, "Softer\n\n\tthan\r\nthe rest"),))
    assert "Softer than the rest" in words(panel)
    go = child(panel, QPushButton, "Go to the note at 0:21.8")
    assert go.accessibleDescription() == "Softer than the rest"


def test_findings_and_notes_come_and_go(panel: ReviewPanel, qtbot: QtBot) -> None:
    panel.show_compare(MEASURED)
    panel.findings_card.show_findings((FindingView("ABX: A or B", ("It was heard.",)),))
    panel.notes_card.show_notes((NoteView(3, 21.8, "Softer"), NoteView(4, 44.0, "Trace")))
    seen = words(panel)
    assert "It was heard." in seen
    assert "Softer" in seen
    with qtbot.waitSignal(panel.findings_card.forget_requested) as forgotten:
        click(child(panel, QPushButton, "Forget result 1"))
    assert forgotten.args == [0]
    with qtbot.waitSignal(panel.notes_card.seek_requested) as sought:
        click(child(panel, QPushButton, "Go to the note at 0:44.0"))
    assert sought.args == [44.0]
    with qtbot.waitSignal(panel.notes_card.note_opened) as opened:
        click(child(panel, QPushButton, "Change the note at 0:21.8"))
    assert opened.args == [3]
    panel.findings_card.show_findings(())
    panel.notes_card.show_notes(())
    assert "Softer" not in words(panel)
    assert not panel.findings_card.isVisible()


def test_a_report_is_asked_for_with_its_signer(panel: ReviewPanel, qtbot: QtBot) -> None:
    save = child(panel, QPushButton, "Sign and save the report")
    assert not save.isEnabled()
    panel.show_compare(MEASURED)
    panel.report_card.show_signer("Anna")
    with qtbot.waitSignal(panel.report_card.report_requested) as asked:
        click(save)
    assert asked.args == ["Anna"]


def test_the_stage_has_a_button_for_each_and_tells_which_is_heard(
    themed: QApplication, qtbot: QtBot
) -> None:
    stage = TrialStage()
    qtbot.addWidget(stage)
    stage.show_trial(ABX)
    assert child(stage, QPushButton, "Listen to A").isChecked()
    with qtbot.waitSignal(stage.listen_requested) as asked:
        click(child(stage, QPushButton, "Listen to X"))
    assert asked.args == [2]
    stage.show_trial(replace(ABX, heard=1))
    assert child(stage, QPushButton, "Listen to B").isChecked()
    assert not child(stage, QPushButton, "Listen to A").isChecked()
    stage.show_trial(None)
    assert not stage.isVisible()
