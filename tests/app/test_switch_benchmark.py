"""The benchmark of switches presses keys in the real window and hears every sample."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.switch_benchmark import main
from app.virtual_desktop import SOUND_PROGRAMS
from tests.helpers.desktop import need

ROOT = Path(__file__).parents[2]


@pytest.mark.sound
@pytest.mark.slow
def test_every_switch_is_found_in_the_recording() -> None:
    need(*SOUND_PROGRAMS)
    done = subprocess.run(
        [sys.executable, "-m", "app.switch_benchmark", "--switches", "4"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    rows = [line.split(" | ") for line in done.stdout.splitlines() if " dB |" in line]
    assert [row[0] for row in rows] == ["| at rest", "| while the engine separates"]
    for row in rows:
        assert row[1] == "4"
        assert all(0 < float(cell.removesuffix(" ms")) < 1000 for cell in row[2:7])
        assert float(row[8].removesuffix(" dB")) < -100


def test_without_a_sound_server_nothing_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main([]) == 0
    assert capsys.readouterr().out == ("Not measured; to be installed: pulseaudio, parec, pactl.\n")
