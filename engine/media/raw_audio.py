"""Raw float32 sound files: written block by block, memory-mapped by any number of readers.

Layout: a 32-byte little-endian header (magic, version, channels, sample rate, number of samples)
and then interleaved float32 frames. Interleaved, because a decoder does not know the length
beforehand. A file appears under its final name only when it is complete.
"""

import os
import struct
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from engine.errors import ArtifactMissingError
from engine.media.atomic import PART, output_error
from engine.media.file_lock import try_lock
from engine.translation import tr
from engine.types import AudioRef, Samples

SUFFIX = ".f32"
_HEADER = struct.Struct("<4sIIIQ8x")
_MAGIC = b"RPRF"
_VERSION = 1


def raw_audio_path(root: Path, key: str) -> Path:
    """Where the sound named `key` lies below the cache folder `root`."""
    return root / f"{key}{SUFFIX}"


class RawAudioWriter:
    """Writes one raw sound file; leaving the `with` block normally publishes it.

    Until then it is locked, so that whoever tidies up sees whether its writer still lives.

    Attributes:
        path: The final name.
        num_samples: Frames written so far.
    """

    def __init__(self, path: Path, channels: int, sample_rate_hz: int) -> None:
        self.path = path
        self.num_samples = 0
        self._channels = channels
        self._sample_rate_hz = sample_rate_hz
        self._part = path.with_name(f"{path.name}.{os.getpid()}.{id(self):x}{PART}")

    def __enter__(self) -> Self:
        """Open the temporary file."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._part.open("wb")
            try_lock(self._file)
            self._file.write(bytes(_HEADER.size))
        except OSError as error:
            raise output_error(self.path, error) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Publish the file, or remove it if anything was raised."""
        if kind is not None:
            # What a full disk did not take is tried once more here.
            with suppress(OSError):
                self._file.close()
            self._part.unlink(missing_ok=True)
            return
        try:
            self._file.seek(0)
            self._file.write(
                _HEADER.pack(
                    _MAGIC, _VERSION, self._channels, self._sample_rate_hz, self.num_samples
                )
            )
            self._file.close()
            self._part.replace(self.path)
        except OSError as problem:
            self._part.unlink(missing_ok=True)
            raise output_error(self.path, problem) from problem

    def write(self, samples: Samples) -> None:
        """Append a block.

        Args:
            samples: (channels, num_samples) float32.
        """
        if samples.shape[0] != self._channels:
            raise ValueError(f"expected {self._channels} channels, got {samples.shape[0]}")
        try:
            self._file.write(np.ascontiguousarray(samples.T, dtype="<f4").tobytes())
        except OSError as error:
            raise output_error(self.path, error) from error
        self.num_samples += samples.shape[1]


def read_ref(path: Path, key: str) -> AudioRef | None:
    """Describe the file from its header; None if it is not a complete file of this version."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER.size)
            size = path.stat().st_size
    except OSError:
        return None
    if len(header) != _HEADER.size:
        return None
    magic, version, channels, sample_rate_hz, num_samples = _HEADER.unpack(header)
    whole = _HEADER.size + 4 * channels * num_samples
    if magic != _MAGIC or version != _VERSION or size != whole:
        return None
    return AudioRef(key, num_samples, channels, sample_rate_hz)


def map_samples(path: Path, ref: AudioRef) -> Samples:
    """Memory-map a file as (channels, num_samples) float32, read-only, frame-interleaved.

    Raises:
        ArtifactMissingError: It is not there any more, or not whole.
    """
    shape = (ref.num_samples, ref.channels)
    if ref.num_samples == 0:
        return np.zeros(shape[::-1], np.float32)
    try:
        return np.memmap(path, "<f4", "r", _HEADER.size, shape).T
    except (OSError, ValueError) as error:
        raise ArtifactMissingError(
            tr("a sound of this project has gone from the cache"),
            tr("open the video and restore again"),
        ) from error
