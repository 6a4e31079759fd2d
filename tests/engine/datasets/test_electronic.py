import numpy as np
import pytest

from engine.datasets.electronic import render_electronic
from engine.datasets.ensembles import DRUM_KEYS
from engine.datasets.orchestrate import Arrangement, Event, Role, Track
from tests.helpers.measures import RATE_HZ, pitch_hz, rms_db, spectrum


def note(pitch: int, role: Role = "bass", start_s: float = 0.2) -> Arrangement:
    track = Track(role, 0, (Event(start_s, 1.5, pitch, 110),), 0.0, 1.0)
    return Arrangement((track,), 2.0, 120.0)


def drums(*keys: str) -> Arrangement:
    events = tuple(Event(0.25 + 0.5 * k, 0.2, DRUM_KEYS[key], 110) for k, key in enumerate(keys))
    return Arrangement((Track("drums", 0, events, 0.0, 1.0),), 0.5 * len(keys) + 1.0, 120.0)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("pitch", "frequency_hz"), [(45, 110.0), (57, 220.0)])
def test_a_note_has_its_pitch(seed: int, pitch: int, frequency_hz: float) -> None:
    sound = render_electronic(note(pitch), np.random.default_rng(seed))
    held = sound.mean(axis=0)[round(0.3 * RATE_HZ) : round(0.6 * RATE_HZ)]
    assert pitch_hz(held) == pytest.approx(frequency_hz, rel=0.01)
    assert not sound[:, : round(0.19 * RATE_HZ)].any()


@pytest.mark.parametrize("seed", range(4))
def test_high_notes_do_not_alias(seed: int) -> None:
    """Between the harmonics of a chip wave, which fold back first, there is next to nothing."""
    sound = render_electronic(note(96, "melody"), np.random.default_rng(seed), chip=True)
    frequencies, magnitudes = spectrum(sound[0, round(0.4 * RATE_HZ) : round(1.4 * RATE_HZ)])
    base_hz = 440 * 2 ** ((96 - 69) / 12)
    off_hz = np.abs((frequencies / base_hz + 0.5) % 1 - 0.5) * base_hz
    between = magnitudes[(off_hz > 120) & (frequencies > 200)]
    assert between.max() < magnitudes.max() * 0.03


@pytest.mark.parametrize(("drum", "low_part"), [("kick", 0.9), ("hat", 0.0), ("snare", 0.3)])
def test_drums_lie_where_they_should(drum: str, low_part: float) -> None:
    sound = render_electronic(drums(drum), np.random.default_rng(1))[0]
    frequencies, magnitudes = spectrum(sound[round(0.25 * RATE_HZ) : round(0.45 * RATE_HZ)])
    low = np.square(magnitudes[frequencies < 1000]).sum() / np.square(magnitudes).sum()
    assert low == pytest.approx(low_part, abs=0.25)


@pytest.mark.parametrize("chip", [False, True])
def test_every_drum_sounds(chip: bool) -> None:
    keys = list(DRUM_KEYS)
    sound = render_electronic(drums(*keys), np.random.default_rng(2), chip=chip)
    for k, key in enumerate(keys):
        start = round((0.25 + 0.5 * k) * RATE_HZ)
        assert rms_db(sound[:, start : start + 4000]) > -45, key


def test_equal_seeds_sound_equal_and_others_do_not() -> None:
    renders = [render_electronic(note(60), np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert np.array_equal(renders[0], renders[1])
    assert not np.allclose(renders[0], renders[2])


def test_what_reaches_past_the_end_is_cut() -> None:
    sound = render_electronic(note(60, start_s=1.9), np.random.default_rng(0))
    assert sound.shape == (2, 2 * RATE_HZ)
    assert sound[:, -500:].any()
