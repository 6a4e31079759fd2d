"""The artifact cache: sound and other results, named by what they were made of.

A key is the hash of (content, stage, parameters, model), so an equal question finds its answer
whoever asks. Files appear whole or not at all. When the quota is exceeded the least recently used
go first, never one that is pinned; what is missing is made again.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import platformdirs

from engine.media.raw_audio import (
    PART,
    RawAudioWriter,
    map_samples,
    raw_audio_path,
    read_ref,
)
from engine.types import Audio, AudioRef, Samples

DEFAULT_QUOTA_BYTES = 20_000_000_000
BLOCK_S = 10.0


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
    material = msgspec.json.encode((stage, parts), order="deterministic")
    return f"{stage}-{hashlib.sha256(material).hexdigest()[:32]}"


def content_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, as hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
            os.utime(path)
        return ref

    def writer(self, key: str, channels: int, sample_rate_hz: int) -> RawAudioWriter:
        """A writer whose file becomes the sound named `key`."""
        return RawAudioWriter(raw_audio_path(self.root, key), channels, sample_rate_hz)

    def published(self, key: str) -> AudioRef:
        """The sound named `key`, which its writer has just published."""
        ref = self.find(key)
        if ref is None:
            raise RuntimeError(f"artifact {key} was not published")
        return ref

    def put(self, key: str, audio: Audio) -> AudioRef:
        """Store one block as a whole sound."""
        with self.writer(key, audio.channels, audio.sample_rate_hz) as writer:
            writer.write(audio.samples)
        return self.published(key)

    def map(self, ref: AudioRef) -> Samples:
        """Memory-map a sound as (channels, num_samples) float32, read-only."""
        return map_samples(raw_audio_path(self.root, ref.key), ref)

    def blocks(self, ref: AudioRef, block_s: float = BLOCK_S) -> Iterator[Samples]:
        """The sound in order, as blocks (channels, up to block_s seconds) float32."""
        samples = self.map(ref)
        step = max(1, round(block_s * ref.sample_rate_hz))
        for start in range(0, ref.num_samples, step):
            yield samples[:, start : start + step]

    def trim(self, pinned: frozenset[str] = frozenset()) -> None:
        """Remove the least recently used artifacts, of any kind, until the quota is kept.

        Args:
            pinned: Keys that an open project uses; never removed.
        """
        entries = sorted(self._entries(), key=lambda entry: entry[0].st_mtime)
        excess = sum(stat.st_size for stat, _ in entries) - self.quota_bytes
        for stat, path in entries:
            if excess <= 0:
                return
            if path.stem not in pinned:
                path.unlink(missing_ok=True)
                excess -= stat.st_size

    def _entries(self) -> Iterator[tuple[os.stat_result, Path]]:
        for path in self.root.glob("*.*"):
            # Another process may write or trim at the same time.
            with suppress(FileNotFoundError):
                if path.suffix != PART and path.is_file():
                    yield path.stat(), path
