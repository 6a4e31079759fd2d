"""Fades, envelopes and ducking are the curves that they say they are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gain_curves import (
    DUCK_ATTACK_S,
    DUCK_RELEASE_S,
    FadeShape,
    GainCurve,
    GainPoint,
    ducking,
    envelope_curve,
    envelope_gain_db,
    fade_gain,
    fade_points,
    linear_gain,
)
from engine.types import Region

RATE_HZ = 8000
points = st.lists(
    st.tuples(st.integers(0, 40), st.integers(-60, 12)),
    min_size=1,
    max_size=8,
    unique_by=lambda p: p[0],
).map(lambda pairs: [GainPoint(at / 4, float(db)) for at, db in sorted(pairs)])


@pytest.mark.parametrize("shape", FadeShape)
def test_a_fade_climbs_from_silence_to_all(shape: FadeShape) -> None:
    gains = [fade_gain(shape, share / 100) for share in range(101)]
    assert gains[0] == pytest.approx(0.0, abs=1e-9)
    assert gains[-1] == pytest.approx(1.0)
    assert gains == sorted(gains)


def test_the_shapes_differ_in_the_middle_as_their_names_say() -> None:
    middle = {shape: fade_gain(shape, 0.5) for shape in FadeShape}
    assert middle[FadeShape.LINEAR] == 0.5
    assert middle[FadeShape.EQUAL_POWER] == pytest.approx(np.sqrt(0.5))
    assert middle[FadeShape.S_CURVE] == pytest.approx(0.5)
    assert middle[FadeShape.EXPONENTIAL] == pytest.approx(linear_gain(-30), abs=2e-3)
    assert fade_gain(FadeShape.S_CURVE, 0.1) < 0.1


def test_equal_power_keeps_the_power_where_two_fades_cross() -> None:
    for share in np.linspace(0, 1, 21):
        rising, falling = (fade_gain(FadeShape.EQUAL_POWER, x) for x in (share, 1 - share))
        assert rising**2 + falling**2 == pytest.approx(1.0)


@pytest.mark.parametrize("shape", FadeShape)
@pytest.mark.parametrize("is_out", [False, True])
def test_the_points_of_a_fade_follow_its_shape(shape: FadeShape, *, is_out: bool) -> None:
    curve = GainCurve(tuple(fade_points(shape, 100, 4000, is_out=is_out)))
    found = curve.reader()(np.arange(100, 4101))
    shares = np.arange(4001) / 4000
    expected = [fade_gain(shape, 1 - share if is_out else share) for share in shares]
    np.testing.assert_allclose(found, expected, atol=0.002)
    assert not fade_points(shape, 100, 0, is_out=is_out)


@given(points)
def test_an_envelope_is_linear_in_decibels_between_its_points(envelope: list[GainPoint]) -> None:
    curve = envelope_curve(envelope, RATE_HZ)
    assert curve is not None
    times_s = np.linspace(-0.5, 10.5, 200)
    read = curve.reader()
    for time_s in times_s:
        sample = round(time_s * RATE_HZ)
        expected = linear_gain(envelope_gain_db(envelope, sample / RATE_HZ))
        assert read(np.array([sample]))[0] == pytest.approx(expected, rel=0.01, abs=1e-6)


def test_no_points_are_no_envelope() -> None:
    assert envelope_curve([], RATE_HZ) is None
    assert envelope_gain_db([], 3.0) == 0.0


@given(points, st.integers(1, 5000))
def test_a_curve_reads_the_same_in_blocks(envelope: list[GainPoint], block: int) -> None:
    curve = envelope_curve(envelope, RATE_HZ)
    assert curve is not None
    read = curve.reader()
    samples = np.arange(20_000)
    pieces = [read(samples[first : first + block]) for first in range(0, 20_000, block)]
    np.testing.assert_array_equal(np.concatenate(pieces), read(samples))


def test_a_curve_at_another_rate_is_the_same_in_time() -> None:
    curve = GainCurve(((0, 0.0), (8000, 1.0)))
    np.testing.assert_allclose(
        curve.scaled(6.0).reader()(np.arange(0, 48_000, 6)),
        curve.reader()(np.arange(8000)),
        atol=1e-6,
    )


def test_a_curve_without_points_or_order_is_refused() -> None:
    for wrong in ((), ((5, 1.0), (4, 0.5))):
        with pytest.raises(ValueError, match="order"):
            GainCurve(wrong)


regions = st.lists(
    st.tuples(st.integers(2, 400), st.integers(1, 40)).map(
        lambda pair: Region(pair[0] / 4, (pair[0] + pair[1]) / 4)
    ),
    max_size=10,
)


@given(regions, st.floats(1, 30))
def test_music_is_down_wherever_somebody_speaks(speech: list[Region], duck_db: float) -> None:
    envelope = ducking(speech, duck_db)
    times_s = [point.time_s for point in envelope]
    assert times_s == sorted(times_s)
    for region in speech:
        for share in (0.0, 0.5, 1.0):
            at_s = region.start_s + share * region.duration_s
            assert envelope_gain_db(envelope, at_s) == pytest.approx(-duck_db)
    far = 1 + max((region.end_s for region in speech), default=0.0)
    assert envelope_gain_db(envelope, far) == 0.0


def test_music_comes_up_in_a_long_pause_only() -> None:
    least_s = DUCK_ATTACK_S + DUCK_RELEASE_S
    for pause_s, expected_db in ((0.5, -12.0), (least_s + 1.0, 0.0)):
        speech = [Region(1.0, 2.0), Region(2.0 + pause_s, 6.0)]
        middle_s = 2.0 + DUCK_RELEASE_S if expected_db == 0 else 2.0 + pause_s / 2
        assert envelope_gain_db(ducking(speech, 12.0), middle_s) == pytest.approx(expected_db)


def test_no_ducking_is_no_envelope() -> None:
    assert ducking([Region(1.0, 2.0)], 0.0) == ()
    assert ducking([], 12.0) == ()
