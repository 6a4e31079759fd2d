"""The codec of a new track follows the rules of the design."""

import pytest

from engine.errors import CodecError
from engine.media.encode import MIN_BIT_RATE, Sound, choose_encoding


def sound(codec: str | None, channels: int = 2, rate: int = 48_000) -> Sound:
    return Sound(1000, channels, rate, codec)


@pytest.mark.parametrize(
    ("container", "source", "encoder"),
    [
        ("mp4", "aac", "aac"),
        ("mp4", "opus", "libopus"),
        ("mp4", "mp3", "libmp3lame"),
        ("mp4", "dts", "aac"),
        ("mp4", "amr_nb", "aac"),
        ("mp4", None, "aac"),
        ("mov", "pcm_s16be", "pcm_s16be"),
        ("mov", "flac", "aac"),
        ("mov", None, "aac"),
        ("webm", "opus", "libopus"),
        ("webm", "vorbis", "libopus"),
        ("webm", None, "libopus"),
        ("matroska", "ac3", "ac3"),
        ("matroska", "truehd", "flac"),
        ("matroska", None, "flac"),
        ("avi", "pcm_s16le", "pcm_s16le"),
        ("avi", "opus", "pcm_s24le"),
        ("mpegts", "aac", "aac"),
        ("mpegts", "flac", "aac"),
    ],
)
def test_codec(container: str, source: str | None, encoder: str) -> None:
    encoding = choose_encoding(container, sound(source), None)
    assert (encoding.encoder, encoding.sample_rate_hz) == (encoder, 48_000)
    assert not encoding.bit_rate or encoding.bit_rate >= MIN_BIT_RATE


@pytest.mark.parametrize(
    ("container", "source", "rate", "encoder", "new_rate"),
    [
        ("mp4", None, 192_000, "alac", 192_000),
        ("mp4", "flac", 192_000, "flac", 192_000),
        ("mp4", "aac", 11_025, "aac", 11_025),
        ("webm", "vorbis", 44_100, "libopus", 48_000),
        ("webm", None, 8_000, "libopus", 48_000),
        ("matroska", "mp3", 96_000, "flac", 96_000),
    ],
)
def test_rate(container: str, source: str | None, rate: int, encoder: str, new_rate: int) -> None:
    encoding = choose_encoding(container, sound(source, rate=rate), None)
    assert (encoding.encoder, encoding.sample_rate_hz) == (encoder, new_rate)


def test_a_better_bit_rate_of_the_source_is_kept() -> None:
    source = Sound(1000, 2, 48_000, "aac", "stereo", 384_000)
    assert choose_encoding("mp4", source, None).bit_rate == 384_000


def test_layout_of_the_source_is_kept_where_the_codec_has_it() -> None:
    side = Sound(1000, 6, 48_000, "flac", "5.1(side)")
    assert choose_encoding("matroska", side, None).layout == "5.1(side)"


@pytest.mark.parametrize("wanted", ["nonsense", "h264", "vorbis", "flac"])
def test_wanted_codec_is_never_replaced(wanted: str) -> None:
    with pytest.raises(CodecError, match=wanted):
        choose_encoding("webm", sound("opus"), wanted)
