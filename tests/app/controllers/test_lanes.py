"""Mute, solo and gain are heard live, and become edits."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app import waveforms
from app.controllers.lanes import doubts_of
from app.document import Edit
from app.gain_curves import linear_gain
from app.project import Project, Restore
from app.restore_edits import accept_restore, swap_music
from app.sounds import Sound, stem_sound
from app.waveforms import StoredWaveform
from engine.context import RunContext
from engine.types import BgmMatch, Region, Samples, StemName
from tests.helpers.editor import RATE_HZ, Editor
from tests.helpers.projects import blind_result, known_result
from tests.helpers.restore_workload import sum_of, tone_of
from widgets.lane_header import LaneHeader
from widgets.snapping import SnapPoint

DIALOGUE, EFFECTS, OST = StemName.DIALOGUE, StemName.EFFECTS, StemName.OST
MUSIC1, MUSIC2, BGM = StemName.MUSIC1, StemName.MUSIC2, StemName.BGM
LENGTH = 2 * RATE_HZ


@pytest.fixture
def restored(editor: Editor, film: Path) -> Editor:
    """An editor that plays a restored film."""
    editor.open(film)
    editor.restore()
    editor.app.window.timeline.seek_requested.emit(0.5)
    editor.app.window.transport_bar.play_requested.emit()
    editor.hear(100)
    return editor


def heard(editor: Editor) -> Samples:
    """What plays half a second into the film, once all fades are over."""
    editor.app.window.timeline.seek_requested.emit(0.5)
    return editor.hear(1000)[:, 200:]


def expected(*stems: StemName) -> Samples:
    return sum_of(stems, LENGTH, RATE_HZ)[:, RATE_HZ // 2 + 200 : RATE_HZ // 2 + 1000]


def test_mute_solo_and_gain_are_heard(restored: Editor) -> None:
    timeline = restored.app.window.timeline
    timeline.mute_toggled.emit(EFFECTS.value, True)
    np.testing.assert_allclose(heard(restored), expected(DIALOGUE, MUSIC1), atol=1e-5)
    timeline.solo_toggled.emit(BGM.value, True)
    np.testing.assert_allclose(heard(restored), expected(MUSIC2), atol=1e-5)
    timeline.solo_only_requested.emit(DIALOGUE.value)
    np.testing.assert_allclose(heard(restored), expected(DIALOGUE), atol=1e-5)
    timeline.gain_changed.emit(DIALOGUE.value, -6.0)
    quiet = expected(DIALOGUE) * linear_gain(-6.0)
    np.testing.assert_allclose(heard(restored), quiet, atol=1e-5)
    while restored.app.document.undo_name != "Restore":
        restored.app.window.undo_requested.emit()
    np.testing.assert_allclose(heard(restored), expected(DIALOGUE, EFFECTS, MUSIC1), atol=1e-5)


def test_a_switch_while_playing_neither_clicks_nor_gaps(restored: Editor) -> None:
    blocks = [restored.hear(80)]
    for stem in (BGM, DIALOGUE, OST, BGM):
        restored.app.window.timeline.solo_only_requested.emit(stem.value)
        blocks.append(restored.hear(240))
    sound = np.concatenate(blocks, axis=1)[0]
    steepest = sum(
        float(np.abs(np.diff(tone_of(stem, 800, RATE_HZ)[0])).max())
        for stem in (DIALOGUE, EFFECTS, MUSIC1, MUSIC2)
    )
    assert np.abs(np.diff(sound)).max() <= steepest
    # No tone is silent for longer than half of its period.
    quiet = np.abs(sound) < 1e-4
    assert max(len(run) for run in "".join(map(str, quiet.astype(int))).split("0")) < 10


def test_a_waveform_is_made_once_and_given_up_when_nobody_wants_it(
    editor: Editor, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never_done(sound: Sound, cache: Path, context: RunContext) -> StoredWaveform:
        while True:
            context.raise_if_cancelled()
            threading.Event().wait(0.01)

    def num_drawn() -> int:
        return [job.title for job in editor.app.jobs.active_jobs].count("Drawing a waveform")

    editor.open(film)
    monkeypatch.setattr(waveforms, "make_waveform", never_done)
    # The mix is that of the film, whose waveform is there.
    stems = set(StemName) - {StemName.MIX, StemName.RESTORED, StemName.REST}
    for edit in (accept_restore(blind_result(tmp_path / "cache")), swap_music(), swap_music()):
        editor.app.document.do(edit)
        project = editor.app.document.project
        assert num_drawn() == len({stem_sound(project, stem) for stem in stems})
    editor.app.document.open(Project())
    assert num_drawn() == 0


def test_every_lane_gets_its_waveform_and_the_musics_theirs(restored: Editor) -> None:
    lanes = restored.app._lanes
    project = restored.app.document.project
    assert set(lanes._shown) == {lane.stem for lane in project.lanes}
    ost = lanes._shown[OST].window(0.0, 2.0, 50)
    np.testing.assert_allclose(ost[:, 1], 0.1, atol=0.005)
    restored.app.window.restore_panel.swap_requested.emit()
    restored.settle()
    swapped = lanes._shown[OST]
    assert swapped is not None
    close_up = swapped.window(0.5, 0.52, 160)[:, 1]
    wanted = tone_of(MUSIC2, LENGTH, RATE_HZ)[0, RATE_HZ // 2 : RATE_HZ // 2 + 160]
    np.testing.assert_allclose(close_up, wanted, atol=1e-5)


def test_what_is_not_sure_is_marked_where_it_is_heard(tmp_path: Path) -> None:
    known = known_result(tmp_path)
    sure = BgmMatch(Path("/song.mp3"), 0.0, -1.0, 9.0, 0.0, 1.0, 0.95)
    unsure = replace(sure, track=Path("/other.mp3"), confidence=0.6)
    result = replace(known, bgm=(sure, unsure), poor=(Region(3.0, 5.0),))
    doubts = doubts_of(Restore(result))
    assert [doubt.region for doubt in doubts["restored"]] == [Region(3.0, 5.0)]
    assert [(doubt.region, doubt.words) for doubt in doubts["bgm"]] == [
        (Region(0.0, 9.0), "Is this other.mp3? Not sure, 60 %."),
        (Region(3.0, 5.0), "The track was changed here: listen whether it is gone."),
    ]
    assert doubts_of(None) == {}


def test_doubts_and_the_track_are_shown_with_the_restore(editor: Editor, film: Path) -> None:
    editor.open(film)
    editor.app.window.restore_panel.track_dropped.emit([film])
    editor.app.window.restore_panel.restore_known_requested.emit()
    editor.qtbot.waitUntil(lambda: editor.app.document.project.restore is not None)
    editor.settle()
    timeline = editor.app.window.timeline
    assert SnapPoint(2.0, "Edge in BGM removed") in timeline.snapping.points()

    def poor(project: Project) -> Project:
        assert project.restore is not None
        result = replace(project.restore.result, poor=(Region(0.5, 1.0),))
        return replace(project, restore=replace(project.restore, result=result))

    editor.app.document.do(Edit("Doubt", poor))
    heads = {head.accessibleName(): head for head in timeline.findChildren(LaneHeader)}
    assert (
        "0:00.5 to 0:01.0: The track was changed" in heads["Lane Restored"].accessibleDescription()
    )
