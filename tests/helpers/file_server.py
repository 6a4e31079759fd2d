"""A web server on this machine that hands out one file, as badly as a test wants."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answering = Callable[["Exchange"], None]


@dataclass
class FileServer:
    """What is served and what was asked.

    Attributes:
        content: The file.
        etag: Its validator; empty sends none.
        port: Where it listens.
        answers: How the requests are answered, in order; the last one goes on for ever.
        requests: Headers of all requests, in order; names in small letters.
        over: Set when the server goes down; what stalls waits for it.
    """

    content: bytes
    etag: str = '"one"'
    port: int = 0
    answers: list[Answering] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/weights.bin"


@dataclass
class Exchange:
    """One request and its answer."""

    server: FileServer
    handler: BaseHTTPRequestHandler

    @property
    def offset(self) -> int:
        """First byte asked for, if the condition on the validator holds."""
        asked = self.handler.headers.get("Range", "bytes=0-")
        condition = self.handler.headers.get("If-Range", self.server.etag)
        return int(asked.removeprefix("bytes=").rstrip("-")) if condition == self.server.etag else 0

    def head(self, status: int, length: int | None, **more: str) -> None:
        """Status and headers; `more` has underscores for dashes."""
        self.handler.send_response(status)
        if length is not None:
            self.handler.send_header("Content-Length", str(length))
        if self.server.etag:
            self.handler.send_header("ETag", self.server.etag)
        for name, value in more.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()

    def send(self, data: bytes) -> None:
        if self.handler.command != "HEAD":
            self.handler.wfile.write(data)

    def serve(self, cut_to: int | None = None) -> None:
        """Answer as a good server does, but perhaps stop after `cut_to` bytes."""
        content, start = self.server.content, self.offset
        rest = content[start:]
        if start:
            span = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self.head(206, len(rest), Content_Range=span)
        else:
            self.head(200, len(rest))
        self.send(rest[:cut_to])


@contextmanager
def serving(content: bytes, *answers: Answering) -> Iterator[FileServer]:
    """Serve `content` until the block ends."""
    state = FileServer(content, answers=[*answers, Exchange.serve])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.requests.append({k.lower(): v for k, v in self.headers.items()})
            answer = state.answers.pop(0) if len(state.answers) > 1 else state.answers[0]
            answer(Exchange(state, self))

        def do_HEAD(self) -> None:
            Exchange(state, self).serve()

        def log_message(self, *_: Any, **__: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield state
        finally:
            state.over.set()
            server.shutdown()
            thread.join()
