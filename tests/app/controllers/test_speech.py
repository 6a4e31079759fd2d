"""What the user says is speech is heard as speech, with one undo step for both."""

from pathlib import Path

import numpy as np
import pytest

from app.controllers import speech
from app.lane_edits import mute
from app.project_io import read_project
from app.speech import add_speech
from engine.types import Quality, Region, StemName
from tests.helpers.editor import RATE_HZ, WAIT_MS, Editor
from tests.helpers.restore_workload import LEVEL, make_tone_film
from widgets.actions import Command
from widgets.region_drag import RegionEdge
from widgets.speech_card import SpeechCard

FOUND = Region(0.2, 0.8)


@pytest.fixture
def restored(editor: Editor, film: Path) -> Editor:
    editor.open(film)
    editor.restore()
    return editor


def patient(editor: Editor, folder: Path, name: str = "patient") -> Editor:
    """An editor whose engine never comes to an end with speech."""
    editor.open(make_tone_film(folder / f"{name}.mkv", 2.0, RATE_HZ))
    editor.restore()
    return editor


def wish(editor: Editor, command: Command) -> None:
    editor.app.window.mark_requested.emit(command.value)


def drag(editor: Editor, edge: RegionEdge, time_s: float) -> None:
    editor.app.window.timeline.speech.edge_dragged.emit(edge, time_s)


def seek(editor: Editor, time_s: float) -> None:
    editor.app.window.timeline.seek_requested.emit(time_s)


def select(editor: Editor, start_s: float, end_s: float) -> None:
    editor.app.window.timeline.selection_dragged.emit(start_s, end_s)


def spoken(editor: Editor) -> tuple[Region, ...]:
    restore = editor.app.document.project.restore
    assert restore is not None
    return restore.spoken


def edges(editor: Editor) -> list[float]:
    return [edge_s for region in spoken(editor) for edge_s in (region.start_s, region.end_s)]


def is_behind(editor: Editor) -> bool:
    restore = editor.app.document.project.restore
    return restore is not None and restore.is_behind


def level_at(editor: Editor, time_s: float) -> float:
    """How loud the dialogue alone is at a time, as the device hears it."""
    timeline = editor.app.window.timeline
    seek(editor, time_s)
    if not editor.transport.is_playing:
        editor.app.window.transport_bar.play_requested.emit()
    timeline.solo_toggled.emit(StemName.DIALOGUE.value, True)
    heard = editor.hear(800)[:, 300:]
    timeline.solo_toggled.emit(StemName.DIALOGUE.value, False)
    return float(np.abs(heard).max())


def card(editor: Editor) -> SpeechCard:
    return editor.app.window.restore_panel.speech_card


def test_a_dragged_edge_is_heard_and_one_undo_brings_regions_and_sound_back(
    restored: Editor,
) -> None:
    before = restored.app.document.project
    drag(restored, RegionEdge(FOUND, is_start=False), 1.2)
    assert spoken(restored) == (Region(0.2, 1.2),)
    assert is_behind(restored)
    restored.settle()
    assert not is_behind(restored)
    after = restored.app.document.project
    assert level_at(restored, 1.0) == pytest.approx(LEVEL, rel=0.05)
    assert level_at(restored, 1.4) == 0
    while restored.app.document.undo_name.startswith(("Solo", "Unsolo")):
        restored.app.document.undo()
    assert restored.app.document.undo_name == "Move the end of speech at 0:00.8"
    restored.app.window.undo_requested.emit()
    assert restored.app.document.project is before
    assert restored.app._speech.job is None
    restored.app.window.redo_requested.emit()
    assert restored.app.document.project is after
    assert restored.app._speech.job is None


def test_while_the_sound_follows_the_old_one_goes_on_and_the_lane_says_so(
    editor: Editor, tmp_path: Path
) -> None:
    patient(editor, tmp_path)
    before = editor.app.document.project.restore
    drag(editor, RegionEdge(FOUND, is_start=True), 0.5)
    editor.qtbot.waitUntil(lambda: card(editor)._stage.isVisibleTo(card(editor)), timeout=WAIT_MS)
    bar = card(editor)._bar
    editor.qtbot.waitUntil(lambda: bool(bar.visibleRegion().boundingRect()), timeout=WAIT_MS)
    restore = editor.app.document.project.restore
    assert restore is not None
    assert before is not None
    assert restore.result is before.result
    lanes = editor.app.window.timeline._lanes
    (lane,) = (lane for lane in lanes if lane.lane_id == StemName.DIALOGUE)
    assert lane.pending == (Region(0.2, 0.5),)
    card(editor).cancel_requested.emit()
    assert spoken(editor) == (FOUND,)
    assert editor.app._speech.job is None
    assert editor.app.document.undo_name == "Restore"
    assert editor.app.document.project.restore == before


