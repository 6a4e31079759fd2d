"""Where the tracks of a data set come from: the user's files, or the project's own generators."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.content import content_hash
from engine.datasets.corpus import SPLITS, Split, works_of
from engine.datasets.ensembles import MusicRole, music_role
from engine.datasets.music import FAMILIES, Family, make_music
from engine.datasets.processing import SAMPLE_RATE_HZ
from engine.dsp.resample import resample_blocks, resampled_length
from engine.errors import CorpusError, InputNotFoundError
from engine.media.decode import AudioReader
from engine.types import Samples

LONGEST_S = 600.0
"""More of a file is not read."""

_FAMILIES: dict[MusicRole, tuple[str, ...]] = {
    "ost": ("cinematic", "bach", "ambient", "early_music"),
    "bgm": ("pop", "sung_pop", "electronic", "jazz", "sung_electronic", "sung_folk"),
}
_MOST_WORKS_TRIED = 20


@dataclass(frozen=True, slots=True)
class Source:
    """A track before it is read.

    Attributes:
        id: Its name in a data set.
        role: What it sounds like.
        name: Name for people.
        path: The user's file; None if it is rendered.
        family: Kind of music to render.
        number: Its place among the rendered ones.
        content: Of a file, what is in it: equal for copies.
    """

    id: str
    role: MusicRole
    name: str
    path: Path | None = None
    family: str = ""
    number: int = 0
    content: str = ""

    @property
    def split(self) -> Split:
        """What a rendered track is for."""
        return SPLITS[self.number % len(SPLITS)]


def file_sources(role: MusicRole, folder: Path) -> Iterator[Source]:
    """The files of a folder and its subfolders in an order that says nothing; hidden ones not.

    Files that hold the same have the same id.

    Raises:
        InputNotFoundError: There is no such folder, or no file in it.
    """
    if not folder.is_dir():
        raise InputNotFoundError(f"there is no folder {folder}", "check the path")
    paths = [p for p in folder.rglob("*") if p.is_file() and not p.name.startswith(".")]
    if not paths:
        raise InputNotFoundError(f"there are no files in {folder}", "put tracks into it")
    names = {path: path.relative_to(folder).as_posix() for path in paths}
    for path in sorted(paths, key=lambda p: (zlib.crc32(names[p].encode()), names[p])):
        content = content_hash(path)
        yield Source(f"{role}-{content[:12]}", role, names[path], path, content=content)


def rendered_sources(role: MusicRole, count: int) -> Iterator[Source]:
    """Tracks to render, kinds of music mixed, so that every split gets of all of them."""
    families = _FAMILIES[role]
    for number in range(count):
        family = families[(number + number // len(SPLITS)) % len(families)]
        yield Source(f"{role}-{number:04d}", role, family, None, family, number)


def read_source(source: Source, duration_s: float, cache: Path, seed: int) -> Samples:
    """The sound of a track: (2, num_samples) float32 at 44.1 kHz.

    Args:
        source: The track.
        duration_s: How much to render; a file is read whole, but for what `LONGEST_S` cuts off.
        cache: Folder for scores that have been read.
        seed: Decides what is rendered.

    Raises:
        EngineError: The file cannot be read as sound.
    """
    if source.path is not None:
        return read_stereo(source.path, LONGEST_S)
    rng = np.random.default_rng([seed, zlib.crc32(f"track {source.id}".encode())])
    family = _players_of_role(FAMILIES[source.family], source.role)
    for piece in _pieces(source, family):
        music = make_music(family, piece, duration_s, cache / "scores", rng)
        if music is not None:
            return music
    raise CorpusError(f"no work of {source.family} holds enough music")


def _players_of_role(family: Family, role: MusicRole) -> Family:
    fitting = (name for name in family.ensembles if music_role(name, sung=family.sung) == role)
    return replace(family, ensembles=tuple(fitting))


def _pieces(source: Source, family: Family) -> tuple[str, ...]:
    """What may be rendered: works that no training on a synthetic corpus hears in another split."""
    works = works_of(family, source.split)
    if not works:
        return (source.id,)
    return tuple(works[(source.number + k) % len(works)] for k in range(_MOST_WORKS_TRIED))


def read_stereo(path: Path, longest_s: float) -> Samples:
    """The beginning of a file's sound: (2, num_samples) float32 at 44.1 kHz."""
    blocks, left = [], 0
    with AudioReader(path) as reader:
        rate_hz = reader.sample_rate_hz
        left = round(longest_s * rate_hz)
        for block in reader.blocks():
            blocks.append(_two_channels(block[:, :left]))
            left -= block.shape[1]
            if left <= 0:
                break
    num_samples = sum(block.shape[1] for block in blocks)
    length = resampled_length(num_samples, rate_hz, SAMPLE_RATE_HZ)
    resampled = resample_blocks(blocks, rate_hz, SAMPLE_RATE_HZ, length)
    return np.concatenate([np.zeros((2, 0), np.float32), *resampled], axis=1)


def _two_channels(samples: Samples) -> Samples:
    """Mono on both sides; of more than two channels the mean on both sides."""
    if samples.shape[0] == 2:
        return samples
    return np.repeat(samples.mean(axis=0, keepdims=True), 2, axis=0).astype(np.float32)
