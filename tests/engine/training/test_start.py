"""Where a run's first weights come from, and that a run goes on with what it has begun."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import torch
from torch import Tensor

from engine.errors import ModelError, TrainingError
from engine.training.lessons import Lessons, Wishes
from engine.training.losses import LOSSES
from engine.training.recipes import MUSIC, ROLES, SPEECH, Recipe
from engine.training.start import (
    RECORD,
    STATE,
    open_network,
    read_record,
    recipe_of,
    with_masks_for,
)
from engine.training.trainer import save_half

TINY: Recipe = replace(ROLES, config={**ROLES.config, "dim": 8, "depth": 1})


def weights_file(path: Path, recipe: Recipe = TINY) -> dict[str, Tensor]:
    _, network, _ = open_network(recipe, path.parent / "source")
    save_half(dict(network.state_dict()), path)
    return dict(network.state_dict())


def test_a_file_gives_the_first_weights_and_the_run_remembers_it(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    expected = weights_file(path)
    _, network, _ = open_network(TINY, tmp_path / "run", str(path), "data")
    for key, tensor in network.state_dict().items():
        torch.testing.assert_close(tensor, expected[key], rtol=1e-3, atol=1e-4)
    record = read_record(tmp_path / "run")
    assert record is not None
    assert (record.begun_from, record.trained_on) == (str(path), "data")


def test_a_run_that_has_begun_goes_on_with_its_own_network(tmp_path: Path) -> None:
    open_network(TINY, tmp_path)
    (tmp_path / STATE).touch()
    wider = replace(TINY, config={**TINY.config, "dim": 16})
    recipe, network, _ = open_network(wider, tmp_path)
    assert recipe.config["dim"] == recipe_of(wider, tmp_path).config["dim"] == 8
    assert network.state_dict()["final_norm.gamma"].shape == (8,)
    with pytest.raises(TrainingError, match="begun from fresh weights already"):
        open_network(TINY, tmp_path, "starter-music")
    with pytest.raises(TrainingError, match="a run of starter-ost-bgm, not of starter-music"):
        open_network(MUSIC, tmp_path)


def test_a_run_that_made_no_step_may_begin_otherwise(tmp_path: Path) -> None:
    open_network(TINY, tmp_path)
    wider = replace(TINY, config={**TINY.config, "dim": 16})
    assert open_network(wider, tmp_path)[0].config["dim"] == 16


def test_a_card_gives_its_network_and_its_rate(tmp_path: Path) -> None:
    recipe, network, _ = open_network(ROLES, tmp_path, "starter-music")
    assert recipe.sample_rate_hz == 44_100
    assert recipe.config["stft_n_fft"] == MUSIC.config["stft_n_fft"]
    assert len({key.split(".")[1] for key in network.state_dict() if "mask_estim" in key}) == 2
    with torch.inference_mode():
        assert network(torch.zeros(1, 2, 8000)).shape == (1, 2, 2, 8000)


@pytest.mark.parametrize(
    ("recipe", "begin_from", "error", "words"),
    [
        (ROLES, "starter-speech", TrainingError, "is a htdemucs"),
        (SPEECH, "starter-music", TrainingError, "trains a htdemucs"),
        (ROLES, "no-such-card", ModelError, "no-such-card"),
    ],
)
def test_what_does_not_fit_is_said(
    tmp_path: Path, recipe: Recipe, begin_from: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        open_network(recipe, tmp_path, begin_from)


def test_a_file_of_another_network_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    weights_file(path)
    with pytest.raises(ModelError, match=r"other\.safetensors is of another network"):
        open_network(ROLES, tmp_path / "run", str(path))


@pytest.mark.parametrize(("there", "wanted"), [(1, 2), (2, 2), (4, 2), (1, 3)])
def test_stems_that_are_lacking_begin_like_the_last_one(there: int, wanted: int) -> None:
    state = {f"mask_estimators.{n}.to_freqs.0.weight": torch.full((2,), n) for n in range(there)}
    found = with_masks_for(wanted, {**state, "final_norm.gamma": torch.ones(3)})
    assert found.pop("final_norm.gamma").shape == (3,)
    numbers = [found[f"mask_estimators.{n}.to_freqs.0.weight"][0].item() for n in range(wanted)]
    assert len(found) == wanted
    assert numbers == [min(n, there - 1) for n in range(wanted)]


SAID = Wishes("spectral", 1e-4, 6_000, 2, 8)


def begun(run: Path, wishes: Wishes | None) -> Lessons:
    lessons = open_network(TINY, run, wishes=wishes)[2]
    (run / STATE).touch()
    return lessons


def test_a_run_goes_on_with_what_it_was_told_at_its_begin(tmp_path: Path) -> None:
    first = begun(tmp_path, SAID)
    assert first == Lessons("spectral", 1e-4, 6_000, 2, 8)
    for wishes in (None, SAID, Wishes(accumulate=8)):
        recipe, _, lessons = open_network(TINY, tmp_path, wishes=wishes)
        assert lessons == first
        assert (recipe.loss, recipe.peak_learning_rate) == (LOSSES["spectral"], 1e-4)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (Wishes(loss="si-sdr"), "--loss spectral, not with si-sdr"),
        (Wishes(learning_rate=2e-4), "--learning-rate 0.0001, not with 0.0002"),
        (Wishes(decay_steps=1), "--decay-steps 6000, not with 1"),
        (Wishes(batch_size=4), "--batch-size 2, not with 4"),
        (Wishes(accumulate=1), "--accumulate 8, not with 1"),
    ],
)
def test_a_run_is_not_trained_otherwise_in_the_middle(
    tmp_path: Path, other: Wishes, words: str
) -> None:
    begun(tmp_path, SAID)
    with pytest.raises(TrainingError, match=words):
        open_network(TINY, tmp_path, wishes=other)


def test_what_nobody_has_said_is_as_the_recipe_was_when_the_run_began(tmp_path: Path) -> None:
    first = begun(tmp_path, None)
    assert first == Lessons("si-sdr", TINY.peak_learning_rate, 4_000, TINY.batch_size, 1)
    hotter = replace(TINY, peak_learning_rate=1.0, batch_size=99)
    assert open_network(hotter, tmp_path)[2] == first


def test_a_run_from_before_that_was_kept_goes_on_as_it_is_told_each_time(tmp_path: Path) -> None:
    begun(tmp_path, SAID)
    old = msgspec.json.decode((tmp_path / RECORD).read_bytes())
    del old["lessons"]
    (tmp_path / RECORD).write_bytes(msgspec.json.encode(old))
    assert open_network(TINY, tmp_path, wishes=Wishes(decay_steps=7))[2].decay_steps == 7
    assert open_network(TINY, tmp_path)[2].decay_steps == 4_000
    assert msgspec.json.decode((tmp_path / RECORD).read_bytes()) == old
