"""The Restore page <-> the engine's restore job <-> the document."""

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.controllers.restore_progress import RestoreProgress, begin_restore, stage_words
from app.controllers.track import TrackController
from app.document import Change, Document, Media, Project, Restore, accept_restore, swap_music
from app.jobs import Job, JobRunner
from app.messages import Messages
from app.settings import Settings, SettingsStore
from engine.context import Progress
from engine.errors import EngineError
from engine.lanes import Lane
from engine.types import (
    BgmMatch,
    Decision,
    Method,
    Quality,
    Region,
    RestoreRequest,
    RestoreResult,
    StemName,
    Verdict,
)
from widgets.restore_panel import RestorePanel
from widgets.restore_view import KnownTrackView, OutcomeKind, OutcomeView, RestoreView
from widgets.wording import matches_in_words, percent, tick_label

PREVIEW_S = 10.0
MAX_PREVIEW_S = 60.0
_LEAST_COST = 0.005
"""Seconds of work a second of sound; what takes less was found in the cache."""


class RestoreController(QObject):
    """Runs one restore at a time; a new one, or another video, ends the one before.

    Attributes:
        job: The restore that runs; None when none does.

    Signals:
        previewed: `Region` that can be heard now.
    """

    previewed = Signal(object)

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
        self._outcome: OutcomeView | None = None
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
        """Make a restore again whose sounds have gone, by what is set now, with the music kept."""
        tracks = dict.fromkeys(match.track for match in restore.result.bgm)
        self._start(tuple(tracks), restore.result.region, renewed=restore)

    def preview(self, *, known: bool) -> None:
        """Restore some seconds: those that are selected, else those from the play head on."""
        project = self._document.project
        if project.media is not None:
            duration_s = project.media.mix.duration_s
            region = _preview_region(project.selection, self._here_s(), duration_s)
            self._start(self._tracks.known if known else (), region)

    def cancel(self) -> None:
        """Give the running restore up."""
        if self.job is not None:
            self.job.cancel()

    def _connect(self) -> None:
        panel = self._panel
        panel.restore_blind_requested.connect(self.restore_blind)
        panel.restore_known_requested.connect(self.restore_known)
        panel.preview_blind_requested.connect(partial(self.preview, known=False))
        panel.preview_known_requested.connect(partial(self.preview, known=True))
        panel.quality_changed.connect(self._set_quality)
        panel.swap_requested.connect(self._swap)
        panel.cancel_requested.connect(self.cancel)
        self._tracks.library.changed.connect(self._show)
        self._document.listen(self._on_change)

    def _start(
        self,
        bgm: tuple[Path, ...],
        region: Region | None = None,
        renewed: Restore | None = None,
    ) -> None:
        media = self._document.project.media
        if media is None:
            return
        self._leave_job()
        preferred = self._settings.current
        request = RestoreRequest(
            video=media.path,
            bgm=bgm,
            quality=preferred.quality,
            device=preferred.device,
            region=region,
        )
        self._outcome = None
        self._progress = begin_restore(known=bool(bgm))
        self.job = job = self.jobs.submit(*_title_and_lane(media, region), request)
        job.progressed.connect(self._on_progressed)
        job.succeeded.connect(partial(self._on_succeeded, renewed))
        job.failed.connect(self._on_failed)
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

    def _on_succeeded(self, renewed: Restore | None, result: RestoreResult) -> None:
        text = result_words(result)
        finished = tuple(replace(stage, name=stage_words(stage.name)) for stage in result.stages)
        self._settings.change(blind_cost=_learned(self._settings.current, result))
        if renewed is not None:
            self._document.bring_in(accept_restore(result, renewed.choice))
        else:
            self._document.do(accept_restore(result))
        self._finish(OutcomeView(OutcomeKind.DONE, text, finished=finished))
        if result.region is not None and renewed is None:
            self.previewed.emit(result.region)
        if result.warnings:
            self._messages.warn(" ".join((*result.notices, *result.warnings)))
        elif result.notices:
            self._messages.notice(" ".join(result.notices))

    def _on_failed(self, error: EngineError) -> None:
        self._finish(OutcomeView(OutcomeKind.FAILED, error.message, error.hint))

    def _on_cancelled(self) -> None:
        if self.job is not None:
            self._finish(OutcomeView(OutcomeKind.CANCELLED, "Cancelled. Nothing was changed."))

    def _finish(self, outcome: OutcomeView) -> None:
        self.job, self._progress, self._outcome = None, None, outcome
        self._show()

    def _set_quality(self, quality: str) -> None:
        self._settings.change(quality=Quality(quality))
        self._show()

    def _swap(self) -> None:
        self._document.do(swap_music())

    def _on_change(self, change: Change) -> None:
        if change.media:
            self._leave_job()
        if change.media or change.restore:
            self._outcome = None
        if change.media or change.track or change.restore or change.marks:
            self._show()

    def _show(self) -> None:
        project = self._document.project
        track = project.track
        self._panel.show_view(
            RestoreView(
                has_media=project.media is not None,
                track=_track_shown(track, project.restore),
                found=_found_shown(self._tracks.library.matches),
                is_searching=self._tracks.library.is_running,
                preview_s=_preview_s(project),
                quality=self._settings.current.quality,
                estimate_s=_estimate_s(self._settings.current, project.media),
                decision=decision_shown(project.restore),
                reasons=_reasons(project.restore),
                progress=self._progress.view() if self._progress is not None else None,
                outcome=self._outcome,
            )
        )


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


