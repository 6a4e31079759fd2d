"""A run becomes a model that loads, with a card that is measured, not claimed."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import torch

from engine.catalog import ORDER_ACCURACY, card_from_json
from engine.context import PlainContext
from engine.datasets.oasd_making import make_oasd
from engine.errors import CancelledError, TrainingError
from engine.models.loading import build, load_separation_model
from engine.training.curves import LogLine, RunLog
from engine.training.publish import Run, publish
from engine.training.recipes import MUSIC, ROLES, Recipe
from engine.training.start import open_network
from engine.training.trainer import save_half
from engine.weights import Weights
from tests.helpers.corpora import write_tones
from tests.helpers.oasd import request_for, write_folders

TINY: Recipe = replace(MUSIC, clip_s=0.25, config={**MUSIC.config, "dim": 8, "depth": 1})


@pytest.fixture
def run(tmp_path: Path) -> Run:
    write_tones(tmp_path / "corpus")
    corpus = tmp_path / "corpus" / "manifest.json"
    corpus.write_bytes(corpus.read_bytes().replace(b'"valid"', b'"test"'))
    folder = tmp_path / "run"
    folder.mkdir()
    network = build(TINY.builder, TINY.config)
    save_half(dict(network.state_dict()), folder / "best.safetensors")
    lines = [LogLine(step, step / 100, 1.0, 0.0, gain) for step, gain in ((20, 2.0), (30, None))]
    (folder / "log.jsonl").write_bytes(b"".join(msgspec.json.encode(x) + b"\n" for x in lines))
    return Run(folder, tmp_path / "corpus")


def test_a_run_becomes_a_model(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    done = publish(TINY, run, 6, PlainContext(), folder)
    card = done.card
    assert card == card_from_json((folder / "starter-music.json").read_bytes())
    assert card.measured["si_sdr_gain_db"] == round(done.lines[0].gain_db, 2)
    assert "20 steps in 0.2 hours" in card.trained_on
    assert card.gflop_per_s > 0
    log = folder / "runs" / "starter-music" / "log.jsonl"
    assert log.read_bytes() == (run.folder / "log.jsonl").read_bytes()
    model = load_separation_model(Weights(card, (folder / "starter-music.safetensors",), "user"))
    assert model.stem_names == ("music1", "music2")
    with torch.inference_mode():
        assert model.network(torch.zeros(1, 2, model.chunk_samples)).shape[1] == 2


def test_what_ships_stays_until_the_new_is_measured(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    for name in ("starter-music.json", "starter-music.safetensors"):
        (folder / name).write_text("ships")

    with pytest.raises(CancelledError):
        publish(TINY, run, 6, PlainContext(is_cancelled=lambda: True), folder)
    assert [path.read_text() for path in folder.iterdir()] == ["ships", "ships"]


def test_the_card_of_two_roles_says_how_far_the_target_is(tmp_path: Path) -> None:
    request = replace(request_for(tmp_path / "set", write_folders(tmp_path, 10)), mixes=20)
    material = make_oasd(request, PlainContext()).root
    recipe = replace(ROLES, config={**ROLES.config, "dim": 8, "depth": 1})
    folder, models = tmp_path / "run", tmp_path / "models"
    models.mkdir()
    _, network, _ = open_network(recipe, folder, material=str(material))
    save_half(dict(network.state_dict()), folder / "best.safetensors")
    RunLog(folder).write(LogLine(7, 0.5, 1.0, 0.0, 1.0))

    # The recipe as the program knows it: the run itself says how large its network is.
    done = publish(ROLES, Run(folder, material), 2, PlainContext(), models)
    card = card_from_json((models / "starter-ost-bgm.json").read_bytes())
    assert card == done.card
    assert card.config["dim"] == 8
    assert [row.name for row in done.rows] == ["starter-ost-bgm", "the mix itself"]
    words = card.trained_on
    assert "16 tracks, 2 others for validation and 2 for the test" in words
    assert "7 steps in 0.5 hours" in words
    below = 8.23 - card.measured["ost_sdr_db"]
    assert f"of 8.23 (missed by {below:.2f} dB)" in words
    assert "over the mix of 6 (missed by" in words
    gain = done.rows[0].figures["ost_si_sdr_db"].mean, done.rows[1].figures["ost_si_sdr_db"].mean
    assert gain[0] is not None
    assert gain[1] is not None
    # Of two mixes at most three quarters can be known, whatever came of them.
    model = load_separation_model(Weights(card, (models / "starter-ost-bgm.safetensors",), "user"))
    assert model.order_accuracy == card.measured[ORDER_ACCURACY]
    assert model.order_accuracy in (0.25, 0.5, 0.75)
    assert card.measured["ost_si_sdr_gain_db"] == pytest.approx(gain[0] - gain[1], abs=0.01)


def test_a_run_without_weights_is_told(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no weights yet"):
        publish(ROLES, Run(tmp_path, tmp_path), 2, PlainContext(), tmp_path)
