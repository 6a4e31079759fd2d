"""The sample project opens without a word of warning, from a copy that may be worked on."""

from pathlib import Path

import pytest

from app.opening import open_file
from app.sample import own_sample
from engine.context import PlainContext
from engine.errors import OutputError


def test_the_sample_opens_with_its_track_and_its_markers(tmp_path: Path) -> None:
    file = own_sample(tmp_path / "sample")
    opened = open_file(file, tmp_path / "cache", PlainContext(), lambda _: None)
    assert opened.warnings == ()
    assert opened.file == file
    assert opened.project.track == tmp_path / "sample" / "sample.bgm.flac"
    assert opened.project.track.exists()
    assert len(opened.project.markers) == 2


def test_what_was_changed_in_the_copy_stays(tmp_path: Path) -> None:
    file = own_sample(tmp_path)
    file.write_text("mine")
    (tmp_path / "sample.mp4").unlink()
    assert own_sample(tmp_path) == file
    assert file.read_text() == "mine"
    assert (tmp_path / "sample.mp4").exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        own_sample(tmp_path / "file" / "sample")
