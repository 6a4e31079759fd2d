"""An OASD set as WAV files, for other programs."""

import csv
import shutil
from pathlib import Path

from engine.context import Progress, RunContext
from engine.datasets.oasd import Oasd
from engine.datasets.processing import SAMPLE_RATE_HZ
from engine.errors import DiskFullError
from engine.media.atomic import atomic_output, make_folder
from engine.media.wav import write_wav
from engine.types import Samples

LIST = "mixes.csv"
_BYTES_PER_FRAME = 8  # two channels of float32


def export_oasd(oasd: Oasd, folder: Path, context: RunContext) -> None:
    """Write `clips/ID.wav`, `SPLIT/NUMBER.wav` for the mixes, and `mixes.csv`, which joins them.

    What is there already is kept.

    Raises:
        DiskFullError: There is not enough space.
    """
    manifest = oasd.manifest
    clips = sorted(oasd.track_of)
    make_folder(folder)
    _check_space(len(clips) + len(manifest.mixes), manifest.clip_s, folder)
    total = len(clips) + len(manifest.mixes)
    for done, clip in enumerate(clips):
        context.raise_if_cancelled()
        context.report(Progress("export", done, total))
        path = folder / "clips" / f"{clip}.wav"
        if not path.exists():
            _write(path, oasd.read(clip))
    rows = []
    for number, pair in enumerate(manifest.mixes):
        context.raise_if_cancelled()
        context.report(Progress("export", len(clips) + number, total))
        path = folder / pair.split / f"{number:05d}.wav"
        if not path.exists():
            _write(path, oasd.mix(pair).mix)
        parts = (f"clips/{pair.ost}.wav", f"clips/{pair.bgm}.wav")
        rows.append((path.relative_to(folder).as_posix(), pair.split, *parts))
    with atomic_output(folder / LIST) as part, part.open("w", newline="") as file:
        csv.writer(file).writerows([("mix", "split", "ost", "bgm"), *rows])


def _check_space(files: int, clip_s: float, folder: Path) -> None:
    size = files * clip_s * SAMPLE_RATE_HZ * _BYTES_PER_FRAME
    if size > shutil.disk_usage(folder).free:
        raise DiskFullError(
            f"the WAV files need {size / 1e9:.1f} GB in {folder}, more than is free",
            "free some space, or make a set with fewer --mixes",
        )


def _write(path: Path, samples: Samples) -> None:
    make_folder(path.parent)
    write_wav(path, [samples], samples.shape[1], len(samples), SAMPLE_RATE_HZ)
