"""What a training listens to: mixes of a synthetic corpus or of an OASD set, made into examples."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from engine.datasets import corpus, oasd
from engine.datasets.corpus import Corpus, Split
from engine.datasets.mixing import PLAIN, Mix, MixOdds, MixSampler
from engine.datasets.oasd import Oasd
from engine.datasets.pair_sampling import PairSampler
from engine.errors import CorpusError
from engine.training.recipes import Recipe


class MixSource(Protocol):
    """Draws mixes without end."""

    def sample(self) -> Mix:
        """Draw one mix."""


def is_oasd(folder: Path) -> bool:
    """Whether a folder holds an OASD set, or a part of one, and not a synthetic corpus."""
    is_begun = (folder / oasd.TRACKS).is_dir() and not (folder / corpus.MANIFEST).is_file()
    return is_begun or (folder / oasd.MANIFEST).is_file()


def require_material(folder: Path, recipe: Recipe) -> None:
    """Find out before the work whether there is anything to learn from.

    Raises:
        CorpusError: There is nothing for this recipe.
    """
    training_source(folder, recipe, (0,), MixOdds())


def training_source(
    folder: Path, recipe: Recipe, seed: tuple[int, ...], odds: MixOdds
) -> MixSource:
    """Mixes of the training split, varied in every way that there is.

    Raises:
        CorpusError: The folder holds nothing that this recipe can learn from.
    """
    if is_oasd(folder):
        return PairSampler(_pairs_for(recipe, folder), "train", seed, odds.for_training())
    return MixSampler(
        Corpus.load(folder),
        "train",
        recipe.clip_s,
        seed,
        odds.for_training(),
        by_role=recipe.by_role,
    )


def held_out_mixes(
    folder: Path, recipe: Recipe, split: Split, seed: int, clip_s: float
) -> Iterator[Mix]:
    """Mixes to measure on, the same for the same seed: of an OASD set the listed ones, in order.

    Of a synthetic corpus they have no end, and last `clip_s`.
    """
    if is_oasd(folder):
        data = _pairs_for(recipe, folder)
        yield from map(data.mix, data.pairs(split))
        return
    material, odds = Corpus.load(folder), recipe.held_out_odds
    sampler = MixSampler(material, split, clip_s, seed, odds, by_role=recipe.by_role)
    while True:
        yield sampler.sample()


def _pairs_for(recipe: Recipe, folder: Path) -> Oasd:
    if recipe.stage != "mixed_music":
        raise CorpusError(
            f"{folder} holds pairs of music, nothing for {recipe.name}",
            "name a folder of `reprise dataset synthetic`",
        )
    return Oasd.load(folder)


class Mixes(IterableDataset[tuple[Tensor, Tensor]]):
    """Endless training pairs: (mix (channels, samples), stems (stems, channels, samples)).

    Each process that loads draws its own.
    """

    def __init__(self, recipe: Recipe, folder: Path, seed: int, plain_mixes: int) -> None:
        self._recipe, self._folder, self._seed = recipe, folder, seed
        self._plain_mixes = plain_mixes

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Start a stream, first of plain mixes; equal seeds give equal streams."""
        info = get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        random = np.random.default_rng((self._seed, worker))
        plain, as_in_life = (
            training_source(self._folder, self._recipe, (self._seed, worker, kind), odds)
            for kind, odds in enumerate((PLAIN, MixOdds()))
        )
        for index in count():
            is_plain = index * workers < self._plain_mixes
            is_plain = is_plain or random.random() < self._recipe.plain_share
            source = plain if is_plain else as_in_life
            example = self._recipe.example(source.sample(), random).normalised()
            yield torch.from_numpy(example.mix), torch.from_numpy(example.stems)
