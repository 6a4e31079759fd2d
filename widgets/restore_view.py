"""What the Restore page shows: one frozen value, made by the controller, drawn by the panel."""

from dataclasses import dataclass
from enum import StrEnum

from engine.types import Decision, Quality, StageReport


class OutcomeKind(StrEnum):
    """How the last restore ended."""

    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class KnownTrackView:
    """The track that the user named as the added music.

    Attributes:
        name: What to call it, the file's name as a rule.
        detail: One line more, e.g. where it was found and how sure that is; may be empty.
    """

    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class KeptStem:
    """A stem of the restored sound.

    Attributes:
        lane_id: Of its lane.
        name: What the user calls it.
        kept: It is heard and exported, solo aside.
    """

    lane_id: str
    name: str
    kept: bool


@dataclass(frozen=True, slots=True)
class ProgressView:
    """A restore on its way.

    Attributes:
        stage: Name of the running stage in words.
        fraction: Part of the whole work that is done, from 0 to 1.
        left_s: Estimated time left; None while nobody can say.
        finished: Stages already done with their times.
    """

    stage: str
    fraction: float
    left_s: float | None = None
    finished: tuple[StageReport, ...] = ()


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """How the last restore ended, in words.

    Attributes:
        kind: Done, cancelled or failed.
        text: What happened.
        hint: What to do now; may be empty.
        finished: Stages that ran, with their times.
    """

    kind: OutcomeKind
    text: str
    hint: str = ""
    finished: tuple[StageReport, ...] = ()


@dataclass(frozen=True, slots=True)
class RestoreView:
    """Everything the Restore page shows, but for the waveforms of the two musics.

    Attributes:
        has_media: A video is open.
        has_sound: It has a sound track.
        track: The known track; None when none was chosen.
        found: Tracks of the user's library that sound in the video.
        is_searching: The library is still being looked through.
        preview_s: How long a preview would be.
        quality: The chosen quality of the blind way.
        estimate_s: How long the blind way will take; None while nobody can say.
        decision: Which of two musics is kept; None when there is nothing to choose.
        reasons: Why the first and why the second music was judged so; may be empty strings.
        kept: The stems of the restore; none before the first.
        amount: Part of the added music that is taken out; None where that cannot be chosen.
        progress: The running restore; None when none runs.
        outcome: How the last restore ended; None before the first.
    """

    has_media: bool = False
    has_sound: bool = True
    track: KnownTrackView | None = None
    found: tuple[KnownTrackView, ...] = ()
    is_searching: bool = False
    preview_s: float = 10.0
    quality: Quality = Quality.STANDARD
    estimate_s: float | None = None
    decision: Decision | None = None
    reasons: tuple[str, str] = ("", "")
    kept: tuple[KeptStem, ...] = ()
    amount: float | None = None
    progress: ProgressView | None = None
    outcome: OutcomeView | None = None

    @property
    def can_restore(self) -> bool:
        """Whether there is a sound to restore, and nothing under way."""
        return self.has_media and self.has_sound and self.progress is None

    @property
    def is_known(self) -> bool:
        """Whether there is a track that can be taken out exactly."""
        return self.track is not None or bool(self.found)
