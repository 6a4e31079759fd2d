"""The training corpus: what is in it, where it lies, and how it is made, resumed and loaded.

A folder holds `music/`, `speech/` and `effects/` with one `.npy` an item, int16 (num_frames, 2) at
44.1 kHz, and `manifest.json`. The manifest names only whole items and is written again as items
come in, so that a training may start on the first of them.
"""

import shutil
import zlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.context import Progress, RunContext
from engine.datasets.codec import through_random_codec
from engine.datasets.effects import SCENES, make_scene
from engine.datasets.ensembles import MusicRole, music_role
from engine.datasets.music import FAMILIES, Family, ensemble_of, make_music
from engine.datasets.pool import make_all
from engine.datasets.processing import SAMPLE_RATE_HZ, limit
from engine.datasets.scores import GLOBS, list_works
from engine.datasets.speech import VOICES, make_speech
from engine.datasets.tools import package_path, soundfont_path, tool_path
from engine.errors import CorpusError, DiskFullError
from engine.media.atomic import atomic_output, make_folder
from engine.types import Samples

Kind = Literal["music", "speech", "effects"]
Split = Literal["train", "valid", "test"]

MANIFEST = "manifest.json"
RECIPE_VERSION = 1  # goes up with every change that is heard: items of two recipes do not mix
SAVE_EVERY = 20
_INT16_SCALE = np.float32(1 / 32767)
SPLITS: tuple[Split, ...] = (
    *("train", "valid", "train", "test", "train", "train", "train", "train", "train", "train"),
)
"""Of ten pieces in a row eight are for training; the others come early, for small corpora."""


@dataclass(frozen=True, slots=True)
class CorpusRequest:
    """What corpus to make.

    Attributes:
        root: Its folder.
        hours: Hours of music; speech and effects are a quarter of that each.
        seed: Decides everything; a folder holds the corpus of one seed.
        workers: Processes that make items.
        item_s: Length of an item.
    """

    root: Path
    hours: float = 4.0
    seed: int = 0
    workers: int = 2
    item_s: float = 36.0


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """An item before it is made; `piece` is the work, the voice or the scene it comes from."""

    id: str
    kind: Kind
    family: str
    piece: str
    split: Split


@dataclass(frozen=True, slots=True)
class CorpusItem:
    """An item that lies in the corpus.

    Attributes:
        id: Its name, unique in the corpus.
        kind: What it is.
        family: Kind of music, program that speaks, kind of scene.
        piece: The work, the voice or the scene; no piece is in two splits.
        split: What it may be used for.
        path: File below the corpus's folder.
        coded_path: The same after one lossy codec, aligned to the sample; music only.
        duration_s: Length.
        sung: Whether somebody sings.
        ensemble: Who plays; empty for what is not music.
    """

    id: str
    kind: Kind
    family: str
    piece: str
    split: Split
    path: str
    coded_path: str | None
    duration_s: float
    sung: bool = False
    ensemble: str = ""

    @property
    def role(self) -> MusicRole | None:
        """What this music sounds like; see `music_role`."""
        return music_role(self.ensemble, sung=self.sung)


