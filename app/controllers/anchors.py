"""The anchors of a rating: made in a worker, and lent to the player while the test goes on."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from app.controllers.sound import SoundController
from app.document import Document
from app.jobs import Awaited, Job, JobRunner
from app.messages import Messages
from app.project import Project
from app.review.anchors import fits, make_anchor
from app.review.listening import Plan, anchor_id
from app.review.versions import versions
from app.sounds import Sound
from engine.context import RunContext
from engine.errors import EngineError
from engine.translation import tr
from widgets.review_view import ANCHORS

Begin = Callable[[Plan], None]
_Made = dict[str, Sound]


class AnchorsController(QObject):
    """Makes those of one test at a time."""

    def __init__(
        self,
        document: Document,
        sound: SoundController,
        jobs: JobRunner,
        messages: Messages,
        cache: Path,
    ) -> None:
        super().__init__()
        self._document, self._sound, self._jobs = document, sound, jobs
        self._messages, self._cache = messages, cache
        self._job: Job | None = None
        self._waiting: Callable[[], None] | None = None
        sound.loaded.connect(self._on_loaded)

    def make(self, plan: Plan, begin: Begin) -> None:
        """Begin a test once all that it compares can be heard."""
        if not plan.anchors_hz:
            begin(plan)
            return
        project, cache = self._document.project, self._cache
        heard = {each.version_id: each.sound for each in versions(project)}
        reference = heard[plan.compared[0].version_id]
        if self._job is not None or not self._is_possible(plan, reference):
            return

        def work(context: RunContext) -> _Made:
            return {
                anchor_id(hz): make_anchor(reference, hz, plan.region, cache, context)
                for hz in plan.anchors_hz
            }

        self._job = job = self._jobs.run_in_thread(
            tr("Preparing the anchors"), work, Awaited.TO_SEE
        )
        job.succeeded.connect(partial(self._on_made, project, partial(begin, plan)))
        job.failed.connect(self._on_failed)
        job.finished.connect(self._on_finished)

    def give_back(self) -> None:
        """Lend nothing any more."""
        self._waiting = None
        self._sound.borrow({})

    def _is_possible(self, plan: Plan, reference: Sound) -> bool:
        rate_hz = reference.sample_rate_hz
        missing = [hz for hz in plan.anchors_hz if not fits(hz, rate_hz)]
        if missing:
            self._messages.warn(
                tr(
                    "{anchor}: at {rate_khz:g} kHz there is nothing to cut off.",
                    anchor=ANCHORS[missing[0]],
                    rate_khz=rate_hz / 1000,
                ),
                tr("Choose other anchors."),
            )
        return not missing

    def _on_made(self, before: Project, begin: Callable[[], None], made: _Made) -> None:
        after = self._document.project
        # Meanwhile it may have become another film, or another stretch of it.
        if versions(after) == versions(before) and after.selection == before.selection:
            self._waiting = begin
            self._sound.borrow(made)

    def _on_loaded(self) -> None:
        begin, self._waiting = self._waiting, None
        if begin is not None:
            begin()

    def _on_failed(self, error: EngineError) -> None:
        self._messages.error(error)

    def _on_finished(self) -> None:
        self._job = None
