"""Several videos are restored one after the other, whatever happens to one of them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.controllers import attention
from app.controllers.queue_words import queue_shown
from app.lane_edits import choose_track
from app.queue import FileState, Queue
from engine.media.decode import AudioReader
from engine.types import Samples, StemName
from tests.helpers.editor import RATE_HZ, WAIT_MS, Editor
from tests.helpers.questions import answering
from tests.helpers.restore_workload import make_tone_film, sum_of, tone_of
from widgets.queue_view import QueueAct, QueueRun, QueueView

SECONDS = 0.5
DONE, FAILED, CANCELLED = FileState.DONE, FileState.FAILED, FileState.CANCELLED
RUNNING, WAITING = FileState.RUNNING, FileState.WAITING


def films(folder: Path, *names: str) -> list[Path]:
    return [make_tone_film(folder / f"{name}.mkv", SECONDS, RATE_HZ) for name in names]


def queue_up(editor: Editor, videos: Sequence[Path]) -> None:
    """Have videos wait, and the first of them open."""
    editor.app.window.files_dropped.emit(list(videos))
    editor.settle()


def states(editor: Editor) -> list[FileState]:
    return [file.state for file in editor.app.queue.queue.files]


def card(editor: Editor) -> QueueView:
    """What the user sees."""
    return editor.app.window.restore_panel.queue_card._view


def words(editor: Editor) -> list[str]:
    return [row.words for row in card(editor).rows]


def start(editor: Editor) -> None:
    editor.app.window.restore_panel.queue_card.start_requested.emit()


def run_all(editor: Editor) -> None:
    """Restore all that waits."""
    start(editor)
    wait_until_idle(editor)


def wait_until_idle(editor: Editor) -> None:
    editor.qtbot.waitUntil(lambda: not editor.app.queue.is_busy, timeout=WAIT_MS)


def wait_for(editor: Editor, *wanted: FileState) -> None:
    editor.qtbot.waitUntil(lambda: states(editor) == list(wanted), timeout=WAIT_MS)


def act(editor: Editor, act: QueueAct, index: int) -> None:
    file = editor.app.queue.queue.files[index]
    editor.app.window.restore_panel.queue_card.act_requested.emit(file.file_id, act.value)


def sound_of(film: Path) -> Samples:
    with AudioReader(film) as reader:
        return np.concatenate(list(reader.blocks()), axis=1)


def test_one_file_makes_no_queue_and_several_do(editor: Editor, tmp_path: Path) -> None:
    first, second = films(tmp_path, "a", "b")
    queue_up(editor, [first])
    assert states(editor) == []
    with answering(Qt.Key.Key_D):
        queue_up(editor, [second, first])
    assert states(editor) == [WAITING, WAITING]
    media = editor.app.document.project.media
    assert media is not None
    assert media.path == second
    assert words(editor) == ["Waiting", "Waiting"]
    queue_card = editor.app.window.restore_panel.queue_card
    assert queue_card.visibleRegion().boundingRect().bottom() == queue_card.height() - 1
    assert not editor.app.queue.is_busy


def test_all_are_written_beside_the_originals(editor: Editor, tmp_path: Path) -> None:
    queue_up(editor, films(tmp_path, "a", "b"))
    before = editor.app.document.project
    run_all(editor)
    kept = (StemName.DIALOGUE, StemName.EFFECTS, StemName.MUSIC1)
    wanted = sum_of(kept, round(SECONDS * RATE_HZ), RATE_HZ)
    for name in ("a", "b"):
        np.testing.assert_allclose(sound_of(tmp_path / f"{name}.restored.mkv"), wanted, atol=2e-4)
    assert states(editor) == [DONE, DONE]
    assert card(editor).summary == "2 of 2 done"
    assert all(row.words.startswith("Done: The added music") for row in card(editor).rows)
    assert editor.app.document.project is before


def test_one_that_fails_does_not_stop_the_others(editor: Editor, tmp_path: Path) -> None:
    text = tmp_path / "text.mkv"
    text.write_text("no film")
    queue_up(editor, [*films(tmp_path, "a", "broken"), text, *films(tmp_path, "b")])
    run_all(editor)
    assert states(editor) == [DONE, FAILED, FAILED, DONE]
    assert words(editor)[1] == "Failed: The device is on fire."
    assert words(editor)[2] == "Failed: text.mkv cannot be read as media"
    assert card(editor).rows[1].detail == "The device is on fire. Put it out."
    assert card(editor).summary == "2 of 4 done, 2 failed"
    assert not (tmp_path / "broken.restored.mkv").exists()


def test_a_file_is_cancelled_and_retried(editor: Editor, tmp_path: Path) -> None:
    queue_up(editor, films(tmp_path, "endless", "b"))
    start(editor)
    editor.qtbot.waitUntil(lambda: words(editor)[0].startswith("Running, 51 %"), timeout=WAIT_MS)
    assert card(editor).rows[0].fraction == pytest.approx(0.51)
    act(editor, QueueAct.CANCEL, 0)
    wait_for(editor, CANCELLED, DONE)
    act(editor, QueueAct.RETRY, 0)
    assert states(editor) == [WAITING, DONE]
    start(editor)
    wait_for(editor, RUNNING, DONE)
    act(editor, QueueAct.CANCEL, 0)
    assert states(editor) == [CANCELLED, DONE]
    assert not (tmp_path / "endless.restored.mkv").exists()


def test_a_pause_holds_the_file_and_those_behind_it(editor: Editor, tmp_path: Path) -> None:
    queue_up(editor, films(tmp_path, "endless", "b"))
    start(editor)
    editor.qtbot.waitUntil(lambda: words(editor)[0].startswith("Running, 51 %"), timeout=WAIT_MS)
    editor.app.window.restore_panel.queue_card.pause_requested.emit()
    assert words(editor)[0].startswith("Paused at 51 %")
    assert [job.is_paused for job in editor.app.jobs.active_jobs] == [True]
    act(editor, QueueAct.CANCEL, 0)
    assert (states(editor), card(editor).run) == ([CANCELLED, WAITING], QueueRun.PAUSED)
    assert editor.app.jobs.active_jobs == ()
    editor.app.window.restore_panel.queue_card.resume_requested.emit()
    wait_for(editor, CANCELLED, DONE)


def test_a_queue_that_is_held_with_nothing_left_is_over(editor: Editor, tmp_path: Path) -> None:
    queue_up(editor, films(tmp_path, "endless", "b"))
    start(editor)
    editor.app.window.restore_panel.queue_card.pause_requested.emit()
    act(editor, QueueAct.REMOVE, 1)
    assert editor.app.queue.is_busy
    act(editor, QueueAct.CANCEL, 0)
    assert not editor.app.queue.is_busy


def test_a_paused_file_goes_on(editor: Editor, tmp_path: Path) -> None:
    queue_up(editor, films(tmp_path, "a", "b"))
    start(editor)
    editor.app.window.restore_panel.queue_card.pause_requested.emit()
    assert [job.is_paused for job in editor.app.jobs.active_jobs] == [True]
    assert words(editor) == ["Paused at 0 %", "Waiting"]
    start(editor)
    wait_for(editor, DONE, DONE)


def test_what_the_user_restores_goes_first(editor: Editor, tmp_path: Path) -> None:
    queue_up(editor, films(tmp_path, "a", "endless"))
    start(editor)
    wait_for(editor, DONE, RUNNING)
    editor.qtbot.waitUntil(lambda: words(editor)[1].startswith("Running, 51"), timeout=WAIT_MS)
    editor.app.window.restore_panel.restore_blind_requested.emit()
    assert words(editor)[1] == "Held at 51 %, other work goes first"
    # A restore that had to wait for the endless one would never come.
    document = editor.app.document
    editor.qtbot.waitUntil(lambda: document.project.restore is not None, timeout=WAIT_MS)
    assert words(editor)[1].startswith("Running, 51")
    act(editor, QueueAct.CANCEL, 1)


def test_only_the_speech_may_be_kept(editor: Editor, tmp_path: Path) -> None:
    queue_up(editor, films(tmp_path, "undivided", "undivided b"))
    editor.app.window.restore_panel.queue_card.only_speech_changed.emit(True)
    assert card(editor).only_speech
    run_all(editor)
    wanted = tone_of(StemName.DIALOGUE, round(SECONDS * RATE_HZ), RATE_HZ)
    np.testing.assert_allclose(sound_of(tmp_path / "undivided.restored.mkv"), wanted, atol=2e-4)
    assert words(editor)[0].startswith("Done: Only the speech is left")


def test_a_track_that_was_chosen_in_the_editor_is_taken_out_of_that_video(
    editor: Editor, tmp_path: Path
) -> None:
    first, second = films(tmp_path, "a", "b")
    queue_up(editor, [first, second])
    editor.app.document.do(choose_track(tmp_path / "song.flac"))
    run_all(editor)
    found = [file.written for file in editor.app.queue.queue.files]
    assert [bool(each and each.result.bgm) for each in found] == [True, False]
    assert found[0] is not None
    assert found[0].result.bgm[0].track == tmp_path / "song.flac"


def test_how_long_all_of_them_take_is_told_while_they_run() -> None:
    videos = [Path(name) for name in ("/a.mp4", "/b.mp4", "/c.mp4")]
    queue = Queue().added(videos).changed(1, FileState.RUNNING)

    def told(run: QueueRun, left_s: float | None) -> str:
        return queue_shown(
            queue, run, None, only_speech=False, is_behind=False, left_s=left_s
        ).summary

    assert told(QueueRun.RUNNING, 600.0) == "0 of 3 done · about 10 min left for all"
    assert told(QueueRun.RUNNING, None) == "0 of 3 done"
    assert told(QueueRun.PAUSED, 600.0) == "0 of 3 done"


def test_doubts_are_told_and_kept_in_the_log(editor: Editor, tmp_path: Path) -> None:
    queue_up(editor, films(tmp_path, "undivided", "b"))
    run_all(editor)
    assert words(editor)[0].startswith("Done, with a note: Speech")
    assert "no music was taken out" in card(editor).rows[0].detail
    act(editor, QueueAct.LOG, 0)
    log = editor.answers.texts[0].splitlines()
    assert log[0] == "undivided.mkv"
    assert "Note: no music was taken out" in log
    assert log[-1] == f"Written: {tmp_path / 'undivided.restored.mkv'}"


def test_files_leave_the_queue_and_others_come(editor: Editor, tmp_path: Path) -> None:
    queue_up(editor, films(tmp_path, "a", "b", "c"))
    act(editor, QueueAct.REMOVE, 1)
    assert [row.name for row in card(editor).rows] == ["a.mkv", "c.mkv"]
    editor.answers.videos = (tmp_path / "b.mkv", tmp_path / "a.mkv")
    editor.app.window.restore_panel.queue_card.add_requested.emit()
    assert [row.name for row in card(editor).rows] == ["a.mkv", "c.mkv", "b.mkv"]
    editor.app.window.restore_panel.queue_card.clear_requested.emit()
    assert card(editor).rows == ()


def test_a_result_is_shown_in_its_folder_and_in_the_editor(editor: Editor, tmp_path: Path) -> None:
    queue_up(editor, films(tmp_path, "a", "b"))
    run_all(editor)
    act(editor, QueueAct.OPEN_FOLDER, 1)
    assert editor.answers.opened_folders == [tmp_path]
    act(editor, QueueAct.OPEN, 1)
    editor.settle()
    project = editor.app.document.project
    assert project.media is not None
    assert project.media.path.name == "b.mkv"
    assert project.restore is not None
    assert editor.app.document.undo_name == "Restore"


def test_sounds_that_have_gone_are_not_shown(editor: Editor, tmp_path: Path) -> None:
    queue_up(editor, films(tmp_path, "a", "b"))
    run_all(editor)
    for file in (tmp_path / "cache").glob("tones-*"):
        file.unlink()
    act(editor, QueueAct.OPEN, 1)
    editor.settle()
    assert editor.app.document.project.restore is None
    assert editor.app.document.project.media is not None


def test_no_video_of_the_queue_is_written_over(editor: Editor, tmp_path: Path) -> None:
    videos = films(tmp_path, "a", "a.restored")
    before = videos[1].read_bytes()
    queue_up(editor, videos)
    run_all(editor)
    assert states(editor) == [FAILED, DONE]
    assert videos[1].read_bytes() == before


def test_the_line_below_tells_whose_turn_it_is(editor: Editor, tmp_path: Path) -> None:
    queue_up(editor, films(tmp_path, "a", "endless"))
    start(editor)
    wait_for(editor, DONE, RUNNING)
    assert editor.app.window.status_line._files.text() == "2 of 2 in the queue · endless.mkv"
    act(editor, QueueAct.CANCEL, 1)
    assert editor.app.window.status_line._files.text() == ""


def test_closing_asks_while_files_are_left(editor: Editor, tmp_path: Path) -> None:
    queue_up(editor, films(tmp_path, "endless", "b"))
    start(editor)
    with answering(Qt.Key.Key_Escape) as asked:
        assert not editor.app.window.close()
    assert asked == ["2 videos of the queue are not restored yet, and the queue is not kept."]
    act(editor, QueueAct.CANCEL, 0)
    wait_for(editor, CANCELLED, DONE)
    with answering(Qt.Key.Key_Escape) as asked:
        assert editor.app.window.close()
    assert asked == []


@pytest.mark.parametrize("name", ["empty", "gone"])
def test_a_folder_that_gives_nothing_is_said(editor: Editor, tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    editor.app.window.files_dropped.emit([tmp_path / name])
    editor.settle()
    assert len(editor.messages) == 1
    assert states(editor) == []


def test_a_folder_is_a_queue_of_its_videos(editor: Editor, tmp_path: Path) -> None:
    folder = tmp_path / "films"
    folder.mkdir()
    films(folder, "b", "a")
    queue_up(editor, [folder])
    editor.settle()
    assert [row.name for row in card(editor).rows] == ["a.mkv", "b.mkv"]
    assert editor.app.window.windowTitle().startswith("a.mkv")


def test_files_dropped_on_the_card_only_wait(editor: Editor, tmp_path: Path) -> None:
    first, second, third = films(tmp_path, "a", "b", "c")
    queue_up(editor, [first, second])
    editor.app.window.restore_panel.queue_card.files_dropped.emit([third])
    assert states(editor) == [WAITING] * 3
    assert editor.app.window.windowTitle().startswith("a.mkv")


def test_who_looks_elsewhere_is_told_once_that_the_queue_is_through(
    editor: Editor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention, "LONG_S", 0.0)
    queue_up(editor, films(tmp_path, "a", "broken"))
    monkeypatch.setattr(type(editor.app.window), "isActiveWindow", lambda _: False)
    editor.answers.told.clear()
    run_all(editor)
    editor.qtbot.waitUntil(lambda: bool(editor.answers.told), timeout=WAIT_MS)
    assert editor.answers.told == ["The queue is through: 1 of 2 done, 1 failed"]


def test_a_pause_that_comes_too_late_for_one_step_holds_the_next(
    editor: Editor, tmp_path: Path
) -> None:
    queue_up(editor, films(tmp_path, "a", "b"))
    start(editor)
    run = editor.app.queue._file_run
    assert run is not None
    # As if it had checked in for the last time.
    run._job = None
    editor.app.window.restore_panel.queue_card.pause_requested.emit()
    editor.qtbot.waitUntil(
        lambda: [job.is_paused for job in editor.app.jobs.active_jobs] == [True], timeout=WAIT_MS
    )
    assert states(editor) == [RUNNING, WAITING]
    start(editor)
    wait_for(editor, DONE, DONE)
