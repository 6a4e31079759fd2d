from pathlib import Path

import numpy as np
import pytest

from engine.datasets import music, scores
from engine.datasets.composing import STYLES
from engine.datasets.ensembles import ENSEMBLES, Ensemble, music_role
from engine.datasets.music import FAMILIES, MUSIC_LEVEL_DB, ensemble_of, make_music, master
from engine.datasets.orchestrate import Arrangement, arrange
from engine.datasets.processing import active_level_db
from engine.datasets.score import Score
from engine.datasets.scores import GLOBS
from tests.helpers.measures import RATE_HZ, sine, stereo

DURATION_S = 5.0


def test_the_families_share_out_the_music_and_name_what_exists() -> None:
    assert sum(family.share for family in FAMILIES.values()) == pytest.approx(1.0)
    for name, family in FAMILIES.items():
        assert family.name == name
        assert family.source in GLOBS or family.source in STYLES
        assert set(family.ensembles) <= set(ENSEMBLES)
    assert any(family.test_only for family in FAMILIES.values())
    assert any(family.sung for family in FAMILIES.values())


@pytest.mark.parametrize("name", ["pop", "electronic", "chiptune", "sung_pop", "sung_electronic"])
def test_a_family_makes_sound_of_the_common_level(name: str, tmp_path: Path) -> None:
    sound = make_music(FAMILIES[name], "x", DURATION_S, tmp_path, np.random.default_rng(1))
    assert sound is not None
    assert sound.shape == (2, round(DURATION_S * RATE_HZ))
    assert sound.dtype == np.float32
    assert active_level_db(sound) == pytest.approx(MUSIC_LEVEL_DB, abs=1.0)
    assert np.abs(sound).max() <= 0.951
    assert np.abs(sound.mean(axis=1)).max() < 1e-3


def test_a_score_of_the_corpus_is_rendered_and_sounds_different_each_time(tmp_path: Path) -> None:
    family, work = FAMILIES["fiddle"], "ryansMammoth/7thRegimentReel.abc"
    first, again, other = (
        make_music(family, work, DURATION_S, tmp_path, np.random.default_rng(seed))
        for seed in (1, 1, 2)
    )
    assert first is not None
    assert again is not None
    assert other is not None
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)


def test_a_work_with_too_little_music_makes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores, "MIN_NOTES", 10_000)
    work = "ryansMammoth/AcaciaReel.abc"
    rng = np.random.default_rng(0)
    assert make_music(FAMILIES["fiddle"], work, DURATION_S, tmp_path, rng) is None


def test_mastering_keeps_the_voice_audible_and_the_level() -> None:
    backing, voice = stereo(sine(300, 2.0)), stereo(sine(1700, 2.0, 0.15))
    for seed in range(6):
        sound = master(backing, [voice], np.random.default_rng(seed))
        assert active_level_db(sound) == pytest.approx(MUSIC_LEVEL_DB, abs=1.0)
        magnitudes = np.abs(np.fft.rfft(sound[0]))
        ratio_db = 20 * np.log10(magnitudes[1700 * 2] / magnitudes[300 * 2])
        assert -20 < ratio_db < 15


def test_mastering_silence_makes_silence() -> None:
    silence = np.zeros((2, RATE_HZ), np.float32)
    assert not master(silence, [], np.random.default_rng(0)).any()


@pytest.mark.parametrize("name", ["pop", "fiddle", "electronic"])
def test_who_plays_is_known_without_rendering(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Ensemble] = []

    def listen(
        score: Score, ensemble: Ensemble, duration_s: float, rng: np.random.Generator
    ) -> Arrangement:
        asked.append(ensemble)
        return arrange(score, ensemble, duration_s, rng)

    monkeypatch.setattr(music, "arrange", listen)
    family, piece = FAMILIES[name], "ryansMammoth/7thRegimentReel.abc"
    for seed in range(3):
        make_music(family, piece, 1.0, tmp_path, np.random.default_rng(seed))
        told = ensemble_of(family, piece, np.random.default_rng(seed))
        assert asked[-1] is ENSEMBLES[told]


def test_both_roles_are_played_and_nobody_sings_in_a_soundtrack() -> None:
    roles = {name: music_role(name, sung=False) for name in ENSEMBLES}
    assert {"ost", "bgm", None} == set(roles.values())
    assert (roles["orchestra"], roles["rock"]) == ("ost", "bgm")
    assert {music_role(name, sung=True) for name in ENSEMBLES} == {"bgm"}
    assert music_role("", sung=False) is None