def test_a_newer_drag_goes_before_an_older_one(editor: Editor, tmp_path: Path) -> None:
    patient(editor, tmp_path)
    drag(editor, RegionEdge(FOUND, is_start=True), 0.5)
    first = editor.app._speech.job
    drag(editor, RegionEdge(Region(0.5, 0.8), is_start=False), 1.0)
    second = editor.app._speech.job
    assert first is not None
    assert second is not None
    assert first.is_over
    assert not second.is_over
    editor.app.window.undo_requested.emit()
    third = editor.app._speech.job
    assert second.is_over
    assert third is not None
    assert not third.is_over
    editor.app.window.undo_requested.emit()
    assert editor.app._speech.job is None
    assert spoken(editor) == (FOUND,)


def test_an_edge_that_comes_back_needs_no_sound(editor: Editor, tmp_path: Path) -> None:
    patient(editor, tmp_path)
    drag(editor, RegionEdge(FOUND, is_start=True), 0.5)
    drag(editor, RegionEdge(Region(0.5, 0.8), is_start=True), 0.2)
    assert editor.app._speech.job is None
    assert not is_behind(editor)


def test_what_is_done_meanwhile_stays_and_is_undone_first(restored: Editor) -> None:
    document = restored.app.document
    drag(restored, RegionEdge(FOUND, is_start=True), 0.5)
    document.do(mute("bgm", muted=False))
    restored.settle()
    assert not is_behind(restored)
    assert not document.project.lanes[-1].muted
    document.undo()
    assert document.undo_name == "Move the start of speech at 0:00.2"
    assert spoken(restored) == (Region(0.5, 0.8),)
    assert not is_behind(restored)
    assert restored.app._speech.job is None


def test_a_failure_leaves_the_speech_as_it_was_and_says_why(editor: Editor, tmp_path: Path) -> None:
    patient(editor, tmp_path, "dumb")
    drag(editor, RegionEdge(FOUND, is_start=True), 0.5)
    editor.settle()
    assert spoken(editor) == (FOUND,)
    assert editor.app.document.undo_name == "Restore"
    assert (editor.messages[-1].text, editor.messages[-1].hint) == (
        "The device is on fire.",
        "Put it out.",
    )


def test_the_keys_add_remove_and_move(restored: Editor) -> None:
    select(restored, 1.2, 1.5)
    wish(restored, Command.ADD_SPEECH)
    assert spoken(restored) == (FOUND, Region(1.2, 1.5))
    assert restored.app.document.undo_name == "Add speech at 0:01.2"
    wish(restored, Command.ADD_SPEECH)
    assert restored.messages[-1].text == "It is speech already."
    wish(restored, Command.CLEAR_SELECTION)
    seek(restored, 0.9)
    wish(restored, Command.SPEECH_END)
    assert edges(restored) == pytest.approx([0.2, 0.9, 1.2, 1.5])
    seek(restored, 1.1)
    wish(restored, Command.SPEECH_START)
    assert edges(restored) == pytest.approx([0.2, 0.9, 1.1, 1.5])
    wish(restored, Command.SPEECH_BEHIND)
    assert restored.transport.position_s() == pytest.approx(1.5, abs=1e-3)
    wish(restored, Command.SPEECH_BEFORE)
    wish(restored, Command.REMOVE_SPEECH)
    assert restored.app.document.undo_name == "Remove speech at 0:01.1"
    assert len(spoken(restored)) == 1
    wish(restored, Command.REMOVE_SPEECH)
    assert restored.messages[-1].text == "There is no speech here."
    select(restored, 0.4, 0.6)
    wish(restored, Command.REMOVE_SPEECH)
    assert edges(restored) == pytest.approx([0.2, 0.4, 0.6, 0.9])
    restored.settle()
    assert level_at(restored, 0.42) == 0


