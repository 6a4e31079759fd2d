"""Music that makes room for speech -> where somebody speaks, if nobody has listened yet."""

from PySide6.QtCore import QObject, Signal

from app.document import Change, Document
from app.envelope_edits import needs_speech, take_speech
from app.jobs import Job, JobRunner
from app.messages import Messages
from app.project import Project
from engine.errors import EngineError
from engine.translation import tr
from engine.types import SpeechRequest, SpeechResult
from engine.urgency import Urgency


class DuckingController(QObject):
    """Has the engine listen to the mix while a lane ducks and no restore tells where speech is.

    Signals:
        listening_changed: Whether it listens; until then ducking is not heard.
    """

    listening_changed = Signal(bool)

    def __init__(self, document: Document, jobs: JobRunner, messages: Messages) -> None:
        super().__init__()
        self._document, self._jobs, self._messages = document, jobs, messages
        self._job: Job | None = None
        self._has_failed = False
        document.listen(self._on_change)

    @property
    def is_listening(self) -> bool:
        """Whether an answer is on its way."""
        return self._job is not None

    def _on_change(self, change: Change) -> None:
        project = change.after
        if change.media or not needs_speech(project):
            self._has_failed = False
            self._stop()
        if needs_speech(project) and self._job is None and not self._has_failed:
            self._listen(project)

    def _listen(self, project: Project) -> None:
        if project.media is None:
            return
        # The user waits for it, and it is soon done.
        request = SpeechRequest(project.media.path)
        job = self._jobs.submit(tr("Listening for speech"), Urgency.INTERACTIVE, request)
        job.succeeded.connect(self._on_succeeded)
        job.failed.connect(self._on_failed)
        self._job = job
        self.listening_changed.emit(self.is_listening)

    def _stop(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            self.listening_changed.emit(self.is_listening)

    def _on_succeeded(self, result: SpeechResult) -> None:
        self._job = None
        self._document.bring_in(take_speech(result.speech))
        self.listening_changed.emit(self.is_listening)

    def _on_failed(self, error: EngineError) -> None:
        self._job, self._has_failed = None, True
        text = tr("The music does not make room for speech: {message}", message=error.message)
        self._messages.warn(text, error.hint)
        self.listening_changed.emit(self.is_listening)
