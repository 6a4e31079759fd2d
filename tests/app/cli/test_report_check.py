"""The files of a report are found again, also where two of them had one name."""

import hashlib
from pathlib import Path

import msgspec
import pytest

from app.cli.report_check import CheckedReport, check_report
from app.review.signing import signed
from tests.app.review.test_listeners import KEY
from tests.helpers.listening import AT


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A report that names two tracks of one name, and a film."""
    contents = {"film.mp4": [b"film"], "song.wav": [b"first", b"other"]}
    files = [
        {
            "role": "added track",
            "name": name,
            "num_bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        for name, held in contents.items()
        for content in held
    ]
    facts = msgspec.json.encode({"files": files, "sessions": ()})
    path = tmp_path / "a.html"
    path.write_bytes(signed(b"<html></html>\n", facts, "Anna", AT, KEY))
    return path


def states(checked: CheckedReport) -> list[tuple[str, str]]:
    return [(file.state.value, file.found) for file in checked.files]


def test_tracks_of_one_name_are_both_found_in_one_folder(report: Path, tmp_path: Path) -> None:
    (tmp_path / "song.wav").write_bytes(b"other")
    assert states(check_report(report, tmp_path))[1:] == [("not here", ""), ("same", "")]
    (tmp_path / "song 2.wav").write_bytes(b"first")
    checked = check_report(report, tmp_path)
    assert states(checked)[1:] == [("same", "song 2.wav"), ("same", "")]
    assert "same      song.wav (added track, here song 2.wav)" in checked.lines()


def test_what_is_none_of_those_of_its_name_was_changed(report: Path, tmp_path: Path) -> None:
    (tmp_path / "song.wav").write_bytes(b"wrong")
    (tmp_path / "song 2.wav").write_bytes(b"other")
    checked = check_report(report, tmp_path)
    assert states(checked)[1:] == [("changed", ""), ("same", "song 2.wav")]
    assert checked.changed == ("song.wav",)


def test_a_name_that_is_there_once_is_not_looked_for_elsewhere(
    report: Path, tmp_path: Path
) -> None:
    (tmp_path / "copy.mp4").write_bytes(b"film")
    assert states(check_report(report, tmp_path))[0] == ("not here", "")
    (tmp_path / "film.mp4").write_bytes(b"filn")
    assert states(check_report(report, tmp_path))[0] == ("changed", "")


def test_a_folder_that_is_not_there_holds_nothing(report: Path, tmp_path: Path) -> None:
    assert states(check_report(report, tmp_path / "none")) == [("not here", "")] * 3
