"""The files that are restored one after the other: plain values, and what may happen to them."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from engine.errors import EngineError
from engine.types import DeviceChoice, OstWish, Quality, RestoreRequest, RestoreResult


class FileState(StrEnum):
    """WAITING -> RUNNING -> one of the others; whatever is over may wait once more."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class FileWish:
    """What is wanted of one file.

    Attributes:
        video: The file.
        inputs: All videos of the queue: none of them is ever replaced.
        outputs: What the queue has written for other videos.
        quality: Of the blind way.
        device: Where networks run.
        only_speech: Where no track is found, nothing but speech is kept.
        track: Exactly this track is to be taken out; None looks into the library.
    """

    video: Path
    inputs: tuple[Path, ...]
    outputs: tuple[Path, ...]
    quality: Quality
    device: DeviceChoice
    only_speech: bool
    track: Path | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """A file that can be restored.

    Attributes:
        request: For the engine.
        output: Where the result goes.
        warnings: Plain sentences for the user.
    """

    request: RestoreRequest
    output: Path
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A restored video.

    Attributes:
        result: What the engine found.
        output: The file.
        quality: That was asked for.
        warnings: Plain sentences about the writing of it.
        ost: The music that was to be kept.
    """

    result: RestoreResult
    output: Path
    quality: Quality
    warnings: tuple[str, ...] = ()
    ost: OstWish = "auto"


@dataclass(frozen=True, slots=True)
class QueuedFile:
    """One video of the queue.

    Attributes:
        file_id: Its name in every wish, never given twice.
        video: The file, absolute.
        state: What it is at.
        written: What came of it, once it is done.
        error: Why it failed.
    """

    file_id: int
    video: Path
    state: FileState = FileState.WAITING
    written: Written | None = None
    error: EngineError | None = None

    @property
    def is_over(self) -> bool:
        """Nothing happens to it any more by itself."""
        return self.state not in (FileState.WAITING, FileState.RUNNING)


@dataclass(frozen=True, slots=True)
class Queue:
    """All files in their order. Every change gives another queue.

    Attributes:
        files: Each video once.
        next_id: For the next file.
    """

    files: tuple[QueuedFile, ...] = ()
    next_id: int = field(default=1)

    @property
    def next_waiting(self) -> QueuedFile | None:
        """Whose turn it is."""
        return next((file for file in self.files if file.state is FileState.WAITING), None)

    @property
    def running(self) -> QueuedFile | None:
        """What is worked on."""
        return next((file for file in self.files if file.state is FileState.RUNNING), None)

    @property
    def num_left(self) -> int:
        """Files that are not over."""
        return sum(not file.is_over for file in self.files)

    def find(self, file_id: int) -> QueuedFile | None:
        """A file by its name; None if it has been removed."""
        return next((file for file in self.files if file.file_id == file_id), None)

    def added(self, videos: Iterable[Path]) -> "Queue":
        """With more videos at the end; one that is there already waits once more if it is over."""
        queue = self
        for video in videos:
            known = next((file for file in queue.files if file.video == video), None)
            if known is None:
                files = (*queue.files, QueuedFile(queue.next_id, video))
                queue = Queue(files, queue.next_id + 1)
            else:
                queue = queue.retried(known.file_id)
        return queue

    def changed(
        self,
        file_id: int,
        state: FileState,
        *,
        written: Written | None = None,
        error: EngineError | None = None,
    ) -> "Queue":
        """With one file in another state."""
        return replace(
            self,
            files=tuple(
                replace(file, state=state, written=written, error=error)
                if file.file_id == file_id
                else file
                for file in self.files
            ),
        )

    def retried(self, file_id: int) -> "Queue":
        """With a file that is over waiting once more, in its old place."""
        file = self.find(file_id)
        if file is None or not file.is_over:
            return self
        return self.changed(file_id, FileState.WAITING)

    def removed(self, file_id: int) -> "Queue":
        """Without a file; one that runs stays."""
        return replace(
            self,
            files=tuple(
                file
                for file in self.files
                if file.file_id != file_id or file.state is FileState.RUNNING
            ),
        )

    def cleared(self) -> "Queue":
        """With nothing but the file that runs."""
        running = self.running
        return replace(self, files=(running,) if running is not None else ())
