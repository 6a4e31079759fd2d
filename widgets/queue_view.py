"""What the Queue card shows: one frozen value, made by the controller, drawn by the card."""

from dataclasses import dataclass
from enum import StrEnum


class QueueAct(StrEnum):
    """What the user may want of one file."""

    OPEN = "open"
    OPEN_FOLDER = "open_folder"
    CANCEL = "cancel"
    RETRY = "retry"
    LOG = "log"
    REMOVE = "remove"


class RowKind(StrEnum):
    """The sign before a file; its words always say the same."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    WARNED = "warned"
    FAILED = "failed"
    CANCELLED = "cancelled"


class QueueRun(StrEnum):
    """What the queue as a whole is at."""

    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One file.

    Attributes:
        file_id: Comes back with every wish.
        name: The file's name.
        kind: Its sign.
        words: State in words: "Running, 42 % · about 14 s left".
        detail: What more there is to say, e.g. what to do about a failure; may be empty.
        fraction: Part done, from 0 to 1, while it is worked on.
        acts: What can be done, in the order of the buttons.
    """

    file_id: int
    name: str
    kind: RowKind
    words: str
    detail: str = ""
    fraction: float | None = None
    acts: tuple[QueueAct, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueView:
    """Everything the Queue card shows.

    Attributes:
        rows: The files; none hides the card.
        summary: How far the whole is, in words.
        run: What the queue is at.
        can_start: There is a file that waits.
        only_speech: What is kept where no track is found: nothing but speech.
    """

    rows: tuple[QueueRow, ...] = ()
    summary: str = ""
    run: QueueRun = QueueRun.IDLE
    can_start: bool = False
    only_speech: bool = False
