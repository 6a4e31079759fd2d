"""Starting: light, without a screen until one is needed, and everything heavy afterwards."""

import os
import subprocess
import sys
from pathlib import Path

from tests.helpers.restore_workload import make_tone_film

START = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
import app.bootstrap as bootstrap
from app.paths import find_paths

heavy = ("torch", "scipy", "librosa", "cv2", "av", "sounddevice", "soundfile", "soxr", "pyqtgraph")
program = QApplication([])
editor = bootstrap.build(bootstrap.Arguments(find_paths(), (Path(sys.argv[1]),),
                         workload="tests.helpers.restore_workload:load"))
editor.first_painted.connect(lambda: print("painted", [x for x in heavy if x in sys.modules]))
def opened(change):
    if change.after.media is not None:
        print("opened", [x for x in heavy[:4] if x in sys.modules])
        program.quit()
editor.document.listen(opened)
editor.window.show()
program.exec()
editor.close()
"""


def run_python(code: str, tmp_path: Path, *arguments: str) -> str:
    places = {f"REPRISE_{name}": str(tmp_path / name) for name in ("CONFIG", "CACHE", "DATA")}
    done = subprocess.run(
        (sys.executable, "-c", code, *arguments),
        env=os.environ | places | {"QT_QPA_PLATFORM": "offscreen"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_nothing_heavy_is_loaded_before_the_first_paint_and_no_torch_ever(tmp_path: Path) -> None:
    film = make_tone_film(tmp_path / "film.mkv", 0.5, 8000)
    lines = run_python(START, tmp_path, str(film)).splitlines()
    assert lines == ["painted []", "opened []"]


def test_importing_has_no_side_effect_and_needs_no_screen(tmp_path: Path) -> None:
    code = (
        "import sys, threading; before = set(sys.modules); import app.bootstrap\n"
        "from PySide6.QtWidgets import QApplication\n"
        "assert QApplication.instance() is None\n"
        "assert threading.active_count() == 1\n"
    )
    run_python(code, tmp_path)
    assert list(tmp_path.iterdir()) == []
