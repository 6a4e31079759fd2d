"""What is rendered is measured beside the thread that plays, from the beginning of each play."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from app.playback.metering import LoudnessWatch
from app.playback.mixer import Block
from app.playback.transport import Transport
from engine.media.loudness import Loudness
from engine.types import Samples
from tests.helpers.desktop import wait_until
from tests.helpers.sound import StubOutput, one_lane_mixer

RATE_HZ = 48_000


def tone(level_db: float, seconds: float) -> Samples:
    angle = 2 * np.pi * 997 * np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return np.tile(10 ** (level_db / 20) * np.sin(angle), (2, 1)).astype(np.float32)


@pytest.fixture
def watch() -> Iterator[LoudnessWatch]:
    watch = LoudnessWatch(RATE_HZ)
    yield watch
    watch.close()


def play(watch: LoudnessWatch, sound: Samples) -> tuple[Transport, StubOutput]:
    output = StubOutput(RATE_HZ)
    transport = Transport(output, watch)
    transport.load(one_lane_mixer(sound, RATE_HZ))
    transport.start()
    transport.play()
    return transport, output


def measured(watch: LoudnessWatch) -> Loudness:
    wait_until(lambda: not watch._waiting, "the meter to take all blocks")
    wait_until(lambda: watch.reading is not None, "a reading")
    assert watch.reading is not None
    return watch.reading


def test_what_is_heard_is_measured(watch: LoudnessWatch) -> None:
    _, output = play(watch, tone(-20, 2.0))
    for _ in range(150):
        output.pull(480)
    wait_until(lambda: watch.reading is not None and measured(watch).integrated_lufs > -21, "-20")
    assert measured(watch).momentary_lufs == pytest.approx(-20, abs=0.1)
    assert measured(watch).true_peak_db == pytest.approx(-20, abs=0.1)


def test_each_play_is_measured_anew_but_no_seek_and_no_speed(watch: LoudnessWatch) -> None:
    begun = 0

    class Counting:
        def begin(self) -> None:
            nonlocal begun
            begun += 1

        def hear(self, block: Block) -> None:
            assert block.any()

    output = StubOutput(RATE_HZ)
    transport = Transport(output, Counting())
    transport.load(one_lane_mixer(np.ones((2, RATE_HZ), np.float32), RATE_HZ))
    transport.start()
    output.pull(480)
    assert begun == 0
    transport.play()
    output.pull(480)
    transport.seek(0.5)
    output.pull(480)
    transport.shuttle(-1)
    output.pull(480)
    assert begun == 1
    transport.pause()
    for _ in range(3):
        output.pull(480)
    transport.play()
    output.pull(480)
    assert begun == 2


def test_the_quiet_play_after_a_loud_one_knows_nothing_of_it(watch: LoudnessWatch) -> None:
    transport, output = play(watch, np.concatenate([tone(-10, 1.0), tone(-40, 1.0)], axis=1))
    for _ in range(90):
        output.pull(480)
    assert measured(watch).true_peak_db == pytest.approx(-10, abs=0.1)
    transport.pause()
    output.pull(480)
    transport.seek(1.0)
    transport.play()
    for _ in range(90):
        output.pull(480)
    wait_until(lambda: measured(watch).integrated_lufs < -39, "the quiet one")
    assert measured(watch).true_peak_db < -30


def test_what_is_limited_is_measured_as_it_was(watch: LoudnessWatch) -> None:
    _, output = play(watch, tone(6, 1.0))
    heard = output.pull(24_000)
    assert heard.max() == 1.0
    assert measured(watch).true_peak_db == pytest.approx(6, abs=0.1)


def test_what_begins_and_ends_within_a_block_is_heard(watch: LoudnessWatch) -> None:
    _, output = play(watch, tone(-20, 0.05))
    output.pull(9600)
    output.pull(9600)
    # It ends at once, which rings.
    assert measured(watch).true_peak_db == pytest.approx(-20, abs=0.5)


def test_the_thread_ends_with_it() -> None:
    before = threading.active_count()
    watch = LoudnessWatch(RATE_HZ)
    watch.hear(np.zeros((480, 2), np.float32))
    watch.close()
    assert threading.active_count() == before
