"""The artifact cache: sound and other results, named by what they were made of.

A key is the hash of (content, stage, parameters, model), so an equal question finds its answer
whoever asks. Sound lies in `KEY.f32`, what else there is to tell in `KEY.json`. Files appear whole
or not at all. When the quota is exceeded the least recently used go first, all files of a key
together, never one that an open project uses (`engine.pins`); what is missing is made again.
"""

import hashlib
import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
import platformdirs

from engine.errors import DiskFullError
from engine.media.atomic import PART, atomic_output, is_abandoned, is_unfinished, make_folder
from engine.media.chunk_log import SUFFIX as CHUNKS
from engine.media.chunk_log import ChunkLog
from engine.media.file_lock import has_owner
from engine.media.raw_audio import RawAudioWriter, map_samples, raw_audio_path, read_ref
from engine.pins import SUFFIX as PINS
from engine.pins import pinned_keys
from engine.translation import tr
from engine.types import Audio, AudioRef, Samples

DEFAULT_QUOTA_BYTES = 20_000_000_000
BLOCK_S = 10.0

_BYTES_A_SAMPLE = 4
_LOCKED_WITHIN_S = 60.0
"""A file that was made longer ago is locked if it ever will be."""

_Value = TypeVar("_Value")


def cache_folder() -> Path:
    """Where this user's cache lies; `REPRISE_CACHE` overrides it."""
    chosen = os.environ.get("REPRISE_CACHE")
    return Path(chosen) if chosen else platformdirs.user_cache_path("reprise", appauthor=False)


def artifact_key(stage: str, *parts: object) -> str:
    """Name an artifact by its stage and everything it depends on.

    Args:
        stage: Name of the stage, with its version if the algorithm changed.
        parts: Content hashes, parameters, model hashes: anything msgspec can encode.
    """
    material = msgspec.json.encode((stage, parts), enc_hook=_plain_number, order="deterministic")
    return f"{stage}-{hashlib.sha256(material).hexdigest()[:32]}"


def mark_used(path: Path) -> None:
    """Keep a file of the cache among the last to be removed; it may be gone already."""
    with suppress(OSError):
        os.utime(path)


@dataclass(frozen=True, slots=True)
class CacheSizes:
    """How large a cache is.

    Attributes:
        used_bytes: All of it.
        unused_bytes: What of it no open project uses.
    """

    used_bytes: int
    unused_bytes: int


