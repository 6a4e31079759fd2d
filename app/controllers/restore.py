"""The Restore page <-> the engine's restore job <-> the document."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.controllers.track import TrackController
from app.document import Change, Document
from app.history import made_as, renewed, restored
from app.jobs import Awaited, Job, JobRunner
from app.messages import Messages
from app.project import Attempt, Media, Project, Restore
from app.restore_progress import RestoreProgress, begin_restore
from app.restore_words import (
    amount_shown,
    decision_shown,
    found_shown,
    kept_shown,
    outcome_shown,
    reasons,
    track_shown,
)
from app.settings import Settings, SettingsStore
from engine.context import Progress
from engine.errors import EngineError, InputNotFoundError
from engine.remarks import all_in_words
from engine.translation import tr
from engine.types import Method, Quality, Region, RestoreRequest, RestoreResult, StemName
from engine.urgency import Urgency
from widgets.restore_panel import RestorePanel
from widgets.restore_view import OutcomeKind, OutcomeView, RestoreView

PREVIEW_S = 10.0
MAX_PREVIEW_S = 60.0
_NOT_RENEWED = tr("The sounds of this project are still missing: the video is heard as it was.")
_RENEW_HINT = tr(
    "Restore it once more to have them; a track that was moved has to be chosen again."
)
_LEAST_COST = 0.005
"""Seconds of work a second of sound; what takes less was found in the cache."""


class RestoreController(QObject):
    """Runs one restore at a time; a new one, or another video, ends the one before.

    Attributes:
        job: The restore that runs; None when none does.

    Signals:
        previewed: `Region` that can be heard now.
        video_missing: Path where the video was, and what to call once it is found.
    """

    previewed = Signal(object)
    video_missing = Signal(object, object)

    def __init__(
        self,
        panel: RestorePanel,
        document: Document,
        jobs: JobRunner,
        messages: Messages,
        settings: SettingsStore,
        tracks: TrackController,
        here_s: Callable[[], float],
    ) -> None:
        super().__init__()
        self._panel, self._document, self.jobs = panel, document, jobs
        self._messages, self._settings = messages, settings
        self._tracks, self._here_s = tracks, here_s
        self.job: Job | None = None
        self._progress: RestoreProgress | None = None
        self._failure: OutcomeView | None = None
        self._connect()
        self._show()

    def restore_blind(self) -> None:
        """Separate without knowing the track."""
        self._start(())

    def restore_known(self) -> None:
        """Take exactly the chosen track out, or those that the library knows."""
        tracks = self._tracks.settle()
        if tracks:
            self._start(tracks)

    def renew(self, restore: Restore) -> None:
        """Make a restore again whose sounds have gone, as it was made, with the music kept."""
        attempt = made_as(restore, self._document.project)
        self._start(_tracks(restore.result), restore.result.region, lost=restore, like=attempt)

    def repeat(self, attempt: Attempt) -> None:
        """Make an earlier restore again whose sounds have gone."""
        self._start(_tracks(attempt.result), attempt.result.region, like=attempt)

    def preview(self, *, known: bool) -> None:
        """Restore some seconds: those that are selected, else those from the play head on."""
        project = self._document.project
        if project.media is not None:
            duration_s = project.media.mix.duration_s
            region = _preview_region(project.selection, self._here_s(), duration_s)
            self._start(self._tracks.known if known else (), region, heard=region)

    def cancel(self) -> None:
        """Give the running restore up."""
        if self.job is not None:
            self.job.cancel()

    @property
    def problem(self) -> str:
        """What to say of the last restore if it did not succeed; empty if it did."""
        failure = self._failure
        return f"{failure.text} {failure.hint}".strip() if failure is not None else ""

    def _connect(self) -> None:
        panel = self._panel
        panel.restore_blind_requested.connect(self.restore_blind)
        panel.restore_known_requested.connect(self.restore_known)
        panel.preview_blind_requested.connect(partial(self.preview, known=False))
        panel.preview_known_requested.connect(partial(self.preview, known=True))
        panel.quality_changed.connect(self._set_quality)
        panel.cancel_requested.connect(self.cancel)
        self._tracks.library.changed.connect(self._show)
        self._document.listen(self._on_change)
        self._settings.listen(lambda _: self._show())

    def _start(
        self,
        bgm: tuple[Path, ...],
        region: Region | None = None,
        *,
        heard: Region | None = None,
        lost: Restore | None = None,
        like: Attempt | None = None,
    ) -> None:
        """Begin.

        Args:
            bgm: The tracks that are known; none is the blind way.
            region: A stretch alone.
            heard: What is played as soon as it is there.
            lost: The restore that is made again.
            like: What it is to be made like; else by what is set now.
        """
        media = self._document.project.media
        if media is None:
            return
        if region == Region(0.0, media.mix.duration_s):
            region = None
        self._leave_job()
        preferred = self._settings.current
        request = RestoreRequest(
            video=media.path,
            bgm=bgm,
            ost=like.ost if like is not None else "auto",
            quality=like.quality if like is not None else preferred.quality,
            device=preferred.device,
            region=region,
        )
        self._failure = None
        self._progress = begin_restore(known=bool(bgm))
        self.job = job = self.jobs.submit(
            *_title_and_urgency(media, region), request, Awaited.TO_KEEP
        )
        job.progressed.connect(self._on_progressed)
        job.succeeded.connect(partial(self._on_succeeded, request, heard, lost))
        again = partial(self._start, bgm, region, heard=heard, lost=lost, like=like)
        job.failed.connect(partial(self._on_failed, again))
        job.cancelled.connect(self._on_cancelled)
        self._show()

    def _leave_job(self) -> None:
        """Cancel the running job; it says nothing more."""
        job, self.job = self.job, None
        self._progress = None
        if job is not None:
            job.cancel()

    def _on_progressed(self, progress: Progress) -> None:
        if self._progress is not None:
            self._progress = self._progress.advanced(progress, time.monotonic())
            self._show()

    def _on_succeeded(
        self,
        request: RestoreRequest,
        heard: Region | None,
        lost: Restore | None,
        result: RestoreResult,
    ) -> None:
        costs = _learned(self._settings.current.blind_cost, request.quality, result)
        self._settings.change(blind_cost=costs)
        if lost is not None:
            self._document.bring_in(renewed(result, lost))
        else:
            self._document.do(restored(result, request.quality, time.time(), request.ost))
        self._finish(None)
        if heard is not None:
            self.previewed.emit(heard)
        # Where the page is open its card says all of it.
        if not self._panel.isVisible():
            _tell(self._messages, result)

    def _on_failed(self, again: Callable[[], None], error: EngineError) -> None:
        job = self.job
        self._finish(OutcomeView(OutcomeKind.FAILED, error.message, error.hint))
        media = self._document.project.media
        is_missing = isinstance(error, InputNotFoundError)
        if job is not None and is_missing and media is not None and not media.path.exists():
            # The user is asked when the job is over.
            job.finished.connect(partial(self.video_missing.emit, media.path, again))
        else:
            self._tell_what_is_missing()

    def _on_cancelled(self) -> None:
        if self.job is not None:
            self._finish(OutcomeView(OutcomeKind.CANCELLED, tr("Cancelled. Nothing was changed.")))
            self._tell_what_is_missing()

    def _tell_what_is_missing(self) -> None:
        if self._document.project.lost is not None:
            self._messages.warn(_NOT_RENEWED, _RENEW_HINT)

    def _finish(self, failure: OutcomeView | None) -> None:
        """Be done; what a success did, the document tells.

        Args:
            failure: What to say of a restore that did not succeed.
        """
        self.job, self._progress, self._failure = None, None, failure
        self._show()

    def _set_quality(self, quality: str) -> None:
        self._settings.change(quality=Quality(quality))

    def _on_change(self, change: Change) -> None:
        if change.media:
            self._leave_job()
        if change.media or change.restore:
            self._failure = None
        if change.media or change.track or change.restore or change.marks or change.lanes:
            self._show()

    def _show(self) -> None:
        project = self._document.project
        track = project.track
        self._panel.show_view(
            RestoreView(
                has_media=project.media is not None,
                has_sound=project.media is None or project.media.has_sound,
                track=track_shown(track, project.restore),
                found=found_shown(self._tracks.library.matches),
                is_searching=self._tracks.library.is_worth_saying,
                preview_s=_preview_s(project),
                quality=self._settings.current.quality,
                estimate_s=_estimate_s(self._settings.current, project.media),
                decision=decision_shown(project.restore),
                reasons=reasons(project.restore),
                kept=kept_shown(project),
                amount=amount_shown(project.restore),
                progress=self._progress.view() if self._progress is not None else None,
                outcome=self._failure or outcome_shown(project.restore),
            )
        )


def _tell(messages: Messages, result: RestoreResult) -> None:
    if result.warnings:
        messages.warn(" ".join(all_in_words((*result.notices, *result.warnings))))
    elif result.notices:
        messages.notice(" ".join(all_in_words(result.notices)))


def _preview_region(selection: Region | None, start_s: float, duration_s: float) -> Region:
    """What is tried out: the selection, or some seconds from a time on, cut to what may be long."""
    if selection is not None:
        return Region(selection.start_s, min(selection.end_s, selection.start_s + MAX_PREVIEW_S))
    start_s = max(0.0, min(start_s, duration_s - PREVIEW_S))
    return Region(start_s, min(start_s + PREVIEW_S, duration_s))


def _preview_s(project: Project) -> float:
    """How long a preview would be, wherever the play head is."""
    if project.media is None:
        return PREVIEW_S
    return _preview_region(project.selection, 0.0, project.media.mix.duration_s).duration_s


def _tracks(result: RestoreResult) -> tuple[Path, ...]:
    """What was taken out, each file once; what was named and not found needs no second try."""
    return tuple(dict.fromkeys(match.track for match in result.bgm))


def _title_and_urgency(media: Media, region: Region | None) -> tuple[str, Urgency]:
    if region is not None:
        return tr("Preview {name}", name=media.path.name), Urgency.INTERACTIVE
    return tr("Restore {name}", name=media.path.name), Urgency.RESTORE


def _learned(
    known: dict[Quality, float], quality: Quality, result: RestoreResult
) -> dict[Quality, float]:
    """The costs of blind restores with that of the last one, unless it came out of the cache."""
    cost = sum(stage.seconds for stage in result.stages) / result.stems[StemName.MIX].duration_s
    is_usual = result.method is Method.BLIND and result.region is None
    if not is_usual or cost < _LEAST_COST:
        return known
    return {**known, quality: cost}


def _estimate_s(settings: Settings, media: Media | None) -> float | None:
    """How long a blind restore would take; None if there never was one."""
    cost = settings.blind_cost.get(settings.quality)
    return None if media is None or cost is None else cost * media.mix.duration_s
