"""The benchmark of frames drives the real timeline and tells what it saw."""

import re

import pytest
from PySide6.QtWidgets import QApplication

from app import frame_benchmark
from app.frame_benchmark import Frame, Movement, main, movements, row
from app.virtual_desktop import SCREEN_PROGRAMS
from tests.helpers.desktop import need
from widgets.theme import DARK, apply_theme


def test_every_movement_is_measured_both_ways(
    qapp: QApplication, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame_benchmark, "_SETTLE_S", 0.02)
    apply_theme(qapp, DARK)
    assert main(["--hours", "0.01", "--frames", "4"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if " ms | " in line]
    moved = [movement.words for movement in movements(4)]
    assert [line.split(" | ")[:3] for line in lines] == [
        [f"| {shown}", words, "4"] for shown in ("waveforms", "spectrograms") for words in moved
    ]
    times_ms = [float(time_ms) for line in lines for time_ms in re.findall(r"([\d.]+) ms", line)]
    assert all(0 < time_ms < 5000 for time_ms in times_ms)


@pytest.mark.screen
def test_a_virtual_screen_shows_the_same_movements(capfd: pytest.CaptureFixture[str]) -> None:
    need(*SCREEN_PROGRAMS)
    assert main(["--hours", "0.01", "--frames", "2", "--xvfb"]) == 0
    out = capfd.readouterr().out
    assert "platform xcb" in out
    assert out.count("| 2 |") == 2 * len(list(movements(2)))


@pytest.mark.parametrize(("slow_ms", "verdict"), [(16.0, "kept"), (18.0, "**missed**")])
def test_the_budget_is_that_of_the_99th_percentile(slow_ms: float, verdict: str) -> None:
    moved = Movement("zoom", (), is_zoom=True)
    took_ms = [5.0] * 900 + [slow_ms] * 98 + [400.0] * 2
    line = row("waveforms", moved, [Frame(each_ms, each_ms / 2) for each_ms in took_ms])
    assert line.startswith("| waveforms | zoom | 1000 | 5.0 ms |")
    assert line.endswith(f"| 400.0 ms | {slow_ms / 2:.1f} ms | {verdict} |")
