"""`python -m app.tour FOLDER`: the pictures of the README, and a short tour, from the real window.

Opens the sample clip, takes the added track out, looks around, compares and begins a blind test.
Needs no screen; with a sound device the status line names it.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QApplication

Picture = NDArray[np.uint8]
"""(height, width, 3) RGB."""

WIDTH_PX, HEIGHT_PX = 1440, 860
_TOUR_WIDTH_PX, _TOUR_HEIGHT_PX = 1080, 645
_FRAMES_A_S = 5
_QUALITY = "80"
_WAIT_S = 120.0


class Camera:
    """Drives the window and takes its picture.

    Attributes:
        frames: What the tour shows.
    """

    def __init__(self, program: QApplication, folder: Path) -> None:
        from app.bootstrap import Arguments, build
        from app.paths import find_paths

        self._program, self._folder = program, folder
        self.frames: list[Picture] = []
        self.app = build(Arguments(find_paths()))
        self.app.window.resize(WIDTH_PX, HEIGHT_PX)
        self.app.window.show()

    def wait(self, condition: Callable[[], bool]) -> None:
        """Let the program work until something is so."""
        until_s = time.monotonic() + _WAIT_S
        while not condition():
            if time.monotonic() > until_s:
                raise TimeoutError("the tour does not go on")
            self._program.processEvents()
            time.sleep(0.01)

    def settle(self) -> None:
        """Wait until nothing is going on."""
        self.wait(lambda: not self.app.jobs.active_jobs)
        self.look(0.3)

    def look(self, seconds: float, *, is_filmed: bool = False) -> None:
        """Let time pass, on film or not."""
        until_s, next_s = time.monotonic() + seconds, 0.0
        while (now_s := time.monotonic()) < until_s:
            self._program.processEvents()
            if is_filmed and now_s >= next_s:
                self._film()
                next_s = now_s + 1 / _FRAMES_A_S
            time.sleep(0.005)

    def shoot(self, name: str) -> None:
        """Keep a picture."""
        self.app.window.grab().save(str(self._folder / f"{name}.png"))

    def _film(self) -> None:
        picture = self.app.window.grab().toImage()
        picture = picture.convertToFormat(picture.Format.Format_RGB888)
        rows = np.frombuffer(picture.constBits(), np.uint8)
        shape = picture.height(), picture.bytesPerLine()
        rgb = rows.reshape(shape)[:, : 3 * picture.width()]
        self.frames.append(rgb.reshape(picture.height(), picture.width(), 3).copy())


def take_tour(camera: Camera) -> None:
    """Everything that is shown, in order."""
    from app.lane_edits import choose_track, show_spectrogram
    from engine.types import StemName
    from widgets.actions import Command
    from widgets.pages import Page
    from widgets.review_view import BlindTestWish, Question

    app, window = camera.app, camera.app.window
    sample = Path(str(files("resources") / "sample"))
    camera.look(1.0, is_filmed=True)
    app.media.open(sample / "sample.mp4")
    camera.wait(lambda: app.sound.transport is not None)
    camera.look(1.0, is_filmed=True)
    app.document.do(choose_track(sample / "sample.bgm.flac"))
    window.restore_panel.restore_known_requested.emit()
    while app.document.project.restore is None:
        camera.look(0.2, is_filmed=True)
    camera.settle()
    for theme in ("light", "dark"):
        window.choose_theme(theme)
        camera.look(0.3)
        camera.shoot(f"restore-{theme}")
    window.transport_bar.play_requested.emit()
    camera.look(2.0, is_filmed=True)
    window.set_switch(Command.TALL_LANES, on=True)
    for stem in (StemName.MIX, StemName.RESTORED, StemName.BGM):
        app.document.do(show_spectrogram(stem, shown=True))
    camera.look(2.5, is_filmed=True)
    camera.shoot("spectrograms")
    window.set_switch(Command.TALL_LANES, on=False)
    for stem in (StemName.MIX, StemName.RESTORED, StemName.BGM):
        app.document.do(show_spectrogram(stem, shown=False))
    _place_music(camera, sample / "sample.bgm.flac")
    window.show_page(Page.REVIEW)
    camera.wait(lambda: app.compare.view().is_measured)
    for number in (0, 1, 2, 1):
        window.version_requested.emit(number)
        camera.look(0.8, is_filmed=True)
    camera.shoot("review")
    wish = BlindTestWish(Question.ABX, (StemName.MIX, StemName.RESTORED), 16, "")
    app.blind_test.start(wish)
    for number in (1, 2, 3):
        window.version_requested.emit(number)
        camera.look(0.8, is_filmed=True)
    camera.shoot("blind-test")
    app.blind_test.stop()


def _place_music(camera: Camera, track: Path) -> None:
    from app.clip_edits import fade_clip, move_clip, trim_clip
    from app.envelope_edits import set_gain_point
    from widgets.actions import Command
    from widgets.pages import Page

    app, window = camera.app, camera.app.window
    window.show_page(Page.MUSIC)
    app.placer.add([track], 2.0)
    camera.settle()
    camera.look(0.8, is_filmed=True)
    for step in range(12):
        app.document.do(move_clip(1, 2.0 + 0.25 * step))
        camera.look(0.1, is_filmed=True)
    for edit in (trim_clip(1, "out", 14.0), fade_clip(1, "in", 1.0), fade_clip(1, "out", 2.0)):
        app.document.do(edit)
        camera.look(0.6, is_filmed=True)
    window.set_switch(Command.ENVELOPES, on=True)
    for time_s, gain_db in ((7.0, 0.0), (8.0, -9.0), (10.0, -9.0), (11.0, 0.0)):
        app.document.do(set_gain_point("placed 1", time_s, gain_db))
        camera.look(0.4, is_filmed=True)
    camera.shoot("music")
    window.set_switch(Command.ENVELOPES, on=False)


def write_film(frames: Sequence[Picture], path: Path) -> None:
    """Write pictures as an animated WebP file that begins again at its end."""
    import av

    with av.open(str(path), "w", options={"loop": "0"}) as container:
        stream = container.add_stream("libwebp_anim", _FRAMES_A_S, options={"quality": _QUALITY})
        stream.width, stream.height = _TOUR_WIDTH_PX, _TOUR_HEIGHT_PX
        stream.pix_fmt = "yuv420p"
        for rgb in frames:
            frame = av.VideoFrame.from_ndarray(rgb, "rgb24")
            small = frame.reformat(_TOUR_WIDTH_PX, _TOUR_HEIGHT_PX, "yuv420p")
            container.mux(stream.encode(small))
        container.mux(stream.encode(None))


def main(arguments: list[str] | None = None) -> int:
    """Take the tour with settings and a cache of its own.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(prog="python -m app.tour", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    folder = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as own:
        for place in ("CONFIG", "CACHE", "DATA"):
            os.environ[f"REPRISE_{place}"] = str(Path(own) / place.lower())
        program = QApplication([])
        camera = Camera(program, folder)
        take_tour(camera)
        camera.app.close()
    write_film(camera.frames, folder / "tour.webp")
    return 0


if __name__ == "__main__":
    sys.exit(main())
