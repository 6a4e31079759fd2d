"""Files appear whole or not at all."""

import contextlib
import errno
from pathlib import Path

import pytest

from engine.errors import DiskFullError, OutputError
from engine.media.atomic import atomic_output


def test_file_appears_in_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_text("old")
    with atomic_output(path) as part:
        part.write_text("new")
        assert path.read_text() == "old"
        assert (part.parent, part.suffix) == (tmp_path, ".mp4")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_any_exception_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_text("old")
    with contextlib.suppress(KeyError), atomic_output(path) as part:
        part.write_text("new")
        raise KeyError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, DiskFullError),
        (errno.EDQUOT, DiskFullError),
        (errno.EFBIG, DiskFullError),
        (errno.EACCES, OutputError),
        (errno.EROFS, OutputError),
    ],
)
def test_system_errors_are_worded(tmp_path: Path, number: int, kind: type[OutputError]) -> None:
    with pytest.raises(OutputError) as caught, atomic_output(tmp_path / "a"):
        raise OSError(number, "words of the system")
    assert type(caught.value) is kind
    assert str(tmp_path / "a") in caught.value.message


@pytest.mark.parametrize("name", ["no/folder/a.mp4", "", "x" * 300])
def test_impossible_places_are_refused_before_the_work(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError), atomic_output(tmp_path / name):
        pytest.fail("the work was begun")


def test_name_that_just_fits(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 251 + ".mp4")
    with atomic_output(path) as part:
        part.write_text("new")
    assert path.read_text() == "new"