@dataclass(frozen=True, slots=True)
class _Manifest:
    version: int
    seed: int
    items: tuple[CorpusItem, ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """A corpus as it is now.

    Attributes:
        root: Its folder.
        version: Version of the recipe.
        seed: The seed it was made from.
        items: Everything that is ready.
    """

    root: Path
    version: int
    seed: int
    items: tuple[CorpusItem, ...]

    @classmethod
    def load(cls, root: Path) -> Self:
        """Read the manifest; loading again later picks up what came in meanwhile."""
        try:
            data = (root / MANIFEST).read_bytes()
            manifest = msgspec.json.decode(data, type=_Manifest)
        except (FileNotFoundError, NotADirectoryError) as error:
            hint = f"make it with: reprise dataset synthetic {root}"
            raise CorpusError(f"there is no corpus in {root}", hint) from error
        except msgspec.DecodeError as error:
            hint = "remove the file and make the corpus again: what is there is kept"
            raise CorpusError(f"{root / MANIFEST} is damaged", hint) from error
        return cls(root, manifest.version, manifest.seed, manifest.items)

    def select(self, kind: Kind, split: Split) -> tuple[CorpusItem, ...]:
        """All items of a kind and a split."""
        return tuple(item for item in self.items if item.kind == kind and item.split == split)

    def read(
        self,
        item: CorpusItem,
        start: int = 0,
        num_samples: int | None = None,
        *,
        coded: bool = False,
    ) -> Samples:
        """Read a stretch of an item: (2, num_samples) float32, shorter at its end.

        Args:
            item: One of `items`.
            start: First frame.
            num_samples: Frames to read; None reads to the end.
            coded: Read the lossy twin where there is one.
        """
        path = item.coded_path if coded and item.coded_path is not None else item.path
        return read_sound(self.root / path, start, num_samples)


def read_sound(path: Path, start: int = 0, num_samples: int | None = None) -> Samples:
    """A stretch of what `write_sound` wrote: (2, num_samples) float32, shorter at its end."""
    frames = np.load(path, mmap_mode="r")
    stop = None if num_samples is None else start + num_samples
    samples: Samples = np.multiply(frames[start:stop].T, _INT16_SCALE, dtype=np.float32, order="C")
    return samples


def make_corpus(request: CorpusRequest, context: RunContext) -> Corpus:
    """Make what is still missing of a corpus.

    Raises:
        ToolMissingError: A program, the soundfont or music21 is not installed.
        CorpusError: The folder holds the corpus of another seed or recipe.
        DiskFullError: There is not enough space.
    """
    _check_tools()
    _check_folder(request)
    plan = plan_items(request)
    missing = [item for item in plan if not _path(request.root, item).is_file()]
    make_folder(request.root)
    _check_space(missing, request)
    _save_manifest(request, plan)
    done = len(plan) - len(missing)
    context.report(Progress("corpus", done, len(plan)))
    make = partial(make_item, request=request)
    for number, _ in enumerate(make_all(make, missing, request.workers, context), 1):
        context.report(Progress("corpus", done + number, len(plan)))
        if number % SAVE_EVERY == 0 or number == len(missing):
            _save_manifest(request, plan)
    return Corpus.load(request.root)


def plan_items(request: CorpusRequest) -> tuple[PlannedItem, ...]:
    """Every item of the corpus, kinds and families evenly mixed; more hours only add items."""
    items_an_hour = 3600 / request.item_s
    groups = [
        _plan_music(number, family, max(1, round(request.hours * items_an_hour * family.share)))
        for number, family in enumerate(FAMILIES.values())
    ]
    others = max(3, round(request.hours / 4 * items_an_hour))
    groups += [_plan_speech(others), _plan_effects(others)]
    order = [((k + 0.5) / len(group), item) for group in groups for k, item in enumerate(group)]
    return tuple(item for _, item in sorted(order, key=lambda entry: (entry[0], entry[1].id)))


def _plan_music(number: int, family: Family, count: int) -> list[PlannedItem]:
    pieces = _pieces(family, count)
    items = []
    for k in range(count):
        place = k % len(pieces)
        split = _split(number, family, place)
        items.append(
            PlannedItem(f"{family.name}-{k:05d}", "music", family.name, pieces[place], split)
        )
    return items


def _split(number: int, family: Family, place: int) -> Split:
    return "test" if family.test_only else SPLITS[(place + 3 * number) % len(SPLITS)]


def works_of(family: Family, split: Split) -> tuple[str, ...]:
    """Works that a corpus of any size keeps for a split; none if the family composes its own."""
    if family.source not in GLOBS:
        return ()
    number = list(FAMILIES).index(family.name)
    works = _pieces(family, 0)
    return tuple(w for place, w in enumerate(works) if _split(number, family, place) == split)


def _pieces(family: Family, count: int) -> list[str]:
    """Works for a family: families that share a source share out its works."""
    if family.source not in GLOBS:
        return [f"{family.name}-{k:05d}" for k in range(count)]
    sharing = [other.name for other in FAMILIES.values() if other.source == family.source]
    works = sorted(list_works(family.source), key=lambda work: zlib.crc32(work.encode()))
    return works[sharing.index(family.name) :: len(sharing)]


def _plan_speech(count: int) -> list[PlannedItem]:
    items = []
    for k in range(count):
        place = k % len(VOICES)
        voice = VOICES[place]
        split = SPLITS[place % len(SPLITS)]
        items.append(PlannedItem(f"speech-{k:05d}", "speech", voice.tool, voice.name, split))
    return items


def _plan_effects(count: int) -> list[PlannedItem]:
    names = list(SCENES)
    items = []
    for k in range(count):
        family, place = names[k % len(names)], k // len(names)
        split = SPLITS[(place + 2 * (k % len(names))) % len(SPLITS)]
        items.append(PlannedItem(f"effects-{k:05d}", "effects", family, f"scene-{k:05d}", split))
    return items


def _check_tools() -> None:
    for tool in ("fluidsynth", "flite", "espeak-ng"):
        tool_path(tool)
    soundfont_path()
    package_path("music21")
    package_path("mido")


def _check_folder(request: CorpusRequest) -> None:
    if not (request.root / MANIFEST).is_file():
        return
    present = Corpus.load(request.root)
    if (present.version, present.seed) != (RECIPE_VERSION, request.seed):
        raise CorpusError(
            f"{request.root} holds a corpus made from seed {present.seed} "
            f"by version {present.version} of the recipe",
            f"choose another folder: this would be seed {request.seed}, version {RECIPE_VERSION}",
        )


def _check_space(missing: list[PlannedItem], request: CorpusRequest) -> None:
    files = sum(2 if item.kind == "music" else 1 for item in missing)
    size = files * request.item_s * SAMPLE_RATE_HZ * 4
    if size > shutil.disk_usage(request.root).free:
        raise DiskFullError(
            f"the corpus needs {size / 1e9:.1f} GB more in {request.root} than are free",
            "free some space, or ask for fewer hours",
        )


def make_item(item: PlannedItem, request: CorpusRequest) -> None:
    """Make one item and write it; a work with too little music is left out."""
    rng = _random(item, request)
    path = _path(request.root, item)
    if item.kind == "music":
        cache = request.root / "scores"
        music = make_music(FAMILIES[item.family], item.piece, request.item_s, cache, rng)
        if music is None:
            return
        samples = music
        write_sound(
            _coded(path), through_random_codec(samples, rng)
        )  # first: `path` means all is there
    elif item.kind == "speech":
        voice = next(voice for voice in VOICES if voice.name == item.piece)
        samples = make_speech(voice, request.item_s, rng)
    else:
        samples = make_scene(item.family, request.item_s, rng)
    write_sound(path, samples)


def _random(item: PlannedItem, request: CorpusRequest) -> np.random.Generator:
    return np.random.default_rng([request.seed, zlib.crc32(item.id.encode())])


def _path(root: Path, item: PlannedItem) -> Path:
    return root / item.kind / f"{item.id}.npy"


def _coded(path: Path) -> Path:
    return path.with_suffix(".coded.npy")


def write_sound(path: Path, samples: Samples) -> None:
    """Write int16 (num_frames, 2), limited; the file appears whole or not at all."""
    make_folder(path.parent)
    with atomic_output(path) as part, part.open("wb") as file:
        np.save(file, _to_int16(limit(samples, 0.98)))


def _to_int16(samples: Samples) -> NDArray[np.int16]:
    return np.ascontiguousarray(np.rint(samples.T * 32767).clip(-32767, 32767).astype(np.int16))


def _save_manifest(request: CorpusRequest, plan: tuple[PlannedItem, ...]) -> None:
    """Name every planned item that is there."""
    items = (_describe(item, request) for item in plan if _path(request.root, item).is_file())
    manifest = _Manifest(RECIPE_VERSION, request.seed, tuple(items))
    with atomic_output(request.root / MANIFEST) as part:
        part.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1))


def _describe(item: PlannedItem, request: CorpusRequest) -> CorpusItem:
    path = _path(request.root, item)
    is_music = item.kind == "music"
    family = FAMILIES[item.family] if is_music else None
    num_frames = len(np.load(path, mmap_mode="r"))
    return CorpusItem(
        id=item.id,
        kind=item.kind,
        family=item.family,
        piece=item.piece,
        split=item.split,
        path=path.relative_to(request.root).as_posix(),
        coded_path=_coded(path).relative_to(request.root).as_posix() if is_music else None,
        duration_s=num_frames / SAMPLE_RATE_HZ,
        sung=family is not None and family.sung,
        ensemble=ensemble_of(family, item.piece, _random(item, request)) if family else "",
    )
