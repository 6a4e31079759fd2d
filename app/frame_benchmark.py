"""`python -m app.frame_benchmark`: how long a frame of the timeline takes while it is moved.

The real timeline, with six lanes of two hours, is zoomed and panned as a hand does it: 60 times a
second, with the rest of each frame left to whoever computes. A frame is from the turn of the wheel
to the last pixel. It paints offscreen unless `QT_QPA_PLATFORM` names something else; with `--xvfb`
it paints on a virtual screen, until that has taken the picture.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication

from app.controllers.lanes import lane_spec
from app.controllers.spectrograms import SpectrogramsController
from app.document import Document
from app.engine_client import EngineClient, EngineSettings
from app.jobs import JobRunner
from app.pauses import collect_only_what_is_new, hand_over_often
from app.project import Lane, Media, Project, Restore
from app.sounds import sound_of
from app.virtual_desktop import SCREEN_PROGRAMS, missing, virtual_screen
from app.waveforms import StoredWaveform
from engine.media.peaks import build_peaks
from engine.media.raw_audio import RawAudioWriter, raw_audio_path
from engine.types import AudioRef, Method, Region, RestoreResult, Samples, StemName
from widgets.lanes import Thumbnail
from widgets.marks import MarkerSpec, Marks
from widgets.theme import DARK, apply_theme
from widgets.timeline import Timeline

FRAME_MS = 1000 / 60
BUDGET = "99 % within 16.7 ms"
_RATE_HZ = 48_000
_BLOCK_S = 10.0
_WIDTH_PX = 1440
_SCREEN_PX = (1600, 1000)
_LANES = (
    StemName.MIX,
    StemName.RESTORED,
    StemName.DIALOGUE,
    StemName.EFFECTS,
    StemName.OST,
    StemName.BGM,
)
_ZOOMS = (4, 40, 400, 4000)
_NUM_CUTS = 1500
_SETTLE_S = 0.5
_NUM_THUMBNAILS = 48
_AS_IT_IS = False
_NO_BUTTON = Qt.MouseButton.NoButton


@dataclass(frozen=True, slots=True)
class Frame:
    """How long a frame took.

    Attributes:
        took_ms: By the clock.
        own_ms: What the window's thread did of it; the rest it waited, for a job of this program
            or for whatever else runs on the machine.
    """

    took_ms: float
    own_ms: float


@dataclass(frozen=True, slots=True)
class Movement:
    """What the hand does: so many notches of the wheel a frame, with Ctrl or without.

    Attributes:
        words: For the table.
        notches: Of each frame, in eighths of a degree; positive zooms in or goes back.
        is_zoom: Ctrl is held.
        from_zoom: How much closer than everything it begins.
    """

    words: str
    notches: tuple[int, ...]
    is_zoom: bool
    from_zoom: float = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m app.frame_benchmark", description=__doc__)
    parser.add_argument("--hours", type=float, default=2.0, help="length of the film")
    parser.add_argument("--frames", type=int, default=120, help="of each movement")
    parser.add_argument("--scale", type=int, default=1, help="device pixels a logical pixel")
    parser.add_argument("--xvfb", action="store_true", help="on a virtual screen of its own")
    options = parser.parse_args(arguments)
    if options.xvfb:
        return _on_virtual_screen(options)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_SCALE_FACTOR", str(options.scale))
    app = QApplication.instance() or QApplication([])
    if not isinstance(app, QApplication):
        raise TypeError("there is an application without windows")
    apply_theme(app, DARK)
    hand_over_often()
    size = f"6 lanes of {options.hours:g} h, {_WIDTH_PX} pixels wide"
    _say(f"{size}, scale {options.scale}, platform {app.platformName()}\n")
    percentiles = "50 % | 95 % | 99 % | longest | own, 99 %"
    _say(f"| shown | moved | frames | {percentiles} | budget: {BUDGET} |")
    _say("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), options.hours * 3600)
        collect_only_what_is_new()
        for shown in ("waveforms", "spectrograms"):
            stage.show(as_spectrograms=shown == "spectrograms")
            for movement in movements(options.frames):
                _say(row(shown, movement, stage.frames(movement)))
        stage.close()
    return 0


def _on_virtual_screen(options: argparse.Namespace) -> int:
    """Measure in a process whose windows are on a screen without a monitor."""
    absent = missing(SCREEN_PROGRAMS)
    if absent:
        _say(f"Not measured on a virtual screen: {', '.join(absent)} is not installed.")
        return 0
    chosen = {"--hours": options.hours, "--frames": options.frames, "--scale": options.scale}
    command = [sys.executable, "-m", "app.frame_benchmark"]
    for name, value in chosen.items():
        command += [name, str(value)]
    size = "x".join(str(edge * options.scale) for edge in _SCREEN_PX)
    with tempfile.TemporaryDirectory() as folder, virtual_screen(Path(folder), size) as display:
        env = os.environ | {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        return subprocess.run(command, env=env).returncode


def movements(num_frames: int) -> Iterator[Movement]:
    """Zooming in and out again, and panning at several zooms."""
    half = num_frames // 2
    yield Movement("zoom in and out", (40,) * half + (-40,) * half, is_zoom=True)
    yield Movement("zoom finely", (15,) * half + (-15,) * half, is_zoom=True, from_zoom=20)
    for zoom in _ZOOMS:
        there_and_back = (-40,) * half + (40,) * half
        yield Movement(f"pan at {zoom} x", there_and_back, is_zoom=False, from_zoom=zoom)


def row(shown: str, movement: Movement, frames: Sequence[Frame]) -> str:
    """A line of the table."""
    took_ms = [frame.took_ms for frame in frames]
    percentiles = [float(np.percentile(took_ms, part)) for part in (50, 95, 99, 100)]
    cells = " | ".join(f"{value:.1f} ms" for value in percentiles)
    verdict = "kept" if percentiles[2] <= FRAME_MS else "**missed**"
    own_ms = float(np.percentile([frame.own_ms for frame in frames], 99))
    counted = f"| {shown} | {movement.words} | {len(frames)} "
    return f"{counted}| {cells} | {own_ms:.1f} ms | {verdict} |"


class Stage:
    """A timeline with a film in it, and all that answers what it asks."""

    def __init__(self, folder: Path, duration_s: float) -> None:
        self._project = synthetic_project(folder, duration_s)
        self._document = Document()
        self._jobs = JobRunner(EngineClient(EngineSettings(folder / "engine.log")))
        self._timeline = timeline = Timeline(DARK)
        self._spectrograms = SpectrogramsController(
            timeline.canvas.spectrograms, self._document, self._jobs, folder
        )
        timeline.show()
        timeline.set_duration(duration_s)
        waveform = _waveform(self._project, folder)
        self._document.open(self._project)
        timeline.set_lanes(tuple(lane_spec(lane) for lane in self._project.lanes))
        for lane in self._project.lanes:
            timeline.set_waveform(lane.lane_id, waveform)
        _decorate(timeline, duration_s)
        timeline.resize(_WIDTH_PX, timeline.sizeHint().height())

    def show(self, *, as_spectrograms: bool) -> None:
        """Show all lanes one way."""
        lanes = (replace(lane, as_spectrogram=as_spectrograms) for lane in self._project.lanes)
        self._timeline.set_lanes(tuple(lane_spec(lane) for lane in lanes))

    def frames(self, movement: Movement) -> list[Frame]:
        """How long each frame of a movement takes."""
        self._timeline.fit()
        self._timeline.zoom(movement.from_zoom)
        begin_s = time.perf_counter() + _SETTLE_S
        while time.perf_counter() < begin_s:
            QApplication.processEvents()
            self._rest(time.perf_counter() + FRAME_MS / 1000)
        return [self._frame(notches, is_zoom=movement.is_zoom) for notches in movement.notches]

    def close(self) -> None:
        """End all work."""
        self._jobs.close()
        self._timeline.close()
        self._timeline.deleteLater()

    def _frame(self, notches: int, *, is_zoom: bool) -> Frame:
        canvas = self._timeline.canvas
        place = QPointF(canvas.width() * 0.4, 20)
        modifiers = (
            Qt.KeyboardModifier.ControlModifier if is_zoom else Qt.KeyboardModifier.NoModifier
        )
        event = QWheelEvent(
            place,
            canvas.mapToGlobal(place),
            QPoint(),
            QPoint(0, notches),
            _NO_BUTTON,
            modifiers,
            Qt.ScrollPhase.NoScrollPhase,
            _AS_IT_IS,
        )
        started_s, own_s = time.perf_counter(), time.thread_time()
        QApplication.sendEvent(canvas, event)
        QApplication.processEvents()
        # Whatever shows the picture has it.
        QApplication.sync()
        took_s, own_s = time.perf_counter() - started_s, time.thread_time() - own_s
        self._rest(started_s + FRAME_MS / 1000)
        return Frame(1000 * took_s, 1000 * own_s)

    def _rest(self, until_s: float) -> None:
        """Leave the machine to others; what they have done is shown in the next frame."""
        while time.perf_counter() < until_s:
            time.sleep(0.001)


def synthetic_project(folder: Path, duration_s: float) -> Project:
    """A restored film; its one sound, which all stems share, is mostly a hole in a sparse file."""
    block = _noise()
    num_samples = round(duration_s * _RATE_HZ)
    path = raw_audio_path(folder, "noise")
    with RawAudioWriter(path, 2, _RATE_HZ) as writer:
        writer.write(block[:, :num_samples])
    ref = AudioRef("noise", num_samples, 2, _RATE_HZ)
    missing = num_samples - writer.num_samples
    os.truncate(path, path.stat().st_size + missing * ref.num_bytes // num_samples)
    stems = dict.fromkeys(_LANES, ref)
    video = folder / "film.mp4"
    result = RestoreResult(video, stems, Method.KNOWN_BGM, (), None, (), (), ())
    lanes = tuple(Lane(stem) for stem in _LANES)
    return Project(Media(video, ref, 25.0, 1920, 1080), lanes, restore=Restore(result))


def _noise() -> Samples:
    rng = np.random.default_rng(1)
    num_samples = round(_BLOCK_S * _RATE_HZ)
    swell = np.abs(np.sin(np.linspace(0, 60, num_samples)))
    return (0.3 * swell * rng.standard_normal((2, num_samples))).astype(np.float32)


def _waveform(project: Project, folder: Path) -> StoredWaveform:
    """Peaks of noise from beginning to end."""
    if project.media is None:
        raise ValueError("there is no film")
    mix, block = project.media.mix, _noise()
    whole, rest = divmod(mix.num_samples, block.shape[1])
    blocks = [*([block] * whole), block[:, :rest]]
    peaks = build_peaks(blocks, 2, _RATE_HZ, folder / "noise.peaks")
    return StoredWaveform(sound_of((mix, 1.0)), peaks, folder)


def _decorate(timeline: Timeline, duration_s: float) -> None:
    """Add what a film that is worked on has: pictures, cuts, marks, speech."""
    image = QImage(160, 90, QImage.Format.Format_RGB32)
    image.fill(QColor("#446688"))
    times_s = np.linspace(0, duration_s, _NUM_THUMBNAILS, endpoint=False).tolist()
    timeline.set_thumbnails(tuple(Thumbnail(time_s, image) for time_s in times_s))
    cuts_s = np.sort(np.random.default_rng(2).uniform(0, duration_s, _NUM_CUTS)).tolist()
    timeline.set_cuts(tuple(cuts_s))
    speech = tuple(
        Region(start_s, end_s) for start_s, end_s in zip(cuts_s[::4], cuts_s[1::4], strict=False)
    )
    timeline.set_regions(StemName.DIALOGUE, speech)
    markers = tuple(MarkerSpec(index, time_s, "here") for index, time_s in enumerate(times_s, 1))
    timeline.set_marks(Marks(Region(0.2 * duration_s, 0.6 * duration_s), markers))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
