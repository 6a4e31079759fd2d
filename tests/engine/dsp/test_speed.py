"""The speed of a track is found to a ten-thousandth, though its place is not known well."""

import numpy as np
import pytest

from engine.dsp.align import Signal
from engine.dsp.correlate import search_signal
from engine.dsp.speed import best_speed
from engine.errors import CancelledError
from tests.helpers.library import faster
from tests.helpers.media import noise

RATE_HZ = 12_000
TRACK = noise(40, RATE_HZ, 2, seed=4)
OTHER = noise(20, RATE_HZ, 2, seed=5)


def mix_at(speed: float, start_s: float, level: float) -> Signal:
    """The search signal of 20 s in which the track plays from somewhere on at a speed."""
    played = faster(TRACK[:, round(start_s * RATE_HZ) :], speed)[:, : OTHER.shape[1]]
    mix = OTHER.copy()
    mix[:, : played.shape[1]] += level * played
    return search_signal([mix], mix.shape[1], RATE_HZ)


@pytest.mark.parametrize(
    ("speed", "level"), [(1.0, 1.0), (1.001, 0.3), (25 / 24, 1.0), (0.9432, 0.3)]
)
@pytest.mark.parametrize("wrong_by_s", [0.0, -0.5])
def test_the_speed(speed: float, level: float, wrong_by_s: float) -> None:
    mix = mix_at(speed, 7.0, level)
    near = round(speed, 3)
    between = near - 0.001, near + 0.0011
    found = best_speed(mix, TRACK, RATE_HZ, 7.0 + wrong_by_s, between)
    assert found.speed == pytest.approx(speed, abs=1.1e-4)
    assert found.deviations > 8


def test_a_track_that_begins_or_ends_inside() -> None:
    late = np.concatenate((np.zeros((2, 8 * RATE_HZ), np.float32), faster(TRACK, 1.02)), axis=1)
    mix = search_signal([OTHER + late[:, : OTHER.shape[1]]], OTHER.shape[1], RATE_HZ)
    late_one = best_speed(mix, TRACK, RATE_HZ, -8.16, (1.019, 1.021))
    assert late_one.speed == pytest.approx(1.02, abs=1.1e-4)
    mix = mix_at(0.98, 30.0, 1.0)
    early_one = best_speed(mix, TRACK, RATE_HZ, 30.0, (0.979, 0.981))
    assert early_one.speed == pytest.approx(0.98, abs=1.1e-4)


def test_no_speed_stands_out_of_a_track_that_is_not_there() -> None:
    mix = search_signal([OTHER], OTHER.shape[1], RATE_HZ)
    assert best_speed(mix, TRACK, RATE_HZ, 7.0, (1.02, 1.026)).deviations < 6


def test_it_can_be_cancelled() -> None:
    asked: list[None] = []

    def check() -> None:
        asked.append(None)
        if len(asked) == 3:
            raise CancelledError

    with pytest.raises(CancelledError):
        best_speed(mix_at(1.0, 3.0, 1.0), TRACK, RATE_HZ, 3.0, (0.99, 1.01), check)
