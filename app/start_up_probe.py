"""Starts the editor, prints when it was painted and when its engine was ready, and closes it."""

import sys
import time

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from app.bootstrap import Application, Arguments, build
from app.engine_client import EngineState, EngineStatus
from app.paths import find_paths

PATIENCE_S = 120


class Probe(QObject):
    """Listens to a starting editor."""

    def __init__(self, application: Application) -> None:
        super().__init__()
        application.first_painted.connect(self._on_painted)
        application.engine.state_changed.connect(self._on_state)

    def _on_painted(self) -> None:
        sys.stdout.write(f"{time.time()}\n")

    def _on_state(self, state: EngineState) -> None:
        if state.status is EngineStatus.READY:
            sys.stdout.write(f"{time.time()}\n")
            QApplication.quit()


def main() -> None:
    """Start, listen, close."""
    app = QApplication([])
    application = build(Arguments(find_paths()))
    probe = Probe(application)
    application.window.show()
    QTimer.singleShot(1000 * PATIENCE_S, app.quit)
    app.exec()
    application.close()
    probe.deleteLater()


if __name__ == "__main__":
    main()
