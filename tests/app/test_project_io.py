"""What is written is read again, wherever the folder is now; whatever else is there is refused."""

import json
import math
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clip_edits import fade_clip, place_clip
from app.envelope_edits import duck_lane, set_gain_point, take_speech
from app.gain_curves import FadeShape
from app.lane_edits import change_gain, choose_track, show_spectrogram
from app.marks import add_marker, rename_marker, set_in
from app.project import Attempt, Lane, Media, Project, Restore, opened
from app.project_io import ProjectError, read_project, write_project
from app.restore_edits import accept_restore, take_out
from app.review.edits import add_session
from app.speech import add_speech
from engine.errors import OutputError
from engine.types import (
    AudioRef,
    BgmMatch,
    Decision,
    Method,
    OstChoice,
    Quality,
    Region,
    RestoreResult,
    StemName,
    Verdict,
)
from tests.helpers.listening import abx_session, preference_session

MIX = AudioRef("decode-1a", 1000, 2, 8000)
TRACK = AudioRef("channels-3c", 9000, 2, 8000)


def blind(video: Path) -> RestoreResult:
    stems = {stem: AudioRef(f"{stem}-2b", 1000, 2, 8000) for stem in StemName}
    stems[StemName.MIX] = MIX
    match = BgmMatch(video.parent / "music" / "song.mp3", 1.5, 0.0, 9.0, -3.25, 1.04, 0.93)
    decision = Decision("first", Verdict.FIRST, 0.9)
    speech = (Region(0.5, 1.25),)
    return RestoreResult(video, stems, Method.BLIND, (match,), decision, speech, (), ("loud",))


def saved(folder: Path, choice: OstChoice | None = "second") -> Project:
    """A project with all that a file keeps, as it was before it was written."""
    media = Media(folder / "clip.mp4", MIX, 25.0, 64, 48)
    project = opened(media, folder.parent / "song.mp3")
    edits = (
        accept_restore(blind(media.path), choice),
        change_gain("ost", -math.inf),
        show_spectrogram("ost", shown=True),
        set_in(0.025),
        add_marker(0.05),
        rename_marker(1, "the door"),
        add_session(abx_session(5, 6)),
        add_session(preference_session(["mix", "restored"])),
        place_clip(folder / "music" / "placed.mp3", TRACK, 0.025, Region(0.5, 0.575)),
        fade_clip(1, "out", 0.02, FadeShape.S_CURVE),
        duck_lane("placed 1", 9.0),
        set_gain_point("dialogue", 0.05, -3.0),
        take_speech((Region(0.0, 0.05),)),
    )
    for edit in edits:
        project = edit.apply(project)
    return project


def read(path: Path, media: Media) -> Project:
    found = read_project(path)
    return replace(found.project(media, found.restore, None), clips=found.clips)


def damaged(path: Path, **changes: object) -> Path:
    """The same file with some of it replaced."""
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | changes))
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "work" / "clip.reprise"
    path.parent.mkdir()
    write_project(saved(path.parent), path)
    return path


def test_everything_comes_back(file: Path) -> None:
    project = saved(file.parent)
    assert project.media is not None
    assert read(file, project.media) == project
    assert read_project(file).mix_key == MIX.key


def test_a_folder_may_be_moved(file: Path, tmp_path: Path) -> None:
    there = file.parent.rename(tmp_path / "elsewhere")
    found = read_project(there / file.name)
    assert found.video == there / "clip.mp4"
    assert found.track == tmp_path / "song.mp3"
    assert found.restore is not None
    assert found.restore.result.bgm[0].track == there / "music" / "song.mp3"
    assert str(tmp_path) not in file_text(there / file.name)


def file_text(path: Path) -> str:
    return path.read_text("utf-8")


@given(
    gains_db=st.dictionaries(
        st.sampled_from(StemName), st.floats(-60, 12) | st.just(-math.inf), min_size=1
    ),
    muted=st.booleans(),
    choice=st.sampled_from([None, "first", "second"]),
)
def test_any_lanes_come_back(
    tmp_path_factory: pytest.TempPathFactory,
    gains_db: dict[StemName, float],
    muted: bool,
    choice: OstChoice | None,
) -> None:
    folder = tmp_path_factory.mktemp("any")
    lanes = tuple(Lane(stem, gain_db, muted=muted) for stem, gain_db in gains_db.items())
    project = replace(saved(folder, choice), lanes=lanes, clips=())
    assert project.media is not None
    write_project(project, folder / "a.reprise")
    assert read(folder / "a.reprise", project.media) == project


