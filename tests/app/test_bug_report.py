"""The details of a bug report say what is needed, and nothing of whose computer it is."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bug_report import Subject, bug_report, without_folders
from app.settings import Settings
from engine.types import Method, RestoreResult, StageReport
from tests.helpers.projects import blind_result
from tests.helpers.restore_workload import make_tone_film

NAMES = st.text("abc äß.-_ Z", min_size=1, max_size=8).map(lambda name: f"x{name}x")


def test_it_tells_machine_file_stages_and_problem(tmp_path: Path) -> None:
    film = make_tone_film(tmp_path / "film.mkv", 0.5, 8000)
    result = blind_result(tmp_path / "cache", film)
    warned = RestoreResult(
        video=film,
        stems=result.stems,
        method=Method.BLIND,
        bgm=(),
        decision=None,
        speech=(),
        stages=(StageReport("separator", "tiny", 1.25),),
        warnings=(f"no track of {tmp_path}/My Music could be taken out: what now",),
    )
    subject = Subject(
        Settings(),
        "Test device, ready",
        tmp_path / "cache",
        film,
        warned,
        f"The device is on fire in {tmp_path / 'x.log'}.",
        (tmp_path / "film.restored.mkv",),
    )
    text = bug_report(subject)
    for words in (
        "Reprise 0.",
        "Python: 3.",
        "media: PyAV",
        "engine: Test device, ready",
        "video: film.mkv",
        "  picture: ",
        "64 x 48, 25.000 Hz",
        "  sound: pcm_f32le, 8000 Hz, 2 channels",
        "Separating speech and music by tiny: 1.2 s",
        "could be taken out: what now",
        "written: film.restored.mkv",
        "problem: The device is on fire in x.log.",
    ):
        assert words in text, words
    assert str(tmp_path) not in text
    assert tmp_path.name not in text
    assert str(Path.home()) not in text


def test_before_a_film_is_open_there_is_still_something_to_tell(tmp_path: Path) -> None:
    text = bug_report(Subject(Settings(), "stopped: it broke", tmp_path / "cache"))
    assert "engine: stopped: it broke" in text
    assert "video" not in text


def test_a_film_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    text = bug_report(Subject(Settings(), "ready", tmp_path, tmp_path / "gone.mp4"))
    assert "cannot be read" in text
    assert tmp_path.name not in text


@given(st.lists(NAMES, min_size=1, max_size=4), st.sampled_from(["", "~", "C:"]))
def test_no_folder_survives_whatever_it_is_called(folders: list[str], start: str) -> None:
    separator = "\\" if start == "C:" else "/"
    line = f"cannot write {separator.join([start, *folders, 'film.mp4'])}: no space"
    assert without_folders(line) == "cannot write film.mp4: no space"


@pytest.mark.parametrize("line", ["44.1 kHz/24 bit and/or 1/2", "Note: 3 / 4 of it", ""])
def test_words_with_strokes_stay(line: str) -> None:
    assert without_folders(line) == line
