"""The editor as a program of its own, with an engine that knows the answer and no file dialogs.

Usage: python -m tests.helpers.editor_program FILM... OUTPUT CONTROLS

CONTROLS is a file that always tells where on the screen each named button and each clip is;
`sound.json` beside it tells what plays. Music that is added is `song.wav` beside it.
"""

import json
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QLabel, QWidget

from app.bootstrap import Application, Arguments, build
from app.paths import find_paths
from tests.helpers.editor import Answers

REFRESH_MS = 100


def main(films: tuple[Path, ...], output: Path, controls: Path) -> int:
    """Run until the window is closed."""
    program = QApplication([])
    project = controls.with_name("film.reprise")
    song = controls.with_name("song.wav")
    answers = Answers(output=output, folder=output.parent, project=project, music=song)
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
    """Write name and centre of all buttons and fields that can be used."""
    places = {}
    for control in app.window.findChildren(QWidget):
        is_wanted = isinstance(control, QAbstractButton | QAbstractSpinBox)
        if is_wanted and control.isVisible() and control.isEnabled():
            centre = control.mapToGlobal(control.rect().center())
            name = control.accessibleName()
            if isinstance(control, QAbstractButton):
                name = name or control.text()
            places[name] = [centre.x(), centre.y()]
    card = app.window.review_panel.trial_card
    # Which trial it is, too.
    places |= {words.text(): [0, 0] for words in card.findChildren(QLabel) if words.isVisible()}
    canvas = app.window.timeline.canvas
    for clip in canvas.clips.clips:
        place = canvas.mapToGlobal(canvas.clips.rect_of(clip).center().toPoint())
        places[f"Clip {clip.clip_id}"] = [place.x(), place.y()]
    view = app.window.video_view
    centre = view.mapToGlobal(view.rect().center())
    places["Picture"] = [centre.x(), centre.y()]
    _publish(places, controls)
    _publish(sound_told(app), controls.with_name("sound.json"))


def sound_told(app: Application) -> dict[str, object]:
    """What plays, and where."""
    transport = app.sound.transport
    if transport is None:
        return {"device": "none open", "is_playing": False, "position_s": 0.0}
    return {
        "device": transport.output.device,
        "is_playing": transport.is_playing,
        "position_s": transport.position_s(),
    }


def _publish(content: object, path: Path) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(content))
    part.replace(path)


if __name__ == "__main__":
    *FILMS, OUTPUT, CONTROLS = (Path(argument) for argument in sys.argv[1:])
    sys.exit(main(tuple(FILMS), OUTPUT, CONTROLS))
