"""How far a whole restore is, from the reports of its stages. Knows no Qt."""

from dataclasses import dataclass, replace

from app.estimate import Estimate, updated
from engine.context import Progress
from engine.types import StageReport
from widgets.restore_view import ProgressView

_WORDS = {
    "decode": "Reading the sound",
    "known_bgm": "Taking the known track out",
    "separator": "Separating speech and music",
    "speech": "Finding the speech",
    "mixed_music": "Separating the two musics",
    "matcher": "Matching music and picture",
}
# Shares of the whole time of the stages that run by default, measured with the starter models on
# 2 cores. Other models make the bar run unevenly; the time left follows the speed that is seen.
_BLIND_SHARES = {"decode": 0.03, "separator": 0.91, "speech": 0.06}
_KNOWN_SHARES = {"decode": 0.015, "known_bgm": 0.985}


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
        for stage, share in self.shares.items():
            if stage == progress.stage:
                before += share * progress.fraction
                break
            before += share
        else:
            # A stage that nobody foresaw: the bar waits.
            before = self.fraction
        fraction = max(self.fraction, min(before, 1.0))
        estimate = updated(self.estimate, Progress("restore", fraction, 1.0), now_s)
        return replace(entered, fraction=fraction, estimate=estimate)

    def view(self) -> ProgressView:
        """What the panel shows."""
        return ProgressView(
            stage=stage_words(self.stage) if self.stage else "Getting ready",
            fraction=self.fraction,
            left_s=self.estimate.remaining_s if self.estimate else None,
            finished=self.finished,
        )

    def _entered(self, stage: str, now_s: float) -> "RestoreProgress":
        finished = self.finished
        if self.stage:
            seconds = now_s - self.stage_began_s
            finished = (*finished, StageReport(stage_words(self.stage), None, seconds))
        return replace(self, stage=stage, stage_began_s=now_s, finished=finished)


def begin_restore(*, known: bool) -> RestoreProgress:
    """A restore of which nothing has been heard yet."""
    return RestoreProgress(_KNOWN_SHARES if known else _BLIND_SHARES)
