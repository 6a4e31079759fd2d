"""`python -m engine.evaluation.long_restore`: a restore of hours, its memory and its disk.

The restore runs in a process of its own, from a film to a film, with the starter networks or with
the track that is known to be laid in, again and again; this one watches it. Anonymous memory is
what the process holds for itself (`RssAnon` of Linux); files that are mapped do not count, the
system takes them back when it needs the space.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.evaluation.sample import BGM, FILM, sample_folder
from engine.evaluation.tables import markdown
from engine.media.decode import AudioReader
from engine.session import Session
from engine.stages.mux import mux
from engine.types import Audio, RestoreRequest, StemName

WAYS = {
    "blind": "blind, one music",
    "two-musics": "blind, two musics",
    "known": "a known track",
}
"""The ways to restore a film, and what they are called in the table."""
_LOOK_S = 0.1
_FRAME_RATE_HZ = 10
_SIZE = 96, 54
_ANONYMOUS = re.compile(r"RssAnon:\s+(\d+) kB")


@dataclass(frozen=True, slots=True)
class Peaks:
    """The most that a process used.

    Attributes:
        memory_bytes: Anonymous memory.
        disk_bytes: Size of the files in its cache.
        seconds: How long it ran.
    """

    memory_bytes: int
    disk_bytes: int
    seconds: float


def watch(command: Sequence[str], cache: Path) -> Peaks:
    """Run a command that uses a cache, to its end.

    Raises:
        CalledProcessError: It failed.
    """
    environment = {**os.environ, "REPRISE_CACHE": str(cache)}
    memory_bytes = disk_bytes = 0
    started_s = time.monotonic()
    with subprocess.Popen(command, env=environment) as process:
        while process.poll() is None:
            memory_bytes = max(memory_bytes, anonymous_bytes(process.pid))
            disk_bytes = max(disk_bytes, folder_bytes(cache))
            time.sleep(_LOOK_S)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Peaks(memory_bytes, disk_bytes, time.monotonic() - started_s)


def anonymous_bytes(pid: int) -> int:
    """Anonymous memory of a process now; 0 where the system does not tell, or it has ended."""
    try:
        found = _ANONYMOUS.search(Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


def folder_bytes(folder: Path) -> int:
    """Size of the files in a folder that may change meanwhile."""
    total = 0
    for path in folder.glob("*"):
        try:
            total += path.stat().st_size
        except OSError:
            continue
    return total


def write_film(path: Path, duration_s: float, clip: Audio) -> Path:
    """A film of any length, with a clip again and again, and a picture that moves and cuts.

    Args:
        path: Where to; a Matroska file.
        duration_s: Whole seconds of it are written.
        clip: Stereo sound; its loudness changes all the time.
    """
    with av.open(str(path), "w") as film:
        picture = film.add_stream("libx264", _FRAME_RATE_HZ)
        picture.width, picture.height = _SIZE
        picture.pix_fmt = "yuv420p"
        picture.options = {"preset": "ultrafast"}
        sound = film.add_stream("flac", clip.sample_rate_hz)
        sound.layout = "stereo"
        for second in range(int(duration_s)):
            for index in range(second * _FRAME_RATE_HZ, (second + 1) * _FRAME_RATE_HZ):
                film.mux(picture.encode(_frame(index)))
            film.mux(sound.encode(_sound(clip, second)))
        film.mux(picture.encode(None))
        film.mux(sound.encode(None))
    return path


def _sample_clip() -> Audio:
    with AudioReader(sample_folder() / FILM) as reader:
        return Audio(np.concatenate(list(reader.blocks()), axis=1), reader.sample_rate_hz)


def _frame(index: int) -> av.VideoFrame:
    shot, step = divmod(index, 4 * _FRAME_RATE_HZ)
    pixels = np.full((_SIZE[1], _SIZE[0], 3), 40 + 60 * (shot % 3), np.uint8)
    pixels[10:30, 2 * step : 2 * step + 16] = 200
    frame = av.VideoFrame.from_ndarray(pixels)
    frame.time_base, frame.pts = Fraction(1, _FRAME_RATE_HZ), index
    return frame


def _sound(clip: Audio, second: int) -> av.AudioFrame:
    rate_hz = clip.sample_rate_hz
    places = (second * rate_hz + np.arange(rate_hz)) % clip.num_samples
    loud = 0.5 + 0.4 * np.sin(0.01 * second)
    packed = (loud * clip.samples[:, places] * 2**15).clip(-(2**15), 2**15 - 1).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(packed.T.reshape(1, -1), "s16", "stereo")
    frame.sample_rate, frame.time_base = rate_hz, Fraction(1, rate_hz)
    frame.pts = second * rate_hz
    return frame


def restore_film(film: Path, output: Path, way: str) -> None:
    """What the watched process does: the whole way from a film to a film."""
    store = ArtifactStore(Path(os.environ["REPRISE_CACHE"]))
    models = {"mixed_music": "starter-music"} if way == "two-musics" else {}
    bgm = (sample_folder() / BGM,) if way == "known" else ()
    request = RestoreRequest(film, bgm=bgm, device="cpu", models=models)
    context = PlainContext()
    result = Session(store).restore(request, context)
    for stage in result.stages:
        sys.stderr.write(f"{stage.name}: {stage.seconds:.0f} s\n")
    mux(film, output, result.stems[StemName.RESTORED], store, context)


def rows(hours: float, folder: Path, way: str) -> Iterator[tuple[str, str]]:
    """Measure; yields what and how much."""
    film = write_film(folder / "film.mkv", 3600 * hours, _sample_clip())
    command = [sys.executable, "-m", "engine.evaluation.long_restore"]
    command += ["--film", str(film), "--way", way]
    peaks = watch(command, folder / "cache")
    what = f"restore of {hours:g} h, {WAYS[way]}"
    yield f"{what}: peak anonymous memory", f"{peaks.memory_bytes / 1e9:.2f} GB"
    yield f"{what}: peak disk space of the cache", f"{peaks.disk_bytes / 1e9:.1f} GB"
    yield f"{what}: time", f"{peaks.seconds / 3600 / hours:.3f} x real time"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(description="Memory and disk of a long restore.")
    parser.add_argument("--hours", type=float, default=2.0, help="length of the film")
    parser.add_argument("--way", choices=WAYS, default="blind", help="how it is restored")
    parser.add_argument("--folder", type=Path, help="where there is space for it")
    parser.add_argument("--film", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.film is not None:
        restore_film(options.film, options.film.with_name("restored.mkv"), options.way)
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        measured = rows(options.hours, Path(folder), options.way)
        sys.stdout.writelines(markdown(("what", "measured"), measured))


if __name__ == "__main__":
    main()
