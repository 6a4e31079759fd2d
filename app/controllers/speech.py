"""Where somebody speaks: keys and drags -> edits -> the engine, which separates again."""

import time
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer

from app.controllers.playback import PlaybackController
from app.document import Change, Document, Edit
from app.jobs import Job, JobRunner
from app.messages import Messages
from app.project import Project, Restore
from app.restore_progress import RestoreProgress
from app.settings import SettingsStore
from app.speech import (
    add_speech,
    edges,
    followed,
    move_edge,
    nearest_edge,
    remove_speech,
    speech_at,
    taken_back,
    why_fixed,
)
from engine.context import Progress
from engine.errors import EngineError
from engine.remarks import all_in_words
from engine.translation import tr
from engine.types import Region, RestoreResult, SpeechEditRequest
from engine.urgency import Urgency
from widgets.accessibility import announce
from widgets.actions import Command
from widgets.main_window import MainWindow
from widgets.region_drag import RegionEdge
from widgets.speech_card import SpeechView
from widgets.wording import tick_label

_Wish = Callable[[Restore], None]

# Voices are in the cache as a rule; where they are not, both take about as long.
_SHARES = {"separator": 0.45, "mixed_music": 0.55}
_PATIENCE_MS = 400
"""What is done sooner shows no progress: it would only flash."""
_SAME_PLACE_S = 0.0005
"""The play head rests between two samples: so near is at an edge."""


