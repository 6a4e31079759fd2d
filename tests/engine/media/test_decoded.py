"""The sound of a film in the cache is as long as the film, for whoever plays or restores it."""

from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from av.video.stream import VideoStream

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.media.decode import AudioReader
from engine.media.decoded import decoded
from engine.types import Samples
from tests.helpers.media import make_video, noise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.packet import Packet

RATE_HZ = 8000


def mix_of(film: Path, folder: Path) -> Samples:
    store = ArtifactStore(folder / "cache")
    blocks: list[Samples] = []
    mix = decoded(film, store, PlainContext(), on_block=blocks.append).mix
    np.testing.assert_array_equal(store.map(mix), np.concatenate(blocks, axis=1))
    return store.map(mix)


def sound(seconds: float) -> Samples:
    return noise(seconds, RATE_HZ)


def endless(stream: VideoStream, frame: av.VideoFrame) -> "Iterator[Packet[VideoStream]]":
    while True:
        yield from stream.encode(frame)


@pytest.mark.parametrize("suffix", [".mkv", ".mov"])
def test_silence_follows_where_the_picture_goes_on(tmp_path: Path, suffix: str) -> None:
    film = make_video(tmp_path / f"film{suffix}", 4.0, sound(2.5), RATE_HZ, "pcm_s16le")
    mix = mix_of(film, tmp_path)
    assert mix.shape[1] / RATE_HZ == pytest.approx(4.0, abs=0.05)
    with AudioReader(film) as reader:
        read = np.concatenate(list(reader.blocks()), axis=1)
    np.testing.assert_array_equal(mix[:, : read.shape[1]], read)
    assert not mix[:, read.shape[1] :].any()


@pytest.mark.parametrize("picture_s", [0.0, 1.0, 2.52])
def test_nothing_follows_where_it_does_not(tmp_path: Path, picture_s: float) -> None:
    film = make_video(tmp_path / "film.mkv", picture_s, sound(2.5), RATE_HZ, "pcm_s16le")
    assert mix_of(film, tmp_path).shape[1] == round(2.5 * RATE_HZ)


def test_a_length_that_is_a_lie_does_not_fill_the_disk(tmp_path: Path) -> None:
    """One more picture, in a thousand hours."""
    film = tmp_path / "film.mkv"
    with av.open(str(film), "w") as container:
        picture = container.add_stream("mpeg4", rate=25)
        picture.width = picture.height = 64
        track = container.add_stream("pcm_s16le", rate=RATE_HZ)
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))
        for at, packet in zip((0, 25 * 3_600_000), endless(picture, frame), strict=False):
            packet.pts = packet.dts = at
            container.mux(packet)
        block = av.AudioFrame.from_ndarray(np.ones((1, RATE_HZ), np.int16), "s16", "mono")
        block.sample_rate, block.pts = RATE_HZ, 0
        container.mux(track.encode(block))
    assert mix_of(film, tmp_path).shape[1] < 2 * RATE_HZ
