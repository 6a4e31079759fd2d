"""`reprise dataset`, as a user calls it."""

import shutil
from pathlib import Path

import pytest

from app.cli.run import DONE, FAILED, USAGE, run_command
from engine.datasets import corpus
from engine.datasets.corpus import Corpus, CorpusRequest, PlannedItem
from tests.helpers.corpora import write_corpus
from tests.helpers.oasd import write_folders


@pytest.fixture
def short_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two scenes instead of hours of music."""
    plan = tuple(
        PlannedItem(f"effects-{k}", "effects", "interface", f"scene-{k}", "train") for k in range(2)
    )

    def planned(_: CorpusRequest) -> tuple[PlannedItem, ...]:
        return plan

    monkeypatch.setattr(corpus, "plan_items", planned)


@pytest.mark.usefixtures("short_plan")
def test_a_corpus_is_made_and_nothing_goes_to_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "corpus"
    assert run_command("dataset", ["synthetic", str(folder), "--workers", "1"]) == DONE
    assert len(Corpus.load(folder).items) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "2 items" in captured.err


def test_a_missing_program_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run_command("dataset", ["synthetic", str(tmp_path / "corpus")]) == FAILED
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert "fluidsynth was not found" in last
    assert "install" in last


def test_another_seed_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_corpus(tmp_path)
    assert run_command("dataset", ["synthetic", str(tmp_path), "--seed", "9"]) == FAILED
    assert "made from seed 0" in capsys.readouterr().err


def test_the_same_music_on_both_sides_is_called_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ost, _ = write_folders(tmp_path, 4)
    shutil.copytree(ost, tmp_path / "copy")
    short = "--clips", "2", "--clip-seconds", "1", "--mixes", "10", "--workers", "1"
    for bgm, words in ((ost, "are the same folder"), (tmp_path / "copy", "hold the same files")):
        sides = "--ost", str(ost), "--bgm", str(bgm)
        assert run_command("dataset", ["oasd", str(tmp_path / "set"), *sides, *short]) == FAILED
        assert f"--ost and --bgm {words}: give each side" in capsys.readouterr().err


def test_pairs_are_made_from_folders_and_what_is_left_out_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ost, bgm = write_folders(tmp_path, 4)
    (ost / "broken.mp3").write_text("no sound")
    sides = "--ost", str(ost), "--bgm", str(bgm)
    size = "--clips", "2", "--clip-seconds", "1", "--workers", "1"
    folder, wav = tmp_path / "set", tmp_path / "wav"
    arguments = ["oasd", str(folder), *sides, *size, "--mixes", "10", "--export", str(wav)]
    assert run_command("dataset", arguments) == DONE
    said = capsys.readouterr().err
    assert said.count("left out: broken.mp3: ") == 1
    assert "8 tracks, 16 clips, 10 mixes" in said
    assert len(list(wav.rglob("*.wav"))) == 26
    assert run_command("dataset", [*arguments, "--seed", "1"]) == FAILED
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["synthetic"],
        ["synthetic", "x", "--hours", "0"],
        ["x"],
        ["oasd"],
        ["oasd", "x", "--tracks", "3"],
        ["osvar", "x", "--seconds", "1"],
    ],
)
def test_wrong_usage_is_told(arguments: list[str]) -> None:
    assert run_command("dataset", arguments) == USAGE
