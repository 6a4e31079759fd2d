"""A signed report is found out if a single byte of it changes, and stays a report for readers."""

import json
import stat
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from app.review.signing import ReportError, own_key, read_report, signed, verify

HTML = b"<!DOCTYPE html><html><body>All of it.</body></html>\n"
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\nxref\n0 1\ntrailer\n<<>>\nstartxref\n30\n%%EOF\n"
FACTS = json.dumps({"files": [], "note": "--> <!--"}).encode()
AT = "2026-05-04T12:30:00+02:00"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def report(content: bytes, by: str = "Anna") -> bytes:
    return signed(content, FACTS, by, AT, KEY)


@pytest.mark.parametrize("content", [HTML, PDF])
def test_what_was_signed_is_verified_and_told(content: bytes) -> None:
    verified = verify(report(content))
    assert verified.facts == FACTS
    assert (verified.statement.by, verified.statement.at) == ("Anna", AT)
    assert verified.statement.key == KEY.public_key().public_bytes_raw().hex()
    assert verified.statement.key.startswith(verified.statement.short_key)


@settings(max_examples=60)
@given(st.sampled_from([HTML, PDF]), st.data())
def test_no_byte_can_be_changed_or_taken_out(content: bytes, data: st.DataObject) -> None:
    whole = report(content)
    at = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.integers(1, 255))
    changed = whole[:at] + bytes([whole[at] ^ other]) + whole[at + 1 :]
    for damaged in (changed, whole[:at] + whole[at + 1 :]):
        with pytest.raises(ReportError):
            verify(damaged)


@pytest.mark.parametrize("content", [HTML, PDF])
def test_nothing_can_be_put_behind_or_before(content: bytes) -> None:
    whole = report(content)
    for longer in (whole + b"x", whole + b"<p>more</p>", b"<p>more</p>" + whole, whole + whole):
        with pytest.raises(ReportError, match="changed after it was signed"):
            verify(longer)


def test_a_name_cannot_end_the_comment_that_holds_it() -> None:
    whole = report(HTML, by="--><script>alert(1)</script>")
    assert b"<script>" not in whole
    assert verify(whole).statement.by == "--><script>alert(1)</script>"


def test_a_pdf_still_says_where_its_table_lies() -> None:
    assert report(PDF).endswith(b"\nstartxref\n30\n%%EOF\n")


@pytest.mark.parametrize("content", [b"", HTML, PDF, b"\n<!--reprise-signature AAAA AAAA -->\n"])
def test_what_was_never_signed_is_refused(content: bytes) -> None:
    with pytest.raises(ReportError):
        verify(content)


def test_the_key_is_made_once_and_is_nobody_elses_business(tmp_path: Path) -> None:
    first, second = (own_key(tmp_path / "keys").private_bytes_raw() for _ in range(2))
    assert first == second
    assert own_key(tmp_path / "others").private_bytes_raw() != first
    if sys.platform != "win32":
        mode = (tmp_path / "keys" / "signing.key").stat().st_mode
        assert stat.S_IMODE(mode) == 0o600


def test_a_damaged_key_is_told(tmp_path: Path) -> None:
    (tmp_path / "signing.key").write_bytes(b"short")
    with pytest.raises(ReportError, match="is no key"):
        own_key(tmp_path)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="cannot read"):
        read_report(tmp_path / "none.html")
    with pytest.raises(ReportError):
        read_report(tmp_path)