class ArtifactStore:
    """The cache in one folder; several processes may share it.

    Attributes:
        root: The folder.
        quota_bytes: Size that `trim` keeps to.
    """

    def __init__(self, root: Path, quota_bytes: int = DEFAULT_QUOTA_BYTES) -> None:
        self.root = root
        self.quota_bytes = quota_bytes

    def find(self, key: str) -> AudioRef | None:
        """The sound named `key`, marked as used now, or None if it has to be made."""
        path = raw_audio_path(self.root, key)
        ref = read_ref(path, key)
        if ref is not None:
            mark_used(path)
        return ref

    def find_value(self, key: str, kind: type[_Value]) -> _Value | None:
        """The value named `key`, marked as used now, or None if it has to be made."""
        path = self._value_path(key)
        try:
            value = msgspec.json.decode(path.read_bytes(), type=kind)
        except (OSError, msgspec.MsgspecError):
            return None
        mark_used(path)
        return value

    def put_value(self, key: str, value: object) -> None:
        """Store anything that msgspec can encode, beside the sound of that name if there is one.

        Raises:
            OutputError: It cannot be written.
        """
        make_folder(self.root)
        with atomic_output(self._value_path(key)) as part:
            part.write_bytes(msgspec.json.encode(value, enc_hook=_plain_number))

    def writer(
        self, key: str, channels: int, sample_rate_hz: int, num_samples: int = 0
    ) -> RawAudioWriter:
        """A writer whose file becomes the sound named `key`.

        Args:
            key: Name of the sound.
            channels: Number of channels.
            sample_rate_hz: Frames a second.
            num_samples: Frames that are to come, as far as known: space is made for them.
        """
        self.make_room(_BYTES_A_SAMPLE * channels * num_samples)
        return RawAudioWriter(raw_audio_path(self.root, key), channels, sample_rate_hz)

    def chunk_log(self, key: str, stems: int, channels: int) -> ChunkLog:
        """What is finished of a separation that is called `key`, and what will be."""
        return ChunkLog(self.root / f"{key}{CHUNKS}", stems, channels)

    def discard(self, ref: AudioRef) -> None:
        """Remove a sound that nobody will ask for again; it can be made anew."""
        with suppress(OSError):
            raw_audio_path(self.root, ref.key).unlink()

    def discard_value(self, key: str) -> None:
        """Remove a value that nobody will ask for again."""
        with suppress(OSError):
            self._value_path(key).unlink()

    def published(self, key: str) -> AudioRef:
        """The sound named `key`, which its writer has just published."""
        ref = self.find(key)
        if ref is None:
            raise RuntimeError(f"artifact {key} was not published")
        return ref

    def put(self, key: str, audio: Audio) -> AudioRef:
        """Store one block as a whole sound."""
        shape = audio.channels, audio.sample_rate_hz, audio.num_samples
        with self.writer(key, *shape) as writer:
            writer.write(audio.samples)
        return self.published(key)

    def map(self, ref: AudioRef) -> Samples:
        """Memory-map a sound as (channels, num_samples) float32, read-only.

        Raises:
            ArtifactMissingError: It has been removed.
        """
        path = raw_audio_path(self.root, ref.key)
        mark_used(path)
        return map_samples(path, ref)

    def blocks(self, ref: AudioRef, block_s: float = BLOCK_S) -> Iterator[Samples]:
        """The sound in order, as blocks (channels, up to block_s seconds) float32.

        Raises:
            ArtifactMissingError: It has been removed.
        """
        # Mapped now, and not with the first block: before room is made for what comes of it.
        samples = self.map(ref)
        step = max(1, round(block_s * ref.sample_rate_hz))
        return (samples[:, at : at + step] for at in range(0, ref.num_samples, step))

    def sizes(self) -> CacheSizes:
        """How large the cache is now."""
        used = sum(status.st_size for status, _ in self._entries())
        return CacheSizes(used, self._removable_bytes())

    def trim(self, quota_bytes: int | None = None) -> None:
        """Remove the least recently used artifacts, of any kind, until the quota is kept.

        What an open project uses stays, and what is being written; what killed writers left goes.

        Args:
            quota_bytes: Another one for this time, e.g. 0.
        """
        quota_bytes = self.quota_bytes if quota_bytes is None else quota_bytes
        self._remove(sum(status.st_size for status, _ in self._entries()) - quota_bytes)

    def make_room(self, needed_bytes: int) -> None:
        """Remove the least recently used artifacts until so much is free on the disk, if it is not.

        Nothing goes if that is not enough: what a damaged file says of its length may be absurd.

        Raises:
            OutputError: The cache cannot be made.
        """
        make_folder(self.root)
        missing = needed_bytes - shutil.disk_usage(self.root).free
        if 0 < missing <= self._removable_bytes():
            self._remove(missing)

    def require_space(
        self, needed_bytes: int, purpose: str, keep: AbstractSet[str] = frozenset()
    ) -> None:
        """Find out before the work whether there is space for it, and make what lacks.

        Separations that were begun are as good as space, but stay for now: it may go on with them.

        Args:
            needed_bytes: Space on the disk, with what is in the cache already.
            purpose: What it is for, in the message.
            keep: Keys of what the work reads.

        Raises:
            DiskFullError: There is too little; says how much.
        """
        make_folder(self.root)
        free = shutil.disk_usage(self.root).free
        there = free + self._removable_bytes(keep)
        if there < needed_bytes:
            raise DiskFullError(
                tr(
                    "{purpose} needs {needed} for a while in {folder}, where there is room for "
                    "{free}",
                    purpose=purpose,
                    needed=_size(needed_bytes),
                    folder=self.root,
                    free=_size(there),
                ),
                tr("free some space, or set REPRISE_CACHE to another folder"),
            )
        begun = {path.stem for path in self.root.glob(f"*{CHUNKS}")}
        self._remove(needed_bytes - free, keep | begun)

    def _removable_bytes(self, keep: AbstractSet[str] = frozenset()) -> int:
        """Size of all artifacts that nobody holds, but for some keys."""
        kept = keep | pinned_keys(self.root)
        return sum(status.st_size for status, path in self._entries() if path.stem not in kept)

    def _remove(self, excess: int, keep: AbstractSet[str] = frozenset()) -> None:
        """Remove the least recently used artifacts until they are `excess` bytes smaller."""
        files = defaultdict[str, list[tuple[os.stat_result, Path]]](list)
        for status, path in self._entries():
            files[path.stem].append((status, path))
        kept = keep | pinned_keys(self.root)
        artifacts = [together for key, together in files.items() if key not in kept]
        for together in sorted(artifacts, key=_last_used_s):
            if excess <= 0:
                break
            # Another process may be faster, or (on Windows) still read it.
            with suppress(OSError):
                # The sound before what was told of it.
                for path, size in sorted((path, status.st_size) for status, path in together):
                    path.unlink()
                    excess -= size

    def _entries(self) -> Iterator[tuple[os.stat_result, Path]]:
        """All artifacts; unfinished files are none, and those without a writer go on the way."""
        for path in self.root.glob("*.*"):
            with suppress(OSError):
                status = path.stat()
                if is_unfinished(path):
                    if _has_lost_its_writer(path, status):
                        path.unlink()
                elif path.suffix == CHUNKS and has_owner(path):
                    continue
                elif path.suffix != PINS and path.is_file():
                    yield status, path

    def _value_path(self, key: str) -> Path:
        return self.root / f"{key}.json"


