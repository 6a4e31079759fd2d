"""A restore that is killed goes on where it was, and nobody hears where that was."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import soundfile

from engine.evaluation.sample import make_minute
from tests.helpers.processes import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.kill]

PATIENCE_S = 120.0


class Restore:
    """`reprise restore --blind` in a process of its own, with a cache that outlives it."""

    def __init__(self, film: Path, folder: Path) -> None:
        folder.mkdir()
        self.cache, self.output, self.stems = folder / "cache", folder / "o.mp4", folder / "stems"
        wanted = "--blind", "--device", "cpu", "--ost", "first", "--json", "--stems", self.stems
        self._command = (
            *(sys.executable, "-m", "app", "restore", film, "-o", self.output),
            *(*wanted, "--model", "mixed_music=starter-music"),
        )

    def start(self) -> subprocess.Popen[str]:
        """Begin, or go on."""
        return subprocess.Popen(
            [str(part) for part in self._command],
            cwd=REPOSITORY,
            env={**os.environ, "REPRISE_CACHE": str(self.cache)},
            stdout=subprocess.PIPE,
            text=True,
        )

    def finish(self) -> dict[str, Any]:
        """Run to the end; returns its JSON object."""
        with self.start() as process:
            answer, _ = process.communicate(timeout=PATIENCE_S)
            assert process.returncode == 0, answer
        report: dict[str, Any] = json.loads(answer)
        return report

    def stop(self, how: signal.Signals, num_bytes: int) -> float:
        """Run until so much of a separation is there, and stop it; returns how long that took."""
        with self.start() as process:
            deadline_s = time.monotonic() + PATIENCE_S
            while sum(map(_num_bytes, self.logs())) < num_bytes:
                assert process.poll() is None
                assert time.monotonic() < deadline_s
                time.sleep(0.01)
            process.send_signal(how)
            stopped_s = time.monotonic()
            process.wait(PATIENCE_S)
            return time.monotonic() - stopped_s

    def logs(self) -> list[Path]:
        """What is kept of unfinished separations."""
        return list(self.cache.glob("*.chunks"))

    def result(self) -> dict[str, bytes]:
        """All that was written, by name; of stems only the samples, for WAV holds the time."""
        stems = {path.name: soundfile.read(path)[0].tobytes() for path in self.stems.iterdir()}
        return {"film": self.output.read_bytes(), **stems}


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_minute(tmp_path_factory.mktemp("film") / "film.mp4")


def seconds(report: dict[str, Any]) -> float:
    """Time that the networks took."""
    stages = {stage["name"]: stage["seconds"] for stage in report["stages"]}
    return float(stages["separator"] + stages["mixed_music"])


def _num_bytes(log: Path) -> int:
    """Size of a file that may go any moment: a separation that is finished needs it no more."""
    with suppress(FileNotFoundError):
        return log.stat().st_size
    return 0


def test_a_killed_restore_goes_on_and_ends_bit_for_bit_the_same(film: Path, tmp_path: Path) -> None:
    whole, killed = (Restore(film, tmp_path / name) for name in ("whole", "killed"))
    from_the_start = whole.finish()
    assert whole.logs() == []
    # Speech is one stem at 22.05 kHz: once in the middle of it, once in that of the music.
    killed.stop(signal.SIGKILL, 2 * 4 * 22_050 * 30)
    killed.stop(signal.SIGKILL, 4 * 4 * 44_100 * 30)
    resumed = killed.finish()
    assert killed.result() == whole.result()
    assert len(whole.result()) == 1 + 8
    assert seconds(resumed) < 0.7 * seconds(from_the_start)
    assert killed.logs() == []


# What a shell starts in the background never hears the other one.
HEARD = [s for s in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(s) != signal.SIG_IGN]


@pytest.mark.parametrize("how", HEARD)
def test_a_cancelled_restore_ends_at_once_and_can_go_on(
    film: Path, tmp_path: Path, how: signal.Signals
) -> None:
    restore = Restore(film, tmp_path / "cancelled")
    # One second is the budget; the machine may be busy.
    assert restore.stop(how, 2 * 4 * 22_050 * 10) < 2
    (log,) = restore.logs()
    assert log.stat().st_size > 0
    assert not psutil.Process().children()
