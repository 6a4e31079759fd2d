"""What a dead editor left is found, what a living one keeps is not, and nothing is lost at once."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.autosave import KEPT_COPIES, KEPT_FOLDERS, Session, left_behind, settle
from app.project import Media, Project, opened
from engine.errors import OutputError
from engine.types import AudioRef

PROJECT = opened(Media(Path("/films/clip.mp4"), AudioRef("decode-1a", 1000, 2, 8000)))

DIES = """
import os, sys
from pathlib import Path
from app.autosave import Session
from tests.app.test_autosave import PROJECT
Session(Path(sys.argv[1])).keep(PROJECT, Path("/films/work.reprise"))
os._exit(1)
"""


def left_by_a_crash(root: Path) -> None:
    subprocess.run([sys.executable, "-c", DIES, str(root)], check=False)


def test_what_a_crash_left_is_found(tmp_path: Path) -> None:
    left_by_a_crash(tmp_path)
    left = left_behind(tmp_path)
    assert left is not None
    saved = left.saved
    assert saved.video == Path("/films/clip.mp4")
    assert saved.file == Path("/films/work.reprise")
    assert left.left_s == pytest.approx(time.time(), abs=60)
    left.held.close()


def test_two_windows_do_not_ask_about_the_same_work(tmp_path: Path) -> None:
    left_by_a_crash(tmp_path)
    first = left_behind(tmp_path)
    assert first is not None
    # While the first one waits for an answer.
    assert left_behind(tmp_path) is None
    first.held.close()
    again = left_behind(tmp_path)
    assert again is not None
    settle(again)
    assert left_behind(tmp_path) is None


def test_of_several_the_newest_is_held_and_the_others_are_for_other_windows(tmp_path: Path) -> None:
    for _ in range(2):
        left_by_a_crash(tmp_path)
    first, second = left_behind(tmp_path), left_behind(tmp_path)
    assert first is not None
    assert second is not None
    assert first.folder != second.folder
    assert first.left_s >= second.left_s
    for left in (first, second):
        left.held.close()


def test_a_living_editor_is_left_alone(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.keep(PROJECT, None)
    assert left_behind(tmp_path) is None
    session.clear()
    assert list(tmp_path.iterdir()) == []


def test_the_last_few_copies_stay(tmp_path: Path) -> None:
    session = Session(tmp_path)
    for _ in range(KEPT_COPIES + 3):
        session.keep(PROJECT, None)
    (folder,) = tmp_path.iterdir()
    copies = sorted(path.name for path in folder.glob("*.reprise"))
    assert copies == [f"{n:06}.reprise" for n in range(4, KEPT_COPIES + 4)]
    session.clear()


def test_after_clearing_one_can_go_on(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.clear()
    session.keep(PROJECT, None)
    session.clear()
    session.keep(PROJECT, None)
    assert len(list(tmp_path.iterdir())) == 1
    session.clear()


def test_nothing_is_kept_after_the_end(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.keep(PROJECT, None)
    session.close()
    session.keep(PROJECT, None)
    assert list(tmp_path.iterdir()) == []


def test_what_was_settled_is_not_asked_again_and_kept_a_while(tmp_path: Path) -> None:
    for number in range(KEPT_FOLDERS + 2):
        left_by_a_crash(tmp_path)
        left = left_behind(tmp_path)
        assert left is not None, number
        settle(left)
        assert left.newest.exists()
    assert left_behind(tmp_path) is None
    assert len(list(tmp_path.iterdir())) == KEPT_FOLDERS


def test_nothing_there_and_something_else_there(tmp_path: Path) -> None:
    assert left_behind(tmp_path / "missing") is None
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "000001.reprise").touch()
    assert left_behind(tmp_path) is None


def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        Session(tmp_path / "file").keep(PROJECT, None)


def test_a_project_without_a_video_is_a_bug(tmp_path: Path) -> None:
    session = Session(tmp_path)
    with pytest.raises(ValueError, match="no video"):
        session.keep(Project(), None)
    session.clear()
