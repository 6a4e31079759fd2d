"""Writes a signed report as HTML and PDF, in a worker. Imports PyAV and Qt's text layout."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
from PySide6.QtCore import QBuffer, QEventLoop, QIODevice, QMarginsF, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter, QTextDocument

from app.project import Project
from app.restore_words import decision_shown
from app.review.facts import gather
from app.review.pictures import pictures
from app.review.report_page import page
from app.review.signing import own_key, signed
from engine.context import RunContext
from engine.media.atomic import atomic_output

_MARGIN_MM = 18.0
_TEXT_DPI = 96


@dataclass(frozen=True, slots=True)
class Written:
    """The files of a report."""

    paths: tuple[Path, ...]


def write_report(
    project: Project, output: Path, signer: str, folders: tuple[Path, Path], context: RunContext
) -> Written:
    """Write `output` and, beside it, the same in the other of the two formats.

    Args:
        project: With its video open.
        output: The HTML file.
        signer: Who signs.
        folders: Of the artifacts, and of the key.
        context: Of the job.

    Raises:
        OutputError: A file cannot be written.
        InputNotFoundError: A file of the project is not there any more.
    """
    cache, keys = folders
    facts = gather(project, decision_shown(project.restore), cache, context)
    html = page(facts, signer, pictures(project, cache, context))
    told = msgspec.json.encode(facts, enc_hook=_name_only)
    paths = output.with_suffix(".html"), output.with_suffix(".pdf")
    for path, content in zip(paths, (html.encode(), printed(html)), strict=True):
        with atomic_output(path) as part:
            part.write_bytes(signed(content, told, signer, facts.made_at, own_key(keys)))
    return Written(paths)


def printed(html: str) -> bytes:
    """A page of HTML as PDF on A4; any thread may print."""
    # Rich text starts timers, for which a thread that is not Qt's own has nobody otherwise.
    dispatcher = QEventLoop()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    margin = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    writer.setPageMargins(margin, QPageLayout.Unit.Millimeter)
    writer.setCreator("Reprise")
    text = QTextDocument()
    text.setHtml(html)
    # Else it adds margins of its own.
    text.setPageSize(QSizeF(writer.width(), writer.height()) * (_TEXT_DPI / writer.resolution()))
    text.print_(writer)
    buffer.close()
    del dispatcher
    return bytes(buffer.data().data())


def _name_only(value: object) -> str:
    """Where files lie is nobody else's business."""
    if not isinstance(value, Path):
        raise NotImplementedError
    return value.name
