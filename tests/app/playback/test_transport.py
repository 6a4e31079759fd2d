"""The transport plays exactly what is asked for, without clicks, and knows what is heard."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.playback.mixer import Loop
from app.playback.renderer import FADE_S
from app.playback.transport import MAX_SPEED, Transport
from tests.helpers.sound import StubOutput, counting, one_lane_mixer

RATE_HZ = 8000
FADE = round(FADE_S * RATE_HZ)
LENGTH = 8000


def make(latency_samples: int = 0) -> tuple[Transport, StubOutput]:
    output = StubOutput(RATE_HZ, latency_samples)
    transport = Transport(output)
    transport.load(one_lane_mixer(counting(LENGTH), RATE_HZ))
    transport.start()
    return transport, output


def test_silence_until_play_then_every_sample_in_order() -> None:
    transport, output = make()
    assert not output.pull(64).any()
    transport.play()
    heard = np.concatenate([output.pull(n) for n in (1, 63, 480, 100)])
    np.testing.assert_allclose(heard[FADE:], counting(LENGTH)[:, FADE : len(heard)].T)
    assert transport.position_s() == pytest.approx(644 / RATE_HZ)


def test_pause_keeps_the_place_and_play_goes_on_from_there() -> None:
    transport, output = make()
    transport.play()
    output.pull(1000)
    transport.pause()
    assert not output.pull(500)[FADE:].any()
    assert transport.position_s() == pytest.approx((1000 + FADE) / RATE_HZ)
    transport.play()
    heard = output.pull(200)
    np.testing.assert_allclose(heard[FADE, 0], (1000 + 2 * FADE) / LENGTH, rtol=1e-6)


def test_a_seek_shows_at_once_and_crossfades() -> None:
    transport, output = make()
    transport.play()
    before = output.pull(1000)
    transport.seek(0.75)
    assert transport.position_s() == 0.75
    after = output.pull(400)
    np.testing.assert_allclose(after[FADE:], counting(LENGTH)[:, 6000 + FADE : 6400].T)
    steps = np.abs(np.diff(np.concatenate([before[FADE:], after])[:, 0]))
    assert steps.max() <= 0.75 / FADE + 1e-3


def test_seeks_in_quick_succession_never_click() -> None:
    transport, output = make()
    transport.play()
    heard = [output.pull(200)[FADE:]]
    for index in range(40):
        transport.seek((index * 37 % 100) / 100)
        heard.append(output.pull(7))
    steps = np.abs(np.diff(np.concatenate(heard)[:, 0]))
    assert steps.max() <= 1.0 / FADE + 1e-3


def test_a_seek_while_paused_moves_without_sound() -> None:
    transport, output = make()
    transport.seek(0.5)
    assert not output.pull(400).any()
    assert transport.position_s() == 0.5
    transport.play()
    np.testing.assert_allclose(output.pull(200)[FADE, 0], (4000 + FADE) / LENGTH)


def test_the_loop_wraps_to_the_sample() -> None:
    transport, output = make()
    transport.set_loop(Loop(1000, 1300))
    transport.seek(1000 / RATE_HZ)
    transport.play()
    heard = np.concatenate([output.pull(n) for n in (250, 333, 64, 700)])[:, 0]
    expected = (1000 + np.arange(len(heard)) % 300) / LENGTH
    np.testing.assert_allclose(heard[FADE:], expected[FADE:], rtol=1e-6)


def test_time_goes_back_at_a_loop_wrap_and_only_there() -> None:
    transport, output = make()
    transport.set_loop(Loop(0, 1000))
    transport.play()
    times = []
    for _ in range(30):
        output.pull(80)
        times.append(transport.position_s())
    backwards = np.flatnonzero(np.diff(times) < 0)
    assert len(backwards) == 2
    assert max(times) <= 1000 / RATE_HZ


def test_the_end_stops_and_play_starts_over() -> None:
    transport, output = make()
    transport.seek(0.99)
    transport.play()
    heard = output.pull(200)
    np.testing.assert_allclose(heard[79, 0], (LENGTH - 1) / LENGTH, rtol=1e-6)
    assert not heard[80:].any()
    assert not transport.is_playing
    assert transport.position_s() == 1.0
    transport.play()
    assert transport.is_playing
    np.testing.assert_allclose(output.pull(100)[FADE:, 0], np.arange(FADE, 100) / LENGTH)


def test_changes_after_the_end_do_not_start_it_again() -> None:
    transport, output = make()
    transport.seek(0.99)
    transport.play()
    output.pull(200)
    transport.load(one_lane_mixer(counting(2 * LENGTH), RATE_HZ))
    transport.seek(0.2)
    assert not transport.is_playing
    assert not output.pull(200).any()


def test_latency_is_taken_off_the_clock() -> None:
    transport, output = make(latency_samples=400)
    transport.play()
    output.pull(300)
    assert transport.position_s() == 0.0
    output.pull(300)
    assert transport.position_s() == pytest.approx(200 / RATE_HZ)
    transport.pause()
    for _ in range(10):
        output.pull(300)
    assert transport.position_s() == pytest.approx((600 + FADE) / RATE_HZ)


def run(transport: Transport, output: StubOutput, seconds: float) -> list[tuple[float, float]]:
    """Play on, and tell at each moment what is heard and what is to be seen."""
    told = []
    for _ in range(round(seconds * RATE_HZ / 40)):
        output.pull(40)
        told.append((transport.position_s(), transport.shown_s()))
    return told


@pytest.mark.parametrize("offset_s", [0.05, 0.2])
@pytest.mark.parametrize("latency_samples", [0, 400])
def test_a_device_that_is_late_is_waited_for(offset_s: float, latency_samples: int) -> None:
    transport, output = make(latency_samples)
    transport.offset_s = offset_s
    transport.play()
    late_s = latency_samples / RATE_HZ + offset_s
    for n, (heard_s, shown_s) in enumerate(run(transport, output, 0.5), 1):
        assert heard_s == shown_s == pytest.approx(max(0.0, n * 40 / RATE_HZ - late_s), abs=1e-6)
    transport.pause()
    run(transport, output, 0.5)
    assert transport.position_s() == pytest.approx(0.5 + FADE / RATE_HZ)


def test_a_negative_offset_moves_the_picture_alone() -> None:
    transport, output = make()
    transport.offset_s = -0.1
    transport.play()
    for heard_s, shown_s in run(transport, output, 0.5):
        assert shown_s == pytest.approx(heard_s + 0.1)
    transport.pause()
    run(transport, output, 0.1)
    assert transport.shown_s() == transport.position_s()
    transport.seek(0.95)
    transport.play()
    assert max(shown_s for _, shown_s in run(transport, output, 0.1)) == transport.duration_s


def test_a_picture_that_runs_ahead_stays_in_the_loop() -> None:
    transport, output = make()
    transport.offset_s = -0.1
    transport.set_loop(Loop(2000, 4000))
    transport.seek(0.25)
    transport.play()
    for heard_s, shown_s in run(transport, output, 1.0):
        ahead_s = heard_s + 0.1
        assert shown_s == pytest.approx(ahead_s if ahead_s < 0.5 else ahead_s - 0.25)


def test_another_offset_never_moves_the_clock_back() -> None:
    transport, output = make()
    transport.play()
    before_s = run(transport, output, 0.3)[-1][0]
    transport.offset_s = 0.1
    after_s = [heard_s for heard_s, _ in run(transport, output, 0.3)]
    assert min(after_s) >= before_s
    assert after_s[-1] == pytest.approx(0.5)


def test_play_after_the_end_begins_anew_though_the_end_is_not_heard_yet() -> None:
    transport, output = make()
    transport.offset_s = 0.3
    transport.seek(0.9)
    transport.play()
    output.pull(1000)
    assert not transport.is_playing
    assert transport.position_s() < 1.0
    transport.play()
    output.pull(1000)
    assert transport.is_playing


def test_jittering_device_times_never_move_the_clock_back() -> None:
    transport, output = make()
    transport.play()
    rng = np.random.default_rng(0)
    last_s = 0.0
    for _ in range(200):
        output.pull(40)
        output.time_s += float(rng.uniform(-0.004, 0.003))
        now_s = transport.position_s()
        assert now_s >= last_s
        last_s = now_s


def test_another_mixer_is_faded_in_at_the_same_place() -> None:
    transport, output = make()
    transport.play()
    output.pull(1000)
    transport.load(one_lane_mixer(-counting(LENGTH), RATE_HZ))
    after = output.pull(400)
    np.testing.assert_allclose(after[FADE:], -counting(LENGTH)[:, 1000 + FADE : 1400].T)
    assert np.abs(np.diff(after[:, 0])).max() <= 2 * 1400 / LENGTH / FADE + 1e-3


def test_each_time_it_is_asked_it_goes_on_twice_as_fast() -> None:
    transport, output = make()
    speeds = []
    for _ in range(5):
        transport.shuttle(1)
        speeds.append(transport.speed)
    assert speeds == [1, 2, 4, 8, MAX_SPEED]
    transport.shuttle(-1)
    assert transport.speed == -1
    transport.pause()
    output.pull(FADE)
    assert transport.speed == 0
    transport.play()
    assert transport.speed == 1


@pytest.mark.parametrize("times", [2, 3, 4])
def test_what_is_fast_is_the_mean_of_what_it_passes(times: int) -> None:
    transport, output = make()
    for _ in range(times):
        transport.shuttle(1)
    speed = transport.speed
    heard = np.concatenate([output.pull(n) for n in (100, 33, 267)])[:, 0]
    expected = (speed * np.arange(400) + (speed - 1) / 2) / LENGTH
    np.testing.assert_allclose(heard[FADE:], expected[FADE:], rtol=1e-5)
    assert transport.position_s() == pytest.approx(400 * speed / RATE_HZ)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_backwards_the_samples_come_in_reverse(times: int) -> None:
    transport, output = make()
    transport.seek(0.75)
    for _ in range(times):
        transport.shuttle(-1)
    step = -transport.speed
    heard = np.concatenate([output.pull(n) for n in (100, 33, 267)])[:, 0]
    expected = (6000 - step * np.arange(400) - (step + 1) / 2) / LENGTH
    np.testing.assert_allclose(heard[FADE:], expected[FADE:], rtol=1e-5)
    assert transport.position_s() == pytest.approx((6000 - 400 * step) / RATE_HZ)


@example(ways=[-1, -1, -1, -1, 0], size=260)
@example(ways=[1, 1, 1, 1, 0], size=246)
@given(ways=st.lists(st.sampled_from([1, -1, 0]), max_size=12), size=st.integers(1, 300))
def test_however_it_is_shuttled_nothing_clicks_and_time_stays_inside(
    ways: list[int], size: int
) -> None:
    transport, output = make()
    # Silent at both ends, where it stops at once.
    hill = 1 - np.abs(2 * counting(LENGTH) - 1)
    transport.load(one_lane_mixer(hill.astype(np.float32), RATE_HZ))
    transport.seek(0.5)
    heard = [np.zeros((1, 2), np.float32)]
    for way in ways:
        if way:
            transport.shuttle(way)
        else:
            transport.pause()
        heard.append(output.pull(size))
        assert 0 <= transport.position_s() <= LENGTH / RATE_HZ
    steps = np.diff(np.concatenate(heard)[:, 0])
    assert np.abs(steps).max(initial=0) <= 1.0 / FADE + 2 * MAX_SPEED / LENGTH + 1e-3


def test_play_begins_anew_where_fast_playing_ended() -> None:
    transport, output = make()
    transport.load(one_lane_mixer(counting(LENGTH - 3), RATE_HZ))
    for _ in range(4):
        transport.shuttle(1)
    output.pull(2000)
    assert not transport.is_playing
    transport.play()
    output.pull(400)
    assert transport.is_playing
    assert transport.position_s() == pytest.approx(400 / RATE_HZ)


def test_backwards_it_ends_at_the_start_and_fast_at_the_end() -> None:
    transport, output = make()
    transport.seek(0.05)
    transport.shuttle(-1)
    output.pull(1000)
    assert not transport.is_playing
    assert transport.position_s() == 0.0
    transport.seek(0.95)
    transport.shuttle(1)
    transport.shuttle(1)
    output.pull(1000)
    assert not transport.is_playing
    assert transport.position_s() == 1.0


def test_the_clock_follows_a_change_of_direction() -> None:
    transport, output = make(latency_samples=200)
    transport.seek(0.5)
    transport.shuttle(1)
    output.pull(400)
    transport.shuttle(-1)
    places = []
    for _ in range(20):
        output.pull(40)
        places.append(transport.position_s())
    turn = int(np.argmax(places))
    assert 0 < turn < 10
    assert (np.diff(places[:turn]) > 0).all()
    assert (np.diff(places[turn + 1 :]) < 0).all()


@pytest.mark.parametrize("ways", [[1, 1], [1, 1, 1, 1], [-1], [-1, -1, -1, -1]])
@pytest.mark.parametrize("size", [80, 1000])
def test_shuttling_stays_inside_the_loop(ways: list[int], size: int) -> None:
    transport, output = make(latency_samples=30)
    transport.set_loop(Loop(2000, 2999))
    transport.seek(2500 / RATE_HZ)
    for way in ways:
        transport.shuttle(way)
    places = [2500.0]
    for _ in range(4000 // size):
        output.pull(size)
        places.append(transport.position_s() * RATE_HZ)
    laps = np.count_nonzero(np.diff(places) * transport.speed < 0)
    assert laps >= (2 if size < 100 else 0)
    assert min(places) >= 2000
    assert max(places) <= 2999
    assert transport.is_playing


def test_a_loop_shorter_than_a_step_is_left() -> None:
    transport, output = make()
    transport.set_loop(Loop(2000, 2005))
    transport.seek(2000 / RATE_HZ)
    for _ in range(4):
        transport.shuttle(1)
    output.pull(500)
    assert transport.position_s() > 2005 / RATE_HZ


def test_shuttling_into_a_loop_stays_there_and_behind_it_does_not() -> None:
    for start, inside in ((1500, True), (3500, False)):
        transport, output = make()
        transport.set_loop(Loop(2000, 3000))
        transport.seek(start / RATE_HZ)
        transport.shuttle(1)
        transport.shuttle(1)
        for _ in range(10):
            output.pull(200)
        place = transport.position_s() * RATE_HZ
        assert (2000 <= place <= 3000) is inside


def test_another_rate_is_refused() -> None:
    transport, _ = make()
    with pytest.raises(ValueError, match="8000 Hz"):
        transport.load(one_lane_mixer(counting(10), 44_100))


def test_clipping_is_limited_reported_and_shown() -> None:
    transport, output = make()
    transport.load(one_lane_mixer(np.full((2, LENGTH), 2.0, np.float32), RATE_HZ))
    transport.play()
    block = output.pull(1000)
    assert block.max() == 1.0
    assert transport.levels.peak_db == 0.0
    assert 1000 - FADE <= transport.levels.clipped_frames <= 1000
    transport.pause()
    output.pull(FADE)
    output.pull(RATE_HZ // 2)
    assert transport.levels.peak_db == pytest.approx(-10.0, abs=0.2)
