"""Http responses that are read by a thread of their own, so that a dead line blocks nobody."""

import email.message
import http.client
import queue
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import IO, Self
from urllib.parse import urlsplit

from engine.catalog import is_safe_url
from engine.context import RunContext
from engine.errors import DownloadError
from engine.translation import tr

POLL_S = 0.1

_BLOCK_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a download goes on without success.

    Attributes:
        stall_s: Silence after which a connection counts as dead.
        attempts: Tries in a row that bring nothing new.
        first_wait_s: Pause before the second try; doubles with each one after it.
    """

    stall_s: float = 30.0
    attempts: int = 5
    first_wait_s: float = 1.0


PATIENCE = Patience()


class BrokenOffError(Exception):
    """The transfer ended early; another try may go on from here."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and header of a response."""

    status: int
    header: email.message.Message

    @property
    def validator(self) -> str:
        """Strong validator of the content, or nothing."""
        etag = self.header.get("ETag", "")
        return self.header.get("Last-Modified", "") if not etag or etag.startswith("W/") else etag

    @property
    def length(self) -> int | None:
        """Content-Length, if it is a number."""
        text = self.header.get("Content-Length", "")
        return int(text) if text.isdecimal() else None

    @property
    def content_range(self) -> tuple[int, int | None] | None:
        """First byte and whole size, from Content-Range."""
        found = re.fullmatch(
            r"bytes (\d+)-\d+/(\d+|\*)", self.header.get("Content-Range", "").strip()
        )
        if found is None:
            return None
        first, whole = found.groups()
        return int(first), None if whole == "*" else int(whole)


class ResponseStream:
    """A response that is read by a thread of its own, so that a dead line cannot block a cancel.

    The thread is never waited for: it ends by itself at the latest when the line's time is out.
    """

    def __init__(self, request: urllib.request.Request, patience: Patience) -> None:
        self._request = request
        self._patience = patience
        self._events: queue.Queue[Answer | bytes | Exception | None] = queue.Queue(maxsize=8)
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._read, name="download", daemon=True)

    def __enter__(self) -> Self:
        """Start to read."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the reader go."""
        self._left.set()

    def answer(self, context: RunContext) -> Answer:
        """Wait for the header."""
        event = self._next(context)
        if not isinstance(event, Answer):
            raise TypeError(f"expected the header first, got {event!r}")
        return event

    def blocks(self, context: RunContext) -> Iterator[bytes]:
        """The content as it comes."""
        while isinstance(event := self._next(context), bytes):
            yield event

    def _next(self, context: RunContext) -> Answer | bytes | None:
        quiet_since = time.monotonic()
        while True:
            context.raise_if_cancelled()
            try:
                event = self._events.get(timeout=POLL_S)
            except queue.Empty:
                if time.monotonic() - quiet_since > self._patience.stall_s + 1:
                    raise BrokenOffError(tr("the server fell silent")) from None
                continue
            if isinstance(event, Exception):
                raise event
            return event

    def _read(self) -> None:
        try:
            with _opener().open(self._request, timeout=self._patience.stall_s) as response:
                self._put(Answer(response.status, response.headers))
                while not self._left.is_set() and (block := response.read1(_BLOCK_BYTES)):
                    self._put(block)
            self._put(None)
        except urllib.error.HTTPError as error:
            error.close()
            self._put(Answer(error.code, error.headers))
        except DownloadError as error:
            self._put(error)
        except TimeoutError:
            self._put(BrokenOffError(tr("the server fell silent")))
        except (OSError, http.client.HTTPException) as error:
            self._put(BrokenOffError(str(error) or type(error).__name__))

    def _put(self, event: Answer | bytes | Exception | None) -> None:
        while not self._left.is_set():
            try:
                self._events.put(event, timeout=POLL_S)
            except queue.Full:
                continue
            return


def remote_size_bytes(url: str, *, token: str = "", patience: Patience = PATIENCE) -> int:
    """Size that the server states for a file, 0 if it states none."""
    request = make_request(url, token)
    request.method = "HEAD"
    try:
        with _opener().open(request, timeout=patience.stall_s) as response:
            length = Answer(response.status, response.headers).length
    except urllib.error.HTTPError as error:
        error.close()
        raise refusal(url, error.code) from error
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(url, error) from error
    return length or 0


def import_hint() -> str:
    """What is left where the network does not lead."""
    return tr("fetch the file yourself and import it: reprise models import FILE")


def refusal(url: str, status: int) -> DownloadError:
    """The error for a status that no second try will mend."""
    host = urlsplit(url).hostname
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return DownloadError(
            tr("{host} refuses access ({status})", host=host, status=status),
            tr("a gated model wants its conditions accepted on its page, and HF_TOKEN set"),
        )
    return DownloadError(
        tr("{host} does not hand out the file ({status})", host=host, status=status), import_hint()
    )


def _unreachable(url: str, error: Exception) -> DownloadError:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    words = (reason.strerror if isinstance(reason, OSError) else None) or reason
    return DownloadError(
        tr("cannot reach {host}: {words}", host=urlsplit(url).hostname, words=words),
        tr("check the connection, or import a file"),
    )


def make_request(url: str, token: str) -> urllib.request.Request:
    """A GET request; the token goes to the first host alone."""
    if not is_safe_url(url):
        raise DownloadError(tr("{url} is not an https address", url=url), import_hint())
    scheme, _, rest = url.partition("://")
    request = (
        urllib.request.Request(f"https://{rest}")
        if scheme == "https"
        else urllib.request.Request(f"http://{rest}")
    )
    request.add_header("User-Agent", "reprise")
    if token:
        # Unredirected: hubs redirect to other hosts, which must not see the token.
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    return request


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows no redirect away from https."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """The next request, if its address is safe."""
        if not is_safe_url(newurl):
            fp.close()
            raise DownloadError(
                tr("{host} redirects to an unsafe address", host=req.host), import_hint()
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_SafeRedirects)
