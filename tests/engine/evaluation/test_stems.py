"""Where the parts of a mix end up is measured rightly, and effects under music stay."""

from pathlib import Path

import numpy as np
import pytest

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.datasets.mixing import Mix
from engine.evaluation.stems import (
    PARTS,
    STEMS,
    Row,
    StemsTest,
    choices,
    restore_mix,
    score_stems,
    shares,
    table,
)
from engine.session import Session
from engine.types import Samples, StemName
from tests.helpers.corpora import write_corpus
from tests.helpers.measures import RATE_HZ


def noises(count: int, seconds: float = 4.0) -> list[Samples]:
    rng = np.random.default_rng(0)
    return [
        rng.normal(0, 0.1, (2, round(seconds * RATE_HZ))).astype(np.float32) for _ in range(count)
    ]


def test_shares_are_those_that_were_mixed() -> None:
    a, b, c = noises(3)
    stems = [a + 0.2 * b, 0.7 * b - 0.1 * c, 0.1 * b + 1.1 * c]
    expected = np.array([[1, 0, 0], [0.2, 0.7, 0.1], [0, -0.1, 1.1]])
    np.testing.assert_allclose(shares([a, b, c], stems), expected, atol=1e-4)


def test_shares_add_up_whatever_was_done_to_the_stems() -> None:
    parts = noises(4)
    odd = [np.tanh(9 * parts[0]), np.roll(parts[1] + parts[3], 99, axis=1) ** 2]
    stems = [*odd, np.sum(parts, axis=0) - odd[0] - odd[1]]
    np.testing.assert_allclose(shares(parts, stems).sum(1), 1, atol=1e-4)


def test_a_part_that_is_not_there_has_no_share() -> None:
    a, b = noises(2)
    found = shares([a, np.zeros_like(a)], [a, b])
    assert np.isnan(found[1]).all()
    np.testing.assert_allclose(found[0], [1, 0], atol=0.05)


def test_only_what_sounds_meanwhile_counts() -> None:
    a, b = noises(2, 10.0)
    first_half = np.arange(a.shape[1]) < 5 * RATE_HZ
    stems = [a * first_half + b, a * ~first_half]
    np.testing.assert_allclose(shares([a, b], stems)[0], [0.5, 0.5], atol=0.06)
    meanwhile = shares([a, b], stems, during=b * (np.arange(a.shape[1]) < 3 * RATE_HZ))
    np.testing.assert_allclose(meanwhile[0], [1, 0], atol=1e-3)


def scene() -> Mix:
    """Speech-like bursts, clicks as effects, and two musics of tones."""
    time_s = np.arange(6 * RATE_HZ) / RATE_HZ
    rng = np.random.default_rng(0)

    def tones(*hz: float) -> Samples:
        beat = 0.6 + 0.4 * np.sign(np.sin(2 * np.pi * 2 * time_s))
        wave = 0.05 * beat * sum(np.sin(2 * np.pi * f * time_s) for f in hz)
        return np.tile(wave.astype(np.float32), (2, 1))

    clicks = rng.normal(0, 0.2, (2, time_s.size)) * (time_s % 0.7 < 0.05)
    dialogue = np.zeros((2, time_s.size), np.float32)
    effects = clicks.astype(np.float32)
    return Mix(dialogue, effects, tones(220, 277, 330), tones(196, 247, 294, 392), None, None)


@pytest.mark.slow
@pytest.mark.long
def test_effects_under_music_keep_a_stem_and_all_stems_are_the_mix(tmp_path: Path) -> None:
    store, mix = ArtifactStore(tmp_path / "cache"), scene()
    result = restore_mix(mix, tmp_path / "film.mp4", Session(store), 0, "starter-music")
    stems = {name: store.map(ref).astype(np.float64) for name, ref in result.stems.items()}
    total = np.sum([stems[name] for name in STEMS], axis=0)
    np.testing.assert_allclose(total, stems[StemName.MIX], rtol=0, atol=1e-6)
    by_music = stems[StemName.MUSIC1] + stems[StemName.MUSIC2]
    booked = stems[StemName.MIX] - stems[StemName.DIALOGUE] - by_music
    np.testing.assert_allclose(stems[StemName.EFFECTS], booked, rtol=0, atol=1e-6)
    assert np.abs(stems[StemName.EFFECTS]).max() > 0.01
    for chosen in choices(mix, result, store).values():
        found = shares([mix.effects, mix.ost, mix.bgm], chosen)
        np.testing.assert_allclose(found.sum(1), 1, atol=1e-3)


@pytest.mark.long
@pytest.mark.slow
def test_films_of_a_corpus_are_scored_by_part_and_choice(tmp_path: Path) -> None:
    write_corpus(tmp_path, 7.0)
    store = ArtifactStore(tmp_path / "cache")
    rows = score_stems(StemsTest(tmp_path, 2, 6.0), tmp_path, store, PlainContext())
    assert {(row.part, row.choice) for row in rows} >= {
        (part, choice) for part in PARTS[1:] for choice in ("oracle", "matcher")
    }
    for row in rows:
        assert sum(row.shares.values()) == pytest.approx(1, abs=1e-3)
    lines = list(table(rows))
    assert len(lines) == 2 + len(rows)


def test_the_table_says_shares_in_percent() -> None:
    row = Row("effects", "oracle", 3, dict(zip(STEMS, (0.1, 0.6, 0.2, 0.1), strict=True)))
    assert list(table([row]))[-1] == "| effects | oracle | 3 | 10% | 60% | 20% | 10% |\n"
