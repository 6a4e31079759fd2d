"""Which folders are searched when none is named."""

import os
from pathlib import Path

import pytest

from engine.library.database import Database, library_folder
from engine.library.own_folders import OwnFolders, known_folders, own_library


def test_folders_are_sorted_by_what_can_be_done_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, gone, locked = (tmp_path / name for name in ("here", "gone", "locked"))
    for folder in (here, locked):
        folder.mkdir()
    scandir = os.scandir

    def refusing(path: Path) -> object:
        # As root every folder may be read.
        if path == locked:
            raise PermissionError
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with Database(library_folder()) as database:
        for folder in (here, gone, locked):
            database.add_folder(folder)
        assert known_folders(database) == OwnFolders((here,), (gone,), (locked,))
    assert own_library() == OwnFolders((here,), (gone,), (locked,))
    assert [words.split()[-1] for words in own_library().warnings] == ["there.", "read."]


def test_without_a_library_there_is_nothing_to_search() -> None:
    assert own_library() == OwnFolders(())
    assert not library_folder().exists()