def test_what_happens_is_spoken(restored: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(speech, "announce", lambda _source, words: said.append(words))
    seek(restored, 0.5)
    for command in (Command.SPEECH_BEHIND, Command.SPEECH_BEFORE, Command.REMOVE_SPEECH):
        wish(restored, command)
    assert said == [
        "Speech ends at 0:00.8",
        "Speech begins at 0:00.2",
        "Remove speech at 0:00.2",
    ]
    restored.settle()


def test_without_a_selection_or_speech_it_says_what_to_do(restored: Editor) -> None:
    wish(restored, Command.ADD_SPEECH)
    assert restored.messages[-1].text == "Nothing is selected."
    select(restored, 0.0, 2.0)
    wish(restored, Command.REMOVE_SPEECH)
    assert spoken(restored) == ()
    wish(restored, Command.REMOVE_SPEECH)
    assert restored.messages[-1].text == "There is no speech in the selection."
    wish(restored, Command.SPEECH_START)
    assert restored.messages[-1].text == "There is no speech."
    wish(restored, Command.SPEECH_BEHIND)
    restored.settle()


def test_where_no_speech_is_apart_the_keys_say_why(
    editor: Editor, film: Path, tmp_path: Path
) -> None:
    wish(editor, Command.ADD_SPEECH)
    assert editor.messages == []
    editor.open(film)
    drags = editor.app.window.timeline.speech

    def said() -> str:
        wish(editor, Command.ADD_SPEECH)
        assert not drags.is_allowed
        assert card(editor).isHidden()
        return editor.messages[-1].text

    assert said().startswith("Nothing has been restored yet")
    select(editor, 0.5, 1.5)
    editor.app.window.restore_panel.preview_blind_requested.emit()
    editor.qtbot.waitUntil(lambda: editor.app.document.project.restore is not None, timeout=WAIT_MS)
    editor.settle()
    assert said().startswith("This is a preview")
    editor.answers.track = tmp_path / "song.mp3"
    editor.app.window.restore_panel.choose_track_requested.emit()
    editor.app.window.restore_panel.restore_known_requested.emit()
    editor.qtbot.waitUntil(lambda: editor.app.document.undo_name == "Restore", timeout=WAIT_MS)
    editor.settle()
    assert said().startswith("A known track was taken out")
    editor.app.window.restore_panel.restore_blind_requested.emit()
    editor.qtbot.waitUntil(lambda: drags.is_allowed, timeout=WAIT_MS)
    editor.settle()


def test_another_film_ends_the_work_on_speech(
    editor: Editor, tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient(editor, tmp_path)
    editor.app.document.keep()
    drag(editor, RegionEdge(FOUND, is_start=True), 0.5)
    editor.app.document.keep()
    job = editor.app._speech.job
    assert job is not None
    editor.app.media.open(film)
    editor.qtbot.waitUntil(lambda: job.is_over, timeout=WAIT_MS)
    editor.settle()
    assert editor.app._speech.job is None


def test_speech_that_was_kept_is_made_again_with_its_sounds(
    restored: Editor, tmp_path: Path
) -> None:
    drag(restored, RegionEdge(FOUND, is_start=False), 1.2)
    restored.settle()
    restored.answers.project = file = tmp_path / "film.reprise"
    restored.app.window.save_requested.emit()
    restored.settle()
    kept = read_project(file).restore
    assert kept is not None
    assert kept.speech == kept.result.speech == (Region(0.2, 1.2),)
    restored.app.document.open(type(restored.app.document.project)())
    for path in (tmp_path / "cache").glob("*spoken*.f32"):
        path.unlink()
    restored.app.media.open(file)
    restored.qtbot.waitUntil(
        lambda: restored.app.document.project.restore is not None and not is_behind(restored),
        timeout=WAIT_MS,
    )
    restored.settle()
    assert spoken(restored) == (Region(0.2, 1.2),)
    assert not is_behind(restored)
    assert level_at(restored, 1.0) == pytest.approx(LEVEL, rel=0.05)


def test_a_project_that_was_left_before_the_sound_followed_goes_on(restored: Editor) -> None:
    document = restored.app.document
    left = add_speech(Region(1.2, 1.5)).apply(document.project)
    document.open(left)
    assert is_behind(restored)
    restored.settle()
    assert not is_behind(restored)
    assert not document.is_edited
    assert document.undo_name == ""


def test_a_new_restore_ends_the_work_on_the_old_one_s_speech(
    editor: Editor, tmp_path: Path
) -> None:
    patient(editor, tmp_path)
    drag(editor, RegionEdge(FOUND, is_start=True), 0.5)
    job = editor.app._speech.job
    assert job is not None
    editor.app.window.restore_panel.restore_blind_requested.emit()
    # The engine has one turn, and speech goes first.
    job.cancel()
    editor.qtbot.waitUntil(lambda: not is_behind(editor), timeout=WAIT_MS)
    editor.settle()
    assert editor.app._speech.job is None
    assert spoken(editor) == (FOUND,)


def test_the_quality_of_the_restore_is_that_of_its_speech(restored: Editor) -> None:
    restore = restored.app.document.project.restore
    assert restore is not None
    assert restore.result.quality is Quality.STANDARD
