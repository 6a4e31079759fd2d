"""Small corpora for tests, written without rendering anything."""

from pathlib import Path

import msgspec
import numpy as np

from engine.datasets.corpus import MANIFEST, Corpus, CorpusItem, Kind, Split
from tests.engine.datasets.sounds import RATE_HZ


def write_corpus(root: Path, duration_s: float = 3.0, *, music_pieces: int = 4) -> Corpus:
    """Noise of known colour: a corpus with every kind in every split, half of the music sung.

    The clean music is noise; its coded twin is the same with the sign turned, so that a test can
    tell which of the two it got. Speech sounds only in its first half.
    """
    rng = np.random.default_rng(0)
    splits: tuple[Split, ...] = ("train", "valid", "test")
    kinds: tuple[tuple[Kind, int], ...] = (("music", music_pieces), ("speech", 2), ("effects", 2))
    items = [
        _write_item(root, kind, split, number, duration_s, rng)
        for split in splits
        for kind, count in kinds
        for number in range(count)
    ]
    manifest = {"version": 1, "seed": 0, "items": items}
    (root / MANIFEST).write_bytes(msgspec.json.encode(manifest))
    return Corpus.load(root)


def _write_item(
    root: Path, kind: Kind, split: Split, number: int, duration_s: float, rng: np.random.Generator
) -> CorpusItem:
    name = f"{kind}-{split}-{number}"
    num_frames = round(duration_s * RATE_HZ)
    frames = rng.normal(0, 3000, (num_frames, 2)).clip(-30_000, 30_000).astype(np.int16)
    if kind == "speech":
        frames[num_frames // 2 :] = 0
    (root / kind).mkdir(parents=True, exist_ok=True)
    np.save(root / kind / f"{name}.npy", frames)
    coded = None
    if kind == "music":
        coded = f"{kind}/{name}.coded.npy"
        np.save(root / coded, -frames)
    sung = kind == "music" and number % 2 == 0
    path = f"{kind}/{name}.npy"
    return CorpusItem(name, kind, "noise", name, split, path, coded, duration_s, sung)
