import numpy as np
import pytest

from engine.datasets.codec import FORMATS, LossyFormat, through_codec, through_random_codec
from engine.types import Samples
from tests.helpers.measures import RATE_HZ, rms_db, sine

CASES = [(format_, kbit_s) for format_ in FORMATS for kbit_s in (format_.kbit_s[0], 160)]


def music(num_samples: int, seed: int = 0) -> Samples:
    """Chords that change with struck attacks: what a codec is made for, and easy to align."""
    rng = np.random.default_rng(seed)
    total = np.zeros((2, num_samples), np.float32)
    for start in range(0, num_samples, RATE_HZ // 4):
        tones = np.stack([sine(float(hz), 0.25, 0.1) for hz in rng.uniform(200, 3000, 4)])
        tone = tones.sum(axis=0)
        decayed = tone * np.exp(-np.arange(len(tone)) / 4000)
        length = min(len(tone), num_samples - start)
        total[0, start : start + length] = decayed[:length]
        total[1, start : start + length] = 0.6 * decayed[:length]
    return total


def lag_samples(late: Samples, reference: Samples) -> int:
    size = 2 * reference.shape[1]
    product = np.fft.rfft(late[0], size) * np.conj(np.fft.rfft(reference[0], size))
    lag = int(np.fft.irfft(product).argmax())
    return lag if lag < size // 2 else lag - size


@pytest.mark.parametrize(("format_", "kbit_s"), CASES, ids=lambda v: getattr(v, "codec", v))
@pytest.mark.parametrize("num_samples", [3 * RATE_HZ, 77_777])
def test_the_coded_twin_is_aligned_and_of_equal_length(
    format_: LossyFormat, kbit_s: int, num_samples: int
) -> None:
    samples = music(num_samples)
    coded = through_codec(samples, format_, kbit_s)
    assert coded.shape == samples.shape
    assert coded.dtype == np.float32
    assert lag_samples(coded, samples) == 0
    assert rms_db(coded - samples) < rms_db(samples) - (7 if kbit_s < 100 else 18)
    assert not np.allclose(coded, samples, atol=1e-4)  # something was lost


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f.codec)
def test_sides_are_not_exchanged_and_polarity_stays(format_: LossyFormat) -> None:
    samples = music(RATE_HZ)
    coded = through_codec(samples, format_, 128)
    assert rms_db(coded[0]) > rms_db(coded[1]) + 2
    assert float((coded * samples).sum()) > 0


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f.codec)
@pytest.mark.parametrize("num_samples", [50, 5000])
def test_very_short_sound_keeps_its_length(format_: LossyFormat, num_samples: int) -> None:
    assert through_codec(music(num_samples), format_, 128).shape == (2, num_samples)


def test_silence_stays_silent() -> None:
    coded = through_random_codec(np.zeros((2, RATE_HZ), np.float32), np.random.default_rng(0))
    assert rms_db(coded) < -80


def test_the_format_is_drawn_from_the_seed() -> None:
    samples = music(RATE_HZ)
    coded = [through_random_codec(samples, np.random.default_rng(seed)) for seed in (0, 0, 1, 2, 3)]
    assert np.array_equal(coded[0], coded[1])
    assert len({sound.tobytes() for sound in coded}) >= 3
