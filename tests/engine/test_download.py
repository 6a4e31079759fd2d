"""Downloads from a server that does everything servers do."""

import hashlib
import shutil
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.catalog import WeightFile
from engine.context import PlainContext, Progress
from engine.download import fetch
from engine.errors import (
    CancelledError,
    ChecksumError,
    DiskFullError,
    DownloadError,
    EngineError,
    OutputError,
)
from engine.http_stream import Patience, remote_size_bytes
from tests.helpers.file_server import Answering, Exchange, FileServer, serving

CONTENT = bytes(range(256)) * 4096  # 1 MiB
SHA256 = hashlib.sha256(CONTENT).hexdigest()
QUICK = Patience(stall_s=0.3, attempts=3, first_wait_s=0.0)


def described(server: FileServer, *, sha256: str = SHA256, size_bytes: int = 0) -> WeightFile:
    return WeightFile("weights.bin", server.url, sha256, size_bytes)


def get(file: WeightFile, folder: Path, context: PlainContext | None = None) -> bytes:
    path = folder / "model" / file.name
    fetch(file, path, context or PlainContext(), patience=QUICK)
    assert [p.name for p in path.parent.iterdir()] == [file.name]
    return path.read_bytes()


def cut(exchange: Exchange, to: int) -> None:
    exchange.serve(cut_to=to)


def stall(exchange: Exchange) -> None:
    exchange.head(200, len(CONTENT))
    exchange.send(CONTENT[:300_000])
    exchange.server.over.wait(10)


def never_answer(exchange: Exchange) -> None:
    exchange.server.over.wait(10)


def ignore_range(exchange: Exchange) -> None:
    exchange.head(200, len(CONTENT))
    exchange.send(CONTENT)


def without_length(exchange: Exchange) -> None:
    exchange.head(200, None)
    exchange.send(CONTENT)


def refuse(exchange: Exchange, status: int) -> None:
    exchange.head(status, 0)


def wrong_part(exchange: Exchange) -> None:
    span = f"bytes 5-{len(CONTENT) - 1}/{len(CONTENT)}"
    exchange.head(206, len(CONTENT) - 5, Content_Range=span)
    exchange.send(CONTENT[5:])


def part_of_another(exchange: Exchange) -> None:
    """A server that knows nothing of If-Range: the rest of a new version."""
    exchange.server.etag = '"two"'
    start = 400_000
    exchange.head(
        206,
        len(CONTENT) - start,
        Content_Range=f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}",
    )
    exchange.send(bytes(len(CONTENT) - start))


def web_page(exchange: Exchange, kind: str) -> None:
    page = b"\n <!DOCTYPE html><html>Please sign in</html>"
    exchange.head(200, len(page), Content_Type=kind)
    exchange.send(page)


def longer_than_said(exchange: Exchange) -> None:
    exchange.head(200, None)
    exchange.send(CONTENT + b"more")


def packed(exchange: Exchange) -> None:
    exchange.head(200, len(CONTENT), Content_Encoding="gzip")
    exchange.send(CONTENT)


def redirect(exchange: Exchange, to: str) -> None:
    exchange.head(302, 0, Location=to)


@pytest.mark.parametrize("size_bytes", [0, len(CONTENT)])
@pytest.mark.parametrize("sha256", ["", SHA256[:8], SHA256])
def test_brings_a_file(tmp_path: Path, sha256: str, size_bytes: int) -> None:
    with serving(CONTENT) as server:
        file = described(server, sha256=sha256, size_bytes=size_bytes)
        assert get(file, tmp_path) == CONTENT
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([partial(cut, to=400_000)], id="cut"),
        pytest.param([partial(cut, to=0)], id="nothing"),
        pytest.param([partial(cut, to=400_000)] * 6, id="cut more often than attempts"),
        pytest.param([stall], id="stalled"),
        pytest.param([never_answer], id="silent"),
        pytest.param([partial(cut, to=400_000), ignore_range], id="range ignored"),
        pytest.param([partial(refuse, status=503), partial(refuse, status=429)], id="busy"),
        pytest.param([partial(cut, to=400_000), wrong_part], id="wrong part"),
        pytest.param([partial(cut, to=400_000), part_of_another], id="changed midway"),
        pytest.param([without_length], id="no length"),
        pytest.param([partial(cut, to=9), partial(refuse, status=416)], id="range refused"),
    ],
)
def test_gets_through(tmp_path: Path, answers: list[Answering]) -> None:
    with serving(CONTENT, *answers) as server:
        assert get(described(server), tmp_path) == CONTENT


def test_goes_on_where_it_stopped(tmp_path: Path) -> None:
    with serving(CONTENT, partial(cut, to=400_000)) as server:
        get(described(server), tmp_path)
        again = server.requests[1]
        assert again["range"] == "bytes=400000-"
        assert again["if-range"] == '"one"'


def test_begins_anew_when_the_file_changed_between_two_runs(tmp_path: Path) -> None:
    file_path = tmp_path / "model" / "weights.bin"
    new = CONTENT[::-1]
    with serving(CONTENT, partial(cut, to=400_000)) as server:
        once = Patience(stall_s=0.3, attempts=1, first_wait_s=0.0)
        with pytest.raises(DownloadError):
            fetch(described(server), file_path, PlainContext(), patience=once)
        server.content, server.etag = new, '"two"'
        file = described(server, sha256=hashlib.sha256(new).hexdigest())
        assert get(file, tmp_path) == new


def test_a_part_of_an_unknown_file_is_not_used(tmp_path: Path) -> None:
    part = tmp_path / "model" / "weights.bin.part"
    part.parent.mkdir()
    part.write_bytes(b"something else")
    with serving(CONTENT) as server:
        assert get(described(server, sha256=""), tmp_path) == CONTENT


