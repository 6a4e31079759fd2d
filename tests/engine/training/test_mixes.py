"""What a training listens to, from both kinds of folders."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import torch
from torch.utils.data import DataLoader

from engine.context import PlainContext
from engine.datasets.mixing import PLAIN
from engine.datasets.oasd import Oasd
from engine.datasets.oasd_making import make_oasd
from engine.errors import CorpusError
from engine.training.mixes import Mixes, held_out_mixes, training_source
from engine.training.recipes import ROLES, SPEECH, Recipe
from tests.helpers.oasd import request_for, write_folders

RECIPE: Recipe = replace(ROLES, clip_s=1.0)


@pytest.fixture(scope="module")
def oasd(tmp_path_factory: pytest.TempPathFactory) -> Oasd:
    root = tmp_path_factory.mktemp("set")
    request = replace(request_for(root / "oasd", write_folders(root, 10)), mixes=20)
    return make_oasd(request, PlainContext())


def test_every_process_draws_its_own_mixes(oasd: Oasd) -> None:
    mixes = Mixes(RECIPE, oasd.root, seed=0, plain_mixes=0)
    batches = list(islice(DataLoader(mixes, 1, num_workers=2), 4))
    heard = [mix for mix, _ in batches]
    assert heard[0].shape == (1, 2, RECIPE.sample_rate_hz)
    assert not any(torch.equal(heard[0], other) for other in heard[1:])


def test_equal_seeds_give_equal_streams(oasd: Oasd) -> None:
    first, again, other = (
        next(iter(Mixes(RECIPE, oasd.root, seed, plain_mixes=0)))[0] for seed in (0, 0, 1)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_held_out_mixes_are_the_listed_ones(oasd: Oasd) -> None:
    found = list(held_out_mixes(oasd.root, RECIPE, "test", seed=5, clip_s=3.0))
    tracks = [(oasd.track_of[p.ost].id, oasd.track_of[p.bgm].id) for p in oasd.pairs("test")]
    assert [mix.tracks for mix in found] == tracks


def test_pairs_of_music_teach_nothing_about_speech(oasd: Oasd) -> None:
    with pytest.raises(CorpusError, match="nothing for starter-speech"):
        training_source(oasd.root, SPEECH, (0,), PLAIN)


def test_a_folder_without_anything_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no corpus"):
        training_source(tmp_path, RECIPE, (0,), PLAIN)
