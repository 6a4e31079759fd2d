"""Folders stand for the videos in them, and for nothing else."""

from pathlib import Path

import pytest

from app.film_files import is_project, named_files
from engine.errors import InputNotFoundError


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_bytes(b"")


def test_a_folder_stands_for_the_videos_right_in_it(tmp_path: Path) -> None:
    make(tmp_path, "b.MP4", "a.mkv", "notes.txt", "song.mp3", ".hidden.mp4")
    make(tmp_path, "a.restored.mkv", "a.preview.mp4")
    (tmp_path / "deeper").mkdir()
    make(tmp_path / "deeper", "c.mp4")
    (tmp_path / "folder.mp4").mkdir()
    assert named_files([tmp_path]) == (tmp_path / "a.mkv", tmp_path / "b.MP4")


def test_files_are_what_the_user_says(tmp_path: Path) -> None:
    make(tmp_path, "a.restored.mkv", "odd.name")
    named = [tmp_path / "odd.name", tmp_path / "gone.mp4", tmp_path / "odd.name"]
    assert named_files(named) == (tmp_path / "odd.name", tmp_path / "gone.mp4")
    assert named_files([Path("here.mp4")]) == (Path.cwd() / "here.mp4",)


def test_a_folder_without_videos_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputNotFoundError, match="no video"):
        named_files([tmp_path])


def test_projects_are_known_by_their_name() -> None:
    assert is_project(Path("a.Reprise"))
    assert not is_project(Path("a.mp4"))