def made_once(
    store: ArtifactStore, wanted: AudioRef, make: Callable[[], Iterable[Samples]]
) -> AudioRef:
    """A sound from the cache, else written there block by block.

    Args:
        store: The cache.
        wanted: What it is to be; its length may be a guess, for which space is made.
        make: Gives its blocks (channels, any length) float32; called only if it is not there, and
            before space is made, so that what it maps then is not removed.

    Raises:
        OutputError: It cannot be written.
    """
    found = store.find(wanted.key)
    if found is not None:
        return found
    blocks = make()
    shape = wanted.channels, wanted.sample_rate_hz, wanted.num_samples
    with store.writer(wanted.key, *shape) as writer:
        for block in blocks:
            writer.write(block)
    return store.published(wanted.key)


def holds(store: ArtifactStore, refs: Iterable[AudioRef]) -> bool:
    """Whether all of these sounds are in the cache, as they are said to be."""
    return all(store.find(ref.key) == ref for ref in refs)


def _last_used_s(files: list[tuple[os.stat_result, Path]]) -> float:
    return max(status.st_mtime for status, _ in files)


def _has_lost_its_writer(path: Path, status: os.stat_result) -> bool:
    """Whether an unfinished file may go: writers of sound hold a lock, of others the age tells."""
    is_locked_by_writers = path.suffix == PART
    if is_locked_by_writers and is_abandoned(status, _LOCKED_WITHIN_S) and not has_owner(path):
        return True
    return is_abandoned(status)


def _plain_number(value: object) -> object:
    """Numbers of numpy are numbers."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"cannot store {type(value).__name__}")


def _size(num_bytes: int) -> str:
    """For people."""
    return f"{num_bytes / 1e9:.1f} GB" if num_bytes >= 1e9 else f"{num_bytes / 1e6:.1f} MB"
