"""Blind tests run from the wish to the result, and give nothing away meanwhile."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QPushButton, QSlider, QWidget

from app.envelope_edits import set_gain_point
from app.marks import select
from app.project import Rival, opened
from app.review.edits import add_rival
from app.review.findings import finding
from app.review.listening import Answer, Plan, Session, anchor_id
from engine.types import Samples, StemName
from tests.app.controllers.test_compare import add_file, decibel, expected, shown
from tests.helpers.editor import RATE_HZ, WAIT_MS, Editor
from tests.helpers.questions import answering
from tests.widgets.samples import child
from widgets.pages import Page
from widgets.review_view import BlindTestWish, Question

DIALOGUE, EFFECTS = StemName.DIALOGUE, StemName.EFFECTS
MUSIC1, MUSIC2 = StemName.MUSIC1, StemName.MUSIC2
PARTS = {
    StemName.MIX: (DIALOGUE, EFFECTS, MUSIC1, MUSIC2),
    StemName.RESTORED: (DIALOGUE, EFFECTS, MUSIC1),
}
ABX = BlindTestWish(Question.ABX, (StemName.MIX, StemName.RESTORED), 6, "Anna")


def begin(editor: Editor, wish: BlindTestWish = ABX) -> Plan:
    editor.app.window.review_panel.blind_card.start_requested.emit(wish)
    session = editor.app.blind_test.session
    assert session is not None
    return session.plan


def listen(editor: Editor, index: int) -> Samples:
    """Press a button and hear what it plays."""
    editor.app.window.trial_stage.listen_requested.emit(index)
    editor.app.window.timeline.seek_requested.emit(0.5)
    return editor.hear(1000)[:, 200:]


def answer(editor: Editor, choice: int) -> None:
    editor.app.window.review_panel.trial_card.chosen.emit(choice)


def kept(editor: Editor) -> Session:
    (session,) = editor.app.document.project.sessions
    return session


def test_what_is_one_and_the_same_is_not_compared(review: Editor) -> None:
    project = review.app.document.project
    assert project.restore is not None
    stems = project.restore.result.stems
    same = {**stems, StemName.RESTORED: stems[StemName.MIX]}
    result = replace(project.restore.result, stems=same)
    review.app.document.open(replace(project, restore=replace(project.restore, result=result)))
    review.app.blind_test.start(ABX)
    review.settle()
    assert review.app.blind_test.session is None
    assert review.messages[-1].text == "Two of these versions are one and the same sound."


def test_every_button_plays_what_was_drawn_equally_loud(review: Editor) -> None:
    plan = begin(review)
    gains_db = {each.version_id: each.gain_db for each in plan.compared}
    for number in range(plan.num_trials):
        for index, version_id in enumerate(plan.plays(number)):
            found = decibel(listen(review, index), expected(*PARTS[StemName(version_id)]))
            assert found == pytest.approx(gains_db[version_id], abs=0.05)
        answer(review, 0)


def test_who_hears_it_is_told_so_and_the_session_is_kept(review: Editor) -> None:
    plan = begin(review)
    for number in range(plan.num_trials):
        plays = plan.plays(number)
        for index in range(3):
            listen(review, index)
        answer(review, plays.index(plays[2]))
    assert review.app.blind_test.session is None
    session = kept(review)
    assert (session.num_right, session.is_complete) == (6, True)
    assert session.plan.listener == "Anna"
    assert [each.name for each in session.plan.compared] == ["mix", "restored"]
    assert session.finished_at
    assert all(each.switches >= 2 for each in session.answers)
    assert review.app.document.undo_name == "Listening test"
    review.app.window.undo_requested.emit()
    assert not review.app.document.project.sessions


def test_nothing_that_tells_is_seen_or_can_be_used(review: Editor) -> None:
    window = review.app.window
    begin(review)
    assert not window.timeline.headers.isVisible()
    assert window.trial_stage.isVisible()
    locked = [a.text() for a in window.actions() if "Undo" in a.text() or "Review" in a.text()]
    assert len(locked) >= 1
    assert not any(a.isEnabled() for a in window.actions() if a.text() in locked)
    review.app.blind_test.stop()
    assert window.timeline.headers.isVisible()
    assert not window.trial_stage.isVisible()


def test_the_stretch_is_looped_and_the_loop_ends_with_the_test(review: Editor) -> None:
    begin(review)
    assert review.transport.loop is not None
    # As after an export that ends meanwhile.
    review.app.document.keep()
    review.app.document.do(select(0.5, 1.0))
    assert review.transport.loop is not None
    review.app.blind_test.stop()
    assert review.app.window.page is Page.REVIEW
    assert review.transport.loop is None


def test_a_file_with_a_long_name_can_be_tested(review: Editor, tmp_path: Path) -> None:
    theirs = tmp_path / f"{'long' * 55}.wav"
    soundfile.write(theirs, np.full((2 * RATE_HZ, 1), 0.25), RATE_HZ)
    add_file(review, theirs)
    review.qtbot.waitUntil(lambda: shown(review).is_measured, timeout=WAIT_MS)
    rival = shown(review).versions[-1].version_id
    plan = begin(review, BlindTestWish(Question.ABX, (StemName.MIX, rival), 1, ""))
    assert theirs.name.startswith(plan.compared[1].name)


def test_a_test_without_answers_leaves_nothing(review: Editor) -> None:
    begin(review)
    review.app.window.review_panel.trial_card.stop_requested.emit()
    assert not review.app.document.project.sessions


def test_a_test_that_is_given_up_is_kept_as_such(review: Editor) -> None:
    begin(review)
    answer(review, 1)
    review.app.window.review_panel.trial_card.stop_requested.emit()
    assert not kept(review).is_complete
    review.app.window.review_panel.findings_card.forget_requested.emit(0)
    assert not review.app.document.project.sessions


def test_other_sounds_end_a_test_and_what_was_answered_is_kept(review: Editor) -> None:
    begin(review)
    answer(review, 0)
    review.app.window.restore_panel.swap_requested.emit()
    assert review.app.blind_test.session is None
    assert "given up" in review.messages[-1].text
    review.qtbot.waitUntil(lambda: bool(review.app.document.project.sessions))
    assert not kept(review).is_complete


def test_answers_about_one_video_do_not_go_to_the_next(review: Editor) -> None:
    document = review.app.document
    begin(review)
    answer(review, 1)
    media = document.project.media
    assert media is not None
    document.open(opened(replace(media, frame_rate_hz=1.0)))
    assert review.app.blind_test.session is None
    assert not document.project.sessions
    assert not document.is_edited


def test_ratings_are_kept_by_version(review: Editor) -> None:
    plan = begin(review, BlindTestWish(Question.RATING, (StemName.MIX, StemName.RESTORED), 2, ""))
    for number in range(2):
        wanted = {StemName.MIX: 20, StemName.RESTORED: 80}
        ratings = tuple(wanted[StemName(each)] for each in plan.plays(number))
        review.app.window.review_panel.trial_card.rated.emit(ratings)
    assert kept(review).ratings() == ((20, 20), (80, 80))


def test_a_letter_beyond_the_last_does_nothing(review: Editor) -> None:
    begin(review, BlindTestWish(Question.PREFERENCE, (StemName.MIX, StemName.RESTORED), 2, ""))
    before = listen(review, 1)
    review.app.window.version_requested.emit(9)
    review.app.window.version_requested.emit(0)
    review.app.window.timeline.seek_requested.emit(0.5)
    np.testing.assert_allclose(review.hear(1000)[:, 200:], before, atol=1e-6)
    assert math.isfinite(shown(review).versions[0].gain_db)


def test_a_reference_is_open_and_hidden_among_the_rated(review: Editor) -> None:
    wish = BlindTestWish(
        Question.RATING, (StemName.MIX, StemName.RESTORED), 1, "", has_reference=True
    )
    plays = begin(review, wish).plays(0)
    assert plays[0] == StemName.MIX
    assert sorted(plays[1:]) == [StemName.MIX, StemName.RESTORED]
    ratings = tuple(100 if each == StemName.MIX else 30 for each in plays[1:])
    review.app.window.review_panel.trial_card.rated.emit(ratings)
    assert kept(review).ratings() == ((100,), (30,))


def test_a_number_plays_the_version_of_that_number_and_0_the_reference(review: Editor) -> None:
    begin(
        review,
        BlindTestWish(
            Question.RATING, (StemName.MIX, StemName.RESTORED), 1, "", has_reference=True
        ),
    )
    heard = []
    for key in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_0):
        press(review, key)
        stage = review.app.window.trial_stage
        heard += [b.accessibleName() for b in stage.findChildren(QPushButton) if b.isChecked()]
    letters = ("1", "2", "2", "R")
    assert heard == [f"Listen to {letter}" for letter in letters]


def test_a_selection_meanwhile_changes_nothing_of_what_is_heard(review: Editor) -> None:
    plan = begin(review)
    before = listen(review, 1)
    review.app.document.do(select(0.1, 1.9))
    review.settle()
    review.app.window.timeline.seek_requested.emit(0.5)
    np.testing.assert_allclose(review.hear(1000)[:, 200:], before, atol=1e-6)
    assert review.app.blind_test.session == Session(plan)


def test_what_is_not_compared_may_change_while_a_test_goes_on(review: Editor) -> None:
    begin(review)
    session, media = review.app.blind_test.session, review.app.document.project.media
    assert media is not None
    review.app.document.do(add_rival(Rival(Path("theirs.wav"), media.mix)))
    review.app.document.do(set_gain_point("ost", 0.5, -6.0))
    assert review.app.blind_test.session is session
    assert session is not None


def test_a_test_that_goes_on_is_not_lost_unasked(review: Editor) -> None:
    begin(review)
    with answering(Qt.Key.Key_Escape) as asked:
        review.app.window.close()
    assert "A blind test goes on" in asked[0]
    assert review.app.window.isVisible()
    assert review.app.blind_test.session is not None


def with_anchors(*anchors_hz: int) -> BlindTestWish:
    versions = (StemName.MIX, StemName.RESTORED)
    return BlindTestWish(
        Question.RATING, versions, 1, "", has_reference=True, anchors_hz=anchors_hz
    )


def test_a_low_anchor_is_hidden_among_the_rated_and_sounds_dull(review: Editor) -> None:
    review.app.window.review_panel.blind_card.start_requested.emit(with_anchors(3500))
    review.qtbot.waitUntil(lambda: review.app.blind_test.session is not None, timeout=WAIT_MS)
    session = review.app.blind_test.session
    assert session is not None
    plays = session.plan.plays(0)
    assert plays[0] == StemName.MIX
    assert sorted(plays[1:]) == [anchor_id(3500), StemName.MIX, StemName.RESTORED]
    reference = listen(review, 0)
    low = listen(review, plays.index(anchor_id(3500)))
    # All tones of the film lie below: the anchor is the reference, at its gain and place.
    np.testing.assert_allclose(low[:, 200:], reference[:, 200:], atol=2e-3)
    assert np.abs(low - reference).max() > 0
    review.app.window.review_panel.trial_card.rated.emit(
        tuple(0 if each == anchor_id(3500) else 95 for each in plays[1:])
    )
    assert kept(review).ratings() == ((95,), (95,), (0,))
    assert "Low anchor (3.5 kHz): 0" in "\n".join(finding(kept(review)).lines)


def test_an_anchor_that_cuts_nothing_off_is_refused(review: Editor) -> None:
    review.app.window.review_panel.blind_card.start_requested.emit(with_anchors(7000))
    assert "nothing to cut off" in review.messages[-1].text
    assert review.app.blind_test.session is None


def test_what_nobody_can_hear_takes_no_answers(review: Editor) -> None:
    begin(review)
    for index in range(3):
        listen(review, index)
    card = review.app.window.review_panel.trial_card
    review.outputs[-1].is_silent = True
    review.app.sound.transport_changed.emit()
    answer(review, 0)
    assert review.app.blind_test.session is not None
    assert not review.app.blind_test.session.answers
    assert any("Nothing can be heard" in each.text() for each in card.findChildren(QLabel))
    review.outputs[-1].is_silent = False
    review.app.sound.transport_changed.emit()
    answer(review, 0)
    assert len(review.app.blind_test.session.answers) == 1


def test_without_a_device_a_test_begins_only_if_that_is_wanted(review: Editor) -> None:
    card = review.app.window.review_panel.blind_card
    start = next(b for b in card.findChildren(QPushButton) if b.text() == "Start")
    go_on = next(b for b in card.findChildren(QCheckBox) if b.text() == "Go on without sound")
    assert start.isEnabled()
    assert not go_on.isVisible()
    review.outputs[-1].is_silent = True
    review.app.sound.transport_changed.emit()
    assert not start.isEnabled()
    assert any("no sound device" in each.text() for each in card.findChildren(QLabel))
    assert go_on.isVisible()
    go_on.click()
    start.click()
    session = review.app.blind_test.session
    assert session is not None
    assert session.plan.without_sound
    for _ in range(session.plan.num_trials):
        answer(review, 0)
    assert "shows nothing" in finding(kept(review)).lines[0]


def press(editor: Editor, *keys: Qt.Key, alt: bool = False) -> None:
    """Press keys wherever the focus is."""
    held = Qt.KeyboardModifier.AltModifier if alt else Qt.KeyboardModifier.NoModifier
    for key in keys:
        QTest.keyClick(focused(editor), key, held)


def focused(editor: Editor) -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    assert found.window() is editor.app.window
    return found


def answers(editor: Editor) -> list[Answer]:
    session = editor.app.blind_test.session
    return list(session.answers) if session is not None else []


def test_a_test_is_done_by_keyboard_alone(review: Editor) -> None:
    window = review.app.window
    window.activateWindow()
    start = child(window, QPushButton, "Start the blind test")
    start.setFocus()
    begin(review)
    assert focused(review).accessibleName() == "X is A"
    press(review, Qt.Key.Key_2, alt=True)
    press(review, Qt.Key.Key_Return)
    assert not answers(review)
    press(review, Qt.Key.Key_2, Qt.Key.Key_3)
    assert focused(review).accessibleName() == "X is A"
    playing = review.transport.is_playing
    press(review, Qt.Key.Key_Space)
    assert review.transport.is_playing is not playing
    assert not answers(review)
    press(review, Qt.Key.Key_2, alt=True)
    assert [each.choice for each in answers(review)] == [1]
    assert focused(review).accessibleName() == "X is A"
    press(review, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_Return)
    assert [each.choice for each in answers(review)] == [1, 0]
    hints = [each.text() for each in window.review_panel.trial_card.findChildren(QLabel)]
    assert "Answer with Alt+1, Alt+2, or with Return; Space plays." in hints


def test_a_rating_begins_on_its_first_slider_and_has_a_key_to_go_on(review: Editor) -> None:
    review.app.window.activateWindow()
    begin(review, BlindTestWish(Question.RATING, (StemName.MIX, StemName.RESTORED), 2, ""))
    slider = focused(review)
    assert isinstance(slider, QSlider)
    press(review, Qt.Key.Key_2, Qt.Key.Key_Right)
    assert focused(review) is slider
    assert slider.value() == 51
    press(review, Qt.Key.Key_1, alt=True)
    (done,) = answers(review)
    assert done.ratings == (51, 50)
    assert focused(review).accessibleName() == slider.accessibleName()


def test_the_view_cannot_be_zoomed_from_beginning_to_end(review: Editor) -> None:
    zooms = [child(review.app.window, QPushButton, name) for name in ("Zoom in", "Zoom out", "Fit")]
    begin(review)
    assert not any(each.isEnabled() for each in zooms)
    review.app.window.transport_bar.set_duration(2.0)
    assert not any(each.isEnabled() for each in zooms)
    review.app.blind_test.stop()
    assert all(each.isEnabled() for each in zooms)
