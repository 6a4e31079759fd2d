"""Whatever lies in a file, opening and reading it ends well or with a known error."""

import contextlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.context import PlainContext
from engine.errors import EngineError
from engine.media.container import open_media, origin, picture_streams, sound_streams
from engine.media.decode import AudioReader
from engine.media.frames import VideoReader
from engine.media.mux import MuxRequest, mux
from engine.media.probe import probe
from tests.helpers.media import Film, Track, make_film, make_video, noise


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """The file cut off, with wrong bytes anywhere or in its head, or with a spoiled stretch."""
    spoiled = np.frombuffer(data, np.uint8).copy()
    match rng.integers(4):
        case 0:
            return data[: rng.integers(1, len(data))]
        case 1:
            spoiled[rng.integers(len(data), size=30)] = rng.integers(256, size=30)
        case 2:
            spoiled[rng.integers(min(len(data), 3000), size=10)] = rng.integers(256, size=10)
        case _:
            start = rng.integers(len(data))
            spoiled[start : start + 3000] = 0xA5
    return spoiled.tobytes()


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm", ".avi", ".ts", ".wav"])
def test_damaged_files_raise_known_errors_only(tmp_path: Path, suffix: str) -> None:
    seconds = 0 if suffix == ".wav" else 0.5
    whole = make_video(tmp_path / f"whole{suffix}", seconds, noise(0.5)).read_bytes()
    rng = np.random.default_rng(7)
    path, output = tmp_path / f"film{suffix}", tmp_path / f"new{suffix}"
    for _ in range(12):
        path.write_bytes(mutated(whole, rng))
        with contextlib.suppress(EngineError):
            probe(path)
        with contextlib.suppress(EngineError), AudioReader(path) as reader:
            for block in reader.blocks():
                assert np.isfinite(block).all()
        with contextlib.suppress(EngineError), VideoReader(path) as pictures:
            pictures.frame_at(0.3, 32, 32)
            pictures.frame_at(0.0, 32, 32)
        before = path.read_bytes()
        with contextlib.suppress(EngineError):
            mux(MuxRequest(path, output, [noise(0.2)], 9_600, 2, 48_000), PlainContext())
        assert path.read_bytes() == before
        assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(("sound_s", "picture_s"), [(0.0, 0.4), (0.4, 0.0), (0.3, 0.5)])
def test_origin_is_the_first_picture_or_sound(
    tmp_path: Path, sound_s: float, picture_s: float
) -> None:
    times_s = [picture_s + index / 25 for index in range(10)]
    track = Track(noise(0.4), codec="flac", start_s=sound_s)
    path = make_film(tmp_path / "film.mkv", Film(1.0, (track,), frame_times_s=times_s))
    with open_media(path) as container:
        assert origin(container) == Fraction(round(min(sound_s, picture_s) * 1000), 1000)
        assert len(sound_streams(container)) == len(picture_streams(container)) == 1
    with AudioReader(path) as reader:
        sound = np.concatenate(list(reader.blocks()), axis=1)
    lead = round((sound_s - min(sound_s, picture_s)) * 48_000)
    assert not sound[:, :lead].any()
    assert np.abs(sound[:, lead:] - noise(0.4)).max() < 2**-14
