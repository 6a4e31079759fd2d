"""What is written is what is heard, whatever was swapped, muted or turned down before."""

from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import soundfile

from app.clip_edits import place_clip
from app.controllers.export import export_view, wished_path
from app.envelope_edits import duck_lane, set_gain_point
from app.export.moment import moment_name
from app.gain_curves import linear_gain
from app.lane_edits import choose_track
from app.placing import read_track
from app.speech import add_speech
from engine.context import PlainContext, RunContext
from engine.media.decode import AudioReader
from engine.media.loudness import measure
from engine.media.mux import MuxRequest, MuxResult, mux
from engine.types import Region, Samples, StemName
from tests.helpers.editor import RATE_HZ, WAIT_MS, Editor
from tests.helpers.library import write_sound
from tests.helpers.restore_workload import film_sound, make_tone_film, sum_of, tone_of
from widgets.export_sheet import Content, ExportWish
from widgets.message_bar import MessageKind

DIALOGUE, EFFECTS = StemName.DIALOGUE, StemName.EFFECTS
MUSIC1, MUSIC2 = StemName.MUSIC1, StemName.MUSIC2
LENGTH = 2 * RATE_HZ


@pytest.fixture
def restored(editor: Editor, film: Path, tmp_path: Path) -> Editor:
    """An editor with a restored film, whose user writes everything into `tmp_path / "out"`."""
    editor.open(film)
    editor.restore()
    folder = tmp_path / "out"
    folder.mkdir()
    editor.answers.output = folder / "done.mkv"
    editor.answers.folder = folder
    return editor


def export_video(editor: Editor) -> Samples:
    """Export and read the sound back."""
    editor.app.window.export_video_requested.emit()
    editor.settle()
    assert editor.messages[-1].kind is not MessageKind.ERROR, editor.messages[-1]
    assert editor.answers.output is not None
    with AudioReader(editor.answers.output) as reader:
        return np.concatenate(list(reader.blocks()), axis=1)


def test_the_restored_film_is_written(restored: Editor) -> None:
    wanted = sum_of((DIALOGUE, EFFECTS, MUSIC1), LENGTH, RATE_HZ)
    np.testing.assert_allclose(export_video(restored), wanted, atol=2e-4)
    assert not restored.app.document.is_edited
    assert "done.mkv" in restored.messages[-1].text
    restored.app.window.message_bar.folder_requested.emit(restored.messages[-1].folder)
    assert restored.answers.opened_folders == [restored.answers.folder]


@pytest.mark.parametrize("request_name", ["export_stems_requested", "export_timeline_requested"])
def test_parts_of_a_film_are_not_all_of_the_work(restored: Editor, request_name: str) -> None:
    getattr(restored.app.window, request_name).emit()
    restored.settle()
    assert restored.messages[-1].kind is not MessageKind.ERROR
    assert restored.app.document.is_edited


def test_speech_alone_is_not_all_of_the_work(restored: Editor) -> None:
    restored.answers.wish = ExportWish(Content.SPEECH)
    export_video(restored)
    assert restored.app.document.is_edited


def test_what_no_film_can_hold_is_not_saved_with_it(restored: Editor) -> None:
    restored.app.document.do(set_gain_point(DIALOGUE.value, 0.5, -6.0))
    export_video(restored)
    assert restored.app.document.is_edited


def test_swap_mute_and_gain_count_and_solo_does_not(restored: Editor) -> None:
    window = restored.app.window
    window.restore_panel.swap_requested.emit()
    window.timeline.mute_toggled.emit(EFFECTS.value, True)
    window.timeline.gain_changed.emit(DIALOGUE.value, 6.0)
    window.timeline.solo_toggled.emit("bgm", True)
    dialogue = tone_of(DIALOGUE, LENGTH, RATE_HZ) * np.float32(linear_gain(6.0))
    wanted = dialogue + tone_of(MUSIC2, LENGTH, RATE_HZ)
    np.testing.assert_allclose(export_video(restored), wanted, atol=2e-4)


