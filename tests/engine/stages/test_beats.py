"""Beats are found where music keeps time, and nowhere else."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.artifacts import ArtifactStore
from engine.context import PlainContext, Progress
from engine.dsp.beats import find_beats, tempo_of
from engine.errors import CancelledError, InputNotFoundError
from engine.evaluation.bgm_clips import SAMPLE_RATE_HZ, synthetic_music, synthetic_speech
from engine.stages import beats as stage
from engine.stages.beats import find_track_beats, track_onsets
from engine.types import BeatsRequest, Samples
from tests.helpers.library import write_sound
from tests.helpers.rhythm import RATE_HZ, steady, struck

CLOSE_S = 0.03


def heard(samples: Samples, sample_rate_hz: int = RATE_HZ) -> NDArray[np.float64]:
    """The beats of a sound that comes in uneven blocks."""

    def blocks() -> Iterator[Samples]:
        rng = np.random.default_rng(0)
        start = 0
        while start < samples.shape[1]:
            size = int(rng.integers(1, 2 * sample_rate_hz))
            yield samples[:, start : start + size]
            start += size

    return np.array(find_beats(track_onsets(blocks(), sample_rate_hz)))


def errors_s(found: NDArray[np.float64], expected: list[float]) -> NDArray[np.float64]:
    """How far from each beat the nearest one that was found is."""
    return np.asarray(np.abs(found[None] - np.array(expected)[:, None]).min(1))


@pytest.mark.parametrize("hertz", [120.0, 3000.0])
@pytest.mark.parametrize("tempo_bpm", [60, 97, 128, 180])
def test_beats_are_where_the_strokes_are(tempo_bpm: int, hertz: float) -> None:
    expected = steady(tempo_bpm, 24.0, 0.37)
    found = heard(struck(expected, 24.5, hertz))
    assert errors_s(found, expected).max() < CLOSE_S
    assert len(found) <= len(expected) + 2
    assert tempo_of(tuple(found)) == pytest.approx(tempo_bpm, rel=0.01)


def test_quavers_between_are_no_beats() -> None:
    beats_s, quavers_s = steady(80, 24.0), steady(160, 24.0)
    found = heard(struck(beats_s, 24.0) + 0.3 * struck(quavers_s, 24.0, 4000.0))
    assert tempo_of(tuple(found)) == pytest.approx(80, rel=0.01)


def test_another_tempo_is_followed() -> None:
    expected = [*steady(100, 20.0), *steady(140, 40.0, 20.1)]
    found = heard(struck(expected, 40.5))
    is_close = errors_s(found, expected) < CLOSE_S
    assert np.count_nonzero(~is_close) <= 2
    assert np.median(np.diff(found[found < 18])) == pytest.approx(0.6, rel=0.01)
    assert np.median(np.diff(found[found > 22])) == pytest.approx(60 / 140, rel=0.01)


def test_a_tempo_that_rises_is_followed() -> None:
    expected = np.cumsum(60 / np.linspace(90, 130, 50)).tolist()
    assert errors_s(heard(struck(expected, expected[-1] + 1)), expected).max() < CLOSE_S


@pytest.mark.parametrize("seed", [1, 3])
def test_music_keeps_time(seed: int) -> None:
    sound = synthetic_music(20.0, seed, by_machine=True)
    # The first thing that is drawn of it.
    tempo_bpm = float(np.random.default_rng(seed).uniform(75, 150))
    found = heard(sound, SAMPLE_RATE_HZ)
    assert errors_s(found, steady(tempo_bpm, 19.0)).max() < CLOSE_S
    assert tempo_of(tuple(found)) == pytest.approx(tempo_bpm, rel=0.02)


def test_a_pause_has_no_beats() -> None:
    expected = [*steady(100, 15.0), *steady(100, 45.0, 30.0)]
    found = heard(struck(expected, 46.0))
    assert errors_s(found, expected).max() < CLOSE_S
    assert not ((found > 16.5) & (found < 28.5)).any()


def unrhythmic() -> dict[str, Samples]:
    rng = np.random.default_rng(3)
    count = 20 * RATE_HZ
    noise = 0.1 * rng.standard_normal((2, count))
    tone = 0.2 * np.sin(np.arange(count) * 0.05)[None]
    rain = np.where(rng.random((1, count)) < 0.001, 0.5, 0.0)
    sounds = {"silence": np.zeros((1, count)), "noise": noise, "tone": tone, "rain": rain}
    return {name: sound.astype(np.float32) for name, sound in sounds.items()} | {
        "speech": synthetic_speech(20.0, 4)[:, ::2],
        "one stroke": struck([7.0], 20.0),
        "nothing": np.zeros((1, 0), np.float32),
        "a moment": struck([0.5], 1.0),
    }


@pytest.mark.parametrize("name", unrhythmic())
def test_what_keeps_no_time_has_no_beats(name: str) -> None:
    found = heard(unrhythmic()[name])
    assert found.size == 0
    assert tempo_of(tuple(found)) == 0


def test_level_does_not_matter_and_pieces_meet() -> None:
    sound = struck(steady(110, 61.0), 62.0)
    whole = find_beats(track_onsets([sound], RATE_HZ))
    np.testing.assert_allclose(heard(0.01 * sound), whole, atol=1e-3)
    assert len(whole) == pytest.approx(112, abs=1)


def test_a_track_is_listened_to_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    track = write_sound(tmp_path / "song.flac", struck(steady(120, 12.0), 12.0), RATE_HZ)
    store, seen = ArtifactStore(tmp_path / "cache"), list[Progress]()
    request = BeatsRequest(track)
    first = find_track_beats(request, store, PlainContext(on_progress=seen.append))
    assert first.tempo_bpm == pytest.approx(120, rel=0.01)
    assert len(first.beats_s) == pytest.approx(24, abs=1)
    assert seen[-1].fraction == 1.0
    monkeypatch.delattr(stage, "find_beats")
    assert find_track_beats(request, store, PlainContext()) == first


def test_it_can_be_given_up(tmp_path: Path) -> None:
    track = write_sound(tmp_path / "song.wav", struck(steady(120, 25.0), 25.0), RATE_HZ)
    store, seen = ArtifactStore(tmp_path / "cache"), list[Progress]()
    context = PlainContext(seen.append, lambda: any(each.stage == stage.STAGE for each in seen))
    with pytest.raises(CancelledError):
        find_track_beats(BeatsRequest(track), store, context)
    checks: list[None] = []
    find_beats(
        track_onsets([struck(steady(120, 25.0), 25.0)], RATE_HZ), lambda: checks.append(None)
    )
    assert len(checks) >= 25


def test_a_track_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputNotFoundError):
        find_track_beats(BeatsRequest(tmp_path / "no.mp3"), ArtifactStore(tmp_path), PlainContext())
