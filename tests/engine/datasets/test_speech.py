from pathlib import Path

import numpy as np
import pytest

from engine.datasets.processing import active_level_db
from engine.datasets.speech import VOICES, Voice, make_sentence, make_speech, speak, with_air
from engine.errors import ToolMissingError
from tests.helpers.measures import RATE_HZ, pitch_hz, rms_db, spectrum

FLITE, ESPEAK = Voice("flite", "rms"), Voice("espeak-ng", "en-us+m3")


@pytest.mark.parametrize("voice", VOICES, ids=lambda voice: voice.name)
def test_every_voice_says_something(voice: Voice) -> None:
    sound = speak("hello", voice)
    assert 0.2 * RATE_HZ < len(sound) < 2 * RATE_HZ
    assert np.abs(sound).max() == pytest.approx(1.0)


def test_no_two_voices_are_the_same() -> None:
    voices = [speak("hello", voice) for voice in VOICES]
    assert len({sound.tobytes() for sound in voices}) == len(VOICES) >= 30


def median_pitch_hz(sound: np.ndarray) -> float:
    """Of the loud stretches of 50 ms."""
    step = RATE_HZ // 20
    parts = sound[: len(sound) // step * step].reshape(-1, step)
    loud = [part for part in parts if rms_db(part) > -25]
    return float(np.median([pitch_hz(part, 60, 400) for part in loud]))


@pytest.mark.parametrize("voice", [Voice("flite", "slt"), ESPEAK], ids=["flite", "espeak"])
def test_pitch_and_pace_are_heard(voice: Voice) -> None:
    low, high = (speak("no more rain now", voice, pitch=pitch) for pitch in (-0.6, 0.6))
    assert median_pitch_hz(high) > 1.1 * median_pitch_hz(low)
    slow, quick = (speak("no more rain now", voice, pace=pace) for pace in (0.8, 1.25))
    assert len(slow) > 1.2 * len(quick)


def test_sentences_are_many_and_well_formed() -> None:
    rng = np.random.default_rng(0)
    sentences = [make_sentence(rng) for _ in range(200)]
    assert len(set(sentences)) > 140
    assert all(s[0].isupper() and s[-1] in ".?!" and "{" not in s for s in sentences)


@pytest.mark.parametrize("voice", [FLITE, ESPEAK], ids=["flite", "espeak"])
def test_speech_has_its_length_its_level_and_pauses(voice: Voice) -> None:
    sound = make_speech(voice, 12.0, np.random.default_rng(1))
    assert sound.shape == (2, 12 * RATE_HZ)
    assert sound.dtype == np.float32
    assert active_level_db(sound) == pytest.approx(-20, abs=0.1)
    loudness = np.square(sound).sum(axis=0).reshape(-1, RATE_HZ // 10).mean(axis=1)
    quiet = (loudness < 0.003 * loudness.max()).mean()
    assert 0.05 < quiet < 0.9


def test_equal_seeds_speak_equally() -> None:
    first, again, other = (
        make_speech(ESPEAK, 3.0, np.random.default_rng(seed)) for seed in (4, 4, 5)
    )
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)


def test_air_adds_a_top_octave_and_leaves_the_rest() -> None:
    sound = speak("seventeen", FLITE)
    frequencies, before = spectrum(sound)
    _, after = spectrum(with_air(sound))
    top, middle = frequencies > 9000, frequencies < 5000
    assert rms_db(after[top]) > rms_db(before[top]) + 12
    assert rms_db(after[middle] - before[middle]) < rms_db(before[middle]) - 20


@pytest.mark.parametrize("voice", [FLITE, ESPEAK], ids=["flite", "espeak"])
def test_a_missing_program_is_named(
    voice: Voice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissingError, match=f"{voice.tool} was not found"):
        speak("hello", voice)
