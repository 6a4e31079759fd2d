"""`python -m app.switch_benchmark`: how soon, and how cleanly, a key switches what is heard.

The editor plays a film on the Review page through a sound server of its own that plays to nowhere,
0 and 1 are pressed in its window, and what the server is given is recorded: at rest first, then
while the engine separates. Of the recording every sample is compared with what it has to be.
"""

import argparse
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.bootstrap import Arguments, Dialogs, build
from app.gain_curves import linear_gain
from app.paths import find_paths
from app.pauses import collect_only_what_is_new, hand_over_often
from app.playback.mixer import RAMP_S, Block, downmix_matrix
from app.playback.renderer import FADE_S
from app.playback.sound import DeviceOutput, Render
from app.review.versions import versions
from app.screen import has_screen
from app.sound_benchmark import BusyEngine
from app.switch_measuring import (
    EQUAL_DB,
    Found,
    Switch,
    begin_of,
    difference_db,
    expected,
    find_switches,
    percentiles_ms,
    played,
)
from app.virtual_desktop import SOUND_PROGRAMS, Recording, SoundServer, missing, sound_server
from engine.evaluation.sample import MINUTE_S, ORIGINAL, make_minute, sample_folder
from widgets.pages import Page

BUDGET_MS = 20.0
_RATE_HZ = 44_100
_SWITCHES = 60
_PAUSE_S = (0.4, 0.6)
_STILL_S = 0.5
_WAIT_S = 120.0
_KEYS = (Qt.Key.Key_0, Qt.Key.Key_1)


@dataclass(frozen=True, slots=True)
class Run:
    """How one series of switches went.

    Attributes:
        found: Each switch as it was mixed.
        heard_s: Time from each key until it was in the recording.
        late_blocks: Blocks that the device had to wait for.
        mixed_db: Largest difference between what was mixed and what was expected.
        recorded_db: Largest difference between the recording and what was mixed.
    """

    found: tuple[Found, ...]
    heard_s: tuple[float, ...]
    late_blocks: int
    mixed_db: float
    recorded_db: float

    def row(self, name: str) -> str:
        """A line of the table."""
        times_ms = percentiles_ms([each.mixed_s for each in self.found])
        cells = " | ".join(f"{time_ms:.1f} ms" for time_ms in times_ms)
        rest_s = np.subtract(self.heard_s, [each.mixed_s for each in self.found])
        is_clean = max(self.mixed_db, self.recorded_db) < EQUAL_DB
        verdict = "kept" if times_ms[2] <= BUDGET_MS and is_clean else "**missed**"
        return (
            f"| {name} | {len(self.found)} | {cells} | {1000 * float(np.median(rest_s)):.0f} ms "
            f"| {self.late_blocks} | {self.mixed_db:.0f} dB | {self.recorded_db:.0f} dB "
            f"| {verdict} |"
        )


class LoggedOutput(DeviceOutput):
    """A device that keeps what it was given, and when.

    Attributes:
        given: When each block was ready, and the block.
    """

    def __init__(self, wanted_rate_hz: int, device: str) -> None:
        super().__init__(wanted_rate_hz, device)
        self.given: list[tuple[float, Block]] = []

    def start(self, render: Render) -> None:
        """Ask `render` for blocks, and keep them."""
        super().start(partial(self._logged, render))

    def _logged(self, render: Render, num_samples: int, heard_s: float) -> Block:
        block = render(num_samples, heard_s)
        self.given.append((time.perf_counter(), block))
        return block


class Hand(QObject):
    """Presses 1 and 0 by turns, from a thread: keys wait for whatever the window is busy with.

    Attributes:
        switches: What was pressed.

    Signals:
        over: All was pressed, and heard for a while.
    """

    over = Signal()
    _due = Signal(int)

    def __init__(self, window: QWidget, num_switches: int) -> None:
        super().__init__()
        self.switches: list[Switch] = []
        self._window, self._num_switches = window, num_switches
        self._due.connect(self._press)

    def start(self) -> None:
        """Begin."""
        threading.Thread(target=self._run).start()

    def _run(self) -> None:
        rng = np.random.default_rng(1)
        for number in range(1, self._num_switches + 1):
            time.sleep(rng.uniform(*_PAUSE_S))
            self.switches.append(Switch(time.perf_counter(), number % 2))
            self._due.emit(number % 2)
        time.sleep(_STILL_S)
        self.over.emit()

    def _press(self, version: int) -> None:
        QTest.keyClick(self._window, _KEYS[version])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m app.switch_benchmark", description=__doc__)
    parser.add_argument(
        "--switches", type=int, default=_SWITCHES, help="in each series, 90 at most"
    )
    options = parser.parse_args(arguments)
    absent = missing(SOUND_PROGRAMS)
    if absent:
        _say(f"Not measured; to be installed: {', '.join(absent)}.")
        return 0
    if not has_screen():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    hand_over_often()
    with (
        tempfile.TemporaryDirectory() as folder,
        sound_server(Path(folder), _RATE_HZ) as server,
    ):
        os.environ |= server.env
        _measure(Path(folder), server, options.switches)
    return 0