def test_a_restore_whose_sounds_have_gone_is_not_forgotten(tmp_path: Path) -> None:
    whole = saved(tmp_path)
    lost = replace(whole, restore=None, lost=whole.restore)
    write_project(lost, tmp_path / "a.reprise")
    assert read_project(tmp_path / "a.reprise").restore == whole.restore


def test_marks_behind_the_end_of_the_sound_are_left_out(file: Path) -> None:
    far = {"marker_id": 2, "time_s": 9e5, "text": "far"}
    near = {"marker_id": 3, "time_s": 0.01, "text": "near"}
    changes = {"markers": [far, near], "selection": {"start_s": 0.1, "end_s": 9e5}}
    media = saved(file.parent).media
    assert media is not None
    project = read(damaged(file, **changes), media)
    assert [marker.text for marker in project.markers] == ["near"]
    assert project.selection == Region(0.1, media.mix.duration_s)
    behind = {"selection": {"start_s": 9e4, "end_s": 9e5}}
    assert read(damaged(file, **behind), media).selection is None


def test_a_name_that_is_no_text_is_told(tmp_path: Path) -> None:
    odd = tmp_path / b"\xff.mp4".decode("utf-8", "surrogateescape")
    with pytest.raises(OutputError, match="cannot hold the name"):
        write_project(opened(Media(odd, MIX)), tmp_path / "a.reprise")


@pytest.mark.parametrize(
    "changes",
    [
        {"region": {"start_s": 1e300, "end_s": -1}},
        {"region": {"start_s": 2.0, "end_s": 1.0}},
        {"poor": [{"start_s": 2.0, "end_s": 1.0}]},
        {"poor": 2 * [{"start_s": 1.0, "end_s": 2.0}]},
        {"warnings": 201 * ["loud"]},
        {"speech": [{"start_s": -2.0, "end_s": 1e300}]},
        {"stems": {}},
        {"stems": {"mix": {"key": "a", "num_samples": 9, "channels": 0, "sample_rate_hz": 0}}},
    ],
    ids=str,
)
def test_a_restore_that_cannot_be_is_refused(file: Path, changes: dict[str, object]) -> None:
    content = json.loads(file.read_text())
    content["restore"]["result"] |= changes
    content["restore"]["result"]["decision"] = None
    content["restore"]["choice"] = None
    with pytest.raises(ProjectError, match="no project"):
        read_project(damaged(file, **content))


def test_a_choice_between_what_is_not_there_is_refused(file: Path) -> None:
    content = json.loads(file.read_text())
    content["restore"]["result"]["decision"] = None
    del content["restore"]["result"]["stems"]["music1"]
    with pytest.raises(ProjectError, match="a choice needs"):
        read_project(damaged(file, **content))


@pytest.mark.parametrize("attempt_id", [-1, 2**31, 0.5, "first", None])
def test_impossible_numbers_of_a_restore_are_refused(file: Path, attempt_id: object) -> None:
    content = json.loads(file.read_text())
    content["restore"]["attempt_id"] = attempt_id
    with pytest.raises(ProjectError, match="no project"):
        read_project(damaged(file, **content))


@pytest.mark.parametrize("amount", [-0.1, 1.1, 1e300, "half", None])
def test_an_amount_that_cannot_be_is_refused(file: Path, amount: object) -> None:
    content = json.loads(file.read_text())
    content["restore"]["amount"] = amount
    with pytest.raises(ProjectError, match="no project"):
        read_project(damaged(file, **content))


@pytest.mark.parametrize(
    "speech",
    [
        [{"start_s": 0.05, "end_s": 0.02}],
        [{"start_s": -1.0, "end_s": 0.02}],
        [{"start_s": 0.01, "end_s": 0.2}],
        [{"start_s": 0.01, "end_s": 1e300}],
        [{"start_s": 0.01, "end_s": 0.03}, {"start_s": 0.02, "end_s": 0.04}],
        [{"start_s": 0.03, "end_s": 0.04}, {"start_s": 0.01, "end_s": 0.02}],
        "everywhere",
    ],
)
def test_speech_that_cannot_be_is_refused(file: Path, speech: object) -> None:
    content = json.loads(file.read_text())
    content["restore"]["speech"] = speech
    with pytest.raises(ProjectError, match="no project"):
        read_project(damaged(file, **content))