def test_the_stems_are_written_as_they_stand(restored: Editor, tmp_path: Path) -> None:
    restored.app.window.restore_panel.swap_requested.emit()
    restored.app.window.timeline.gain_changed.emit(DIALOGUE.value, 6.0)
    restored.app.window.export_stems_requested.emit()
    restored.settle()
    written = {
        path.name.split(".")[1]: soundfile.read(path, dtype="float32")[0].T
        for path in (tmp_path / "out").glob("film.*.wav")
    }
    assert set(written) == {stem.value for stem in StemName} - {"rest"}
    np.testing.assert_array_equal(written["mix"], film_sound(LENGTH, RATE_HZ))
    np.testing.assert_array_equal(written["dialogue"], tone_of(DIALOGUE, LENGTH, RATE_HZ))
    np.testing.assert_allclose(written["bgm"], tone_of(MUSIC1, LENGTH, RATE_HZ), atol=1e-6)
    np.testing.assert_allclose(written["ost"], tone_of(MUSIC2, LENGTH, RATE_HZ), atol=1e-6)
    np.testing.assert_allclose(written["restored"] + written["bgm"], written["mix"], atol=1e-6)


def test_speech_alone_is_exported_under_its_own_name(restored: Editor, tmp_path: Path) -> None:
    restored.answers.wish = ExportWish(Content.SPEECH)
    np.testing.assert_allclose(
        export_video(restored), tone_of(DIALOGUE, LENGTH, RATE_HZ), atol=2e-4
    )
    assert wished_path(
        restored.app.document.project, Path("/a/film.mp4"), restored.answers.wish
    ) == Path("/a/film.speech.mp4")


def test_a_preset_makes_the_film_as_loud_as_wanted_and_says_so(restored: Editor) -> None:
    wanted = sum_of((DIALOGUE, EFFECTS, MUSIC1), LENGTH, RATE_HZ)
    restored.answers.wish = ExportWish(preset="shorts")
    found = export_video(restored)
    gain = float(np.vdot(found, wanted) / np.vdot(wanted, wanted))
    np.testing.assert_allclose(found, gain * wanted, atol=5e-4)
    loudness = measure([found], RATE_HZ, 2)
    assert max(loudness.integrated_lufs + 14, loudness.true_peak_db + 1) == pytest.approx(
        0.0, abs=0.3
    )
    assert "Level " in restored.messages[-1].text


def test_the_sheet_says_what_may_have_been_overlooked(restored: Editor) -> None:
    timeline = restored.app.window.timeline
    assert export_view(restored.app.document.project).warnings == ()
    timeline.solo_toggled.emit(DIALOGUE.value, True)
    timeline.gain_changed.emit(EFFECTS.value, 3.0)
    timeline.mute_toggled.emit(StemName.MIX.value, False)
    view = export_view(restored.app.document.project)
    assert view.has_speech
    for words in ("Solo of dialogue", "may clip", "original mix is heard"):
        assert any(words in warning for warning in view.warnings)


def test_an_export_waits_for_speech_that_is_separated_again(
    restored: Editor, tmp_path: Path
) -> None:
    restored.app.document.do(add_speech(Region(1.0, 1.5)))
    restored.app.window.export_stems_requested.emit()
    assert restored.app._export.job is None
    assert "separated again" in restored.messages[-1].text
    restored.settle()
    restored.app.window.export_stems_requested.emit()
    restored.settle()
    assert (tmp_path / "out" / "film.dialogue.wav").exists()


def test_an_export_waits_for_speech_that_is_looked_for(
    editor: Editor, film: Path, tmp_path: Path
) -> None:
    editor.open(film)
    place(editor, tmp_path / "song.wav")
    editor.answers.output = tmp_path / "done.mkv"
    editor.app.document.do(duck_lane("placed 1", 12.0))
    assert "not known" in export_view(editor.app.document.project).warnings[-1]
    editor.app.window.export_video_requested.emit()
    assert editor.app._export.job is None
    assert "looked for" in editor.messages[-1].text
    editor.settle()
    export_video(editor)


def test_thinking_better_of_the_sheet_exports_nothing(restored: Editor, tmp_path: Path) -> None:
    restored.answers.wish = None
    restored.app.window.export_video_requested.emit()
    restored.settle()
    assert restored.app.jobs.active_jobs == ()


