"""`make bench-sound`: does sound falter while the engine separates?

The editor plays a film over and over, as a user would have it, and the film is restored over and
over meanwhile. Counted are the blocks that reached the sound device too late.
"""

import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from app.bootstrap import Application, Arguments, build
from app.paths import Paths, find_paths
from app.playback.sound import DeviceOutput, SoundOutput, open_output
from app.screen import has_screen
from engine.evaluation.sample import MINUTE_S, make_minute
from engine.types import RestoreRequest
from engine.urgency import Urgency

if TYPE_CHECKING:
    from app.jobs import Job

_MINUTES = 10.0
_TICK_MS = 200


@dataclass(frozen=True, slots=True)
class Heard:
    """How it went.

    Attributes:
        blocks: Blocks that were played.
        late: How many of them came too late.
        seconds: How long that was counted.
        restored: How often the film was restored meanwhile.
    """

    blocks: int
    late: int
    seconds: float
    restored: int

    def __str__(self) -> str:
        return (
            f"{self.late} of {self.blocks} blocks came too late in {self.seconds:.0f} s, "
            f"while a film of {MINUTE_S:.0f} s was restored {self.restored} times."
        )


class BusyEngine(QObject):
    """Has the engine restore a film over and over, everything anew each time.

    Attributes:
        restored: How often it has done so.
    """

    def __init__(self, application: Application, paths: Paths, film: Path) -> None:
        super().__init__()
        self._application, self._paths, self._film = application, paths, film
        self._job: Job | None = None
        self._is_wanted = False
        self._kept: set[Path] = set()
        self.restored = 0

    def start(self) -> None:
        """Begin; what lies in the cache by now is kept."""
        self._kept = set(self._paths.cache.rglob("*"))
        self._is_wanted = True
        self._restore()

    def stop(self) -> None:
        """Give up what is going on."""
        self._is_wanted = False
        if self._job is not None:
            self._job.cancel()

    def _restore(self) -> None:
        if not self._is_wanted:
            return
        for path in set(self._paths.cache.rglob("*")) - self._kept:
            path.unlink()
        self._job = job = self._application.jobs.submit(
            "Restore", Urgency.RESTORE, RestoreRequest(self._film)
        )
        job.succeeded.connect(self._on_restored)
        job.finished.connect(self._restore)

    def _on_restored(self, _: object) -> None:
        self.restored += 1


class Listening(QObject):
    """Keeps an editor playing and its engine busy until the time is over, then ends the program."""

    def __init__(self, paths: Paths, film: Path, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        # A device that falls silent is replaced: what is asked of each counts.
        self._outputs: list[SoundOutput] = []
        arguments = Arguments(paths, (film,), open_output=self._open_output)
        self.application = build(arguments)
        self._busy = BusyEngine(self.application, paths, film)
        self._began_s: float | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._timer.start(_TICK_MS)

    def heard(self) -> Heard | None:
        """What was counted; None without a sound device."""
        devices = [output for output in self._outputs if isinstance(output, DeviceOutput)]
        if self._began_s is None or not devices:
            return None
        blocks, late = (
            sum(each.blocks for each in devices),
            sum(each.underflows for each in devices),
        )
        return Heard(blocks, late, time.monotonic() - self._began_s, self._busy.restored)

    def _open_output(self, wanted_rate_hz: int, device: str) -> SoundOutput:
        output = open_output(wanted_rate_hz, device)
        self._outputs.append(output)
        return output

    def _tick(self) -> None:
        transport = self.application.sound.transport
        if transport is None:
            return
        if self._began_s is None:
            self._began_s = time.monotonic()
            self._busy.start()
        if time.monotonic() - self._began_s > self._seconds:
            QApplication.quit()
        elif not transport.is_playing:
            self.application.window.transport_bar.play_requested.emit()


def main() -> None:
    """Play and restore for some minutes, and say how many blocks came too late."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else _MINUTES
    if not has_screen():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory() as folder:
        heard = measure(Path(folder), 60 * minutes)
    sys.stdout.write(f"{heard or 'There is no sound device to listen to.'}\n")


def measure(folder: Path, seconds: float) -> Heard | None:
    """Run an editor with files of its own for a while; None without a sound device."""
    # The engine's process looks there as well.
    os.environ |= {f"REPRISE_{name}": str(folder / name) for name in ("CONFIG", "CACHE", "DATA")}
    paths = find_paths()
    film = make_minute(folder / "film.mp4")
    app = QApplication.instance() or QApplication([])
    listening = Listening(paths, film, seconds)
    listening.application.window.show()
    app.exec()
    heard = listening.heard()
    listening.application.close()
    return heard


if __name__ == "__main__":
    main()
