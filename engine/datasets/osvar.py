"""OSVAR: films of a minute with their true sound, and the same with music laid over it.

The set of the paper has 160 films of a minute and measures in segments of 4 s. Films are drawn
here, with sound of works and voices that no training on a synthetic corpus hears, or they are the
user's own. Each has a folder: the covered film, its true sound, the music as it was laid over it,
and of drawn films the parts of the true sound. `osvar.json` names them.

Source: Oh, Park, Park (arXiv 2504.21772), OSVAR-160.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Self

import msgspec
import numpy as np
import soundfile

from engine.context import Progress, RunContext
from engine.datasets.codec import through_random_codec
from engine.datasets.corpus import SPLITS
from engine.datasets.effects import SCENES, make_scene
from engine.datasets.film import beats_of, cover_film, draw_film
from engine.datasets.mixing import duck_gain
from engine.datasets.oasd import LeftOut
from engine.datasets.pool import make_all
from engine.datasets.processing import (
    SAMPLE_RATE_HZ,
    active_level_db,
    decibels,
    limit,
    set_level,
)
from engine.datasets.speech import VOICES, make_speech
from engine.datasets.tracks import Source, file_sources, read_source, read_stereo, rendered_sources
from engine.errors import CorpusError, EngineError
from engine.media.atomic import atomic_output, make_folder
from engine.types import Samples

MANIFEST = "osvar.json"
VERSION = 1
FILM_S, SEGMENT_S = 60.0, 4.0
_SIZE = (320, 180)
_FADE_S = 1.0
_TEST_VOICES = tuple(v for k, v in enumerate(VOICES) if SPLITS[k % len(SPLITS)] == "test")


@dataclass(frozen=True, slots=True)
class Film:
    """One film of the set.

    Attributes:
        id: Name of its folder.
        video: The covered film, below the set's folder.
        original: Its true sound.
        bgm: The music as it lies over it.
        parts: The true sound in parts by name, if they are known.
        name: Where the picture comes from.
        bgm_name: Where the music comes from.
    """

    id: str
    video: str
    original: str
    bgm: str
    parts: dict[str, str]
    name: str
    bgm_name: str


@dataclass(frozen=True, slots=True)
class _Manifest:
    version: int
    seed: int
    films: tuple[Film, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class Osvar:
    """A set that is ready.

    Attributes:
        root: Its folder.
        films: What is in it.
        left_out: Files that could not be used.
    """

    root: Path
    films: tuple[Film, ...]
    left_out: tuple[LeftOut, ...]

    @classmethod
    def load(cls, root: Path) -> Self:
        """Read what is in a folder.

        Raises:
            CorpusError: There is no set in it, or its list is damaged.
        """
        try:
            manifest = msgspec.json.decode((root / MANIFEST).read_bytes(), type=_Manifest)
        except FileNotFoundError as error:
            hint = f"make it with: reprise dataset osvar {root}"
            raise CorpusError(f"there is no OSVAR set in {root}", hint) from error
        except msgspec.DecodeError as error:
            hint = "remove the file and make the set again: what is there is kept"
            raise CorpusError(f"{root / MANIFEST} is damaged", hint) from error
        return cls(root, manifest.films, manifest.left_out)


@dataclass(frozen=True, slots=True)
class OsvarRequest:
    """What set to make.

    Attributes:
        root: Its folder.
        videos: Folder of the user's films, without added music; None draws some.
        bgm: Folder of music to lay over them; None renders some.
        count: Films; of a folder, at most.
        film_s: Length of each, at most.
        seed: Decides everything.
        workers: Processes that work at the same time.
    """

    root: Path
    videos: Path | None = None
    bgm: Path | None = None
    count: int = 160
    film_s: float = FILM_S
    seed: int = 0
    workers: int = 2


@dataclass(frozen=True, slots=True)
class _Plan:
    """A film before it is made; `video` is None for one that is drawn."""

    number: int
    video: Path | None
    name: str
    bgm: Source

    @property
    def id(self) -> str:
        return f"film-{self.number:04d}"


@dataclass(frozen=True, slots=True)
class _Made:
    """What came of a film; `plan` tells whether it is still the one that is wanted."""

    plan: str
    film: Film | None
    left_out: LeftOut | None = None


def make_osvar(request: OsvarRequest, context: RunContext) -> Osvar:
    """Make what is still missing of a set.

    Raises:
        InputNotFoundError: There is no such folder.
        CorpusError: Not one film can be made.
        ToolMissingError: What renders sound is not installed.
    """
    plans = _plan(request)
    make_folder(request.root)
    missing = [plan for plan in plans if _record(plan, request) is None]
    done = len(plans) - len(missing)
    make = partial(_make_film, request=request)
    for number, _ in enumerate(make_all(make, missing, request.workers, context), 1):
        context.report(Progress("osvar", done + number, len(plans)))
    made = [record for plan in plans if (record := _record(plan, request)) is not None]
    films = tuple(record.film for record in made if record.film is not None)
    left_out = tuple(record.left_out for record in made if record.left_out is not None)
    if not films:
        reason = f" ({left_out[0].name}: {left_out[0].reason})" if left_out else ""
        raise CorpusError(f"no film came of it{reason}", "give videos with sound, and music")
    with atomic_output(request.root / MANIFEST) as part:
        manifest = _Manifest(VERSION, request.seed, films, left_out)
        part.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    return Osvar(request.root, films, left_out)


def _plan(request: OsvarRequest) -> list[_Plan]:
    """Which music goes over which film; each piece of music as seldom as possible."""
    if request.videos is None:
        videos: list[tuple[Path | None, str]] = [(None, "drawn")] * request.count
    else:
        found = file_sources("ost", request.videos)
        videos = [(s.path, s.name) for s, _ in zip(found, range(request.count), strict=False)]
    music = _music(request, len(videos))
    return [
        _Plan(number, path, name, music[number % len(music)])
        for number, (path, name) in enumerate(videos)
    ]


def _music(request: OsvarRequest, count: int) -> Sequence[Source]:
    if request.bgm is None:
        return [_for_test(source) for source in rendered_sources("bgm", count)]
    found = file_sources("bgm", request.bgm)
    return [source for source, _ in zip(found, range(count), strict=False)]


def _for_test(source: Source) -> Source:
    """The same kind of music, of a work that is in no training."""
    number = len(SPLITS) * source.number + SPLITS.index("test")
    return replace(source, id=f"osvar-{source.id}", number=number)


def _make_film(plan: _Plan, request: OsvarRequest) -> None:
    """Write one film with its truth, then what is known of it; what is at fault is noted."""
    try:
        made = _Made(_words(plan, request), _write_film(plan, request))
    except EngineError as error:
        made = _Made(_words(plan, request), None, LeftOut(plan.name, error.message))
    folder = request.root / plan.id
    make_folder(folder)
    with atomic_output(folder / "film.json") as part:
        part.write_bytes(msgspec.json.encode(made))


def _record(plan: _Plan, request: OsvarRequest) -> _Made | None:
    path = request.root / plan.id / "film.json"
    if not path.is_file():
        return None
    made = msgspec.json.decode(path.read_bytes(), type=_Made)
    return made if made.plan == _words(plan, request) else None


def _words(plan: _Plan, request: OsvarRequest) -> str:
    """Everything that decides what the film is."""
    parts = (VERSION, request.seed, request.film_s, plan.video, plan.bgm.id)
    return " ".join(map(str, parts))


def _write_film(plan: _Plan, request: OsvarRequest) -> Film:
    rng = np.random.default_rng([request.seed, plan.number])
    if plan.video is None:
        parts = _drawn_sound(plan, request, rng)
    else:
        parts = {"original": read_stereo(plan.video, request.film_s)}
    original = np.stack([*parts.values()]).sum(axis=0)
    if original.shape[1] < 2 * SEGMENT_S * SAMPLE_RATE_HZ:
        raise CorpusError(f"it lasts less than {2 * SEGMENT_S:g} s")
    bgm = _laid(plan, original, request, rng)
    gain = np.float32(min(1.0, 0.95 / max(1e-9, float(np.abs(original + bgm).max()))))
    folder = request.root / plan.id
    make_folder(folder)
    sounds = {"original": original, "bgm": bgm}
    if plan.video is None:
        sounds |= parts
    files = {name: f"{plan.id}/{name}.flac" for name in sounds}
    for name, sound in sounds.items():
        frames = np.multiply(sound.T, gain)
        soundfile.write(request.root / files[name], frames, SAMPLE_RATE_HZ, "PCM_24")
    covered = gain * (original + bgm)
    if plan.video is None:
        video = f"{plan.id}/film.mp4"
        draw_film(request.root / video, beats_of(parts["ost"]), covered, _SIZE, plan.number)
    else:
        video = f"{plan.id}/film.mkv"
        cover_film(plan.video, request.root / video, covered)
    known = {name: path for name, path in files.items() if name not in ("original", "bgm")}
    return Film(plan.id, video, files["original"], files["bgm"], known, plan.name, plan.bgm.name)


def _drawn_sound(
    plan: _Plan, request: OsvarRequest, rng: np.random.Generator
) -> dict[str, Samples]:
    """What a film sounds like: its music, ducked under speech and coded once, speech, effects."""
    (source,) = list(rendered_sources("ost", plan.number + 1))[-1:]
    music = read_source(_for_test(source), request.film_s, request.root, request.seed)
    voice = _TEST_VOICES[int(rng.integers(len(_TEST_VOICES)))]
    speech = make_speech(voice, request.film_s, rng)
    scene = sorted(SCENES)[int(rng.integers(len(SCENES)))]
    effects = make_scene(scene, request.film_s, rng)
    ost = set_level(music, float(rng.uniform(-24, -18))) * duck_gain(speech, rng.uniform(3, 10))
    silence = np.zeros_like(music)
    return {
        "ost": through_random_codec(np.asarray(ost, np.float32), rng),
        "dialogue": set_level(speech, -20.0) if rng.random() < 0.8 else silence,
        "effects": set_level(effects, float(rng.uniform(-36, -24)))
        if rng.random() < 0.6
        else silence,
    }


def _laid(
    plan: _Plan, original: Samples, request: OsvarRequest, rng: np.random.Generator
) -> Samples:
    """A stretch of the music, as loud as people lay it, faded in and out."""
    num_samples = original.shape[1]
    track = read_source(plan.bgm, 1.2 * request.film_s, request.root, request.seed)
    if track.shape[1] < num_samples:  # laid again and again, as people do
        track = np.tile(track, -(-num_samples // max(1, track.shape[1])))
    start = int(rng.integers(track.shape[1] - num_samples + 1))
    bgm = track[:, start : start + num_samples]
    level_db = active_level_db(original)
    now_db = active_level_db(bgm)
    if min(level_db, now_db) < -60:
        raise CorpusError("it or its music is silent")
    above_db = float(rng.uniform(-6, 6))
    ramp = np.minimum(np.arange(num_samples) / (_FADE_S * SAMPLE_RATE_HZ), 1.0)
    gain = decibels(level_db + above_db - now_db) * ramp * ramp[::-1]
    return limit(np.asarray(bgm * gain, np.float32))
