"""Float32 WAV files of any length, written block by block."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import soundfile

from engine.errors import DiskFullError
from engine.media.atomic import atomic_output
from engine.translation import tr
from engine.types import Samples

_BYTES_PER_SAMPLE = 4
# The size field of a WAV file has 32 bits; some room is left for the header.
_MAX_WAV_BYTES = 2**32 - 2**16


def write_wav(
    path: Path, blocks: Iterable[Samples], num_samples: int, channels: int, sample_rate_hz: int
) -> None:
    """Write a float32 WAV file, as RF64 where it exceeds 4 GB; it appears whole or not at all.

    Args:
        path: The file.
        blocks: The sound in order: (channels, any length) float32 each.
        num_samples: Frames of all blocks together.
        channels: Number of channels.
        sample_rate_hz: Frames a second.

    Raises:
        OutputError: The file cannot be written.
        DiskFullError: There is not enough space.
    """
    size = num_samples * channels * _BYTES_PER_SAMPLE
    with atomic_output(path) as part:
        # libsndfile reports a full disk as a bug of its own, so the space is looked at before.
        if size > shutil.disk_usage(path.parent).free:
            raise DiskFullError(
                tr("{path} needs {needed:.0f} MB, more than is free", path=path, needed=size / 1e6),
                tr("free some space"),
            )
        part.touch()  # Python says why a file cannot be made, libsndfile does not.
        written = 0
        with soundfile.SoundFile(
            part, "w", sample_rate_hz, channels, "FLOAT", format=wav_format(size)
        ) as file:
            for block in blocks:
                file.write(block.T)
                written += block.shape[1]
        if written != num_samples:
            raise ValueError(f"expected {num_samples} samples, got {written}")


def wav_format(size: int) -> str:
    """The format, by libsndfile's name, that can hold `size` bytes of sound."""
    return "WAV" if size <= _MAX_WAV_BYTES else "RF64"
