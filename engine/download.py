"""Downloads: one big file over http, resumed where it broke off, never left half under its name.

What servers and networks do in practice is expected here: stalled and cut transfers, wrong lengths,
ranges that are ignored, files that change midway, sign-in pages sent instead of the file.
"""

import os
import shutil
import time
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

from engine.catalog import WeightFile
from engine.content import content_hash
from engine.context import Progress, RunContext
from engine.errors import ChecksumError, DiskFullError, DownloadError
from engine.http_stream import (
    PATIENCE,
    POLL_S,
    Answer,
    BrokenOffError,
    Patience,
    ResponseStream,
    import_hint,
    make_request,
    refusal,
)
from engine.media.atomic import disk_errors
from engine.translation import tr

PROGRESS_STAGE = "download"
SPARE_BYTES = 64 << 20
"""Space that a download leaves free."""

_RETRIED_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})


def fetch(
    file: WeightFile,
    path: Path,
    context: RunContext,
    *,
    token: str = "",
    patience: Patience = PATIENCE,
) -> None:
    """Download `file` to `path`; what was there before an interruption is used again.

    Args:
        file: Source and expected size.
        path: Final name. Until it is whole, the file is called `NAME.part`.
        context: Asked for cancellation several times a second; told the progress in bytes.
        token: Bearer token, sent to the first host alone.
        patience: When to give up.

    Raises:
        DownloadError: The server does not hand out the file, or broke off too often.
        ChecksumError: What came is not what the card names.
        DiskFullError: It would not fit.
        CancelledError: The user cancelled; the part stays for the next time.
    """
    part = _Part(path)
    for last_try in (False, True):
        pieced = _bring_whole(file, part, context, token, patience)
        try:
            check_content(file, part.part, context)
        except ChecksumError:
            part.drop()
            # Pieces may be of two versions of the file; then it is worth another start.
            if last_try or not pieced:
                raise
        else:
            part.publish()
            return