def test_a_spoilt_part_costs_one_more_start(tmp_path: Path) -> None:
    part = tmp_path / "model" / "weights.bin.part"
    part.parent.mkdir()
    part.write_bytes(bytes(1000))
    with serving(CONTENT) as server:
        assert get(described(server), tmp_path) == CONTENT
        assert [r.get("range") for r in server.requests] == ["bytes=1000-", None]


def test_a_whole_part_is_not_fetched_again(tmp_path: Path) -> None:
    part = tmp_path / "model" / "weights.bin.part"
    part.parent.mkdir()
    part.write_bytes(CONTENT)
    with serving(CONTENT) as server:
        assert get(described(server, size_bytes=len(CONTENT)), tmp_path) == CONTENT
        assert not server.requests


class Failure(NamedTuple):
    answer: Answering
    error: type[EngineError]
    words: str
    size_bytes: int = 0
    requests: int = 1


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(Failure(partial(refuse, status=404), DownloadError, "404"), id="404"),
        pytest.param(Failure(partial(refuse, status=403), DownloadError, "HF_TOKEN"), id="403"),
        pytest.param(Failure(partial(refuse, status=500), DownloadError, "500", 0, 3), id="500"),
        pytest.param(
            Failure(partial(web_page, kind="text/html; charset=utf-8"), DownloadError, "web page"),
            id="web page",
        ),
        pytest.param(
            Failure(partial(web_page, kind="application/octet-stream"), DownloadError, "web page"),
            id="web page in disguise",
        ),
        pytest.param(Failure(Exchange.serve, DownloadError, "the card says", 77), id="other size"),
        pytest.param(
            Failure(longer_than_said, DownloadError, "more than", len(CONTENT)), id="too long"
        ),
        pytest.param(Failure(partial(cut, to=0), DownloadError, "only 0 of", 0, 3), id="empty"),
        pytest.param(Failure(packed, DownloadError, "re-encoded"), id="packed"),
        pytest.param(
            Failure(partial(redirect, to="http://example.org/x"), DownloadError, "unsafe"),
            id="redirect away from https",
        ),
        pytest.param(
            Failure(partial(redirect, to="file:///etc/hostname"), DownloadError, "302"),
            id="redirect to a file",
        ),
        pytest.param(Failure(never_answer, DownloadError, "silent", 0, 3), id="silent"),
    ],
)
def test_gives_up_in_words(tmp_path: Path, failure: Failure) -> None:
    path = tmp_path / "weights.bin"
    with serving(CONTENT) as server:
        server.answers = [failure.answer]
        file = described(server, size_bytes=failure.size_bytes)
        with pytest.raises(failure.error, match=failure.words):
            fetch(file, path, PlainContext(), patience=QUICK)
        assert len(server.requests) == failure.requests
    assert not path.exists()


@pytest.mark.parametrize("digits", [8, 64])
def test_another_content_never_gets_the_name(tmp_path: Path, digits: int) -> None:
    with serving(CONTENT[:-1] + b"!") as server, pytest.raises(ChecksumError):
        get(described(server, sha256=SHA256[:digits]), tmp_path)
    assert not list((tmp_path / "model").iterdir())


def test_reports_progress_in_bytes(tmp_path: Path) -> None:
    seen: list[Progress] = []
    with serving(CONTENT) as server:
        get(described(server), tmp_path, PlainContext(on_progress=seen.append))
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert (seen[-1].done, seen[-1].total) == (len(CONTENT), len(CONTENT))


def test_cancel_leaves_the_part_for_the_next_time(tmp_path: Path) -> None:
    seen: list[Progress] = []
    with serving(CONTENT, stall) as server:
        context = PlainContext(seen.append, lambda: bool(seen) and seen[-1].done >= 300_000)
        patient = Patience(stall_s=60.0)
        path = tmp_path / "model" / "weights.bin"
        with pytest.raises(CancelledError):
            fetch(described(server), path, context, patience=patient)
        assert not path.exists()
        assert get(described(server), tmp_path) == CONTENT
        assert server.requests[1]["range"] == "bytes=300000-"


def test_space_is_checked_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage(tmp_path)._replace(free=1 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    with serving(CONTENT) as server, pytest.raises(DiskFullError, match="REPRISE_DATA"):
        fetch(described(server), tmp_path / "weights.bin", PlainContext(), patience=QUICK)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(b"a file is in the way")
    with serving(CONTENT) as server, pytest.raises(OutputError, match="model"):
        fetch(described(server), tmp_path / "model" / "x", PlainContext(), patience=QUICK)


def test_nobody_listens(tmp_path: Path) -> None:
    with serving(CONTENT) as server:
        file = described(server)
    with pytest.raises(DownloadError, match="broke off"):
        fetch(file, tmp_path / "x", PlainContext(), patience=QUICK)
    with pytest.raises(DownloadError, match="cannot reach"):
        remote_size_bytes(file.url)


def test_the_token_stays_with_the_first_host(tmp_path: Path) -> None:
    with serving(CONTENT) as second, serving(b"", partial(redirect, to=second.url)) as first:
        fetch(described(first), tmp_path / "x", PlainContext(), token="secret", patience=QUICK)
        assert first.requests[0]["authorization"] == "Bearer secret"
        assert "authorization" not in second.requests[0]


def test_asks_for_the_size() -> None:
    with serving(CONTENT) as server:
        assert remote_size_bytes(server.url) == len(CONTENT)
        assert not server.requests
