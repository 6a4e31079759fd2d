"""What commands write can be read by people and programs."""

import json
from pathlib import Path

import pytest

from app.cli.output import write_json, write_json_error
from engine.errors import NotMediaError


def written(capsys: pytest.CaptureFixture[str]) -> object:
    return json.loads(capsys.readouterr().out)


def test_numbers_have_no_tail(capsys: pytest.CaptureFixture[str]) -> None:
    write_json({"seconds": [0.1 + 0.2, 3], "tiny": 1e-9, "whole": 7})
    assert capsys.readouterr().out == '{"seconds":[0.3,3],"tiny":0.0,"whole":7}\n'


def test_bytes_that_are_no_text_are_written_out(capsys: pytest.CaptureFixture[str]) -> None:
    write_json({"path": "a\udcff.mp4"})
    assert written(capsys) == {"path": "a\\udcff.mp4"}


def test_an_error_has_a_code_a_message_and_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    write_json_error(Path("/a.txt"), NotMediaError("no media", "try another"))
    assert written(capsys) == {
        "input": str(Path("/a.txt").absolute()),
        "error": {"code": NotMediaError.code, "message": "no media", "hint": "try another"},
    }