def test_lanes_and_timelines_are_written_for_other_editors(
    restored: Editor, tmp_path: Path
) -> None:
    restored.app.window.export_timeline_requested.emit()
    restored.settle()
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"film.otio", "film.xml", "film.fcpxml", "film.dialogue.wav"} <= written
    assert "switched off in the timelines" in restored.messages[-1].hint


def test_a_project_is_collected(restored: Editor, tmp_path: Path) -> None:
    restored.app.window.collect_requested.emit()
    restored.settle()
    assert (tmp_path / "out" / "film" / "film.reprise").exists()
    assert "All that it needs is in" in restored.messages[-1].text


def test_a_collected_project_keeps_its_name(restored: Editor, tmp_path: Path) -> None:
    restored.answers.project = tmp_path / "work.reprise"
    restored.app.window.save_requested.emit()
    restored.settle()
    restored.app.window.collect_requested.emit()
    restored.settle()
    assert (tmp_path / "out" / "work" / "work.reprise").exists()
    # Sentences are told apart.
    assert "work.reprise. All that" in restored.messages[-1].text


def test_muting_everything_leaves_nothing_to_export(restored: Editor, tmp_path: Path) -> None:
    for lane_id in restored.heard_lanes():
        restored.app.window.timeline.mute_toggled.emit(lane_id, True)
    restored.app.window.export_video_requested.emit()
    restored.settle()
    assert restored.messages[-1].text == "All lanes are muted."
    assert list((tmp_path / "out").iterdir()) == []


def test_an_export_over_the_input_is_refused(restored: Editor, film: Path) -> None:
    before = film.read_bytes()
    restored.answers.output = film
    restored.app.window.export_video_requested.emit()
    restored.settle()
    assert restored.messages[-1].kind is MessageKind.ERROR
    assert film.read_bytes() == before


def test_no_stem_replaces_the_video_or_a_track(restored: Editor, film: Path) -> None:
    folder = restored.answers.folder
    assert folder is not None
    track, link = folder / "film.bgm.wav", folder / "film.mix.wav"
    track.write_bytes(b"the track")
    restored.app.document.do(choose_track(track))
    restored.app.window.export_stems_requested.emit()
    restored.settle()
    assert "film.bgm.wav is an input itself" in restored.messages[-1].text
    restored.app.document.do(choose_track(None))
    link.hardlink_to(film)
    restored.app.window.export_stems_requested.emit()
    restored.settle()
    assert "film.mix.wav is an input itself" in restored.messages[-1].text
    assert {path.name for path in folder.iterdir()} == {track.name, link.name}
    assert track.read_bytes() == b"the track"


def test_a_film_does_not_replace_a_track(restored: Editor, tmp_path: Path) -> None:
    track = tmp_path / "track.mkv"
    track.write_bytes(b"the track")
    restored.app.document.do(choose_track(track))
    restored.answers.output = track
    restored.app.window.export_video_requested.emit()
    restored.settle()
    assert restored.messages[-1].kind is MessageKind.ERROR
    assert track.read_bytes() == b"the track"


