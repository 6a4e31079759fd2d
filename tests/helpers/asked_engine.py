"""An engine that notes what it is asked for, and answers when the test does."""

from dataclasses import dataclass
from pathlib import Path

from app.document import Document
from app.engine_client import EngineClient, EngineJob, EngineSettings
from app.engine_tasks import JobListener
from app.jobs import JobRunner
from engine.errors import DeviceError
from engine.urgency import Urgency


@dataclass
class Asked:
    """One request.

    Attributes:
        urgency: How urgent it is.
        request: What was asked.
        listener: Waits for the answer.
        is_cancelled: Whether nobody wants it any more.
    """

    urgency: Urgency
    request: object
    listener: JobListener
    is_cancelled: bool = False

    def answer(self, result: object) -> None:
        """Succeed."""
        self.listener.begin()
        self.listener.succeed(result)

    def fail(self) -> None:
        """Fail with a known error."""
        self.listener.fail(DeviceError("The device is on fire.", "Put it out."))


class AskedEngine(EngineClient):
    """Starts nothing.

    Attributes:
        asked: All requests, oldest first.
    """

    def __init__(self) -> None:
        super().__init__(EngineSettings(Path("engine.log")))
        self.asked: list[Asked] = []

    def submit(self, urgency: Urgency, request: object, listener: JobListener) -> EngineJob:
        """Note it."""
        self.asked.append(Asked(urgency, request, listener))
        return EngineJob(self, len(self.asked) - 1)

    def cancel(self, job_id: int) -> None:
        """Note that, too."""
        self.asked[job_id].is_cancelled = True


class AskedBench:
    """A document and jobs for one controller, over an engine that is asked.

    Attributes:
        engine: Answers when the test does.
        document: Empty.
        jobs: For the controller.
    """

    def __init__(self) -> None:
        self.engine, self.document = AskedEngine(), Document()
        self.jobs = JobRunner(self.engine)

    @property
    def asked(self) -> list[object]:
        """All requests, oldest first."""
        return [each.request for each in self.engine.asked]
