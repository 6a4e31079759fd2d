"""OASD: pairs of soundtrack-like and song-like clips of equal loudness, split by track.

The set of the paper has 50 + 50 tracks, 500 + 500 clips of 4 s at -23 LUFS, and 20,000 mixes of one
clip of each side; 8 : 1 : 1 of them are for training, validation and test. There the same clips are
in all three; here every track belongs to one split, and a mix is made of tracks of one split.

A folder holds `clips/` with one `.npy` a clip, `tracks/` with what is known of each track, and
`oasd.json`, which names tracks, clips and mixes. A mix is two names; its sound is added when read.

Source: Oh, Park, Park, "Solving Copyright Infringement on Short Video Platforms: Novel Datasets and
an Audio Restoration Deep Learning Pipeline" (arXiv 2504.21772).
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import msgspec
import numpy as np

from engine.datasets.corpus import Split, read_sound
from engine.datasets.ensembles import MusicRole
from engine.datasets.mixing import Mix
from engine.errors import CorpusError
from engine.types import Samples

MANIFEST, TRACKS = "oasd.json", "tracks"
LOUDNESS_LUFS = -23.0


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch of a track.

    Attributes:
        id: Its name, unique in the set.
        start_s: Where it begins in the track.
        gain_db: What brought it to the common loudness.
    """

    id: str
    start_s: float
    gain_db: float


@dataclass(frozen=True, slots=True)
class Track:
    """A piece of music.

    Attributes:
        id: Its name, unique in the set; of a file it depends on nothing but what is in it.
        role: What it sounds like.
        split: The only split it is used for.
        name: Name for people: of the file, or family and work.
        clips: What was cut out of it.
    """

    id: str
    role: MusicRole
    split: Split
    name: str
    clips: tuple[Clip, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A mix, by the names of its two clips."""

    split: Split
    ost: str
    bgm: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that was not used, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `oasd.json` holds."""

    version: int
    seed: int
    clips_a_track: int
    clip_s: float
    tracks: tuple[Track, ...]
    mixes: tuple[Pair, ...]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class Oasd:
    """A data set that is ready.

    Attributes:
        root: Its folder.
        manifest: What is in it.
    """

    root: Path
    manifest: Manifest

    @classmethod
    def load(cls, root: Path) -> Self:
        """Read what is in a folder.

        Raises:
            CorpusError: There is no data set in it, or its list is damaged.
        """
        try:
            data = (root / MANIFEST).read_bytes()
            return cls(root, msgspec.json.decode(data, type=Manifest))
        except FileNotFoundError as error:
            hint = f"make it with: reprise dataset oasd {root}"
            raise CorpusError(f"there is no OASD set in {root}", hint) from error
        except msgspec.DecodeError as error:
            hint = "remove the file and make the set again: what is there is kept"
            raise CorpusError(f"{root / MANIFEST} is damaged", hint) from error

    @cached_property
    def track_of(self) -> dict[str, Track]:
        """The track of each clip, by the clip's name."""
        return {clip.id: track for track in self.manifest.tracks for clip in track.clips}

    def clips(self, role: MusicRole, split: Split) -> tuple[str, ...]:
        """Names of the clips of one side of a split."""
        return tuple(
            clip.id
            for track in self.manifest.tracks
            for clip in track.clips
            if (track.role, track.split) == (role, split)
        )

    def pairs(self, split: Split) -> tuple[Pair, ...]:
        """The mixes of a split, in an order that says nothing: any part of them is a fair one."""
        return tuple(pair for pair in self.manifest.mixes if pair.split == split)

    def read(self, clip_id: str) -> Samples:
        """The sound of a clip: (2, num_samples) float32 at 44.1 kHz."""
        return read_sound(clip_path(self.root, clip_id))

    def mix(self, pair: Pair) -> Mix:
        """A mix with both of its stems."""
        ost, bgm = self.read(pair.ost), self.read(pair.bgm)
        silence = np.zeros_like(ost)
        names = (self.track_of[clip].id for clip in (pair.ost, pair.bgm))
        return Mix(silence, silence, ost, bgm, None, None, *names)


def clip_path(root: Path, clip_id: str) -> Path:
    """Where the sound of a clip lies."""
    return root / "clips" / f"{clip_id}.npy"