def test_cancelling_the_dialog_or_the_work_writes_nothing(
    restored: Editor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancelled = Event()

    def slow_mux(request: MuxRequest, context: RunContext) -> MuxResult:
        assert cancelled.wait(30)
        return mux(request, context)

    monkeypatch.setattr("app.export.work.mux", slow_mux)
    restored.app.window.export_video_requested.emit()
    restored.app.window.export_stems_requested.emit()
    assert restored.messages[-1].text == "An export is running already."
    restored.app._export.cancel()
    cancelled.set()
    restored.settle()
    restored.answers.output = restored.answers.folder = None
    restored.app.window.export_video_requested.emit()
    restored.app.window.export_stems_requested.emit()
    assert restored.app.jobs.active_jobs == ()
    restored.app.jobs.close()
    assert list((tmp_path / "out").iterdir()) == []


def test_nothing_is_exported_before_a_restore(editor: Editor, film: Path, tmp_path: Path) -> None:
    editor.answers.output = tmp_path / "done.mkv"
    editor.open(film)
    editor.app.window.export_video_requested.emit()
    assert editor.app.jobs.active_jobs == ()


def place(editor: Editor, song: Path) -> None:
    """Place the first half second of a new track at 0.5 s, unrestored."""
    write_sound(song, np.zeros((2, RATE_HZ), np.float32) + 0.25, RATE_HZ)
    media = editor.app.document.project.media
    assert media is not None
    cache = editor.app._arguments.paths.cache
    sound = read_track(song, media.mix, cache, PlainContext())
    editor.app.document.do(place_clip(song, sound, 0.5, Region(0.0, 0.5)))


def test_a_cue_sheet_and_a_moment_are_written(editor: Editor, film: Path, tmp_path: Path) -> None:
    editor.open(film)
    editor.answers.folder = out = tmp_path / "out"
    out.mkdir()
    editor.app._export.export_cue_sheet()
    editor.settle()
    assert editor.messages[-1].text == "No placed music is heard."
    place(editor, tmp_path / "song.wav")
    editor.app._export.export_cue_sheet()
    editor.settle()
    editor.app._export.export_moment(1)
    editor.settle()
    (clip,) = editor.app.document.project.clips
    names = {"film.cue-sheet.csv", "film.credits.txt", moment_name(clip)}
    assert {path.name for path in out.iterdir()} == names
    assert editor.app.document.is_edited
    editor.app._export.export_moment(7)
    assert editor.app._export.job is None


def test_who_is_asked_for_a_folder_reads_what_for(restored: Editor) -> None:
    export, titles = restored.app._export, []

    def folder(title: str, _: Path | None) -> None:
        titles.append(title)

    export._ask = replace(export._ask, folder=folder)
    export.collect()
    export.export_cue_sheet()
    export.export_stems()
    assert titles == ["Collect in…", "Export the cue sheet to…", "Export the stems to…"]


def test_a_film_with_placed_music_is_not_all_of_the_work(restored: Editor, tmp_path: Path) -> None:
    place(restored, tmp_path / "song.wav")
    export_video(restored)
    assert restored.app.document.is_edited


def test_what_is_left_out_for_its_track_is_missing_is_said(
    restored: Editor, tmp_path: Path
) -> None:
    place(restored, tmp_path / "song.wav")
    project = restored.app.document.project
    clips = tuple(replace(clip, sound=None) for clip in project.clips)
    restored.app.document.open(replace(project, clips=clips))
    export_video(restored)
    restored.answers.wish = ExportWish(Content.SPEECH)
    export_video(restored)
    heard, speech = restored.messages[-2:]
    assert (heard.kind, speech.kind) == (MessageKind.WARNING, MessageKind.NOTICE)
    assert "left out: song.wav" in heard.hint


def test_a_video_that_was_moved_meanwhile_is_asked_for_and_exported(
    restored: Editor, film: Path, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    moved = restored.answers.moved = film.rename(tmp_path / "there" / "renamed.mkv")
    restored.app.window.export_video_requested.emit()
    output = restored.answers.output
    assert output is not None
    restored.qtbot.waitUntil(output.exists, timeout=WAIT_MS)
    restored.settle()
    texts = [message.text for message in restored.messages]
    assert texts[0] == f"{film} is not there any more."
    assert "done.mkv" in texts[-1]
    project = restored.app.document.project
    assert project.media is not None
    assert project.restore is not None
    assert project.media.path == project.restore.result.video == moved
    assert restored.app.document.undo_name == "Choose where the video is"


def test_another_video_does_not_take_its_place(
    restored: Editor, film: Path, tmp_path: Path
) -> None:
    film.rename(tmp_path / "renamed.mkv")
    restored.answers.moved = make_tone_film(tmp_path / "other.mkv", 1.0, RATE_HZ)
    before = restored.app.document.project
    restored.app.window.export_video_requested.emit()
    restored.qtbot.waitUntil(lambda: len(restored.messages) == 2, timeout=WAIT_MS)
    restored.settle()
    assert "other.mkv is not the video that is open" in restored.messages[-1].text
    assert restored.app.document.project is before
    # Or the user thinks better of it.
    restored.answers.moved = None
    restored.app.window.export_video_requested.emit()
    restored.settle()
    restored.qtbot.waitUntil(lambda: len(restored.messages) == 3, timeout=WAIT_MS)
    assert restored.messages[-1].hint == "Choose where it is now."
