"""Several videos are restored by a person with a mouse, in a real window."""

import json
import os
import sys
from pathlib import Path

import pytest

from tests.e2e.test_window import ROOT, program_env
from tests.helpers.desktop import WAIT_S, running, virtual_screen, wait_until
from tests.helpers.restore_workload import make_tone_film

pytestmark = [pytest.mark.screen, pytest.mark.slow]


def test_all_that_was_named_is_restored_and_the_window_closes_unasked(tmp_path: Path) -> None:
    films = [make_tone_film(tmp_path / f"{name}.mkv", 1.0, 8000) for name in ("a", "broken", "b")]
    controls = tmp_path / "controls.json"
    program = (sys.executable, "-m", "tests.helpers.editor_program")
    command = (*program, *map(str, films), str(tmp_path / "out.mkv"), str(controls))
    with virtual_screen() as screen:
        env = program_env(tmp_path, screen, dict(os.environ)) | {"PYTHONPATH": str(ROOT)}
        with running(command, env) as process:
            start = "Restore all: queue"
            wait_until(controls.exists, "the window")
            wait_until(lambda: start in json.loads(controls.read_text()), "the queue")
            screen.focus_window("a.mkv")
            x, y = json.loads(controls.read_text())[start]
            screen.xdotool("mousemove", str(x), str(y), "click", "1")
            wait_until((tmp_path / "b.restored.mkv").exists, "the last film")
            # With nothing left to restore or to pause it cannot be pressed any more.
            wait_until(lambda: ": queue" not in controls.read_text(), "the end of the queue")
            screen.xdotool("key", "ctrl+q")
            assert process.wait(WAIT_S) == 0
    written = sorted(path.name for path in tmp_path.glob("*.restored.mkv"))
    assert written == ["a.restored.mkv", "b.restored.mkv"]
