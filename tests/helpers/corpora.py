"""Small corpora for tests, written without rendering anything."""

from pathlib import Path

import msgspec
import numpy as np

from engine.datasets.corpus import MANIFEST, Corpus, CorpusItem, Kind, Split
from tests.helpers.measures import RATE_HZ


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
    _write_manifest(root, items)
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


def write_tones(root: Path) -> None:
    """A corpus in which speech is low tones, everything else high tones."""
    items = []
    time_s = np.arange(RATE_HZ) / RATE_HZ
    kinds: dict[Kind, int] = {"speech": 120, "music": 6000, "effects": 9000}
    splits: tuple[Split, ...] = ("train", "train", "train", "valid", "valid", "valid")
    for kind, base_hz in kinds.items():
        (root / kind).mkdir(parents=True)
        for i, split in enumerate(splits):
            tone = 8000 * np.sin(2 * np.pi * (base_hz + 10 * i) * time_s)
            path = f"{kind}/{i}.npy"
            np.save(root / path, np.stack([tone, tone], axis=1).astype(np.int16))
            items.append(
                CorpusItem(f"{kind}-{i}", kind, "tones", f"{kind}-{i}", split, path, None, 1.0)
            )
    _write_manifest(root, items)


def _write_manifest(root: Path, items: list[CorpusItem]) -> None:
    manifest = {"version": 1, "seed": 0, "items": items}
    (root / MANIFEST).write_bytes(msgspec.json.encode(manifest))
