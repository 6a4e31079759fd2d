"""A window to be killed: starts an engine that works without end and prints its process number."""

import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt

from app.engine_client import EngineClient, EngineSettings
from app.jobs import JobRunner
from engine.urgency import Urgency
from tests.helpers.engine_handlers import request


def main(folder: Path) -> None:
    """Run until killed."""
    application = QCoreApplication([])
    client = EngineClient(
        EngineSettings(
            folder / "engine.log",
            command=(sys.executable, "-m", "engine.worker"),
            workload="tests.helpers.engine_handlers:workload",
        )
    )
    job = JobRunner(client).submit("work", Urgency.RESTORE, request(folder, "until_marked"))

    def tell() -> None:
        sys.stdout.write(f"{client.engine_pid}\n")
        sys.stdout.flush()

    job.progressed.connect(tell, Qt.ConnectionType.SingleShotConnection)
    application.exec()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
