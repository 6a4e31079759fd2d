"""What the Queue card says of the files."""

import os
from dataclasses import replace

from app.queue import FileState, Queue, QueuedFile, Written
from app.restore_log import log_lines
from app.restore_progress import RestoreProgress
from app.restore_words import result_words
from engine import remarks
from engine.translation import tr
from widgets.queue_view import QueueAct, QueueRow, QueueRun, QueueView, RowKind
from widgets.wording import percent, time_left

_STATES = {
    FileState.WAITING: tr("Waiting"),
    FileState.RUNNING: tr("Running"),
    FileState.DONE: tr("Done"),
    FileState.FAILED: tr("Failed"),
    FileState.CANCELLED: tr("Cancelled"),
}
_KINDS = {
    FileState.WAITING: RowKind.WAITING,
    FileState.RUNNING: RowKind.RUNNING,
    FileState.DONE: RowKind.DONE,
    FileState.FAILED: RowKind.FAILED,
    FileState.CANCELLED: RowKind.CANCELLED,
}
_ACTS = {
    FileState.WAITING: (QueueAct.OPEN, QueueAct.REMOVE),
    FileState.RUNNING: (QueueAct.OPEN, QueueAct.CANCEL),
    FileState.DONE: (QueueAct.OPEN_FOLDER, QueueAct.OPEN, QueueAct.LOG, QueueAct.REMOVE),
    FileState.FAILED: (QueueAct.RETRY, QueueAct.OPEN, QueueAct.LOG, QueueAct.REMOVE),
    FileState.CANCELLED: (QueueAct.RETRY, QueueAct.OPEN, QueueAct.REMOVE),
}


def queue_shown(
    queue: Queue,
    run: QueueRun,
    progress: RestoreProgress | None,
    *,
    only_speech: bool,
    is_behind: bool,
    left_s: float | None = None,
) -> QueueView:
    """The whole card.

    Args:
        queue: The files.
        run: What the queue is at.
        progress: Of the file that runs.
        only_speech: What is kept where no track is found.
        is_behind: The file that runs waits for other work.
        left_s: How long all of them still take; None if that is not known.
    """
    words = summary(queue)
    if run is QueueRun.RUNNING and left_s is not None and queue.num_left > 1:
        words = tr("{done} · {left} for all", done=words, left=time_left(left_s))
    return QueueView(
        rows=tuple(_row(file, run, progress, is_behind=is_behind) for file in queue.files),
        summary=words,
        run=run,
        can_start=queue.next_waiting is not None,
        only_speech=only_speech,
    )


def summary(queue: Queue) -> str:
    """How far the queue is: 2 of 5 done, 1 failed."""
    states = [file.state for file in queue.files]
    words = tr("{done} of {all} done", done=states.count(FileState.DONE), all=len(states))
    failed = states.count(FileState.FAILED)
    return tr("{done}, {failed} failed", done=words, failed=failed) if failed else words


def place_in_queue(queue: Queue) -> str:
    """Which file runs, for the status line; empty when none does."""
    running = queue.running
    if running is None:
        return ""
    number = queue.files.index(running) + 1
    return tr(
        "{number} of {all} in the queue · {file}",
        number=number,
        all=len(queue.files),
        file=running.video.name,
    )


def file_log(file: QueuedFile) -> str:
    """Everything that is known of what was done to a file."""
    lines = [file.video.name]
    if file.written is not None:
        lines = [*log_lines(file.written.result, file.written.warnings)]
        lines.append(tr("Written: {file}", file=file.written.output))
    if file.error is not None:
        lines += [tr("Failed: {message}", message=file.error.message), file.error.hint]
    return "\n".join(filter(None, lines))


def _row(
    file: QueuedFile, run: QueueRun, progress: RestoreProgress | None, *, is_behind: bool
) -> QueueRow:
    row = QueueRow(
        file.file_id,
        file.video.name,
        _KINDS[file.state],
        _plain_words(file),
        acts=_ACTS[file.state],
    )
    if file.state is FileState.RUNNING and progress is not None:
        return _running(row, run, progress, is_behind=is_behind)
    if file.written is not None:
        return _done(row, file.written)
    if file.error is not None:
        return replace(row, detail=" ".join(filter(None, (_reason(file), file.error.hint))))
    return row


def _plain_words(file: QueuedFile) -> str:
    words = _STATES[file.state]
    return f"{words}: {_reason(file)}" if file.error is not None else words


def _reason(file: QueuedFile) -> str:
    """Why it failed; without the folder, which would leave no room for the reason."""
    message = file.error.message if file.error is not None else ""
    return message.replace(f"{file.video.parent}{os.sep}", "")


def _running(
    row: QueueRow, run: QueueRun, progress: RestoreProgress, *, is_behind: bool
) -> QueueRow:
    part, view = percent(progress.fraction), progress.view()
    row = replace(row, fraction=progress.fraction)
    if run is QueueRun.PAUSED:
        return replace(row, kind=RowKind.PAUSED, words=tr("Paused at {part}", part=part))
    if is_behind:
        words = tr("Held at {part}, other work goes first", part=part)
        return replace(row, kind=RowKind.PAUSED, words=words, detail=view.stage)
    return replace(
        row,
        words=tr("Running, {part} · {left}", part=part, left=time_left(view.left_s)),
        detail=view.stage,
    )


def _done(row: QueueRow, written: Written) -> QueueRow:
    """A doubt is told in words, and by the sign."""
    warnings = tuple(
        warning
        for warning in (*written.result.warnings, *written.warnings)
        # Nothing but what was asked for.
        if warning != remarks.ONLY_SPEECH()
    )
    words = result_words(written.result)
    return replace(
        row,
        kind=RowKind.WARNED if warnings else RowKind.DONE,
        words=tr("Done, with a note: {words}", words=words)
        if warnings
        else tr("Done: {words}", words=words),
        detail="\n".join(
            (
                words,
                *remarks.all_in_words(warnings),
                tr("Written: {file}", file=written.output.name),
            )
        ),
    )
