"""`reprise evaluate listening` puts the tests of several listeners together."""

import json
from pathlib import Path

import pytest

from app.cli.run import DONE, FAILED, run_command
from tests.app.review.test_listeners import report
from tests.helpers.listening import abx_session, preference_session


def run(*arguments: str | Path) -> int:
    return run_command("evaluate", ["listening", *map(str, arguments)])


def test_a_table_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = report(tmp_path / "a.html", abx_session(15))
    second = report(tmp_path / "b.html", abx_session(8), preference_session(["mix"] * 3))
    assert run(first, second, first) == DONE
    out = capsys.readouterr().out
    assert "ABX: Original or Restored\n  1 listener, 1 film, 2 tests, 32 answers.\n" in out
    assert "right: 23 of 32, 72 %" in out
    assert "Preference: Original or Restored" in out


def test_json_holds_all_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = report(tmp_path / "a.html", preference_session(["mix", "mix", "restored"]))
    assert run(path, "--json") == DONE
    found = json.loads(capsys.readouterr().out)
    assert found["files"] == [
        {"file": str(path), "by": "Anna", "key": found["files"][0]["key"], "tests": 1}
    ]
    (result,) = found["results"]
    assert result["question"] == "preference"
    assert [(row["name"], row["count"]) for row in result["rows"]] == [
        ("Original", 2),
        ("Restored", 1),
    ]
    assert result["p_value"] == 1.0


def test_one_forged_report_among_others_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, forged = (report(tmp_path / name, abx_session(12)) for name in ("a.html", "b.html"))
    forged.write_bytes(forged.read_bytes().replace(b"<html>", b"<HTML>"))
    assert run(good, forged) == FAILED
    said = capsys.readouterr()
    assert not said.out
    assert "b.html: the report was changed after it was signed" in said.err


def test_without_tests_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(report(tmp_path / "a.html")) == DONE
    assert "no listening tests" in capsys.readouterr().out