class _Part:
    """The unfinished file, and the validator of the content that it is a part of."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.part = path.with_name(f"{path.name}.part")
        self._note = path.with_name(f"{path.name}.part.tag")

    @property
    def size(self) -> int:
        """Bytes that are there."""
        return self.part.stat().st_size if self.part.exists() else 0

    @property
    def validator(self) -> str:
        """Validator that the server gave with the first bytes."""
        return self._note.read_text("utf-8") if self._note.exists() else ""

    def open(self, answer: Answer, *, keep: bool) -> BinaryIO:
        """Open for writing behind what is there, or from the start."""
        self.part.parent.mkdir(parents=True, exist_ok=True)
        self._note.write_text(answer.validator, "utf-8")
        return self.part.open("ab" if keep else "wb")

    def drop(self) -> None:
        """Forget what is there."""
        self.part.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def publish(self) -> None:
        """Give the whole file its name."""
        self.part.replace(self.path)
        self._note.unlink(missing_ok=True)


def _bring_whole(
    file: WeightFile, part: _Part, context: RunContext, token: str, patience: Patience
) -> bool:
    """Try until the part is whole; tells whether it was put together from several responses."""
    failures, best, pieced = 0, part.size, part.size > 0
    while True:
        try:
            _attempt(file, part, context, token, patience)
        except BrokenOffError as problem:
            pieced = pieced or part.size > 0
            failures = 1 if part.size > best else failures + 1
            best = max(best, part.size)
            if failures >= patience.attempts:
                raise DownloadError(
                    tr(
                        "the download of {file} broke off: {problem}",
                        file=file.name,
                        problem=problem,
                    ),
                    tr("try again later; it goes on where it stopped"),
                ) from problem
            _wait(patience.first_wait_s * 2 ** (failures - 1), context)
        else:
            return pieced


def _attempt(
    file: WeightFile, part: _Part, context: RunContext, token: str, patience: Patience
) -> None:
    """Bring the part nearer to the whole file; returns when it is whole."""
    can_tell_a_change = bool(part.validator or file.sha256)
    if not can_tell_a_change or (file.size_bytes and part.size > file.size_bytes):
        part.drop()
    offset = part.size
    if file.size_bytes and offset == file.size_bytes:
        return
    request = make_request(file.url, token)
    if offset:
        request.add_header("Range", f"bytes={offset}-")
        if part.validator:
            request.add_header("If-Range", part.validator)
    with ResponseStream(request, patience) as stream:
        answer = stream.answer(context)
        if answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            if answer.header.get("Content-Range", "") == f"bytes */{offset}":
                return
            part.drop()
            raise BrokenOffError(tr("the file has changed on the server"))
        offset = _accepted_offset(file, answer, part, offset)
        total = _total_bytes(file, answer, offset)
        require_space(part.path.parent, max(total - offset, 0))
        _receive(stream, answer, part, context, _Span(file, offset, total))


def _accepted_offset(file: WeightFile, answer: Answer, part: _Part, offset: int) -> int:
    """Where the content that follows belongs, or the reason why it is not what was asked for."""
    if answer.status in _RETRIED_STATUS:
        raise BrokenOffError(tr("the server answers {status}", status=answer.status))
    if answer.status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        raise refusal(file.url, answer.status)
    if answer.header.get_content_type() in ("text/html", "application/xhtml+xml"):
        raise _web_page(file)
    if answer.header.get("Content-Encoding", "identity").lower() != "identity":
        raise DownloadError(tr("the server sends {file} re-encoded", file=file.name), import_hint())
    if answer.status == HTTPStatus.OK:
        return 0
    span = answer.content_range
    if span is None or span[0] != offset or (part.validator and _changed(part, answer)):
        part.drop()
        raise BrokenOffError(tr("the server sent another part of the file than asked for"))
    return offset


def _changed(part: _Part, answer: Answer) -> bool:
    return bool(answer.validator) and answer.validator != part.validator


def _total_bytes(file: WeightFile, answer: Answer, offset: int) -> int:
    """Size of the whole file as the server sees it, 0 if it does not say."""
    if answer.content_range is not None and answer.content_range[1] is not None:
        total = answer.content_range[1]
    else:
        total = offset + answer.length if answer.length is not None else 0
    if total and file.size_bytes and total != file.size_bytes:
        raise DownloadError(
            tr(
                "the server offers {total:,} bytes as {file}, the card says {stated:,}",
                total=total,
                file=file.name,
                stated=file.size_bytes,
            ),
            import_hint(),
        )
    return total or file.size_bytes


@dataclass(frozen=True, slots=True)
class _Span:
    """The stretch of a file that a response brings."""

    file: WeightFile
    offset: int
    total: int


def _receive(
    stream: ResponseStream, answer: Answer, part: _Part, context: RunContext, span: _Span
) -> None:
    """Write what comes; raises `BrokenOffError` if it ends early."""
    done = span.offset
    with disk_errors(part.path), part.open(answer, keep=span.offset > 0) as out:
        for block in stream.blocks(context):
            if done == 0 and _looks_like_web_page(block):
                raise _web_page(span.file)
            done += len(block)
            if span.total and done > span.total:
                raise DownloadError(
                    tr(
                        "the server sends more than {total:,} bytes as {file}",
                        total=span.total,
                        file=span.file.name,
                    ),
                    import_hint(),
                )
            out.write(block)
            context.report(Progress(PROGRESS_STAGE, done, span.total))
        out.flush()
        os.fsync(out.fileno())
    if span.total and done < span.total:
        raise BrokenOffError(tr("only {done:,} of {all:,} bytes came", done=done, all=span.total))


def require_space(folder: Path, size_bytes: int) -> None:
    """Raise `DiskFullError` unless `size_bytes` more fit into `folder`, with some to spare."""
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    if free < size_bytes + SPARE_BYTES:
        raise DiskFullError(
            tr(
                "{needed:,.0f} MB are needed in {folder}, {free:,.0f} MB are free",
                needed=size_bytes / 1e6,
                folder=folder,
                free=free / 1e6,
            ),
            tr("free some space, or set REPRISE_DATA to a folder on another disk"),
        )


def check_content(file: WeightFile, path: Path, context: RunContext) -> str:
    """Compare a file with its card, size first.

    Returns:
        Its SHA-256, as hex digits.

    Raises:
        ChecksumError: It is not the file that the card names.
    """
    size_bytes = path.stat().st_size
    if file.size_bytes and size_bytes != file.size_bytes:
        raise ChecksumError(
            tr(
                "{path} has {size:,} bytes, its card says {stated:,}",
                path=path,
                size=size_bytes,
                stated=file.size_bytes,
            ),
            _refetch_hint(),
        )
    digest = content_hash(path, context.raise_if_cancelled)
    if not digest.startswith(file.sha256):
        raise ChecksumError(
            tr(
                "{path} has the SHA-256 {digest}, its card says {stated}",
                path=path,
                digest=digest,
                stated=file.sha256,
            ),
            _refetch_hint(),
        )
    return digest


def _refetch_hint() -> str:
    return tr("delete it and fetch it again: reprise models get NAME")


def _looks_like_web_page(block: bytes) -> bool:
    return block[:256].lstrip().lower().startswith((b"<!doctype html", b"<html"))


def _web_page(file: WeightFile) -> DownloadError:
    return DownloadError(
        tr("a web page came instead of {file}", file=file.name),
        tr("the network may want a sign-in first; or fetch the file yourself and import it"),
    )


def _wait(seconds: float, context: RunContext) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        context.raise_if_cancelled()
        time.sleep(min(left, POLL_S))
    context.raise_if_cancelled()
