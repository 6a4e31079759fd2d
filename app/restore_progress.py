"""How far a whole restore is, from the reports of its stages. Knows no Qt."""

from dataclasses import dataclass, replace

from app.estimate import Estimate, updated
from engine.context import Progress
from engine.translation import tr
from engine.types import StageReport
from widgets.restore_view import ProgressView

_WORDS = {
    "decode": tr("Reading the sound"),
    "library": tr("Looking through the library"),
    "library_index": tr("Filing new tracks of the library"),
    "track_search": tr("Proving the track in the sound"),
    "mux": tr("Writing the video"),
    "known_bgm": tr("Taking the known track out"),
    "separator": tr("Separating speech and music"),
    "speech": tr("Finding the speech"),
    "mixed_music": tr("Separating the two musics"),
    "matcher": tr("Matching music and picture"),
}
# Shares of the whole time of the stages that run by default, measured with the starter models on
# 2 cores. Other models make the bar run unevenly; the time left follows the speed that is seen.
_BLIND_SHARES = {"decode": 0.03, "separator": 0.91, "speech": 0.06}
_KNOWN_SHARES = {"decode": 0.015, "known_bgm": 0.985}
# Of a file of the queue nobody knows before which way it goes; then it is written, too.
_LAST = "mux"
_LOOKING, _WRITING = {"decode": 0.02, "library": 0.02, "track_search": 0.06}, {_LAST: 0.03}
_OPEN_WAYS = (
    {**_LOOKING, "separator": 0.82, "speech": 0.05, **_WRITING},
    {**_LOOKING, "known_bgm": 0.87, **_WRITING},
)


def stage_words(stage: str) -> str:
    """What a stage does, for the user."""
    return _WORDS.get(stage, stage.replace("_", " ").capitalize())


@dataclass(frozen=True, slots=True)
class RestoreProgress:
    """What is known of a running restore.

    Attributes:
        shares: Part of the whole time by stage, in order.
        stage: The running stage; empty before the first report.
        stage_began_s: When its first report came.
        fraction: Part of the whole that is done; never shrinks.
        estimate: Of the whole.
        finished: Stages done, with the times seen from here.
    """

    shares: dict[str, float]
    stage: str = ""
    stage_began_s: float = 0.0
    fraction: float = 0.0
    estimate: Estimate | None = None
    finished: tuple[StageReport, ...] = ()

    def advanced(self, progress: Progress, now_s: float) -> "RestoreProgress":
        """Take a report in."""
        entered = self if progress.stage == self.stage else self._entered(progress.stage, now_s)
        before = 0.0
        for stage, share in entered.shares.items():
            if stage == progress.stage:
                before += share * progress.fraction
                break
            before += share
        else:
            # A stage that nobody foresaw: the bar waits.
            before = self.fraction
        fraction = max(self.fraction, min(before, 1.0))
        # Writing is another kind of work, and the last: its own speed tells when all is done.
        whole = progress if progress.stage == _LAST else Progress("restore", fraction, 1.0)
        estimate = updated(self.estimate, whole, now_s)
        return replace(entered, fraction=fraction, estimate=estimate)

    def shifted(self, pause_s: float) -> "RestoreProgress":
        """The same after a pause, which must not count as slow work."""
        estimate = self.estimate and self.estimate.shifted(pause_s)
        return replace(self, stage_began_s=self.stage_began_s + pause_s, estimate=estimate)

    def view(self) -> ProgressView:
        """What the panel shows."""
        return ProgressView(
            stage=stage_words(self.stage) if self.stage else tr("Getting ready"),
            fraction=self.fraction,
            left_s=self.estimate.remaining_s if self.estimate else None,
            finished=self.finished,
        )

    def _entered(self, stage: str, now_s: float) -> "RestoreProgress":
        finished = self.finished
        if self.stage:
            seconds = now_s - self.stage_began_s
            finished = (*finished, StageReport(stage_words(self.stage), None, seconds))
        shares = self.shares
        if shares in _OPEN_WAYS and stage not in shares:
            shares = next((way for way in _OPEN_WAYS if stage in way), shares)
        return replace(self, shares=shares, stage=stage, stage_began_s=now_s, finished=finished)


def begin_restore(*, known: bool) -> RestoreProgress:
    """A restore of which nothing has been heard yet."""
    return RestoreProgress(_KNOWN_SHARES if known else _BLIND_SHARES)


def begin_queued() -> RestoreProgress:
    """The same of a file of the queue: looked up in the library, restored and written."""
    return RestoreProgress(_OPEN_WAYS[0])
