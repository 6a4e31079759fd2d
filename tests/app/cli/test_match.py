"""`reprise match` from arguments to output and exit code."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.cli.match import describe
from app.cli.run import DONE, FAILED, USAGE, run_command
from engine.datasets.linked_pairs import Link
from engine.types import Audio, MatchResult, Verdict
from tests.helpers.pictures import clear_case, still, write_film


@dataclass(frozen=True)
class Files:
    """A film that is cut to the first of two sounds."""

    film: Path
    first: Path
    second: Path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("match")
    case = clear_case(Link.BOTH)
    film = write_film(folder / "film.mp4", case.frames())
    return Files(
        film,
        write_sound(folder / "first.wav", case.first),
        write_sound(folder / "second.wav", case.second),
    )


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("REPRISE_CONFIG", str(tmp_path / "config"))


def write_sound(path: Path, audio: Audio) -> Path:
    soundfile.write(path, audio.samples.T, audio.sample_rate_hz, subtype="FLOAT")
    return path


def match(*arguments: str | Path) -> int:
    return run_command("match", [str(argument) for argument in arguments])


def test_json_has_exactly_the_promised_fields(
    files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    assert match(files.film, files.first, files.second, "--json") == DONE
    lines = capfd.readouterr().out.splitlines()
    assert len(lines) == 1
    answer = json.loads(lines[0])
    assert list(answer) == ["choice", "confidence", "scores", "model"]
    assert answer["choice"] == "first"
    assert 0.6 <= answer["confidence"] <= 1
    assert answer["scores"][0] > answer["scores"][1]
    assert answer["model"] == "baseline-matcher"


def test_words_name_the_file_that_belongs(files: Files, capfd: pytest.CaptureFixture[str]) -> None:
    assert match(files.film, files.second, files.first) == DONE
    out = capfd.readouterr().out
    assert out.count("\n") == 1
    assert out.startswith("first.wav belongs to the picture")


@pytest.mark.parametrize("name", ["film", "first"])
def test_the_cache_is_kept_to_the_size_that_the_user_wants(
    files: Files, tmp_path: Path, name: str
) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.json").write_text('{"cache_quota_bytes": 0}')
    # A sound has no picture: what was decoded before goes all the same.
    match(getattr(files, name), files.first, files.second)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_still_picture_is_unsure(
    files: Files, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    film = write_film(tmp_path / "still.mp4", still(6))
    assert match(film, files.first, files.second) == DONE
    out = capfd.readouterr().out
    assert out == "cannot say: the picture or the sound gives nothing to go by\n"


@pytest.mark.parametrize("broken", ["film", "first", "second"])
def test_a_missing_file_is_an_error_in_json(
    broken: str, files: Files, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "missing.mp4"
    paths = [missing if name == broken else getattr(files, name) for name in ARGUMENTS]
    assert match(*paths, "--json") == FAILED
    answer = json.loads(capfd.readouterr().out)
    assert list(answer) == ["input", "error"]
    assert answer["input"] == str(paths[0])
    assert answer["error"]["code"] == "input_not_found"
    assert "missing.mp4" in answer["error"]["message"]


ARGUMENTS = ("film", "first", "second")


def test_sound_without_picture_is_an_error_in_words(
    files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    assert match(files.first, files.first, files.second) == FAILED
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("reprise: ")
    assert captured.err.count("\n") == 1


def test_two_sounds_are_needed(files: Files, capfd: pytest.CaptureFixture[str]) -> None:
    assert match(files.film, files.first) == USAGE
    assert "second" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("choice", "scores", "start"),
    [
        (Verdict.FIRST, (3.0, -1.0), "a.wav belongs"),
        (Verdict.SECOND, (-1.0, 3.0), "b.wav belongs"),
        (Verdict.BOTH, (3.0, 3.0), "both belong"),
        (Verdict.NONE, (-3.0, -3.0), "neither belongs"),
        (Verdict.UNSURE, (0.4, 0.2), "cannot say: a.wav goes a little better"),
        (Verdict.UNSURE, (0.2, 0.4), "cannot say: b.wav goes a little better"),
        (Verdict.UNSURE, (1.0, 1.0), "cannot say: both go equally well"),
        (Verdict.UNSURE, (0.0, 0.0), "cannot say: the picture or the sound gives nothing"),
    ],
)
def test_every_verdict_has_its_words(
    choice: Verdict, scores: tuple[float, float], start: str
) -> None:
    words = describe(MatchResult(choice, 0.87, scores, "m"), "a.wav", "b.wav")
    assert words.startswith(start)
    assert ("87% sure" in words) == (choice is not Verdict.UNSURE)


def test_silence_is_unsure(files: Files, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    quiet = write_sound(tmp_path / "quiet.wav", Audio(np.zeros((2, 80_000), np.float32), 8000))
    assert match(files.film, quiet, quiet, "--json") == DONE
    assert json.loads(capfd.readouterr().out)["choice"] == "unsure"
