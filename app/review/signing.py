"""Signed reports: whoever changes a byte of one afterwards is found out.

A report is an HTML or a PDF file with two lines more at its end: the facts as JSON, and a signature
(Ed25519) over everything before it. In HTML they are comments, in PDF too; readers skip them. Whose
signature it is, is told by the key alone: the name beside it is what its owner wrote there.
"""

import base64
import binascii
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from engine.errors import EngineError
from engine.media.atomic import atomic_output, make_folder
from engine.translation import tr

_KEY_FILE = "signing.key"
_SHOWN_LETTERS = 16
_MAX_BYTES = 200_000_000
_SIGNATURE = b"reprise-signature "
_PDF = b"%PDF-"
_START = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*$")
_LAST = re.compile(
    rb"\n(?:<!--|%)reprise-signature (?P<statement>[A-Za-z0-9+/=]+) (?P<mark>[A-Za-z0-9+/=]+)"
    rb"(?: -->\n|\nstartxref\n(?P<start>\d+)\n%%EOF\n)$"
)
_FACTS = re.compile(rb"\n(?:<!--|%)reprise-facts (?P<facts>[A-Za-z0-9+/=]+)(?: -->)?$")


class ReportError(EngineError):
    """A report is damaged, was changed, or is none."""

    code = "report"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a signature says.

    Attributes:
        by: The signer, in their own words.
        at: When, ISO 8601 with its zone.
        key: The public key, in hexadecimal.
    """

    by: str
    at: str
    key: str

    @property
    def short_key(self) -> str:
        """Enough of the key to tell it from others by eye."""
        return self.key[:_SHOWN_LETTERS]


@dataclass(frozen=True, slots=True)
class Verified:
    """A report as it was signed.

    Attributes:
        statement: By whom and when.
        facts: What it tells, as JSON.
    """

    statement: Statement
    facts: bytes


def own_key(folder: Path) -> Ed25519PrivateKey:
    """The user's key, made when it is first needed; nobody else may read its file.

    Raises:
        OutputError: It cannot be kept.
        ReportError: What is there is no key.
    """
    path = folder / _KEY_FILE
    if not path.exists():
        make_folder(folder)
        with atomic_output(path) as part:
            # Never, not even for a moment, open to others.
            part.touch(mode=0o600)
            part.write_bytes(Ed25519PrivateKey.generate().private_bytes_raw())
    try:
        return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ReportError(
            tr("{path} is no key", path=path), tr("move it away; a new one is made")
        ) from error


def signed(content: bytes, facts: bytes, by: str, at: str, key: Ed25519PrivateKey) -> bytes:
    """A report with its facts and its signature.

    Args:
        content: HTML or PDF.
        facts: What it tells, as JSON.
        by: The signer.
        at: When, ISO 8601 with its zone.
        key: The signer's.
    """
    is_pdf = content.startswith(_PDF)
    opens, closes = (b"%", b"") if is_pdf else (b"<!--", b" -->")
    told = content + b"\n" + opens + b"reprise-facts " + base64.b64encode(facts) + closes
    statement = msgspec.json.encode(Statement(by, at, key.public_key().public_bytes_raw().hex()))
    mark = key.sign(told + statement)
    words = b" ".join(base64.b64encode(part) for part in (statement, mark))
    return told + b"\n" + opens + _SIGNATURE + words + _end(content, closes)


def verify(report: bytes) -> Verified:
    """Read a report that nobody has changed since it was signed.

    Raises:
        ReportError: It was changed, or was never signed.
    """
    last = _LAST.search(report[-4096:])
    if last is None and _SIGNATURE in report:
        # Something was added behind it, or it was tampered with.
        raise _changed()
    if last is None:
        raise ReportError(
            tr("no signature was found"), tr("a report is signed when Reprise saves it")
        )
    told = report[: len(report) - len(last[0])]
    facts = _FACTS.search(told)
    content = told[: facts.start()] if facts is not None else told
    try:
        raw, mark = (_decoded(last[part]) for part in ("statement", "mark"))
        statement = msgspec.json.decode(raw, type=Statement)
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(statement.key)).verify(mark, told + raw)
    except (InvalidSignature, ValueError, binascii.Error, msgspec.MsgspecError) as error:
        raise _changed() from error
    if facts is None or (last["start"] or b"") != _start(content):
        raise _changed()
    return Verified(statement, base64.b64decode(facts["facts"]))


def _changed() -> ReportError:
    return ReportError(
        tr("the report was changed after it was signed"), tr("ask for the original file")
    )


def read_report(path: Path) -> Verified:
    """Read a report from a file.

    Raises:
        ReportError: It cannot be read, was changed, or is none.
    """
    try:
        status = path.stat()
        # Of a pipe somebody else's program could be waited for for ever.
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            raise ReportError(tr("{file} is no file", file=path.name))
        if status.st_size > _MAX_BYTES:
            raise ReportError(tr("{path} is too large for a report", path=path.name))
        return verify(path.read_bytes())
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise ReportError(tr("cannot read {path}: {reason}", path=path, reason=reason)) from error


def _decoded(text: bytes) -> bytes:
    """Base64 in the one way to write it: else bits that mean nothing could be changed."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw) != text:
        raise ValueError("not the usual base64")
    return raw


def _start(content: bytes) -> bytes:
    """Where a PDF says that its table begins; nothing in HTML."""
    found = _START.search(content[-64:])
    return found[1] if found is not None else b""


def _end(content: bytes, closes: bytes) -> bytes:
    """What ends the file: a PDF is read from there."""
    if not content.startswith(_PDF):
        return closes + b"\n"
    return b"\nstartxref\n" + _start(content) + b"\n%%EOF\n"
