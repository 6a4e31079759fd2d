"""The picture is never further than half a frame from what is heard, on any device."""

from collections.abc import Iterator

import numpy as np
import pytest

from app.playback.picture import FRAMES_AHEAD, Picture, PictureFeed
from app.playback.transport import Transport
from tests.helpers.desktop import wait_until
from tests.helpers.sound import StubOutput, counting, one_lane_mixer

RATE_HZ, FRAME_RATE_HZ = 8000, 25.0
SECONDS = 3
STEP = 40


class NumberedPictures:
    """A film whose pictures tell their number."""

    def frames_from(self, time_s: float, width: int, height: int) -> Iterator[Picture]:
        for number in range(int(time_s * FRAME_RATE_HZ), round(SECONDS * FRAME_RATE_HZ)):
            rgb = np.full((height, width, 3), number, np.uint8)
            yield Picture(number / FRAME_RATE_HZ, rgb)

    def close(self) -> None:
        pass


@pytest.mark.parametrize("offset_s", [0.0, 0.18, -0.12])
@pytest.mark.parametrize("latency_samples", [0, 480])
@pytest.mark.parametrize("speed", [1, 2])
def test_the_picture_is_within_half_a_frame(
    offset_s: float, latency_samples: int, speed: int
) -> None:
    output = StubOutput(RATE_HZ, latency_samples)
    transport = Transport(output)
    transport.load(one_lane_mixer(counting(SECONDS * RATE_HZ), RATE_HZ))
    transport.offset_s = offset_s
    transport.start()
    feed = PictureFeed(NumberedPictures, FRAME_RATE_HZ)
    feed.resize(4, 2)
    for _ in range(speed):
        transport.shuttle(1)
    late_s, seen_s, away_s = latency_samples / RATE_HZ + offset_s, 0.0, []
    for step in range(1, round(1.2 * RATE_HZ / STEP)):
        output.pull(STEP)
        wait_until(lambda: len(feed._ready) == FRAMES_AHEAD, "pictures")
        picture = feed.show(transport.shown_s())
        if picture is not None:
            seen_s = picture.time_s
        # What reaches the ear at this moment, whatever the device says.
        heard_s = (step * STEP / RATE_HZ - late_s) * speed
        if heard_s > abs(offset_s) * speed:
            away_s.append(seen_s - heard_s)
    feed.close()
    feed.join()
    assert np.abs(away_s).max() <= 0.5 / FRAME_RATE_HZ + 1e-6
