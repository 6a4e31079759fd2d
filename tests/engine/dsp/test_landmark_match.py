"""How well a track's landmarks agree with a mix, where exactly, and how seldom by chance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.dsp.landmark_match import HeardLandmarks, _by_shift
from engine.dsp.landmark_pairs import AS_IT_IS, Change
from engine.dsp.landmarks import Landmarks
from tests.helpers.library import laid_under, simulated

STRETCH = 938  # 20 s
TRACK = simulated(6000, 1)


def test_a_track_is_heard_in_itself() -> None:
    heard = HeardLandmarks(TRACK.between(1000, 1000 + STRETCH))
    agreement = heard.best_agreement(TRACK, 1000, AS_IT_IS)
    assert agreement.heard == 1.0
    assert agreement.deviations > 40
    assert agreement.start_frame == pytest.approx(1000, abs=1)
    assert agreement.change == AS_IT_IS


@pytest.mark.parametrize("tempo", [1.0, 1.05, 0.945])
@pytest.mark.parametrize("first", [0, 3210, 5000])
def test_the_place_is_found_among_all(tempo: float, first: int) -> None:
    change = Change(tempo, tempo)
    heard = HeardLandmarks(laid_under(TRACK, first, STRETCH, change))
    best, second = heard.best_places(TRACK, change, 2)
    assert best.start_frame == pytest.approx(first, abs=2)
    assert best.deviations > 10 > 6 > second.deviations
    exact = heard.best_agreement(TRACK, best.start_frame, change)
    assert exact.deviations > best.deviations


def test_no_landmarks_are_nowhere() -> None:
    nothing = np.zeros(0, np.int32)
    none = Landmarks(nothing, np.zeros(0, np.float32), nothing, 100)
    (place,) = HeardLandmarks(laid_under(TRACK, 0, STRETCH)).best_places(none, AS_IT_IS, 1)
    assert place.deviations <= 0
    (place,) = HeardLandmarks(none).best_places(TRACK, AS_IT_IS, 1)
    assert place.deviations <= 0


@pytest.mark.parametrize("wrong_by", [-3, -1, 2, 3])
def test_a_place_that_is_off_by_a_few_frames_is_put_right(wrong_by: int) -> None:
    heard = HeardLandmarks(laid_under(TRACK, 2000, STRETCH))
    agreement = heard.best_agreement(TRACK, 2000 + wrong_by, AS_IT_IS)
    assert agreement.start_frame == pytest.approx(2000, abs=1)
    assert agreement.heard == pytest.approx(0.6, abs=0.05)
    far = heard.best_agreement(TRACK, 2000 + 40, AS_IT_IS)
    assert agreement.deviations > 12 > 6 > far.deviations


@pytest.mark.parametrize("change", [Change(1.034, 1.034), Change(0.943, 0.943), Change(1.052, 1.0)])
def test_the_tempo_is_put_right_and_the_pitch_goes_with_it_or_not(change: Change) -> None:
    heard = HeardLandmarks(laid_under(TRACK, 2000, STRETCH, change))
    near = round(change.tempo, 2)
    guess = Change(near, near if change.pitch == change.tempo else change.pitch)
    agreement = heard.best_agreement(TRACK, 2000, guess)
    assert agreement.change.tempo == pytest.approx(change.tempo, abs=0.0025)
    assert agreement.change.pitch == (
        agreement.change.tempo if change.pitch == change.tempo else change.pitch
    )
    assert agreement.start_frame == pytest.approx(2000, abs=4)
    assert agreement.deviations > 12
    assert heard.best_agreement(TRACK, 2000, AS_IT_IS).deviations < 6


def test_the_rough_answer_is_a_lower_bound() -> None:
    heard = HeardLandmarks(laid_under(TRACK, 2000, STRETCH, Change(1.032, 1.032)))
    guess = Change(1.03, 1.03)
    rough, exact = (f(TRACK, 2001, guess) for f in (heard.rough_agreement, heard.best_agreement))
    assert exact.deviations >= rough.deviations > 6


def test_chance_agrees_within_a_few_deviations() -> None:
    found = []
    for seed in range(30):
        heard = HeardLandmarks(simulated(STRETCH, 100 + seed, per_frame=1.5))
        found.append(heard.rough_agreement(TRACK, 150 * seed, Change(1.03, 1.03)).deviations)
    # The best of some alignments: above 0, and far below what counts as found.
    assert max(found) < 5.5
    assert abs(np.mean(found)) < 2.5


@pytest.mark.parametrize("change", [AS_IT_IS, Change(1.06, 0.97)])
def test_shifts_are_counted_as_one_by_one(change: Change) -> None:
    mix = simulated(300, 3, per_frame=1.5)
    heard = HeardLandmarks(mix)
    frames, steps = TRACK.frames[:400].astype(float) - 300, TRACK.steps[:400]
    shifts = np.array([-700, -40, 0, 3, 250])
    beyond, parts = _by_shift(
        heard._grid, heard._odds, frames, steps, change.tempo, change.steps, shifts
    )
    at = np.rint(frames / change.tempo + 150).astype(int)
    step = np.rint(steps + change.steps).astype(int)
    for shift, deviations, part in zip(shifts, beyond, parts, strict=True):
        inside = (step >= 0) & (step <= 320) & (at + shift >= 0) & (at + shift < 300)
        hits = heard._grid[at[inside] + shift, step[inside]].sum()
        odds = heard._odds[step[inside]]
        spread = np.sqrt(max((odds * (1 - odds)).sum(), 1e-9))
        assert deviations == pytest.approx((hits - odds.sum()) / spread)
        assert part == pytest.approx(hits / max(1, inside.sum()))


def strokes(seed: int, every: int = 24, num_frames: int = 3000) -> Landmarks:
    """Drums in time: each stroke has twenty landmarks at once, most of them where others have."""
    rng = np.random.default_rng(seed)
    beats = np.repeat(np.arange(0, num_frames, every), 20)
    steps = np.where(rng.random(len(beats)) < 0.6, 15 * rng.integers(0, 21, len(beats)), -1)
    steps = np.where(steps < 0, rng.integers(0, 320, len(beats)), steps)
    nothing = np.zeros(len(beats), np.int32)
    return Landmarks(beats.astype(np.int32), steps.astype(np.float32), nothing, num_frames)


def test_other_strokes_in_the_same_beat_are_not_the_track() -> None:
    mix, same, other = strokes(1), strokes(1), strokes(2)
    heard = HeardLandmarks(mix.between(480, 480 + STRETCH))
    assert heard.best_agreement(same, 480, AS_IT_IS).deviations > 5
    # By chance alone so many would agree in no mix at all; here they do at every beat.
    middle = 480 + STRETCH / 2
    by_chance, _ = heard._by_shift((other.frames - middle, other.steps), AS_IT_IS, np.array([0]))
    assert by_chance[0] > 30
    agreement = heard.best_agreement(other, 480, AS_IT_IS)
    assert agreement.heard > 0.3
    assert agreement.deviations < 5


@given(
    track=st.builds(simulated, st.integers(1, 400), st.integers(0, 9)),
    stretch=st.builds(simulated, st.integers(1, 400), st.integers(10, 19)),
    start=st.integers(-1000, 1000),
    change=st.sampled_from([AS_IT_IS, Change(1.06, 1.06), Change(1.0, 0.94), Change(0.94, 1.0)]),
)
@settings(max_examples=60)
def test_any_alignment_has_an_answer(
    track: Landmarks, stretch: Landmarks, start: int, change: Change
) -> None:
    agreement = HeardLandmarks(stretch).best_agreement(track, start, change)
    assert np.isfinite(agreement.deviations)
    assert 0 <= agreement.heard <= 1


def test_a_stretch_without_any_sound_agrees_with_nothing() -> None:
    none = np.zeros(0, np.int32)
    for num_frames in (0, STRETCH):
        silent = HeardLandmarks(Landmarks(none, none.astype(np.float32), none, num_frames))
        agreement = silent.best_agreement(TRACK, 1000, AS_IT_IS)
        assert agreement.deviations <= 0
        assert agreement.heard == 0
