"""The editor as a program of its own, with an engine that knows the answer and no file dialogs.

Usage: python -m tests.helpers.editor_program FILM... OUTPUT CONTROLS

CONTROLS is a file that always tells where on the screen each named button is.
"""

import json
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication

from app.bootstrap import Application, Arguments, build
from app.paths import find_paths
from tests.helpers.editor import Answers

REFRESH_MS = 100


def main(films: tuple[Path, ...], output: Path, controls: Path) -> int:
    """Run until the window is closed."""
    program = QApplication([])
    answers = Answers(output=output, folder=output.parent)
    app = build(
        Arguments(
            find_paths(),
            films,
            workload="tests.helpers.restore_workload:load",
            dialogs=answers.dialogs(),
        )
    )
    timer = QTimer()
    timer.timeout.connect(lambda: tell_controls(app, controls))
    timer.start(REFRESH_MS)
    app.window.show()
    code = program.exec()
    app.close()
    return code


def tell_controls(app: Application, controls: Path) -> None:
    """Write name and centre of all buttons that can be pressed."""
    places = {}
    for button in app.window.findChildren(QAbstractButton):
        if button.isVisible() and button.isEnabled():
            centre = button.mapToGlobal(button.rect().center())
            places[button.accessibleName() or button.text()] = [centre.x(), centre.y()]
    view = app.window.video_view
    centre = view.mapToGlobal(view.rect().center())
    places["Picture"] = [centre.x(), centre.y()]
    part = controls.with_suffix(".part")
    part.write_text(json.dumps(places))
    part.replace(controls)


if __name__ == "__main__":
    *FILMS, OUTPUT, CONTROLS = (Path(argument) for argument in sys.argv[1:])
    sys.exit(main(tuple(FILMS), OUTPUT, CONTROLS))