def test_speech_of_a_restore_that_has_none_apart_is_refused(file: Path) -> None:
    content = json.loads(file.read_text())
    content["restore"]["speech"] = []
    content["restore"]["result"]["method"] = "known_bgm"
    with pytest.raises(ProjectError, match="not apart"):
        read_project(damaged(file, **content))


def test_what_the_user_says_is_speech_is_kept(tmp_path: Path) -> None:
    project = add_speech(Region(0.0, 0.1)).apply(saved(tmp_path))
    assert project.media is not None
    assert project.restore is not None
    assert project.restore.is_behind
    write_project(project, tmp_path / "a.reprise")
    assert read(tmp_path / "a.reprise", project.media) == project


def test_an_amount_needs_a_lane_for_the_rest(file: Path) -> None:
    content = json.loads(file.read_text())
    content["restore"] |= {"amount": 0.5, "choice": None}
    content["restore"]["result"]["decision"] = None
    assert read_project(damaged(file, **content)).restore is not None
    for stem in ("ost", "music1", "music2"):
        del content["restore"]["result"]["stems"][stem]
    with pytest.raises(ProjectError, match="nothing can hold"):
        read_project(damaged(file, **content))


def test_how_much_is_taken_out_is_kept(tmp_path: Path) -> None:
    project = take_out(0.35).apply(saved(tmp_path))
    assert project.media is not None
    write_project(project, tmp_path / "a.reprise")
    assert read(tmp_path / "a.reprise", project.media) == project


def test_a_file_from_before_there_were_amounts_takes_all_out(file: Path) -> None:
    content = json.loads(file.read_text())
    del content["restore"]["amount"]
    restore = read_project(damaged(file, **content)).restore
    assert restore is not None
    assert restore.amount == 1


def with_history(project: Project) -> Project:
    assert project.media is not None
    result = blind(project.media.path)
    other = replace(result, stems={StemName.MIX: MIX}, decision=None, region=Region(0.0, 0.125))
    attempts = (
        Attempt(2, result, Quality.BEST, 1.7e9, "second"),
        Attempt(1, other, Quality.DRAFT, 0.0),
    )
    return replace(project, history=attempts)


def test_the_restores_that_were_made_are_kept(tmp_path: Path) -> None:
    project = with_history(saved(tmp_path))
    assert project.media is not None
    write_project(project, tmp_path / "a.reprise")
    assert read(tmp_path / "a.reprise", project.media) == project


@pytest.mark.parametrize(
    "changes",
    [
        {"attempt_id": 0},
        {"attempt_id": 2**40},
        {"attempt_id": 1},
        {"made_s": -1.0},
        {"made_s": 1e18},
        {"quality": "perfect"},
        {"ost": "both"},
        {"result": None},
    ],
    ids=str,
)
def test_a_history_that_cannot_be_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    write_project(with_history(saved(tmp_path)), tmp_path / "a.reprise")
    content = json.loads((tmp_path / "a.reprise").read_text())
    content["history"][0] |= changes
    with pytest.raises(ProjectError, match="no project"):
        read_project(damaged(tmp_path / "a.reprise", **content))


def test_names_in_a_history_cannot_leave_the_cache_and_it_ends(tmp_path: Path) -> None:
    write_project(with_history(saved(tmp_path)), tmp_path / "a.reprise")
    content = json.loads((tmp_path / "a.reprise").read_text())
    attempt = content["history"][1]
    content["history"] = [attempt | {"attempt_id": number} for number in range(1, 50)]
    with pytest.raises(ProjectError, match="more than 20"):
        read_project(damaged(tmp_path / "a.reprise", **content))
    attempt["result"]["stems"]["mix"]["key"] = "../secret"
    with pytest.raises(ProjectError, match="no name of a sound"):
        read_project(damaged(tmp_path / "a.reprise", **content | {"history": [attempt]}))


def test_a_project_without_a_restore(tmp_path: Path) -> None:
    project = choose_track(None).apply(opened(Media(tmp_path / "ä b.mp4", MIX)))
    assert project.media is not None
    write_project(project, tmp_path / "a.reprise")
    assert read(tmp_path / "a.reprise", project.media) == project


def test_what_is_not_there_before_a_video_is_open_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no video"):
        write_project(Project(), tmp_path / "a.reprise")