def _title_and_lane(media: Media, region: Region | None) -> tuple[str, Lane]:
    if region is not None:
        return f"Preview {media.path.name}", Lane.INTERACTIVE
    return f"Restore {media.path.name}", Lane.RESTORE


def _learned(settings: Settings, result: RestoreResult) -> dict[Quality, float]:
    """The costs of blind restores with that of the last one, unless it came out of the cache."""
    cost = sum(stage.seconds for stage in result.stages) / result.stems[StemName.MIX].duration_s
    is_usual = result.method is Method.BLIND and result.region is None
    if not is_usual or cost < _LEAST_COST:
        return settings.blind_cost
    return {**settings.blind_cost, settings.quality: cost}


def _estimate_s(settings: Settings, media: Media | None) -> float | None:
    """How long a blind restore would take; None if there never was one."""
    cost = settings.blind_cost.get(settings.quality)
    return None if media is None or cost is None else cost * media.mix.duration_s


def decision_shown(restore: Restore | None) -> Decision | None:
    """Which music is kept: the user's own word goes before the matcher's."""
    if restore is None or restore.choice is None:
        return restore.result.decision if restore is not None else None
    verdict = Verdict.FIRST if restore.choice == "first" else Verdict.SECOND
    return Decision(restore.choice, verdict, 1.0)


def _track_shown(track: Path | None, restore: Restore | None) -> KnownTrackView | None:
    """The chosen track, and where the last restore found it."""
    if track is None:
        return None
    found = restore.result.bgm if restore is not None else ()
    matches = [match for match in found if match.track == track.absolute()]
    return KnownTrackView(track.name, matches_in_words(matches))


def _found_shown(matches: tuple[BgmMatch, ...]) -> tuple[KnownTrackView, ...]:
    """Each track that the library knows, and where it sounds."""
    places = defaultdict[Path, list[BgmMatch]](list)
    for match in matches:
        places[match.track].append(match)
    return tuple(KnownTrackView(path.name, matches_in_words(of)) for path, of in places.items())


def _reasons(restore: Restore | None) -> tuple[str, str]:
    words = {"first": ("You keep this one.", ""), "second": ("", "You keep this one.")}
    choice = restore.choice if restore is not None else None
    return words[choice] if choice is not None else ("", "")


def result_words(result: RestoreResult) -> str:
    """What a restore did, in a sentence or two."""
    if result.region is not None:
        start, end = (tick_label(s, 0.1) for s in (result.region.start_s, result.region.end_s))
        whole = result_words(replace(result, region=None))
        return f"Preview of {start} to {end}, looped. {whole} Restore to have all of it."
    if result.bgm:
        names = ", ".join(dict.fromkeys(match.track.name for match in result.bgm))
        if result.method is Method.KNOWN_BGM_AND_BLIND:
            return f"{names} has been taken out, with blind separation where it was changed a lot."
        return f"{names} has been taken out."
    decision = result.decision
    if decision is None:
        return "Speech has been separated; music and effects stay together. Nothing was taken out."
    if decision.removal_gain == 1:
        return "The added music has been taken out. Listen, and swap if the wrong one is gone."
    if decision.removal_gain > 0:
        part = percent(decision.removal_gain)
        return f"{part} of the added music has been taken out: which one it is, is not certain."
    return "Separated, but which music was added is unclear. Swap until the right one is kept."
