"""The sound benchmark plays, restores and counts."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.helpers.desktop import sound_server

ROOT = Path(__file__).parents[2]
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")

pytestmark = [pytest.mark.sound, pytest.mark.slow]


def has_sound_card() -> bool:
    cards = Path("/proc/asound/cards")
    return cards.exists() and "[" in cards.read_text()


def run(env: Mapping[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "app.sound_benchmark", "0.2"],
        env={name: env[name] for name in env if name not in SCREENS},  # nor is there a screen
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


def test_blocks_that_come_too_late_are_counted(tmp_path: Path) -> None:
    with sound_server(tmp_path) as server:
        counted = re.match(r"(\d+) of (\d+) blocks came too late in (\d+) s", run(server.env))
    assert counted is not None
    late, blocks, seconds = map(int, counted.groups())
    assert 0 <= late < blocks
    # Some sound servers pause in the beginning, and a busy machine takes its time to stop.
    assert 12 <= seconds < 24
    assert blocks > 20 * seconds


@pytest.mark.skipif(has_sound_card(), reason="there is a device")
def test_without_a_device_nothing_is_claimed(tmp_path: Path) -> None:
    (tmp_path / "none.conf").write_text(
        "</usr/share/alsa/alsa.conf>\npcm.!default { type pulse }\nctl.!default { type pulse }\n"
    )
    nothing = {"ALSA_CONFIG_PATH": str(tmp_path / "none.conf"), "PULSE_SERVER": "none"}
    assert "no sound device" in run({**os.environ, **nothing})