def test_a_place_that_cannot_be_written_to(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        write_project(saved(tmp_path), tmp_path / "missing" / "a.reprise")


def test_a_failed_write_leaves_the_old_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = file.read_bytes()

    def full(_: Path, __: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError):
        write_project(saved(file.parent), file)
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_file_of_the_future_says_so(file: Path) -> None:
    with pytest.raises(ProjectError, match="newer Reprise"):
        read_project(damaged(file, version=99, lanes="told otherwise by then"))


LANE = {"lane_id": "mix", "gain_db": 0.0}


SESSION_CHANGES: tuple[dict[str, object], ...] = (
    {"seed": -1},
    {"seed": 10**30},
    {"num_trials": 10**9},
    {"num_trials": 1},
    {"question": "guess"},
    {"listener": "x" * 10_000},
    {"region": {"start_s": 0.0, "end_s": -1.0}},
    {"compared": []},
    {"seed": 8},
)


def test_more_listening_tests_than_anybody_makes_are_refused(file: Path) -> None:
    sessions = json.loads(file.read_text())["sessions"]
    with pytest.raises(ProjectError, match="too many listening tests"):
        read_project(damaged(file, sessions=sessions * 51))


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (["a.html", "./a.html"], "there is a file of other listeners twice"),
        ([f"{number}.html" for number in range(101)], "too many files of other listeners"),
        (["a\0.html"], "not what they should be"),
        ([["a.html"]], "not what they should be"),
        ("a.html", "not what they should be"),
    ],
)
def test_impossible_files_of_other_listeners_are_refused(
    file: Path, files: object, reason: str
) -> None:
    with pytest.raises(ProjectError, match=reason):
        read_project(damaged(file, listener_files=files))


@pytest.mark.parametrize("changes", SESSION_CHANGES, ids=str)
def test_listening_tests_that_cannot_have_been_are_refused(
    file: Path, changes: dict[str, object]
) -> None:
    content = json.loads(file.read_text())
    content["sessions"][0]["plan"] |= changes
    with pytest.raises(ProjectError, match=r"clip\.reprise is no project"):
        read_project(damaged(file, **content))


def point(time_s: float, gain_db: float = 0.0) -> dict[str, object]:
    return {"time_s": time_s, "gain_db": gain_db}


SOUND = {"key": "a-1", "num_samples": 9000, "channels": 2, "sample_rate_hz": 8000}
CLIP: dict[str, object] = {
    "clip_id": 1,
    "lane_id": "placed 1",
    "track": "song.mp3",
    "sound": SOUND,
    "start_s": 0.0,
    "track_start_s": 0.0,
    "duration_s": 1.0,
}


