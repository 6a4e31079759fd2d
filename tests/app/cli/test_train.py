"""`reprise train separator` and `publish`, as a user calls them."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.cli.run import DONE, FAILED, USAGE, run_command
from engine.context import PlainContext
from engine.datasets.oasd import MANIFEST
from engine.datasets.oasd_making import make_oasd
from engine.training import recipes
from engine.training.curves import LOG, PICTURE, read_log
from engine.training.recipes import ROLES
from tests.helpers.oasd import request_for, write_folders


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A small set, and a small network to go with it."""
    tiny = replace(ROLES, config={**ROLES.config, "dim": 8, "depth": 1})
    monkeypatch.setitem(recipes.RECIPES, ROLES.name, tiny)
    return str(
        make_oasd(request_for(tmp_path / "set", write_folders(tmp_path, 10)), PlainContext()).root
    )


def train(corpus: str, run: Path, *options: str) -> int:
    base = [ROLES.name, "--corpus", corpus, "--run", str(run), "--minutes", "0.01"]
    return run_command("train", ["separator", *base, "--device", "cpu", *options])


@pytest.mark.long
def test_a_run_begins_goes_on_and_is_published(
    corpus: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, models = tmp_path / "run", tmp_path / "models"
    models.mkdir()
    options = "--loss", "spectral", "--accumulate", "2", "--batch-size", "1"
    assert train(corpus, run, *options) == DONE
    assert train(corpus, run) == DONE
    assert train(corpus, run, "--loss", "si-sdr") == FAILED
    assert "has begun with --loss spectral" in capsys.readouterr().err
    first, *_, last = read_log(run)
    assert first.step < last.step
    assert (run / PICTURE).is_file()

    publish = [ROLES.name, "--corpus", corpus, "--run", str(run), "--mixes", "2"]
    assert run_command("train", ["publish", *publish, "--out", str(models)]) == DONE
    out = capsys.readouterr().out
    assert "| paper, fine-tuned |" in out
    assert "of the target: OST SDR" in out
    assert {path.suffix for path in models.glob("*.*")} == {".json", ".safetensors"}
    assert {path.name for path in models.glob("runs/*/*")} == {LOG, PICTURE}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--from", "no-such-card"), "no-such-card"),
        (("--from", "starter-speech"), "is a htdemucs"),
        (("--corpus", "nowhere"), "no corpus in nowhere"),
    ],
)
def test_what_cannot_be_trained_is_one_line(
    corpus: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    words: str,
) -> None:
    assert train(corpus, tmp_path / "run", *options) == FAILED
    (said,) = capsys.readouterr().err.strip().splitlines()
    assert words in said


def test_half_a_set_is_known_and_a_run_that_is_refused_has_not_begun(
    corpus: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (Path(corpus) / MANIFEST).unlink()
    assert train(corpus, tmp_path / "run") == FAILED
    assert f"make it with: reprise dataset oasd {corpus}" in capsys.readouterr().err
    assert train(str(tmp_path / "nowhere"), tmp_path / "run") == FAILED
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "arguments",
    [["separator"], ["separator", "x", "--corpus", "c", "--run", "r"], ["publish", ROLES.name]],
)
def test_wrong_usage_is_told(arguments: list[str]) -> None:
    assert run_command("train", arguments) == USAGE
