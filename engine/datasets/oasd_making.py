"""Makes the OASD data set: out of the user's own tracks, or out of rendered ones."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import get_args

import msgspec
import numpy as np

from engine.context import Progress, RunContext
from engine.datasets.corpus import SPLITS, Split, write_sound
from engine.datasets.ensembles import MusicRole
from engine.datasets.oasd import (
    LOUDNESS_LUFS,
    MANIFEST,
    TRACKS,
    Clip,
    LeftOut,
    Manifest,
    Oasd,
    Pair,
    Track,
    clip_path,
)
from engine.datasets.pool import make_all
from engine.datasets.processing import SAMPLE_RATE_HZ, decibels
from engine.datasets.tracks import Source, file_sources, read_source, rendered_sources
from engine.dsp.loudness import integrated_loudness_lufs
from engine.errors import CorpusError, EngineError
from engine.media.atomic import atomic_output, make_folder
from engine.types import Samples

VERSION = 1
ROLES: tuple[MusicRole, ...] = get_args(MusicRole)
SHARES: dict[Split, float] = {"train": 0.8, "valid": 0.1, "test": 0.1}
LEAST_TRACKS = 4  # the fourth is the first for the test
_QUIETEST_LUFS = -50.0
_TRIES = 5
_TWICE = "the same sound is there twice"


@dataclass(frozen=True, slots=True)
class OasdRequest:
    """What set to make; the figures that are not given are the paper's.

    Attributes:
        root: Its folder.
        ost: Folder of the user's soundtracks; None renders some.
        bgm: Folder of the user's songs; None renders some.
        tracks: Tracks a side; of a folder, at most.
        clips: Clips a track.
        clip_s: Length of a clip.
        mixes: Mixes of all splits together.
        seed: Decides everything; a folder holds the set of one seed.
        workers: Processes that work at the same time.
    """

    root: Path
    ost: Path | None = None
    bgm: Path | None = None
    tracks: int = 50
    clips: int = 10
    clip_s: float = 4.0
    mixes: int = 20_000
    seed: int = 0
    workers: int = 2

    @property
    def shortest_s(self) -> float:
        """A shorter track cannot give so many clips."""
        return self.clips * self.clip_s

    def folder(self, role: MusicRole) -> Path | None:
        """Where the user's tracks of one side lie."""
        return self.ost if role == "ost" else self.bgm


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What came of a track: its clips, or why there are none; by which recipe and seed."""

    name: str
    version: int
    seed: int
    clips: tuple[Clip, ...] = ()
    reason: str = ""


def make_oasd(request: OasdRequest, context: RunContext) -> Oasd:
    """Make what is still missing of a set.

    Raises:
        InputNotFoundError: There is no such folder of tracks.
        CorpusError: There are too few usable tracks for the splits or the mixes, or the folder
            holds another set.
        ToolMissingError: What renders music is not installed.
    """
    before = _present(request)
    make_folder(request.root)
    tracks: list[Track] = []
    left_out: list[LeftOut] = []
    seen: set[str] = set()
    for role in ROLES:
        found = _Side(request, role, seen, context)
        found.prepare()
        tracks += _split(role, found.usable, before)
        left_out += found.left_out
    mixes = tuple(_draw_mixes(tracks, request))
    manifest = Manifest(
        VERSION,
        request.seed,
        request.clips,
        request.clip_s,
        tuple(tracks),
        mixes,
        tuple(left_out),
    )
    with atomic_output(request.root / MANIFEST) as part:
        part.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    return Oasd(request.root, manifest)


def _present(request: OasdRequest) -> tuple[Track, ...]:
    """Tracks that the folder holds already; they keep their splits."""
    if not (request.root / MANIFEST).is_file():
        return ()
    there = Oasd.load(request.root).manifest
    made = there.version, there.seed, there.clips_a_track, there.clip_s
    if made != (VERSION, request.seed, request.clips, request.clip_s):
        raise CorpusError(
            f"{request.root} holds a set made from seed {there.seed} with {there.clips_a_track} "
            f"clips of {there.clip_s:g} s a track by version {there.version} of the recipe",
            "choose another folder",
        )
    return there.tracks


class _Side:
    """The tracks of one role: looked through until there are enough.

    Attributes:
        usable: Those with clips, in order.
        left_out: Those without.
    """

    def __init__(
        self, request: OasdRequest, role: MusicRole, seen: set[str], context: RunContext
    ) -> None:
        self.usable: list[tuple[Source, _Prepared]] = []
        self.left_out: list[LeftOut] = []
        self._request, self._role, self._context = request, role, context
        self._seen = seen  # of both sides: a track on both would be in two splits

    def prepare(self) -> None:
        """Cut clips out of track after track, several at the same time."""
        request = self._request
        sources = iter(self._sources())
        while (wanted := request.tracks - len(self.usable)) > 0:
            batch = self._next(sources, wanted)
            if not batch:
                break
            self._make(batch)
        folder = request.folder(self._role)
        if len(self.usable) < LEAST_TRACKS:
            others = f", {len(self.left_out)} were left out" if self.left_out else ""
            raise CorpusError(
                f"{folder or 'this'} gives {len(self.usable)} usable tracks{others}; three splits "
                f"need {LEAST_TRACKS} or more"
                + (f" ({self.left_out[0].name}: {self.left_out[0].reason})" if others else ""),
                self._hint(),
            )

    def _hint(self) -> str:
        """What to do about too few tracks."""
        ost, bgm = self._request.ost, self._request.bgm
        twice = sum(left_out.reason == _TWICE for left_out in self.left_out)
        if ost is None or bgm is None or len(self.usable) + twice < LEAST_TRACKS:
            return f"give tracks of {self._request.shortest_s:g} s or more, or fewer --clips"
        words = "are the same folder" if ost.samefile(bgm) else "hold the same files"
        return f"--ost and --bgm {words}: give each side tracks of its own"

    def _sources(self) -> Iterator[Source]:
        folder = self._request.folder(self._role)
        if folder is None:
            yield from rendered_sources(self._role, self._request.tracks)
            return
        for source in file_sources(self._role, folder):
            if source.content in self._seen:
                self.left_out.append(LeftOut(source.name, _TWICE))
            else:
                self._seen.add(source.content)
                yield source

    def _next(self, sources: Iterator[Source], count: int) -> list[Source]:
        batch: list[Source] = []
        for source in sources:
            self._context.raise_if_cancelled()
            batch.append(source)
            if len(batch) == count:
                break
        return batch

    def _make(self, batch: Sequence[Source]) -> None:
        request = self._request
        missing = [source for source in batch if _recorded(request, source) is None]
        done = len(batch) - len(missing)
        make = partial(prepare_track, request=request)
        for number, _ in enumerate(make_all(make, missing, request.workers, self._context), 1):
            self._context.report(Progress(f"{self._role} tracks", done + number, len(batch)))
        for source in batch:
            prepared = _recorded(request, source)
            if prepared is None:
                raise CorpusError(f"the clips of {source.name} went away", "run it again")
            if prepared.clips:
                self.usable.append((source, prepared))
            else:
                self.left_out.append(LeftOut(prepared.name, prepared.reason))


def prepare_track(source: Source, request: OasdRequest) -> None:
    """Write the clips of one track, then what is known of it; a track at fault is noted as such."""
    try:
        samples = read_source(source, 1.5 * request.shortest_s, request.root, request.seed)
        clips, reason = tuple(_cut(samples, source, request)), ""
    except EngineError as error:
        clips, reason = (), error.message
    prepared = _Prepared(source.name, VERSION, request.seed, clips, reason)
    path = _record_path(request, source)
    make_folder(path.parent)
    with atomic_output(path) as part:
        part.write_bytes(msgspec.json.encode(prepared))


def _recorded(request: OasdRequest, source: Source) -> _Prepared | None:
    """What is known of a track; None if its clips have to be cut, those of another seed too."""
    try:
        record = _record_path(request, source).read_bytes()
        prepared = msgspec.json.decode(record, type=_Prepared)
    except (OSError, msgspec.MsgspecError):
        return None
    made = prepared.version, prepared.seed
    return prepared if made == (VERSION, request.seed) else None


def _cut(samples: Samples, source: Source, request: OasdRequest) -> Iterator[Clip]:
    """Clips spread over the whole track, none over another, each at the common loudness."""
    duration_s = samples.shape[1] / SAMPLE_RATE_HZ
    if duration_s < request.shortest_s:
        raise CorpusError(f"it lasts {duration_s:.1f} s, {request.shortest_s:g} s are needed")
    rng = _random(source, request)
    room_s = duration_s / request.clips
    found = 0
    for number in range(request.clips):
        for _ in range(_TRIES):
            start_s = number * room_s + float(rng.uniform(0, room_s - request.clip_s))
            start = round(start_s * SAMPLE_RATE_HZ)
            cut = samples[:, start : start + round(request.clip_s * SAMPLE_RATE_HZ)]
            lufs = integrated_loudness_lufs(cut, SAMPLE_RATE_HZ)
            if lufs > _QUIETEST_LUFS:
                clip = Clip(f"{source.id}-{number}", round(start_s, 3), LOUDNESS_LUFS - lufs)
                gain = np.float32(decibels(clip.gain_db))
                write_sound(clip_path(request.root, clip.id), cut * gain)
                found += 1
                yield clip
                break
    if 2 * found < request.clips:
        raise CorpusError("most of it is silent")


def _random(source: Source, request: OasdRequest) -> np.random.Generator:
    return np.random.default_rng([request.seed, zlib.crc32(source.id.encode())])


def _record_path(request: OasdRequest, source: Source) -> Path:
    name = f"{source.id}.{request.clips}x{request.clip_s:g}s.json"
    return request.root / TRACKS / name


def _split(
    role: MusicRole, usable: Sequence[tuple[Source, _Prepared]], before: Sequence[Track]
) -> list[Track]:
    """Every track to one split; those of an earlier call keep theirs."""
    known = {track.id: track.split for track in before}
    place = sum(track.role == role for track in before)
    tracks = []
    for source, prepared in usable:
        split = known.get(source.id)
        if source.path is None:
            split = source.split
        elif split is None:
            split, place = SPLITS[place % len(SPLITS)], place + 1
        tracks.append(Track(source.id, role, split, prepared.name, prepared.clips))
    return tracks


def _draw_mixes(tracks: Sequence[Track], request: OasdRequest) -> Iterator[Pair]:
    """Different pairs of clips, within each split."""
    rng = np.random.default_rng([request.seed, 1])
    sides = {split: [_clips(tracks, role, split) for role in ROLES] for split in SHARES}
    _check_mixes({split: len(ost) * len(bgm) for split, (ost, bgm) in sides.items()}, request)
    for split, (osts, bgms) in sides.items():
        count = round(SHARES[split] * request.mixes)
        for index in rng.choice(len(osts) * len(bgms), count, replace=False):
            yield Pair(split, osts[int(index) // len(bgms)], bgms[int(index) % len(bgms)])


def _clips(tracks: Sequence[Track], role: MusicRole, split: Split) -> list[str]:
    return [c.id for t in tracks if (t.role, t.split) == (role, split) for c in t.clips]


def _check_mixes(most: Mapping[Split, int], request: OasdRequest) -> None:
    """Every split must have as many different pairs as are wanted of it."""
    fits = min(int(most[split] / share) for split, share in SHARES.items())
    for split, share in SHARES.items():
        if (count := round(share * request.mixes)) > most[split]:
            raise CorpusError(
                f"the clips of the {split} split make {most[split]} different mixes, not {count}",
                f"give more tracks, or ask for --mixes {fits} or fewer",
            )
