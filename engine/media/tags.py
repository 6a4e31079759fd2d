"""What a sound file says of itself: ID3, Vorbis comments, MP4 and whatever else FFmpeg reads."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.media.container import open_media

MAX_TAG_LENGTH = 300

_NAMES: dict[str, tuple[str, ...]] = {
    "title": ("title",),
    "artist": ("artist", "album_artist", "albumartist", "performer"),
    "album": ("album",),
    "composer": ("composer", "writer", "author"),
    "publisher": ("publisher", "label", "organization"),
    "isrc": ("isrc", "tsrc"),
    "licence": ("license", "licence", "copyright"),
    "genre": ("genre",),
    "language": ("language", "tlan"),
}
"""What each is called, the best name first."""

_NO_WORDS = "zxx"
"""ISO 639-2: no linguistic content."""


@dataclass(frozen=True, slots=True)
class TrackTags:
    """The tags of a track, one line each, empty where there is none.

    Attributes:
        title: Of the piece.
        artist: Who plays it.
        album: Where it was published.
        composer: Who wrote it.
        publisher: Publisher or label.
        isrc: International Standard Recording Code.
        licence: Licence or copyright.
        genre: As its maker calls it.
        language: Of the words.
    """

    title: str = ""
    artist: str = ""
    album: str = ""
    composer: str = ""
    publisher: str = ""
    isrc: str = ""
    licence: str = ""
    genre: str = ""
    language: str = ""

    @property
    def is_instrumental(self) -> bool:
        """Whether it says that nobody sings; nothing is said by most."""
        words = f"{self.title} {self.genre}".casefold()
        return self.language.casefold() == _NO_WORDS or "instrumental" in words


def read_tags(path: Path) -> TrackTags:
    """The tags of a sound file.

    Raises:
        InputNotFoundError: There is no such file, or it may not be read.
        NotMediaError: It holds no sound.
    """
    with open_media(path) as container:
        streams = (stream.metadata for stream in container.streams.audio[:1])
        found: dict[str, str] = {}
        # Ogg has the tags at the stream, everything else at the file.
        for metadata in (*streams, container.metadata):
            found |= _lines(metadata)
    return TrackTags(**{name: _first(found, aliases) for name, aliases in _NAMES.items()})


def one_line(text: str) -> str:
    """A tag as one line of printable text of some length; what is not Unicode becomes `?`."""
    known = text.encode("utf-8", "replace").decode("utf-8")
    shown = "".join(each if _is_shown(each) else " " for each in known)
    line = " ".join(shown.split())
    return line if len(line) <= MAX_TAG_LENGTH else f"{line[: MAX_TAG_LENGTH - 1]}…"


def _is_shown(character: str) -> bool:
    """Not so controls and what turns the direction of writing around."""
    return not unicodedata.category(character).startswith("C")


def _lines(metadata: Mapping[str, str]) -> dict[str, str]:
    lines = {name.casefold(): one_line(text) for name, text in metadata.items()}
    return {name: line for name, line in lines.items() if line}


def _first(found: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((found[name] for name in names if name in found), "")
