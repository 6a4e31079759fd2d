"""`reprise evaluate metrics` from files to figures."""

import json
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import soundfile

from app.cli.recipes import RecipeName
from app.cli.run import DONE, FAILED, run_command
from engine.datasets.codec import FORMATS
from engine.datasets.linked_pairs import Link
from engine.evaluation.bgm_clips import Laying
from engine.training.recipes import RECIPES
from engine.types import Samples
from tests.helpers.media import noise

RATE_HZ = 44_100


def write(path: Path, samples: Samples, rate_hz: int = RATE_HZ) -> str:
    soundfile.write(path, samples.T, rate_hz, subtype="FLOAT")
    return str(path)


def metrics(*arguments: str) -> int:
    return run_command("evaluate", ["metrics", *arguments])


def test_json_has_exactly_the_promised_fields(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    truth, other = noise(1, RATE_HZ), noise(1, RATE_HZ, seed=5)
    late = np.pad(truth + np.float32(0.1) * other, ((0, 0), (7, 0)))
    files = (
        *("--reference", write(tmp_path / "truth.wav", truth)),
        *("--estimate", write(tmp_path / "late.wav", late)),
        *("--mix", write(tmp_path / "mix.wav", truth + other)),
    )
    assert metrics(*files, "--json") == DONE
    figures = json.loads(capfd.readouterr().out)
    assert figures.keys() == {
        "sdr_db",
        "si_sdr_db",
        "si_sdr_gain_db",
        "lag_samples",
        "length_difference_samples",
    }
    assert figures["lag_samples"] == 7
    assert figures["length_difference_samples"] == 7


def test_other_rates_and_channels_are_brought_together(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    time_s = np.arange(RATE_HZ) / RATE_HZ
    tone = np.sin(2 * np.pi * 440 * time_s)[np.newaxis].astype(np.float32)
    twice = np.sin(2 * np.pi * 440 * np.arange(2 * RATE_HZ) / (2 * RATE_HZ))[np.newaxis]
    reference = write(tmp_path / "a.wav", np.concatenate([tone, tone]))
    estimate = write(tmp_path / "b.wav", twice.astype(np.float32), 2 * RATE_HZ)
    assert metrics("--reference", reference, "--estimate", estimate, "--json") == DONE
    assert json.loads(capfd.readouterr().out)["si_sdr_db"] > 40


def test_sounds_that_do_not_lie_over_one_another_are_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    truth = noise(0.5, RATE_HZ)
    early = write(tmp_path / "early.wav", truth[:, 239:])
    assert metrics("--reference", write(tmp_path / "a.wav", truth), "--estimate", early) == DONE
    assert "The estimate lies 239 samples earlier" in capfd.readouterr().out


def test_words_for_people_and_one_line_for_what_is_missing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    truth = write(tmp_path / "a.wav", noise(0.5, RATE_HZ))
    assert metrics("--reference", truth, "--estimate", truth) == DONE
    out = capfd.readouterr().out
    assert "si_sdr_db" in out
    assert "lies" not in out
    assert metrics("--reference", truth, "--estimate", str(tmp_path / "no.wav")) == FAILED
    assert capfd.readouterr().err.count("\n") == 1


def test_recipes_are_known_by_name_before_they_are_loaded() -> None:
    assert get_args(RecipeName) == tuple(RECIPES)


def test_known_bgm_prints_a_table(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.evaluation.known_bgm._CODECS", ((FORMATS[0], 128),))
    monkeypatch.setattr("engine.evaluation.known_bgm.TREATMENTS", {"mono": Laying(width=0)})
    assert run_command("evaluate", ["known-bgm", "--level", "0", "--seconds", "6"]) == DONE
    lines = capfd.readouterr().out.splitlines()
    assert lines[0].startswith("| music | level dB | codec |")
    assert [line.split(" | ")[:3] for line in lines[2:4]] == [
        ["| automated", "+0", "aac 128"],
        ["| mono", "+0", "aac 128"],
    ]
    assert lines[-1].startswith("below the codec's bound")


def test_matcher_prints_a_table(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_command("evaluate", ["matcher", "--cases", "3"]) == DONE
    lines = capfd.readouterr().out.splitlines()
    assert len([line for line in lines if line.startswith("| ")]) == 2 + len(Link)
    assert lines[-1].startswith("verdicts:")
