"""Tags are found under all their names, and come as one harmless line each."""

from dataclasses import replace
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputNotFoundError, NotMediaError
from engine.media.tags import MAX_TAG_LENGTH, TrackTags, one_line, read_tags
from tests.helpers.media import Film, Track, make_film, noise

TAGS = {"title": "Sea, “wide”", "artist": "Ännchen 안", "album": "A", "composer": "C"}


def song(path: Path, codec: str, **metadata: str) -> Path:
    return make_film(path, Film(0.0, [Track(noise(0.2), codec=codec)], metadata=metadata))


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.flac", "flac"), ("a.mp3", "libmp3lame"), ("a.m4a", "aac"), ("a.mka", "flac")],
)
def test_files_say_who_made_them(tmp_path: Path, name: str, codec: str) -> None:
    found = read_tags(song(tmp_path / name, codec, **TAGS, copyright="CC BY 4.0"))
    assert replace(found, language="") == TrackTags(**TAGS, licence="CC BY 4.0")


def test_ogg_has_its_tags_at_the_stream(tmp_path: Path) -> None:
    path = tmp_path / "a.ogg"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libopus", 48_000)
        container.metadata["TITLE"] = stream.metadata["TITLE"] = "Sea"
        frame = av.AudioFrame.from_ndarray(noise(0.1).T.reshape(1, -1).copy(), "flt", "stereo")
        frame.sample_rate = 48_000
        container.mux([*stream.encode(frame), *stream.encode(None)])
    assert read_tags(path).title == "Sea"


def test_other_names_serve_where_the_usual_ones_are_missing(tmp_path: Path) -> None:
    names = {"PERFORMER": "P", "label": "L", "TSRC": "USABC1234567", "license": "CC0"}
    found = read_tags(song(tmp_path / "a.flac", "flac", **names, copyright="me"))
    assert found == TrackTags(artist="P", publisher="L", isrc="USABC1234567", licence="CC0")


@pytest.mark.parametrize(
    ("tags", "is_instrumental"),
    [
        (TrackTags(), False),
        (TrackTags(title="Sea (Instrumental)"), True),
        (TrackTags(genre="instrumental pop"), True),
        (TrackTags(language="ZXX"), True),
        (TrackTags(title="Instruments of war", language="eng"), False),
    ],
)
def test_some_say_that_nobody_sings(tags: TrackTags, is_instrumental: bool) -> None:
    assert tags.is_instrumental is is_instrumental


@given(st.text(st.characters(codec=None)) | st.just("\udcff\r\n\x00\u202ea\t" * 200))
def test_any_tag_becomes_one_short_line(text: str) -> None:
    line = one_line(text)
    assert len(line) <= MAX_TAG_LENGTH
    assert line == line.strip()
    assert not set(line) & set("\r\n\t\x00\u202e\u2028\x85")
    assert line.encode("utf-8").decode("utf-8") == line


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputNotFoundError):
        read_tags(tmp_path / "no.mp3")
    (tmp_path / "text.mp3").write_text("no sound at all")
    with pytest.raises(NotMediaError):
        read_tags(tmp_path / "text.mp3")
