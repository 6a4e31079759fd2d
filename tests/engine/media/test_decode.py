"""Decoding puts every sample at its place on the file's timeline."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import EmptyMediaError, InputNotFoundError, NoAudioError, NotMediaError
from engine.media.decode import AudioReader
from engine.types import Samples
from tests.helpers.media import Film, Track, lag_samples, make_film, make_video, noise, snr_db

ODD_SAMPLES = 62_417


def read(path: Path, block_s: float = 1.0) -> Samples:
    with AudioReader(path) as reader:
        samples = np.concatenate(list(reader.blocks(block_s)), axis=1)
        assert samples.shape == (reader.channels, reader.num_samples)
        assert samples.dtype == np.float32
        assert reader.warnings == ()
    return samples


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [
        (".mp4", "aac"),
        (".mp4", "libopus"),
        (".mov", "libmp3lame"),
        (".webm", "libopus"),
        (".mkv", "libmp3lame"),
        (".mp4", "alac"),
        (".mkv", "flac"),
        (".avi", "pcm_s16le"),
        (".mp3", "libmp3lame"),
        (".ogg", "libopus"),
    ],
)
def test_encoder_delay_and_padding_are_cut(tmp_path: Path, suffix: str, codec: str) -> None:
    sound = noise(2.0)[:, :ODD_SAMPLES]
    seconds = 0 if suffix in (".mp3", ".ogg") else 1.3
    back = read(make_video(tmp_path / f"film{suffix}", seconds, sound, codec=codec))
    # The writer of the test film notes edit lists in milliseconds.
    assert 0 <= sound.shape[1] - back.shape[1] < 48
    assert lag_samples(sound, back) == 0
    assert snr_db(sound, back) > 8


@pytest.mark.parametrize(("says_delay", "late_samples"), [(True, 0), (False, 1105)])
def test_mp3_begins_where_other_decoders_have_it_begin(
    tmp_path: Path, late_samples: int, *, says_delay: bool
) -> None:
    sound = noise(1.0, 44_100, 1)
    path = make_video(tmp_path / "tagged.mp3", 0, sound, 44_100, "libmp3lame")
    if not says_delay:
        path = without_tag(path)
    back, others = read_any(path), soundfile.read(path, dtype="float32", always_2d=True)[0].T
    assert lag_samples(sound, back) == lag_samples(sound, others) == late_samples
    assert back.shape == others.shape


def without_tag(path: Path) -> Path:
    """The same MP3 without the frame in which LAME says how late it begins."""
    bare = path.with_name("bare.mp3")
    with av.open(str(path)) as source, av.open(str(bare), "w", options={"write_xing": "0"}) as out:
        stream = source.streams.audio[0]
        copy = out.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.size:
                packet.stream = copy
                out.mux(packet)
    return bare


def read_any(path: Path) -> Samples:
    """All of a file, however long it said that it was."""
    with AudioReader(path) as reader:
        return np.concatenate(list(reader.blocks()), axis=1)


@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
@pytest.mark.parametrize("odd", [np.nan, np.inf, 1e30, -3.4e38, 1e300])
def test_samples_beyond_all_sense_are_silence(tmp_path: Path, subtype: str, odd: float) -> None:
    path, sound = tmp_path / "song.wav", noise(0.5, 8_000)
    with np.errstate(over="ignore"):
        samples = sound.T.astype(np.float64 if subtype == "DOUBLE" else np.float32)
        samples[7] = odd
    soundfile.write(path, samples, 8_000, subtype=subtype)
    with AudioReader(path) as reader:
        back = np.concatenate(list(reader.blocks()), axis=1)
        assert reader.warnings == (
            "2 samples were no numbers, or beyond all sense; silence takes their place",
        )
    sound[:, 7] = 0
    np.testing.assert_allclose(back, sound, atol=1e-6)


def test_floats_that_are_scaled_like_integers_are_sound(tmp_path: Path) -> None:
    sound = np.float32(2**31) * noise(0.5, 8_000)
    soundfile.write(tmp_path / "song.wav", sound.T, 8_000, subtype="FLOAT")
    np.testing.assert_array_equal(read(tmp_path / "song.wav"), sound)


@pytest.mark.parametrize(
    "codec", ["pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"]
)
def test_every_sample_format_has_the_same_scale(tmp_path: Path, codec: str) -> None:
    sound = noise(0.5, 8_000)
    back = read(make_video(tmp_path / "song.wav", 0, sound, 8_000, codec))
    step = {"pcm_u8": 2**-7, "pcm_s16le": 2**-15, "pcm_s24le": 2**-23}.get(codec, 2**-24)
    assert np.abs(back - sound).max() <= step


@pytest.mark.parametrize("channels", range(1, 9))
@pytest.mark.parametrize("codec", ["pcm_f32le", "flac", "aac"])
def test_channels_stay_in_their_places(tmp_path: Path, channels: int, codec: str) -> None:
    if codec == "aac" and channels == 7:
        pytest.skip("FFmpeg's encoder has no such layout")
    sound = np.repeat(np.arange(1, channels + 1) / 16, 4096).reshape(channels, -1)
    back = read(make_video(tmp_path / "film.mkv", 0, sound.astype(np.float32), codec=codec))
    keeps = [channel for channel in range(channels) if codec != "aac" or channel != 3]
    assert np.allclose(back[keeps, 2048], sound[keeps, 2048], atol=0.03)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 96_000, 192_000])
def test_rate_is_kept(tmp_path: Path, rate: int) -> None:
    sound = noise(0.3, rate)
    path = make_video(tmp_path / "song.flac", 0, sound, rate, "flac")
    with AudioReader(path) as reader:
        assert (reader.sample_rate_hz, reader.num_samples) == (rate, sound.shape[1])
    assert np.abs(read(path) - sound).max() < 2**-15


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_late_sound_is_preceded_by_silence(tmp_path: Path, suffix: str) -> None:
    codec = "flac" if suffix == ".mkv" else "ac3"
    film = Film(2.0, (Track(noise(1.0), codec=codec, start_s=0.7),))
    back = read(make_film(tmp_path / f"film{suffix}", film))
    assert lag_samples(noise(1.0), back) == pytest.approx(33_600, abs=260)  # AC-3's delay
    assert not back[:, :33_000].any()


@given(block_s=st.floats(0.0001, 3.0))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_blocks_join_to_the_same_sound_whatever_their_length(
    tmp_path: Path, block_s: float
) -> None:
    path = tmp_path / "song.flac"
    sound = noise(0.2, 8_000)
    if not path.exists():
        make_video(path, 0, sound, 8_000, "flac")
    with AudioReader(path) as reader:
        blocks = list(reader.blocks(block_s))
    size = max(1, round(block_s * 8_000))
    assert {block.shape[1] for block in blocks[:-1]} <= {size}
    assert 0 < blocks[-1].shape[1] <= size
    assert np.abs(np.concatenate(blocks, axis=1) - sound).max() < 2**-15


def _recut(
    folder: Path,
    keeps: Callable[[float], bool],
    jitter_ms: Callable[[], int] = lambda: 0,
) -> Path:
    """A Matroska film with two seconds of FLAC, without some packets, others shifted."""
    whole = make_video(folder / "whole.mkv", 2.0, noise(2.0), codec="flac")
    path = folder / "film.mkv"
    with av.open(str(whole)) as source, av.open(str(path), "w") as out:
        sound = source.streams.audio[0]
        target = out.add_stream_from_template(sound)
        for packet in source.demux(sound):
            if packet.pts is None or not keeps(float(packet.pts * packet.time_base)):
                continue
            packet.pts = packet.dts = packet.pts + (jitter_ms() if packet.pts else 0)
            packet.stream = target
            out.mux(packet)
    return path


def test_a_gap_in_the_time_stamps_is_silence_and_later_sound_keeps_its_time(
    tmp_path: Path,
) -> None:
    path = _recut(tmp_path, lambda time_s: not 0.6 <= time_s < 1.1)
    back = read(path)
    sound = noise(2.0)
    assert back.shape[1] == pytest.approx(96_000, abs=1024)
    assert snr_db(sound[:, 56_000:], back[:, 56_000:]) > 60
    assert not back[:, 34_000:52_000].any()


def test_jitter_of_time_stamps_makes_no_holes(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    path = _recut(tmp_path, lambda _: True, lambda: int(rng.integers(-4, 5)))
    assert snr_db(noise(2.0), read(path)) > 60


def test_damaged_packets_are_skipped_and_timing_stays(tmp_path: Path) -> None:
    path = make_video(tmp_path / "film.mp4", 2.0, noise(2.0), codec="flac")
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        packets = [p for p in container.demux(container.streams.audio[0]) if p.size]
    for packet in packets[5:8]:
        position = packet.pos or 0
        data[position : position + packet.size] = b"\xa5" * packet.size
    path.write_bytes(data)
    with AudioReader(path) as reader:
        back = np.concatenate(list(reader.blocks()), axis=1)
        assert any("damaged" in warning for warning in reader.warnings)
    assert back.shape == (2, 96_000)
    assert snr_db(noise(2.0)[:, 50_000:], back[:, 50_000:]) > 60


def test_file_that_breaks_off_is_filled_to_its_stated_length(tmp_path: Path) -> None:
    whole = make_video(tmp_path / "whole.wav", 0, noise(2.0), codec="pcm_s16le")
    path = tmp_path / "film.mp4"
    with (
        av.open(str(whole)) as source,
        av.open(str(path), "w", container_options={"movflags": "faststart"}) as out,
    ):
        stream = out.add_stream("flac", 48_000)
        stream.layout = "stereo"
        for frame in source.decode(audio=0):
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with AudioReader(path) as reader:
        back = np.concatenate(list(reader.blocks()), axis=1)
        assert any("too early" in warning for warning in reader.warnings)
    assert back.shape == (2, 96_000)
    assert snr_db(noise(2.0)[:, :30_000], back[:, :30_000]) > 60


def test_numbers_that_are_none_become_silence_with_a_warning(tmp_path: Path) -> None:
    sound = noise(0.5)
    sound[0, 7], sound[1, 8], sound[1, 9] = np.nan, np.inf, -np.inf
    path = tmp_path / "song.wav"
    soundfile.write(path, sound.T, 48_000, subtype="FLOAT")
    with AudioReader(path) as reader:
        back = np.concatenate(list(reader.blocks()), axis=1)
        assert any("3 samples" in warning for warning in reader.warnings)
    assert np.array_equal(back, np.nan_to_num(sound, nan=0, posinf=0, neginf=0))


def test_one_sample(tmp_path: Path) -> None:
    sound = np.array([[0.5], [-0.5]], np.float32)
    path = make_video(tmp_path / "song.wav", 0, sound, codec="pcm_f32le")
    assert np.array_equal(read(path), sound)


def test_no_sample(tmp_path: Path) -> None:
    path = tmp_path / "song.wav"
    soundfile.write(path, np.zeros((0, 2)), 48_000)
    with AudioReader(path) as reader, pytest.raises(EmptyMediaError):
        list(reader.blocks())


def test_no_such_track(tmp_path: Path) -> None:
    with pytest.raises(NoAudioError):
        AudioReader(make_video(tmp_path / "mute.mp4", 0.2))
    with pytest.raises(NoAudioError, match="sound track 2"):
        AudioReader(make_video(tmp_path / "film.mp4", 0.2, noise(0.2)), track=1)


def test_second_track(tmp_path: Path) -> None:
    tracks = (Track(noise(0.5)), Track(noise(0.5, 44_100, 1, seed=1), 44_100))
    path = make_film(tmp_path / "film.mp4", Film(0.5, tracks))
    with AudioReader(path, track=1) as reader:
        back = np.concatenate(list(reader.blocks()), axis=1)
    assert lag_samples(noise(0.5, 44_100, 1, seed=1), back) == 0


def test_bad_paths(tmp_path: Path) -> None:
    with pytest.raises(InputNotFoundError):
        AudioReader(tmp_path / "none.mp4")
    (tmp_path / "film.mp4").write_bytes(b"words")
    with pytest.raises(NotMediaError):
        AudioReader(tmp_path / "film.mp4")


def test_the_file_is_not_touched(tmp_path: Path) -> None:
    path = make_video(tmp_path / "film.mp4", 0.5, noise(0.5))
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    read(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
