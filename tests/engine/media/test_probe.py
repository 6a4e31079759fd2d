"""Probing says what a file holds, and in one line what is wrong with it."""

import os
from pathlib import Path

import av
import pytest

from engine.errors import EngineError, InputNotFoundError, NotMediaError
from engine.media.container import open_media
from engine.media.probe import encoder_delay_s, probe
from tests.helpers.media import Film, Track, make_film, make_video, noise, picture


def test_film(tmp_path: Path) -> None:
    tracks = (
        Track(noise(2.0), language="eng"),
        Track(noise(2.0, 44_100, 1), 44_100, language="deu"),
    )
    info = probe(make_film(tmp_path / "film.mp4", Film(2.0, tracks, size=(64, 48))))
    assert "mp4" in info.container
    assert info.duration_s == pytest.approx(2.0, abs=0.001)
    assert info.warnings == ()
    first, second = info.audio
    assert (first.index, first.codec, first.language) == (1, "aac", "eng")
    assert (first.sample_rate_hz, first.channels, first.layout) == (48_000, 2, "stereo")
    assert (second.sample_rate_hz, second.channels, second.language) == (44_100, 1, "deu")
    assert (first.num_samples, second.num_samples) == (96_000, 88_200)
    assert first.exact_length
    assert first.bit_rate is not None
    assert info.video is not None
    assert (info.video.index, info.video.codec) == (0, "h264")
    assert (info.video.width, info.video.height) == (64, 48)
    assert info.video.frame_rate == 25
    assert info.video.start_s == 0
    assert info.video.duration_s == pytest.approx(2.0, abs=0.001)


@pytest.mark.parametrize("rotation_deg", [0, 90, 180, 270])
def test_size_is_as_shown(tmp_path: Path, rotation_deg: int) -> None:
    film = Film(0.4, size=(96, 48), rotation_deg=rotation_deg)
    video = probe(make_film(tmp_path / "film.mp4", film)).video
    assert video is not None
    assert video.rotation_deg == rotation_deg
    assert (video.width, video.height) == ((48, 96) if rotation_deg % 180 else (96, 48))


@pytest.mark.parametrize("suffix", [".mkv", ".webm", ".avi", ".ts"])
def test_containers_without_exact_length_estimate(tmp_path: Path, suffix: str) -> None:
    info = probe(make_video(tmp_path / f"film{suffix}", 2.0, noise(2.0)))
    (track,) = info.audio
    assert not track.exact_length
    assert track.num_samples == pytest.approx(96_000, abs=2048)


@pytest.mark.parametrize(
    ("name", "codec", "delay_samples"),
    [
        ("a.mp3", "libmp3lame", 1105),
        ("a.m4a", "aac", 1024),
        ("a.mov", "libmp3lame", 1105),
        ("a.aac", "aac", 0),
        ("a.m4a", "alac", 0),
        ("a.ogg", "libopus", 0),
        ("a.wav", "pcm_s16le", 0),
    ],
)
def test_what_an_encoder_put_before_the_sound(
    tmp_path: Path, name: str, codec: str, delay_samples: int
) -> None:
    path = make_video(tmp_path / name, 0, noise(1.0), codec=codec)
    with open_media(path) as container:
        # The writer of the test film notes edit lists in milliseconds.
        assert encoder_delay_s(container) * 48_000 == pytest.approx(delay_samples, abs=48)


def test_a_picture_has_no_encoder_delay(tmp_path: Path) -> None:
    with open_media(make_video(tmp_path / "a.mp4", 0.4)) as container:
        assert encoder_delay_s(container) == 0


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_sound_files(tmp_path: Path, suffix: str) -> None:
    codec = "flac" if suffix == ".flac" else "pcm_s16le"
    info = probe(make_video(tmp_path / f"song{suffix}", 0, noise(1.0), codec=codec))
    assert info.video is None
    assert (info.audio[0].num_samples, info.audio[0].exact_length) == (48_000, True)


def test_mute_film(tmp_path: Path) -> None:
    info = probe(make_video(tmp_path / "film.mp4", 1.0))
    assert info.audio == ()
    assert info.video is not None


def test_cover_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "song.mka"
    png = av.CodecContext.create("png", "w")
    png.width, png.height, png.pix_fmt = 64, 48, "rgb24"
    (image,) = png.encode(av.VideoFrame.from_ndarray(picture(0)))
    with av.open(str(path), "w", format="matroska") as out:
        stream = out.add_stream("flac", 48_000)
        stream.layout = "mono"
        out.add_attachment("cover.png", "image/png", bytes(image))
        frame = av.AudioFrame(layout="mono", samples=4096)
        frame.sample_rate = 48_000
        frame.planes[0].update(bytes(frame.planes[0].buffer_size))
        out.mux(stream.encode(frame) + stream.encode(None))
    info = probe(path)
    assert info.video is None
    assert len(info.audio) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("film.mp4", b""),
        ("film.mp4", b"no film at all\n" * 100),
        ("film.mp4", bytes(5000)),
        ("notes.txt", b"just some words\n" * 100),
        ("subtitles.srt", b"1\n00:00:01,000 --> 00:00:02,000\nHello\n"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"),
        ("still.png", b"png"),
    ],
)
def test_what_is_no_media(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    if content == b"png":
        png = av.CodecContext.create("png", "w")
        png.width, png.height, png.pix_fmt = 64, 48, "rgb24"
        content = bytes(png.encode(av.VideoFrame.from_ndarray(picture(0)))[0])
    path.write_bytes(content)
    _assert_one_clear_error(path, NotMediaError)


def test_mp4_that_lost_its_end(tmp_path: Path) -> None:
    path = make_video(tmp_path / "film.mp4", 1.0, noise(1.0))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    _assert_one_clear_error(path, NotMediaError)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    _assert_one_clear_error(tmp_path / "pipe.mp4", InputNotFoundError)


@pytest.mark.parametrize("name", ["none.mp4", "folder", "film.mp4/inside.mp4", "x" * 300, "a\0b"])
def test_unreadable_path(tmp_path: Path, name: str) -> None:
    make_video(tmp_path / "film.mp4", 0.2)
    (tmp_path / "folder").mkdir()
    _assert_one_clear_error(tmp_path / name, InputNotFoundError)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_forbidden_file(tmp_path: Path) -> None:
    path = make_video(tmp_path / "film.mp4", 0.2)
    path.chmod(0)
    _assert_one_clear_error(path, InputNotFoundError)


@pytest.mark.parametrize("name", ["Ünïcödé 电影 🎬.mp4", "x" * 250 + ".mp4", "a:b.mp4", "-i.mp4"])
def test_any_name_works(tmp_path: Path, name: str) -> None:
    path = make_video(tmp_path / "film.mp4", 0.2).rename(tmp_path / name)
    assert probe(path).video is not None


def _assert_one_clear_error(path: Path, kind: type[EngineError]) -> None:
    with pytest.raises(kind) as caught:
        probe(path)
    assert "\n" not in caught.value.message
    assert caught.value.hint
