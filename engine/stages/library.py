"""A folder of music: which of its files sound in a mix. They are tried one after the other."""

from dataclasses import dataclass
from pathlib import Path

from engine.artifacts import ArtifactStore
from engine.context import Progress, RunContext
from engine.errors import EngineError, InputNotFoundError, OutputError
from engine.media.probe import probe
from engine.stages.decode import decode
from engine.stages.known_bgm import Track, TrackSearch
from engine.types import AudioRef

STAGE = "library"
_SOUND_SUFFIXES = frozenset(
    {".aac", ".aif", ".aiff", ".flac", ".m4a", ".mp3", ".ogg", ".opus", ".wav", ".wma"}
)
_RESULT = ".restored"


@dataclass(frozen=True, slots=True)
class LibrarySearch:
    """What a folder holds of a mix.

    Attributes:
        tracks: Files that sound in it.
        unread: Names of files that look like sound and cannot be read.
    """

    tracks: tuple[Track, ...]
    unread: tuple[str, ...]


def search_library(
    folder: Path, mix: AudioRef, store: ArtifactStore, context: RunContext
) -> LibrarySearch:
    """Try every file of a folder and its subfolders.

    Left out are films, what this program has restored, and the file that the mix comes from: they
    would all be "found", and taking them out would leave silence.

    Raises:
        InputNotFoundError: There is no such folder.
    """
    if not folder.is_dir():
        raise InputNotFoundError(f"there is no folder {folder}", "check the path")
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("."))
    search = TrackSearch(mix, store, context)
    tracks, unread = [], []
    for number, path in enumerate(paths):
        context.report(Progress(STAGE, number, len(paths)))
        try:
            track = _track(path, store, context)
        except OutputError:
            raise
        except EngineError:
            # A library holds covers and notes as well; only what looks like music is missed.
            if path.suffix.lower() in _SOUND_SUFFIXES:
                unread.append(path.name)
            continue
        if track is not None and track.audio.key != mix.key and search.find(track):
            tracks.append(track)
        # A library is larger than any cache; what is worked on counts as used last.
        for audio in (mix, *(track.audio for track in tracks)):
            store.find(audio.key)
        store.trim()
    return LibrarySearch(tuple(tracks), tuple(unread))


def _track(path: Path, store: ArtifactStore, context: RunContext) -> Track | None:
    """The file's sound; None if it is no piece of music to be laid over a film."""
    if path.stem.endswith(_RESULT) or probe(path).video is not None:
        return None
    return Track(path, decode(path, store, context).mix)