def _measure(folder: Path, server: SoundServer, num_switches: int) -> None:
    # The engine's process looks there as well.
    os.environ |= {f"REPRISE_{name}": str(folder / name) for name in ("CONFIG", "CACHE", "DATA")}
    app = QApplication.instance() or QApplication([])
    bench = Bench(folder, server)
    _say(
        f"{num_switches} switches a series, {1000 * RAMP_S:.0f} ms of ramp behind each; "
        f"device latency as it says: {1000 * bench.output.latency_s:.0f} ms\n"
    )
    _say(
        "| | switches | key to first mixed block: 50 % | 95 % | 99 % | longest "
        "| from there into the recording, 50 % | late blocks | mixed: differs from what is due by "
        f"| recorded: differs by | budget: 99 % within {BUDGET_MS:g} ms, no click, no gap |"
    )
    _say("|---" * 11 + "|")
    _say(bench.run(num_switches).row("at rest"))
    busy = BusyEngine(bench.application, find_paths(), bench.film)
    busy.start()
    _say(bench.run(num_switches).row("while the engine separates"))
    busy.stop()
    bench.application.close()
    app.processEvents()


class Bench:
    """An editor on its Review page, with a film and a file to compare it with.

    Attributes:
        application: The editor.
        film: What is open.
        output: The sound device.
    """

    def __init__(self, folder: Path, server: SoundServer) -> None:
        self.film, self._server = make_minute(folder / "film.mp4"), server
        other = _other_sound(folder / "other.wav")
        self._outputs: list[LoggedOutput] = []
        dialogs = Dialogs(rival=lambda *_: other)
        self.application = app = build(
            Arguments(find_paths(), (self.film,), open_output=self._open_output, dialogs=dialogs)
        )
        app.window.show()
        collect_only_what_is_new()
        _wait(lambda: app.sound.transport is not None)
        app.window.show_page(Page.REVIEW)
        app.window.review_panel.compare_card.add_requested.emit()
        _wait(lambda: len(app.compare.view().versions) == len(_KEYS))
        _wait(lambda: app.compare.view().is_measured and not app.jobs.active_jobs)

    @property
    def output(self) -> LoggedOutput:
        """The device that plays."""
        return self._outputs[-1]

    def run(self, num_switches: int) -> Run:
        """Play from the start and switch so often."""
        window, transport = self.application.window, self.application.sound.transport
        if transport is None:
            raise ValueError("there is no sound")
        QTest.keyClick(window, _KEYS[0])
        transport.seek(0.0)
        _let_pass(_STILL_S)
        with self._server.recording() as recording:
            self.output.given.clear()
            late = self.output.underflows
            window.transport_bar.play_requested.emit()
            hand, loop = Hand(window, num_switches), QEventLoop()
            hand.over.connect(loop.quit)
            hand.start()
            loop.exec()
            blocks = list(self.output.given)
            window.transport_bar.play_requested.emit()
            _let_pass(_STILL_S)
        return self._judged(hand.switches, blocks, recording, self.output.underflows - late)

    def _judged(
        self,
        switches: Sequence[Switch],
        blocks: Sequence[tuple[float, Block]],
        recording: Recording,
        late: int,
    ) -> Run:
        mixed = played(blocks)
        sounds = self._versions(len(mixed.sound))
        found = find_switches(mixed, sounds, switches)
        due = expected(sounds, found, len(mixed.sound), _RATE_HZ)
        faded = round(FADE_S * _RATE_HZ)
        recorded = recording.samples.T
        first = begin_of(recorded)
        taken = recorded[first : first + len(mixed.sound)]
        heard_s = tuple(
            recording.arrived_s(first + each.sample) - each.switch.pressed_s for each in found
        )
        return Run(
            found,
            heard_s,
            late,
            # Playing itself begins with a fade.
            difference_db(mixed.sound[faded:], due[faded:]),
            difference_db(taken, mixed.sound[: len(taken)]),
        )

    def _versions(self, num_samples: int) -> list[Block]:
        """What the two versions are to sound like."""
        project, cache = self.application.document.project, find_paths().cache
        gains_db = self.application.compare.gains_db()
        heard = []
        for each in versions(project):
            stereo = each.sound.stretch(cache, 0, num_samples).T @ downmix_matrix(2)
            heard.append(stereo * np.float32(linear_gain(gains_db[each.version_id])))
        return heard

    def _open_output(self, wanted_rate_hz: int, device: str) -> LoggedOutput:
        self._outputs.append(LoggedOutput(wanted_rate_hz, device))
        return self._outputs[-1]


def _other_sound(path: Path) -> Path:
    """The sample's original sound, again and again, as long as the film."""
    import soundfile

    clip, rate_hz = soundfile.read(sample_folder() / ORIGINAL, dtype="float32")
    turns = -(-round(MINUTE_S * rate_hz) // len(clip))
    soundfile.write(path, np.tile(clip, (turns, 1)), rate_hz, subtype="FLOAT")
    return path


def _wait(condition: Callable[[], bool]) -> None:
    """Let the program work until something is so."""
    until_s = time.monotonic() + _WAIT_S
    while not condition():
        if time.monotonic() > until_s:
            raise TimeoutError("the editor does not go on")
        _let_pass(0.02)


def _let_pass(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
