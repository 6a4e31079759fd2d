"""A restore comes in as an edit, sounds as it should, and can be swapped and taken back."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.marks import select
from app.project import Restore
from app.restore_log import log_lines
from app.restore_words import decision_shown, outcome_shown, result_words
from engine import remarks
from engine.types import BgmMatch, Decision, Method, Quality, Region, StemName, Verdict
from tests.helpers.editor import RATE_HZ, WAIT_MS, Editor
from tests.helpers.projects import blind_result, known_result
from tests.helpers.questions import answering
from tests.helpers.restore_workload import make_tone_film, sum_of
from widgets.pages import Page
from widgets.restore_view import OutcomeKind, RestoreView

DIALOGUE, EFFECTS = StemName.DIALOGUE, StemName.EFFECTS
MUSIC1, MUSIC2 = StemName.MUSIC1, StemName.MUSIC2


@pytest.fixture
def views(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> list[RestoreView]:
    """Everything that the panel is asked to show."""
    seen: list[RestoreView] = []
    panel = editor.app.window.restore_panel
    show = panel.show_view

    def note(view: RestoreView) -> None:
        seen.append(view)
        show(view)

    monkeypatch.setattr(panel, "show_view", note)
    return seen


def heard_is(editor: Editor, *stems: StemName) -> bool:
    """Whether what plays from the middle on is the sum of these stems."""
    editor.app.window.timeline.seek_requested.emit(1.0)
    if not editor.transport.is_playing:
        editor.app.window.transport_bar.play_requested.emit()
    heard = editor.hear(1000)[:, 200:]
    expected = sum_of(stems, 2 * RATE_HZ, RATE_HZ)[:, RATE_HZ + 200 : RATE_HZ + 1000]
    return bool(np.abs(heard - expected).max() < 1e-5)


def test_the_restored_sound_is_heard_and_undo_gives_the_mix_back(
    editor: Editor, film: Path
) -> None:
    editor.open(film)
    assert heard_is(editor, DIALOGUE, EFFECTS, MUSIC1, MUSIC2)
    editor.restore()
    assert editor.heard_lanes() == ["dialogue", "effects", "ost"]
    assert heard_is(editor, DIALOGUE, EFFECTS, MUSIC1)
    editor.app.window.undo_requested.emit()
    assert heard_is(editor, DIALOGUE, EFFECTS, MUSIC1, MUSIC2)
    editor.app.window.redo_requested.emit()
    assert heard_is(editor, DIALOGUE, EFFECTS, MUSIC1)


def test_nothing_old_is_said_of_what_was_taken_back(
    editor: Editor, film: Path, views: list[RestoreView]
) -> None:
    editor.open(film)
    editor.restore()
    assert views[-1].outcome is not None
    editor.app.messages.warn("All lanes are muted.")
    editor.app.window.undo_requested.emit()
    assert views[-1].outcome is None
    assert not editor.app.window.message_bar.isVisible()


def test_music_that_stays_together_is_one_lane(
    editor: Editor, tmp_path: Path, views: list[RestoreView]
) -> None:
    editor.open(make_tone_film(tmp_path / "undivided.mkv", 2.0, RATE_HZ))
    editor.restore()
    assert editor.heard_lanes() == ["dialogue", "rest"]
    assert heard_is(editor, DIALOGUE, EFFECTS, MUSIC1, MUSIC2)
    assert views[-1].decision is None
    assert views[-1].outcome is not None
    assert "Nothing was taken out" in views[-1].outcome.text
    # The card says so; once is enough.
    assert views[-1].outcome.hint == "no music was taken out"
    assert not editor.messages
    editor.app.window.timeline.mute_toggled.emit(StemName.REST.value, True)
    assert heard_is(editor, DIALOGUE)


def test_swap_keeps_the_other_music(editor: Editor, film: Path, views: list[RestoreView]) -> None:
    editor.open(film)
    editor.restore()
    editor.app.window.restore_panel.swap_requested.emit()
    assert heard_is(editor, DIALOGUE, EFFECTS, MUSIC2)
    decision = views[-1].decision
    assert decision is not None
    assert (decision.ost, decision.confidence) == ("second", 1.0)
    assert views[-1].reasons == ("", "You keep this one.")
    editor.app.window.undo_requested.emit()
    assert heard_is(editor, DIALOGUE, EFFECTS, MUSIC1)
    editor.settle()


def test_progress_is_shown_and_a_cancelled_restore_changes_nothing(
    editor: Editor, film: Path, views: list[RestoreView]
) -> None:
    editor.open(film)
    before = editor.app.document.project
    panel = editor.app.window.restore_panel
    panel.quality_changed.emit(Quality.BEST.value)
    panel.restore_blind_requested.emit()
    editor.qtbot.waitUntil(
        lambda: views[-1].progress is not None and views[-1].progress.fraction > 0.2,
        timeout=WAIT_MS,
    )
    progress = views[-1].progress
    assert progress is not None
    assert progress.stage == "Separating speech and music"
    panel.cancel_requested.emit()
    outcome = views[-1].outcome
    assert outcome is not None
    assert outcome.kind is OutcomeKind.CANCELLED
    assert views[-1].progress is None
    assert editor.app.document.project is before


def test_a_failure_is_shown_with_its_hint(
    editor: Editor, film: Path, views: list[RestoreView]
) -> None:
    editor.open(film)
    editor.app.window.restore_panel.quality_changed.emit(Quality.DRAFT.value)
    editor.app.window.restore_panel.restore_blind_requested.emit()
    editor.qtbot.waitUntil(lambda: views[-1].outcome is not None, timeout=WAIT_MS)
    outcome = views[-1].outcome
    assert outcome is not None
    assert (outcome.kind, outcome.text) == (OutcomeKind.FAILED, "The device is on fire.")
    assert outcome.hint == "Put it out."


def test_a_known_track_is_chosen_and_taken_out(
    editor: Editor, film: Path, tmp_path: Path, views: list[RestoreView]
) -> None:
    editor.open(film)
    editor.answers.track = tmp_path / "song.mp3"
    panel = editor.app.window.restore_panel
    panel.choose_track_requested.emit()
    assert views[-1].track is not None
    assert (views[-1].track.name, views[-1].track.detail) == ("song.mp3", "")
    panel.restore_known_requested.emit()
    editor.qtbot.waitUntil(lambda: editor.app.document.project.restore is not None, timeout=WAIT_MS)
    assert editor.heard_lanes() == ["restored"]
    assert heard_is(editor, DIALOGUE, EFFECTS, MUSIC1)
    assert views[-1].decision is None
    assert views[-1].track is not None
    assert "from 0:00.5 of the track; sure, 95 %" in views[-1].track.detail
    panel.clear_track_requested.emit()
    assert views[-1].track is None
    editor.settle()


def test_another_film_ends_the_restore_of_the_one_before(
    editor: Editor, film: Path, views: list[RestoreView]
) -> None:
    editor.open(film)
    panel = editor.app.window.restore_panel
    panel.quality_changed.emit(Quality.BEST.value)
    panel.restore_blind_requested.emit()
    editor.qtbot.waitUntil(lambda: views[-1].progress is not None, timeout=WAIT_MS)
    with answering(Qt.Key.Key_D):
        editor.app.media.open(film)
    editor.qtbot.waitUntil(lambda: not editor.app.jobs.active_jobs, timeout=WAIT_MS)
    assert views[-1].progress is None
    assert views[-1].outcome is None
    assert editor.app.document.project.restore is None


def test_the_quality_is_remembered(editor: Editor, film: Path, tmp_path: Path) -> None:
    editor.app.window.restore_panel.quality_changed.emit(Quality.DRAFT.value)
    assert '"draft"' in (tmp_path / "settings.json").read_text()


def test_the_time_of_the_last_restore_tells_the_next_one(
    editor: Editor, film: Path, views: list[RestoreView]
) -> None:
    editor.open(film)
    assert views[-1].estimate_s is None
    editor.restore()
    assert views[-1].estimate_s == pytest.approx(0.5)  # as the stages say
    editor.app.window.restore_panel.quality_changed.emit(Quality.BEST.value)
    assert views[-1].estimate_s is None


@pytest.mark.parametrize(
    ("confidence", "words"),
    [(0.95, "The added music has been taken out"), (0.6, "25 % of the added"), (0.5, "unclear")],
)
def test_nothing_is_claimed_that_was_not_done(
    tmp_path: Path, confidence: float, words: str
) -> None:
    decision = Decision("first", Verdict.FIRST, confidence)
    assert words in result_words(replace(blind_result(tmp_path), decision=decision))


def test_what_a_known_track_left_to_the_blind_way_is_said(tmp_path: Path) -> None:
    match = BgmMatch(tmp_path / "song.mp3", 0.0, 0.0, 1.0, -3.0, 1.0, 0.9)
    known = replace(known_result(tmp_path), bgm=(match,))
    assert result_words(known) == "song.mp3 has been taken out."
    both = replace(known, method=Method.KNOWN_BGM_AND_BLIND)
    assert "with blind separation where it was changed a lot" in result_words(both)


def test_where_nothing_was_taken_out_that_is_said(tmp_path: Path) -> None:
    words = result_words(replace(blind_result(tmp_path), decision=None))
    assert "Nothing was taken out" in words


def test_without_a_restore_nothing_is_decided() -> None:
    assert decision_shown(None) is None


def test_the_user_s_word_goes_before_the_matcher_s(editor: Editor, film: Path) -> None:
    editor.open(film)
    editor.restore()
    restore = editor.app.document.project.restore
    assert restore is not None
    chosen = decision_shown(Restore(restore.result, choice="second"))
    assert chosen is not None
    assert (chosen.ost, chosen.verdict) == ("second", Verdict.SECOND)


def preview(editor: Editor, start_s: float) -> Region:
    """Ask for a preview from a time on, and wait until it is heard."""
    editor.app.window.timeline.seek_requested.emit(start_s)
    with editor.qtbot.waitSignal(editor.app._restore.previewed, timeout=WAIT_MS) as heard:
        editor.app.window.restore_panel.preview_blind_requested.emit()
    editor.settle()
    region = heard.args[0]
    assert isinstance(region, Region)
    return region


def test_a_preview_is_heard_where_it_is_and_repeats(
    editor: Editor, tmp_path: Path, views: list[RestoreView]
) -> None:
    editor.open(make_tone_film(tmp_path / "long.mkv", 14.0, RATE_HZ))
    assert preview(editor, 2.0) == Region(2.0, 12.0)
    assert views[-1].outcome is not None
    assert views[-1].outcome.text.startswith("Preview of 0:02.0 to 0:12.0")
    assert editor.transport.is_playing
    heard = editor.hear(11 * RATE_HZ)
    kept = sum_of((DIALOGUE, EFFECTS, MUSIC1), 10 * RATE_HZ, RATE_HZ)
    # Each tone of the stub begins anew with its artifact.
    shown = editor.app.document.project
    assert [lane.lane_id for lane in shown.lanes] == ["mix", "dialogue", "effects", "ost", "bgm"]
    np.testing.assert_allclose(heard[:, 10 * RATE_HZ + 200 :], heard[:, 200:RATE_HZ], atol=1e-5)
    assert np.std(heard) == pytest.approx(np.std(kept), rel=0.05)


def test_around_a_preview_the_mix_is_heard(editor: Editor, film: Path) -> None:
    editor.open(film)
    editor.app.window.timeline.selection_dragged.emit(0.25, 0.75)
    preview(editor, 0.0)
    editor.app.window.transport_bar.toggle_loop()
    assert heard_is(editor, DIALOGUE, EFFECTS, MUSIC1, MUSIC2)
    editor.app.window.timeline.solo_toggled.emit(StemName.DIALOGUE.value, True)
    assert heard_is(editor)


def test_a_preview_of_all_is_a_restore(editor: Editor, film: Path, tmp_path: Path) -> None:
    editor.open(film)
    assert preview(editor, 0.5) == Region(0.0, 2.0)
    assert editor.transport.is_playing
    assert editor.transport.loop is None
    editor.answers.output = tmp_path / "out.mkv"
    editor.app.window.export_video_requested.emit()
    editor.settle()
    assert (tmp_path / "out.mkv").exists()


def test_what_was_done_is_still_said_after_undo_and_redo(
    editor: Editor, film: Path, views: list[RestoreView]
) -> None:
    editor.open(film)
    editor.restore()
    said = views[-1].outcome
    editor.app.window.undo_requested.emit()
    editor.app.window.redo_requested.emit()
    assert said is not None
    assert views[-1].outcome == said


def test_warnings_stay_beside_what_was_done(tmp_path: Path) -> None:
    result = replace(blind_result(tmp_path), warnings=("It clips.",), notices=("By htdemucs.",))
    outcome = outcome_shown(Restore(result))
    assert outcome is not None
    assert outcome.hint == "By htdemucs.\nIt clips."


def test_a_note_does_not_say_again_what_was_done(tmp_path: Path) -> None:
    plain = blind_result(tmp_path)
    outcome = outcome_shown(Restore(replace(plain, warnings=(remarks.UNDIVIDED(), "It clips."))))
    assert outcome is not None
    advice, other = outcome.hint.splitlines()
    assert advice.startswith("No network that tells two pieces of music apart is chosen.")
    assert other == "It clips."
    only = outcome_shown(Restore(replace(plain, warnings=(remarks.ONLY_SPEECH(),))))
    assert only is not None
    assert only.hint == ""


def test_a_choice_of_the_user_is_not_called_unclear(tmp_path: Path) -> None:
    decision = Decision("first", Verdict.FIRST, 0.5)
    result = replace(blind_result(tmp_path), decision=decision)
    outcome = outcome_shown(Restore(result, choice="second"))
    assert outcome is not None
    assert outcome.text == "The music that you did not keep has been taken out."


def test_a_preview_cannot_be_exported_and_gives_way_to_the_whole(
    editor: Editor, film: Path, tmp_path: Path
) -> None:
    editor.open(film)
    editor.app.window.timeline.selection_dragged.emit(0.5, 1.5)
    preview(editor, 0.5)
    editor.answers.output = tmp_path / "out.mkv"
    editor.app.window.export_video_requested.emit()
    assert editor.app.jobs.active_jobs == ()
    editor.app.window.restore_panel.restore_blind_requested.emit()
    editor.qtbot.waitUntil(lambda: editor.app.document.undo_name == "Restore", timeout=WAIT_MS)
    editor.settle()
    assert editor.transport.loop is None
    assert heard_is(editor, DIALOGUE, EFFECTS, MUSIC1)


def test_what_is_selected_is_previewed(editor: Editor, film: Path) -> None:
    editor.open(film)
    editor.app.window.timeline.selection_dragged.emit(0.5, 1.5)
    assert preview(editor, 0.0) == Region(0.5, 1.5)
    loop = editor.transport.loop
    assert loop is not None
    assert (loop.start, loop.end) == (RATE_HZ // 2, 3 * RATE_HZ // 2)


def test_undoing_a_preview_ends_its_loop(editor: Editor, film: Path) -> None:
    editor.open(film)
    editor.app.window.timeline.selection_dragged.emit(0.5, 1.5)
    preview(editor, 0.5)
    assert editor.transport.loop is not None
    editor.app.window.undo_requested.emit()
    assert editor.transport.loop is None
    assert editor.app.document.project.restore is None


def test_a_swapped_preview_keeps_the_other_music(editor: Editor, film: Path) -> None:
    editor.open(film)
    editor.app.window.timeline.selection_dragged.emit(0.5, 1.5)
    preview(editor, 0.0)
    before = editor.hear(2000)
    editor.app.window.restore_panel.swap_requested.emit()
    editor.settle()
    after = editor.hear(2000)
    assert np.abs(before[:, 500:] - after[:, 500:]).max() > 0.05


def test_a_loop_that_was_on_before_a_preview_stays_on(editor: Editor, film: Path) -> None:
    editor.open(film)
    editor.app.window.transport_bar.toggle_loop()
    editor.app.window.timeline.selection_dragged.emit(0.5, 1.5)
    preview(editor, 0.5)
    editor.app.window.undo_requested.emit()
    editor.app.window.undo_requested.emit()
    loop = editor.transport.loop
    assert loop is not None
    assert (loop.start, loop.end) == (0, 2 * RATE_HZ)


def test_how_long_a_preview_will_be_is_said(
    editor: Editor, tmp_path: Path, views: list[RestoreView]
) -> None:
    editor.open(make_tone_film(tmp_path / "long.mkv", 14.0, RATE_HZ))
    assert views[-1].preview_s == 10.0
    editor.app.window.timeline.selection_dragged.emit(2.0, 5.0)
    assert views[-1].preview_s == 3.0


def test_where_the_card_is_out_of_sight_the_bar_says_what_is_to_be_known(
    editor: Editor, tmp_path: Path
) -> None:
    editor.open(make_tone_film(tmp_path / "undivided.mkv", 2.0, RATE_HZ))
    editor.app.window.show_page(Page.REVIEW)
    editor.restore()
    assert editor.messages[-1].text == "no music was taken out"


def test_what_is_kept_in_english_is_shown_in_the_language_of_the_window(
    german: None, tmp_path: Path
) -> None:
    warning = remarks.NOT_FOUND(track="song.mp3")
    notice = remarks.NETWORK(quality="best", stage="separator", model="x", why=remarks.ONLY_ONE())
    result = replace(blind_result(tmp_path), warnings=(warning,), notices=(notice,))
    outcome = outcome_shown(Restore(result))
    assert outcome is not None
    lines = ["Qualität best: separator x (das einzige)", "song.mp3 wurde nicht gefunden"]
    assert outcome.hint.splitlines() == lines
    assert [line.partition(": ")[2] for line in log_lines(result)][-2:] == lines


def test_a_video_that_was_moved_is_asked_for_and_restored(
    editor: Editor, film: Path, tmp_path: Path
) -> None:
    editor.open(film)
    editor.app.document.do(select(0.5, 1.5))
    (tmp_path / "there").mkdir()
    editor.answers.moved = film.rename(tmp_path / "there" / "renamed.mkv")
    editor.app.window.restore_panel.preview_blind_requested.emit()
    editor.qtbot.waitUntil(lambda: editor.app.document.project.restore is not None, timeout=WAIT_MS)
    editor.settle()
    result = restored_of(editor).result
    # The same stretch, of the film where it is now.
    assert (result.video, result.region) == (editor.answers.moved, Region(0.5, 1.5))
    assert [message.text for message in editor.messages] == [f"{film} is not there any more."]


def test_where_nobody_knows_the_video_the_failure_stays(
    editor: Editor, film: Path, views: list[RestoreView]
) -> None:
    editor.open(film)
    film.unlink()
    editor.app.window.restore_panel.restore_blind_requested.emit()
    editor.settle()
    editor.qtbot.waitUntil(lambda: len(editor.messages) == 1, timeout=WAIT_MS)
    outcome = views[-1].outcome
    assert outcome is not None
    assert (outcome.kind, editor.app.document.project.restore) == (OutcomeKind.FAILED, None)
    assert editor.messages[0].hint == "Choose where it is now."


def restored_of(editor: Editor) -> Restore:
    restore = editor.app.document.project.restore
    assert restore is not None
    return restore