class SpeechController(QObject):
    """Lets the user say what is speech; while the sound follows the old one goes on.

    What the sounds wait for is told from the document, so undo gives a change up and redo begins it
    again.

    Attributes:
        job: What separates again; None when nothing does.
    """

    def __init__(
        self,
        window: MainWindow,
        document: Document,
        jobs: JobRunner,
        messages: Messages,
        settings: SettingsStore,
        playback: PlaybackController,
    ) -> None:
        super().__init__()
        self._timeline, self._panel = window.timeline, window.restore_panel
        self._document, self._jobs, self._messages = document, jobs, messages
        self._settings, self._playback = settings, playback
        self.job: Job | None = None
        self._waiting: Restore | None = None
        self._progress: RestoreProgress | None = None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._on_slow)
        self._wishes: dict[str, _Wish] = {
            Command.ADD_SPEECH: self._add,
            Command.REMOVE_SPEECH: self._remove,
            Command.SPEECH_START: partial(self._move_nearest, is_start=True),
            Command.SPEECH_END: partial(self._move_nearest, is_start=False),
            Command.SPEECH_BEFORE: partial(self._go, way=-1),
            Command.SPEECH_BEHIND: partial(self._go, way=1),
        }
        window.mark_requested.connect(self._on_wish)
        self._timeline.speech.edge_dragged.connect(self._on_dragged)
        self._panel.speech_card.cancel_requested.connect(self.cancel)
        document.listen(self._on_change)

    def cancel(self) -> None:
        """Leave the speech as it was before the sounds had to follow."""
        waiting = self._waiting
        if waiting is not None:
            self._leave()
            before = _said_before(self._document, waiting)
            self._document.fill_in(taken_back(waiting, before))

    def _on_wish(self, command: str) -> None:
        project = self._document.project
        wish = self._wishes.get(command)
        if wish is None or project.media is None:
            return
        reason = why_fixed(project)
        if reason or project.restore is None:
            self._messages.notice(reason)
        else:
            wish(project.restore)

    def _add(self, _: Restore) -> None:
        selection = self._document.project.selection
        if selection is None:
            self._messages.notice(
                tr("Nothing is selected."), tr("Set the in and the out point first.")
            )
        else:
            self._do(add_speech(selection), tr("It is speech already."))

    def _remove(self, restore: Restore) -> None:
        selection = self._document.project.selection
        region = selection or speech_at(restore, self._playback.position_s)
        if region is None:
            self._messages.notice(
                tr("There is no speech here."), tr("Go to some, or select a stretch.")
            )
        else:
            self._do(remove_speech(region), tr("There is no speech in the selection."))

    def _move_nearest(self, restore: Restore, *, is_start: bool) -> None:
        here_s = self._playback.position_s
        region = nearest_edge(restore, here_s, is_start=is_start)
        if region is None:
            self._messages.notice(tr("There is no speech."), tr("Select a stretch and add it."))
        else:
            self._do(move_edge(region, here_s, is_start=is_start), "")

    def _go(self, restore: Restore, *, way: int) -> None:
        here_s = self._playback.position_s
        there = [each for each in edges(restore) if (each[0] - here_s) * way > _SAME_PLACE_S]
        if there:
            edge_s, is_start = min(there, key=lambda each: abs(each[0] - here_s))
            self._playback.seek(edge_s)
            words = tr("Speech begins at {time}") if is_start else tr("Speech ends at {time}")
            announce(self._timeline, words.format(time=tick_label(edge_s, 0.1)))

    def _on_dragged(self, edge: RegionEdge, time_s: float) -> None:
        self._do(move_edge(edge.region, time_s, is_start=edge.is_start), "")

    def _do(self, edit: Edit, if_nothing: str) -> None:
        before = self._document.project
        self._document.do(edit)
        if self._document.project is not before:
            announce(self._timeline, edit.name)
        elif if_nothing:
            self._messages.notice(if_nothing)

    def _on_change(self, change: Change) -> None:
        if change.media or change.restore:
            self._follow(change.after)
            self._show()

    def _follow(self, project: Project) -> None:
        """Have the sounds follow what the user says; give up what is not wanted any more."""
        restore = project.restore
        wanted = restore if restore is not None and restore.is_behind else None
        if _is_one(wanted, self._waiting):
            return
        self._leave()
        if wanted is None or project.media is None:
            return
        self._waiting, self._progress = wanted, RestoreProgress(_SHARES)
        request = SpeechEditRequest(wanted.result, wanted.spoken, self._settings.current.device)
        title = tr("Separate the speech of {file}", file=project.media.path.name)
        self.job = job = self._jobs.submit(title, Urgency.INTERACTIVE, request)
        job.progressed.connect(self._on_progressed)
        job.succeeded.connect(partial(self._on_succeeded, wanted))
        job.failed.connect(self._on_failed)
        job.finished.connect(self._patience.stop)
        self._patience.start()

    def _leave(self) -> None:
        """Give the job up; what it still says or finds is dropped."""
        job, self.job = self.job, None
        self._waiting = self._progress = None
        self._patience.stop()
        if job is not None:
            job.cancel()

    def _on_slow(self) -> None:
        self._show()
        self._panel.reveal(self._panel.speech_card)

    def _on_progressed(self, progress: Progress) -> None:
        if self._progress is not None:
            self._progress = self._progress.advanced(progress, time.monotonic())
            self._show()

    def _on_succeeded(self, waiting: Restore, result: RestoreResult) -> None:
        self._leave()
        self._document.fill_in(followed(waiting, result))
        new = [words for words in result.warnings if words not in waiting.result.warnings]
        if new:
            self._messages.warn(" ".join(all_in_words(tuple(new))))

    def _on_failed(self, error: EngineError) -> None:
        self.cancel()
        self._messages.error(error)

    def _show(self) -> None:
        project = self._document.project
        restore, is_fixed = project.restore, bool(why_fixed(project))
        progress = None if self._patience.isActive() else self._progress
        self._timeline.speech.is_allowed = not is_fixed
        self._panel.speech_card.show_view(
            SpeechView(
                None if restore is None or is_fixed else len(restore.spoken),
                progress.view() if progress is not None else None,
            )
        )


def _is_one(wanted: Restore | None, waiting: Restore | None) -> bool:
    """Whether two restores wait for the same."""
    if wanted is None or waiting is None:
        return wanted is waiting
    return wanted.spoken == waiting.spoken and wanted.result.stems == waiting.result.stems


def _said_before(document: Document, waiting: Restore) -> tuple[Region, ...] | None:
    """What the user had said of speech when the sounds were still as it was said."""
    known = (project.restore for project in document.snapshots())
    return next(
        (
            restore.speech
            for restore in known
            if restore is not None
            and not restore.is_behind
            and restore.result.stems == waiting.result.stems
        ),
        None,
    )
