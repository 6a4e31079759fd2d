from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.datasets.corpus import Corpus, Split
from engine.datasets.mixing import Mix, MixOdds, MixSampler, duck_gain
from engine.datasets.processing import active_level_db
from engine.errors import CorpusError
from tests.helpers.corpora import write_corpus
from tests.helpers.measures import RATE_HZ, sine, stereo

BARE = MixOdds(0, 0, 0, 0, duck=0, mono_ost=0, coded_bgm=0, sung_bgm=0, shape=0, limit=0, fade=0)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return write_corpus(tmp_path_factory.mktemp("corpus"))


def draw(corpus: Corpus, count: int, odds: MixOdds | None = None, seed: int = 0) -> list[Mix]:
    sampler = MixSampler(corpus, "train", clip_s=0.5, seed=seed, odds=odds)
    return [sampler.sample() for _ in range(count)]


def stems(mix: Mix) -> list[np.ndarray]:
    return [mix.dialogue, mix.effects, mix.ost, mix.bgm]


def test_the_stems_add_up_to_the_mix_and_stay_below_full_scale(corpus: Corpus) -> None:
    for mix in draw(corpus, 60):
        for stem in stems(mix):
            assert stem.shape == (2, RATE_HZ // 2)
            assert stem.dtype == np.float32
            assert stem.flags.c_contiguous
            assert np.isfinite(stem).all()
        assert np.array_equal(mix.mix, mix.dialogue + mix.effects + mix.ost + mix.bgm)
        assert np.abs(mix.mix).max() < 1


def test_equal_seeds_draw_equal_mixes_and_others_do_not(corpus: Corpus) -> None:
    first, again, other = (draw(corpus, 5, seed=seed) for seed in (3, 3, 4))
    for a, b, c in zip(first, again, other, strict=True):
        assert all(np.array_equal(x, y) for x, y in zip(stems(a), stems(b), strict=True))
        assert not np.array_equal(a.mix, c.mix)


def test_parts_are_absent_as_often_as_said(corpus: Corpus) -> None:
    mixes = draw(corpus, 400)
    absent = {
        "dialogue": np.mean([not mix.dialogue.any() for mix in mixes]),
        "effects": np.mean([not mix.effects.any() for mix in mixes]),
        "ost": np.mean([mix.ost_item is None for mix in mixes]),
        "bgm": np.mean([mix.bgm_item is None for mix in mixes]),
    }
    # Half of the speech items is a pause, so that some clips hold none although one was drawn.
    assert 0.4 < absent["dialogue"] < 0.75
    assert absent["effects"] == pytest.approx(0.5, abs=0.07)
    assert absent["ost"] == pytest.approx(0.05, abs=0.03)
    assert absent["bgm"] == pytest.approx(0.05, abs=0.03)
    for mix in mixes:
        assert (mix.ost_item is None) == (not mix.ost.any())
        assert (mix.bgm_item is None) == (not mix.bgm.any())
        assert mix.ost_item or mix.bgm_item


def test_the_two_musics_are_never_the_same_piece(corpus: Corpus) -> None:
    for mix in draw(corpus, 200):
        if mix.ost_item and mix.bgm_item:
            assert mix.ost_item.piece != mix.bgm_item.piece


def test_the_background_lies_between_twelve_above_and_twenty_under(corpus: Corpus) -> None:
    odds = replace(BARE, no_dialogue=1, no_effects=1)
    above = [active_level_db(m.bgm) - active_level_db(m.ost) for m in draw(corpus, 200, odds)]
    assert min(above) > -20.1
    assert max(above) < 12.1
    assert np.mean([-6 < value < 10 for value in above]) > 0.7
    assert np.std(above) > 4


def test_the_original_is_coded_and_the_background_clean(corpus: Corpus) -> None:
    """In this corpus the coded twin has its sign turned, which no gain and no side undoes."""
    sampler = MixSampler(corpus, "train", 0.5, 0, replace(BARE, no_dialogue=1, no_effects=1))
    for _ in range(10):
        mix = sampler.sample()
        assert mix.ost_item
        assert mix.bgm_item
        for stem, item, sign in ((mix.ost, mix.ost_item, -1), (mix.bgm, mix.bgm_item, 1)):
            clean = corpus.read(item)[:, : 3 * RATE_HZ]
            both = np.concatenate([clean, clean[::-1]])
            size = 2 * clean.shape[1]
            spectra = np.fft.rfft(both, size) * np.conj(np.fft.rfft(stem[0], size))
            correlation = np.fft.irfft(spectra)
            peak = correlation.flat[np.abs(correlation).argmax()]
            assert np.sign(peak) == sign


@pytest.mark.parametrize(("odds", "low", "high"), [(1.0, 30, 30), (0.5, 5, 25), (0.0, 0, 0)])
def test_the_original_is_coded_as_often_as_asked(
    tmp_path: Path, odds: float, low: int, high: int
) -> None:
    """Clean music here is positive everywhere, and its coded twin negative."""
    corpus = write_corpus(tmp_path)
    for item in corpus.select("music", "train"):
        assert item.coded_path
        ones = np.full((3 * RATE_HZ, 2), 4000, np.int16)
        np.save(tmp_path / item.path, ones)
        np.save(tmp_path / item.coded_path, -ones)
    mixes = draw(corpus, 30, replace(BARE, coded_ost=odds))
    assert low <= sum(bool((mix.ost < 0).all()) for mix in mixes) <= high


def test_a_coded_background_is_asked_for_by_odds(corpus: Corpus) -> None:
    clean = draw(corpus, 8, BARE)
    coded = draw(corpus, 8, replace(BARE, coded_bgm=1))
    for a, b in zip(clean, coded, strict=True):
        assert np.allclose(a.bgm / np.abs(a.bgm).max(), -b.bgm / np.abs(b.bgm).max(), atol=1e-3)


def test_sung_background_comes_as_often_as_asked(corpus: Corpus) -> None:
    mixes = draw(corpus, 40, replace(BARE, sung_bgm=1))
    assert all(mix.bgm_item and mix.bgm_item.sung for mix in mixes)


def test_the_original_gives_way_to_speech(corpus: Corpus) -> None:
    ducked = draw(corpus, 30, replace(BARE, duck=1))
    levels = [active_level_db(m.ost) for m in ducked if m.dialogue.all(axis=0).mean() > 0.9]
    plain = [active_level_db(m.ost) for m in draw(corpus, 30, BARE)]
    assert levels
    assert np.mean(levels) < np.mean(plain) - 3


def test_an_original_of_one_channel_comes_as_often_as_asked(corpus: Corpus) -> None:
    for mix in draw(corpus, 4, replace(BARE, mono_ost=1)):
        assert np.array_equal(mix.ost[0], mix.ost[1])
        assert not np.array_equal(mix.bgm[0], mix.bgm[1])


def test_the_gain_under_speech_is_smooth_and_reaches_its_depth() -> None:
    tone = sine(200, 4.0)
    tone[: 2 * RATE_HZ] = 0
    gain = duck_gain(stereo(tone), 12.0)
    assert gain.dtype == np.float32
    assert gain[:RATE_HZ].min() == 1
    assert gain[3 * RATE_HZ :].max() == pytest.approx(10 ** (-12 / 20), abs=1e-3)
    assert np.abs(np.diff(gain)).max() < 2e-4


@pytest.mark.parametrize("num_samples", [0, 100, 700])
def test_nobody_speaking_leaves_the_music_alone(num_samples: int) -> None:
    gain = duck_gain(np.zeros((2, num_samples), np.float32), 12.0)
    assert gain.shape == (num_samples,)
    assert (gain == 1).all()


@pytest.mark.parametrize("odds", [replace(BARE, fade=1), replace(BARE, shape=1, limit=1)])
def test_fades_and_shaping_change_the_background(corpus: Corpus, odds: MixOdds) -> None:
    for plain, changed in zip(draw(corpus, 1, BARE), draw(corpus, 1, odds), strict=True):
        assert not np.allclose(plain.bgm, changed.bgm)


def test_a_faded_music_has_an_end_or_a_beginning(corpus: Corpus) -> None:
    shapes = set()
    for mix in draw(corpus, 60, replace(BARE, fade=1, no_dialogue=1, no_effects=1)):
        thirds = np.square(mix.bgm).mean(axis=0)[: 3 * 7350].reshape(3, 7350).mean(axis=1)
        shapes.add((thirds[0] < 0.2 * thirds[2], thirds[2] < 0.2 * thirds[0]))
    assert {(True, False), (False, True)} <= shapes


@pytest.mark.parametrize("split", ["train", "valid", "test"])
def test_only_the_wanted_split_is_used(corpus: Corpus, split: Split) -> None:
    sampler = MixSampler(corpus, split, 0.5, 0)
    for mix in (sampler.sample() for _ in range(20)):
        for item in (mix.ost_item, mix.bgm_item):
            assert item is None or item.split == split


def test_a_clip_may_be_as_long_as_an_item(corpus: Corpus) -> None:
    assert MixSampler(corpus, "train", 3.0, 0).sample().mix.shape == (2, 3 * RATE_HZ)


@pytest.mark.parametrize(("clip_s", "pieces"), [(3.5, 4), (1.0, 1)])
def test_too_little_music_is_said_in_one_line(tmp_path: Path, clip_s: float, pieces: int) -> None:
    small = write_corpus(tmp_path, music_pieces=pieces)
    with pytest.raises(CorpusError, match="less than two pieces of music"):
        MixSampler(small, "train", clip_s, 0)


def test_voices_come_lower_and_higher_than_they_were_recorded(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path)
    tone = (8000 * np.sin(2 * np.pi * 1000 * np.arange(3 * RATE_HZ) / RATE_HZ)).astype(np.int16)
    for item in corpus.select("speech", "train"):
        np.save(tmp_path / item.path, np.stack([tone, tone], axis=1))
    spectra = [np.abs(np.fft.rfft(m.dialogue[0])) for m in draw(corpus, 30, BARE)]
    pitches_hz = [2 * spectrum.argmax() for spectrum in spectra]  # half a second: bins of 2 Hz
    assert 840 < min(pitches_hz) < 950
    assert 1080 < max(pitches_hz) < 1210


def with_roles(root: Path) -> Corpus:
    """Half of the music is played by strings, the other half sung or by a rock band."""
    bare = write_corpus(root)
    items = tuple(
        replace(item, ensemble="rock" if item.sung else "strings") if item.kind == "music" else item
        for item in bare.items
    )
    return replace(bare, items=items)


def test_roles_decide_which_music_is_laid_over_which(tmp_path: Path) -> None:
    sampler = MixSampler(with_roles(tmp_path), "train", 0.5, 0, BARE, by_role=True)
    for _ in range(20):
        mix = sampler.sample()
        assert mix.ost_item
        assert mix.bgm_item
        assert (mix.ost_item.role, mix.bgm_item.role) == ("ost", "bgm")
        assert mix.tracks == (mix.ost_item.piece, mix.bgm_item.piece)


def test_music_of_one_role_only_is_said(tmp_path: Path) -> None:
    corpus = with_roles(tmp_path)
    songs = tuple(item for item in corpus.items if item.role != "ost")
    with pytest.raises(CorpusError, match="no music of both roles"):
        MixSampler(replace(corpus, items=songs), "train", 0.5, 0, by_role=True)


def test_what_never_happens_shifts_no_stream(corpus: Corpus) -> None:
    """So that figures measured before an odd was thought of can be measured again."""
    plain = draw(corpus, 3, MixOdds())
    often = draw(corpus, 3, replace(MixOdds(), retune=1.0))
    for a, b in zip(plain, draw(corpus, 3, replace(MixOdds(), retune=0.0)), strict=True):
        assert np.array_equal(a.mix, b.mix)
    assert not all(np.array_equal(a.mix, b.mix) for a, b in zip(plain, often, strict=True))


def test_retuned_music_has_other_pitches(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path)
    tone = (8000 * np.sin(2 * np.pi * 1000 * np.arange(3 * RATE_HZ) / RATE_HZ)).astype(np.int16)
    for item in corpus.select("music", "train"):
        np.save(tmp_path / item.path, np.stack([tone, tone], axis=1))
    mixes = draw(corpus, 30, replace(BARE, retune=1))
    pitches_hz = [2 * np.abs(np.fft.rfft(mix.bgm[0])).argmax() for mix in mixes]
    assert 800 <= min(pitches_hz) < 870
    assert 1150 < max(pitches_hz) <= 1250
    assert all(mix.bgm.shape == (2, RATE_HZ // 2) for mix in mixes)


def test_the_background_gives_way_to_speech_where_asked(corpus: Corpus) -> None:
    def mean_db(odds: MixOdds) -> float:
        spoken = (m for m in draw(corpus, 30, odds) if m.dialogue.all(axis=0).mean() > 0.9)
        return float(
            np.mean([active_level_db(m.bgm) - active_level_db(m.dialogue) for m in spoken])
        )

    assert mean_db(replace(BARE, duck_bgm=1)) < mean_db(BARE) - 3


def test_a_coded_mix_keeps_both_musics_and_books_the_codec_on_the_effects(corpus: Corpus) -> None:
    bare = replace(BARE, no_effects=1)
    for clean, coded in zip(
        draw(corpus, 2, bare)[:1], draw(corpus, 2, replace(bare, coded_mix=1))[:1], strict=True
    ):
        assert np.array_equal(clean.ost, coded.ost)
        assert np.array_equal(clean.bgm, coded.bgm)
        assert not clean.effects.any()
        assert coded.effects.any()


def test_training_asks_for_more_than_tests_do() -> None:
    training, test = MixOdds().for_training(), MixOdds()
    assert min(training.retune, training.duck_bgm, training.coded_mix) > 0
    assert max(test.retune, test.duck_bgm, test.coded_mix) == 0
