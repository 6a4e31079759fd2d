"""What is done in threads to a file of the queue, before and after the engine's part.

Imports PyAV: load it after the first paint, in a worker.
"""

from collections.abc import Iterable
from pathlib import Path

from app.export.work import write_restored
from app.paths import restored_path
from app.queue import FileWish, Ready, Written
from engine.artifacts import ArtifactStore
from engine.context import RunContext
from engine.errors import LibraryError, OutputError
from engine.library.own_folders import own_library
from engine.media.atomic import check_writable
from engine.media.mux import check_output, planned_output
from engine.media.replacing import replaced_input, written_twice
from engine.translation import tr
from engine.types import RestoreRequest, RestoreResult


def look_at(wish: FileWish) -> Ready:
    """Find out before the work what cannot be read, and what could not be written after it.

    Raises:
        EngineError: Why the file cannot be restored.
    """
    output = planned_output(wish.video, restored_path(wish.video))
    check_output(wish.video, output)
    _check_place(output, wish)
    check_writable(output)
    folders, warnings = _library() if wish.track is None else ((), ())
    request = RestoreRequest(
        video=wish.video,
        bgm=() if wish.track is None else (wish.track,),
        libraries=folders,
        own_library=wish.track is None,
        ost="second" if wish.only_speech else "auto",
        quality=wish.quality,
        device=wish.device,
    )
    return Ready(request, output, warnings)


def write(
    ready: Ready, result: RestoreResult, store: ArtifactStore, context: RunContext
) -> Written:
    """Write the restored video, and keep the cache to its quota.

    Raises:
        EngineError: It cannot be written.
    """
    muxed = write_restored(result, ready.output, store.root, context)
    store.trim()
    warnings = (*ready.warnings, *muxed.warnings)
    request = ready.request
    return Written(result, muxed.output, request.quality, warnings, request.ost)


def _check_place(output: Path, wish: FileWish) -> None:
    if replaced_input([output], wish.inputs) is not None:
        raise OutputError(
            tr("the result {file} would replace a video of the queue", file=output.name),
            tr("rename that one, or restore this one in the editor"),
        )
    if _is_taken(output, wish.outputs):
        raise OutputError(
            tr("another video of the queue was written as {file}", file=output.name),
            tr("restore this one in the editor, and export it under another name"),
        )


def _is_taken(output: Path, outputs: Iterable[Path]) -> bool:
    return written_twice([output, *dict.fromkeys(outputs)]) is not None


def _library() -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """The folders of the user's library, and what to say of those that cannot be searched."""
    try:
        folders = own_library()
    except LibraryError as error:
        # Nobody asked for it: the blind way is left.
        return (), (tr("Your library was not searched: {error}", error=error),)
    return folders.readable, folders.warnings
