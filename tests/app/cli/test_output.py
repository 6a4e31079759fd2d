"""What commands write can be read by people and programs."""

import json
from pathlib import Path

import pytest

from app.cli.output import printable, speed_change, write_json, write_json_error, write_lines
from app.cli.run import say
from engine.errors import NotMediaError
from engine.types import BgmMatch


def written(capsys: pytest.CaptureFixture[str]) -> object:
    return json.loads(capsys.readouterr().out)


def test_numbers_have_no_tail(capsys: pytest.CaptureFixture[str]) -> None:
    write_json({"seconds": [0.1 + 0.2, 3], "tiny": -1e-9, "whole": 7})
    assert capsys.readouterr().out == '{"seconds":[0.3,3],"tiny":0.0,"whole":7}\n'


def test_bytes_that_are_no_text_are_written_out(capsys: pytest.CaptureFixture[str]) -> None:
    write_json({"path": "a\udcff.mp4"})
    assert written(capsys) == {"path": "a\\udcff.mp4"}


def test_names_of_files_do_not_reach_into_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    write_lines(["\n", "\na\x1b[2J\nb\u202e.wav: 0:01\n"])
    say("there is no a\rb\x9b.mp4")
    written_lines = capsys.readouterr()
    assert written_lines.out == "\n\na\\x1b[2J\\nb\\u202e.wav: 0:01\n"
    assert written_lines.err == "reprise: there is no a\\rb\\x9b.mp4\n"
    assert printable("Bj\u00f6rk - \u6d77 [live].mp3") == "Bj\u00f6rk - \u6d77 [live].mp3"


def test_json_keeps_names_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    write_json({"path": "a\x1b\n\x9b\u202e.wav"})
    assert written(capsys) == {"path": "a\x1b\n\x9b\u202e.wav"}


def test_an_error_has_a_code_a_message_and_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    write_json_error(Path("/a.txt"), NotMediaError("no media", "try another"))
    assert written(capsys) == {
        "input": str(Path("/a.txt").absolute()),
        "error": {"code": NotMediaError.code, "message": "no media", "hint": "try another"},
    }


@pytest.mark.parametrize(
    ("speed", "words"),
    [(1.0, ""), (1.0002, ""), (1.0301, ", +3.01% in speed"), (0.94, ", -6.00% in speed")],
)
def test_a_change_of_speed_is_told_if_it_can_be_heard(speed: float, words: str) -> None:
    match = BgmMatch(Path("song.wav"), 0.0, 0.0, 9.0, gain_db=0.0, speed=speed, confidence=1.0)
    assert speed_change(match) == words
