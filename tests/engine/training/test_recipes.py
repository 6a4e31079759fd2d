"""The examples that the recipes make of a mix."""

import numpy as np
import pytest
import torch

from engine.datasets.mixing import Mix
from engine.models.loading import build
from engine.training.recipes import MUSIC, RECIPES, SPEECH, Recipe


@pytest.fixture
def mix() -> Mix:
    """Four tones a stem can be told by, all within what every network hears."""
    time_s = np.arange(44_100) / 44_100
    tones = (np.sin(2 * np.pi * hz * time_s) for hz in (300, 700, 1100, 1900))
    dialogue, effects, ost, bgm = (
        np.stack([tone, 0.5 * tone]).astype(np.float32) for tone in tones
    )
    return Mix(dialogue, effects, ost, bgm, ost_item=None, bgm_item=None)


def test_speech_is_to_be_found_in_everything_at_the_rate_of_the_network(mix: Mix) -> None:
    example = SPEECH.example(mix, np.random.default_rng(0))
    assert example.mix.shape == (2, SPEECH.sample_rate_hz)
    assert example.stems.shape == (1, 2, SPEECH.sample_rate_hz)
    time_s = np.arange(SPEECH.sample_rate_hz) / SPEECH.sample_rate_hz
    inner = slice(500, -500)
    expected = np.sin(2 * np.pi * 300 * time_s)
    np.testing.assert_allclose(example.stems[0, 0, inner], expected[inner], atol=1e-3)


def test_both_musics_are_to_be_found_and_little_speech_is_left(mix: Mix) -> None:
    random = np.random.default_rng(0)
    for _ in range(10):
        example = MUSIC.example(mix, random)
        np.testing.assert_array_equal(example.stems, np.stack([mix.ost, mix.bgm]))
        left = example.mix - example.stems.sum(0) - mix.effects
        assert np.abs(left).max() <= 0.1501 * np.abs(mix.dialogue).max()


def test_an_example_is_brought_to_unit_level_as_a_whole(mix: Mix) -> None:
    example = MUSIC.example(mix, np.random.default_rng(0))
    quiet = type(example)(0.01 * example.mix, 0.01 * example.stems).normalised()
    assert np.std(quiet.mix) == pytest.approx(1, abs=0.01)
    ratio = np.std(quiet.stems[0]) / np.std(quiet.stems[1])
    assert ratio == pytest.approx(np.std(example.stems[0]) / np.std(example.stems[1]), rel=1e-4)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda r: r.name)
def test_the_clip_is_what_the_network_takes(recipe: Recipe) -> None:
    network = build(recipe.builder, recipe.config).eval()
    # The large one takes any length; a whole clip of it takes long.
    clip_s = recipe.clip_s if recipe.name.startswith("starter") else 0.2
    mix = torch.zeros(1, 2, round(clip_s * recipe.sample_rate_hz))
    with torch.inference_mode():
        assert network(mix).shape == (1, len(recipe.stems), *mix.shape[1:])
    if recipe.builder == "htdemucs":
        assert recipe.config["segment"] == recipe.clip_s
        assert recipe.config["samplerate"] == recipe.sample_rate_hz
