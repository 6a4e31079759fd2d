"""Listening tests are read out of signed reports, which are verified first, and out of projects."""

import os
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.project import opened
from app.project_io import write_project
from app.review.listeners import read_listeners
from app.review.pooling import pool
from app.review.signing import ReportError, signed
from engine.errors import EngineError
from tests.helpers.listening import AT, abx_session, preference_session
from tests.helpers.projects import blind_result, media_of

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def report(path: Path, *sessions: object, by: str = "Anna") -> Path:
    facts = {"files": [{"role": "video", "name": "film.mp4"}], "sessions": sessions}
    path.write_bytes(signed(b"<html></html>\n", msgspec.json.encode(facts), by, AT, KEY))
    return path


def test_a_report_and_the_project_it_is_of_count_once(tmp_path: Path) -> None:
    session = abx_session(12)
    first = report(tmp_path / "a.html", session)
    project = replace(opened(media_of(blind_result(tmp_path))), sessions=(session,))
    write_project(project, tmp_path / "a.reprise")
    read = [read_listeners(path) for path in (first, first, tmp_path / "a.reprise")]
    assert [(len(each.tests), bool(each.key)) for each in read] == [
        (1, True),
        (1, True),
        (1, False),
    ]
    (pooled,) = pool(test for each in read for test in each.tests)
    assert (pooled.tests, pooled.answers) == (1, 16)


def test_the_listeners_own_name_goes_before_the_signers(tmp_path: Path) -> None:
    named, unnamed = abx_session(12), abx_session(13)
    unnamed = replace(unnamed, plan=replace(unnamed.plan, listener=""))
    path = report(tmp_path / "a.html", named, unnamed, by="Ben")
    assert [test.by for test in read_listeners(path).tests] == ["Anna", "Ben"]
    nobody = report(tmp_path / "b.html", unnamed, by="")
    assert read_listeners(nobody).tests[0].by.startswith("key ")
    assert read_listeners(nobody).tests[0].film == "film.mp4"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have no names here")
@pytest.mark.parametrize("name", ["a.html", "a.reprise"])
def test_nobody_waits_for_a_pipe(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(EngineError, match=f"{name} is no file"):
        read_listeners(tmp_path / name)


def test_a_forged_report_is_refused_by_name(tmp_path: Path) -> None:
    path = report(tmp_path / "a.html", preference_session(["mix"] * 3))
    content = bytearray(path.read_bytes())
    content[-200] ^= 1
    path.write_bytes(content)
    with pytest.raises(ReportError, match=r"a\.html: .*changed after it was signed"):
        read_listeners(path)


def test_answers_that_no_test_drew_are_refused_even_if_signed(tmp_path: Path) -> None:
    told = msgspec.to_builtins(abx_session(12))
    told["plan"]["seed"] += 1
    path = report(tmp_path / "a.html", told)
    with pytest.raises(ReportError, match="impossible"):
        read_listeners(path)
    many = report(tmp_path / "b.html", *[abx_session(1, 1)] * 101)
    with pytest.raises(ReportError, match="impossible"):
        read_listeners(many)
