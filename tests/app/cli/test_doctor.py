"""`reprise doctor` looks, and says what to do."""

import json
from pathlib import Path

import pytest

from app.cli.run import DONE, FAILED, run_command
from engine.catalog import DEFAULT_MODELS


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path / "data"))


def test_a_sound_installation_is_well(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_command("doctor", ["--json"]) == DONE
    findings = {f["what"]: f for f in json.loads(capfd.readouterr().out)["findings"]}
    needed = {"Python", "device", "media", "cache folder", "data folder"}
    models = {f"model for {stage}" for stage in DEFAULT_MODELS}
    assert needed | models | {"sound", "screen"} == findings.keys()
    assert all(findings[what]["works"] for what in needed | models)
    assert all(f["works"] or f["mend"] for f in findings.values())


def test_a_folder_that_cannot_be_used_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path / "file" / "cache"))
    assert run_command("doctor", []) == FAILED
    out = capfd.readouterr().out
    assert "MISSING  cache folder" in out
    assert "choose another folder" in out
