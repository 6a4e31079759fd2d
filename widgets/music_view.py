"""What the Music page shows: frozen values, made by the controller, drawn by the cards."""

from dataclasses import dataclass
from enum import StrEnum

from widgets.clips import ClipSpec


class Listening(StrEnum):
    """Whether it is known where somebody speaks."""

    UNKNOWN = "unknown"
    LISTENING = "listening"
    KNOWN = "known"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class DuckView:
    """How the lane of a clip makes room for speech.

    Attributes:
        lane_id: Which lane.
        lane_name: What the user reads.
        duck_db: So much softer it is while somebody speaks; 0 is not at all.
        most_db: The most that this can be.
        listening: Whether it is known where that is.
    """

    lane_id: str
    lane_name: str
    duck_db: float
    most_db: float
    listening: Listening


@dataclass(frozen=True, slots=True)
class MusicView:
    """Everything on the page.

    Attributes:
        has_media: There is a film to place music in.
        clips: What is placed, in the order of the film.
        selected: The clip that the cards are about.
        duck: Of the lane of that clip.
    """

    has_media: bool = False
    clips: tuple[ClipSpec, ...] = ()
    selected: ClipSpec | None = None
    duck: DuckView | None = None