@pytest.mark.parametrize(
    "changes",
    [
        {"version": "1"},
        {"version": None},
        {"video": 7},
        {"video": "clip\0.mp4"},
        {"mix_key": "../../etc/passwd"},
        {"mix_key": ""},
        {"lanes": []},
        {"lanes": [LANE, LANE]},
        {"lanes": [LANE | {"lane_id": "nobody"}]},
        {"lanes": [LANE | {"gain_db": 1e300}]},
        {"lanes": [LANE | {"muted": "yes"}]},
        {"lanes": [LANE | {"as_spectrogram": 2}]},
        {"lanes": {"mix": {}}},
        {"lanes": [LANE | {"envelope": [point(2.0), point(1.0)]}]},
        {"lanes": [LANE | {"envelope": [point(1.0, 99.0)]}]},
        {"lanes": [LANE | {"envelope": [point(-1.0)]}]},
        {"lanes": [LANE | {"envelope": [point(float(at)) for at in range(501)]}]},
        {"lanes": [LANE | {"duck_db": -1.0}]},
        {"lanes": [LANE, LANE | {"lane_id": "placed 2"}]},
        {"heard_speech": [{"start_s": 2.0, "end_s": 1.0}]},
        {"heard_speech": [{"start_s": 2.0, "end_s": 4.0}, {"start_s": 3.0, "end_s": 5.0}]},
        {"clips": [CLIP, CLIP]},
        {"clips": [CLIP | {"lane_id": "placed 7"}]},
        {"clips": [CLIP | {"lane_id": "mix"}]},
        {"clips": [CLIP | {"clip_id": 0}]},
        {"clips": [CLIP | {"gain_db": 1e6}]},
        {"clips": [CLIP | {"start_s": -1.0}]},
        {"clips": [CLIP | {"start_s": 1e9}]},
        {"clips": [CLIP | {"duration_s": 0.0}]},
        {"clips": [CLIP | {"track": 7}]},
        {"clips": [CLIP | {"fade_in": {"duration_s": -1.0}}]},
        {"clips": [CLIP | {"fade_in": {"duration_s": 1.0, "outer_s": -1.0}}]},
        {"clips": [CLIP | {"fade_in": {"duration_s": 1.0, "inner_s": -1.0}}]},
        {"clips": [CLIP | {"fade_out": {"duration_s": 1.0, "inner_s": 1e300}}]},
        {"clips": [CLIP | {"fade_in": {"duration_s": 9.0}}]},
        {"clips": [CLIP | {"fade_in": {"shape": "sudden"}}]},
        {"clips": [CLIP | {"sound": SOUND | {"key": "../../x"}}]},
        {"clips": [CLIP | {"clip_id": number} for number in range(1, 202)]},
        {"clips": [CLIP, CLIP | {"clip_id": 2}]},
        {"restore": {"choice": "third"}},
        {"restore": []},
        {"selection": {"start_s": 2.0, "end_s": 1.0}},
        {"selection": {"start_s": -1.0, "end_s": 1.0}},
        {"markers": [{"marker_id": 1, "time_s": 1e9, "text": ""}]},
        {"markers": [{"marker_id": 2**40, "time_s": 1.0, "text": ""}]},
        {"markers": 2 * [{"marker_id": 1, "time_s": 1.0, "text": ""}]},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(file: Path, changes: dict[str, object]) -> None:
    with pytest.raises(ProjectError, match=r"clip\.reprise is no project"):
        read_project(damaged(file, **changes))


def test_names_of_sounds_cannot_leave_the_cache(file: Path) -> None:
    content = json.loads(file.read_text())
    content["restore"]["result"]["stems"]["ost"]["key"] = "../secret"
    with pytest.raises(ProjectError, match="no name of a sound"):
        read_project(damaged(file, **content))


def test_a_decision_without_its_music_is_refused(file: Path) -> None:
    content = json.loads(file.read_text())
    del content["restore"]["result"]["stems"]["music1"]
    with pytest.raises(ProjectError, match="needs music1"):
        read_project(damaged(file, **content))


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"null", b'{"version": 1}', b"\xff\xfe", b"[" * 100_000, b'{"version": 1e999}'],
    ids=["empty", "list", "null", "bare", "no text", "deep", "huge number"],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.reprise"
    path.write_bytes(content)
    with pytest.raises(ProjectError, match=r"other\.reprise"):
        read_project(path)


def test_a_truncated_file_is_refused(file: Path) -> None:
    whole = file.read_bytes()
    for length in range(0, len(whole) - 1, 97):
        file.write_bytes(whole[:length])
        with pytest.raises(ProjectError):
            read_project(file)


def test_a_file_that_is_too_large_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "large.reprise"
    with path.open("wb") as file:
        file.truncate(60_000_000)
    with pytest.raises(ProjectError, match="too large"):
        read_project(path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes among files")
@pytest.mark.timeout(20)
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "a.reprise"
    os.mkfifo(pipe)
    with pytest.raises(ProjectError, match="is no file"):
        read_project(pipe)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.reprise"):
        with pytest.raises(ProjectError, match="cannot read"):
            read_project(path)


def test_restores_are_told_apart_from_choices(file: Path) -> None:
    found = read_project(file)
    assert found.restore == Restore(blind(file.parent / "clip.mp4"), "second")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "is damaged: it is cut off, or something else was written into it"),
        (b"\xff\xfe", "is damaged: it is cut off"),
        (b"{}", "parts of it are missing"),
        (b'{"version": "one"}', "parts of it are missing, or are not what they should be"),
    ],
)
def test_what_is_wrong_is_said_without_names_of_fields(
    content: bytes, words: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "clip.reprise"
    path.write_bytes(content)
    with pytest.raises(ProjectError, match=words) as caught:
        read_project(path)
    assert not any(word in str(caught.value) for word in ("$", "`", "byte", "JSON", "object"))
    # Whoever mends it finds more in the log.
    assert str(path) in caplog.text
    caplog.clear()


def test_more_speech_than_a_film_can_hold_is_refused(file: Path) -> None:
    endless = [{"start_s": float(at), "end_s": at + 0.5} for at in range(20_001)]
    with pytest.raises(ProjectError, match="no project"):
        read_project(damaged(file, heard_speech=endless))
