"""What the window and the engine process say to each other.

Messages are tagged msgspec structs, encoded as msgpack and framed by the length prefix of
`multiprocessing.connection`. The pipe is a pair of connected, nameless ends of which one is
inherited by the engine: nobody else can join, and either side sees at once that the other is gone.
Requests and results travel as a kind and a body; the kind is looked up in a fixed table of types
and the body is validated against that type, so nothing that arrives can name code to run. Sound
does not travel: results hold keys of the artifact cache.
"""

import os
import sys
from pathlib import Path

import msgspec

from engine.errors import EngineError, EngineProcessError
from engine.translation import tr
from engine.types import (
    BeatsRequest,
    BeatsResult,
    IdentifyRequest,
    IdentifyResult,
    ImportRequest,
    ImportResult,
    PictureCutsRequest,
    PictureCutsResult,
    RestoreRequest,
    RestoreResult,
    SpeechEditRequest,
    SpeechRequest,
    SpeechResult,
)
from engine.urgency import Urgency

if sys.platform == "win32":
    from multiprocessing.connection import PipeConnection

    PipeEnd = PipeConnection
else:
    from multiprocessing.connection import Connection

    PipeEnd = Connection

PROTOCOL_VERSION = 5
MAX_MESSAGE_BYTES = 16 * 2**20
HEARTBEAT_S = 0.5

_PAYLOAD_TYPES = (
    RestoreRequest,
    RestoreResult,
    IdentifyRequest,
    IdentifyResult,
    ImportRequest,
    ImportResult,
    PictureCutsRequest,
    PictureCutsResult,
    BeatsRequest,
    BeatsResult,
    SpeechRequest,
    SpeechResult,
    SpeechEditRequest,
)


class Payload(msgspec.Struct, frozen=True):
    """A request or a result: the name of its type and its msgpack body."""

    kind: str
    body: msgspec.Raw


class Message(msgspec.Struct, frozen=True, tag=str.lower):
    """Base of all messages."""


class Hello(Message, frozen=True):
    """First message of both sides. Its form never changes, so that any two versions can greet."""

    version: int
    pid: int


class Heartbeat(Message, frozen=True):
    """Sent by both sides every `HEARTBEAT_S`, so that a hung process is noticed."""


class Submit(Message, frozen=True):
    """Queue a job, paused if it comes from an engine that was lost while it was."""

    job_id: int
    urgency: Urgency
    request: Payload
    is_paused: bool = False


class Cancel(Message, frozen=True):
    """Stop a job at its next check-in; answered by whatever end it comes to."""

    job_id: int


class Pause(Message, frozen=True):
    """Hold a job at its next check-in."""

    job_id: int


class Resume(Message, frozen=True):
    """Let a paused job go on."""

    job_id: int


class SoundPlaying(Message, frozen=True):
    """While sound plays the engine leaves one core free."""

    is_playing: bool


class Shutdown(Message, frozen=True):
    """End the engine."""


class Ready(Message, frozen=True):
    """The engine has warmed up.

    Attributes:
        device: The device in words.
        models: Names of the models that are loaded.
        problem: Why jobs will fail, empty if all is well.
    """

    device: str
    models: tuple[str, ...] = ()
    problem: str = ""


class Started(Message, frozen=True):
    """A job has its first turn."""

    job_id: int


class Progressed(Message, frozen=True):
    """How far a job's stage is, see `engine.context.Progress`."""

    job_id: int
    stage: str
    done: float
    total: float


class Succeeded(Message, frozen=True):
    """A job is done."""

    job_id: int
    result: Payload


class Failed(Message, frozen=True):
    """A job met a known error, see `engine.errors.EngineError`."""

    job_id: int
    code: str
    message: str
    hint: str


class Crashed(Message, frozen=True):
    """A job met a bug; the traceback is in the log."""

    job_id: int
    summary: str


class Cancelled(Message, frozen=True):
    """A job was cancelled."""

    job_id: int


class Leaving(Message, frozen=True):
    """The engine ends by its own decision, its jobs unfinished."""

    reason: str


ToEngine = Hello | Heartbeat | Submit | Cancel | Pause | Resume | SoundPlaying | Shutdown
FromEngine = (
    Hello
    | Heartbeat
    | Ready
    | Started
    | Progressed
    | Succeeded
    | Failed
    | Crashed
    | Cancelled
    | Leaving
)


def _encode_path(value: object) -> bytes:
    # Bytes, because a path need not be valid Unicode.
    if isinstance(value, Path):
        return os.fsencode(value)
    raise NotImplementedError(f"{type(value)} does not travel in messages")


def _decode_path(target: type, value: object) -> object:
    if target is Path and isinstance(value, bytes):
        return Path(os.fsdecode(value))
    # msgspec turns this into a validation error.
    raise TypeError(f"{target.__name__} does not travel as {type(value).__name__}")


_encoder = msgspec.msgpack.Encoder(enc_hook=_encode_path)
_to_engine: msgspec.msgpack.Decoder[ToEngine] = msgspec.msgpack.Decoder(ToEngine)
_from_engine: msgspec.msgpack.Decoder[FromEngine] = msgspec.msgpack.Decoder(FromEngine)
_payloads: dict[str, msgspec.msgpack.Decoder[object]] = {
    payload_type.__name__: msgspec.msgpack.Decoder(payload_type, dec_hook=_decode_path)
    for payload_type in _PAYLOAD_TYPES
}


def encode(message: Message) -> bytes:
    """One message as msgpack."""
    return _encoder.encode(message)


def decode_to_engine(data: bytes) -> ToEngine:
    """Read a message of the window.

    Raises:
        EngineProcessError: It is none.
    """
    try:
        return _to_engine.decode(data)
    except msgspec.DecodeError as error:
        raise _unreadable(error) from error


def decode_from_engine(data: bytes) -> FromEngine:
    """Read a message of the engine.

    Raises:
        EngineProcessError: It is none.
    """
    try:
        return _from_engine.decode(data)
    except msgspec.DecodeError as error:
        raise _unreadable(error) from error


def pack(value: object) -> Payload:
    """Make a payload of a request or a result; its type must be in the table."""
    kind = type(value).__name__
    if kind not in _payloads:
        raise TypeError(f"{kind} is no request and no result")
    return Payload(kind, msgspec.Raw(_encoder.encode(value)))


def unpack(payload: Payload) -> object:
    """Read a payload back.

    Raises:
        EngineProcessError: Its kind is unknown or its body does not fit.
    """
    decoder = _payloads.get(payload.kind)
    if decoder is None:
        raise _unreadable(tr("unknown kind {kind!r}", kind=payload.kind))
    try:
        return decoder.decode(payload.body)
    except msgspec.DecodeError as error:
        raise _unreadable(error) from error


def known_error(failed: Failed) -> EngineError:
    """The error that a job failed with, of its own class."""
    pending: list[type[EngineError]] = [EngineError]
    while pending:
        error_type = pending.pop(0)
        if error_type.code == failed.code:
            return error_type(failed.message, failed.hint)
        pending.extend(error_type.__subclasses__())
    return EngineError(failed.message, failed.hint)


def check_version(hello: Hello) -> None:
    """Refuse to talk to another version.

    Raises:
        EngineProcessError: The versions differ.
    """
    if hello.version != PROTOCOL_VERSION:
        raise EngineProcessError(
            tr(
                "Window and engine do not fit together: protocol version {found} instead "
                "of {wanted}.",
                found=hello.version,
                wanted=PROTOCOL_VERSION,
            ),
            tr("They come from different installations: install Reprise again."),
        )


def _unreadable(why: object) -> EngineProcessError:
    return EngineProcessError(
        tr("Window and engine do not understand each other: {why}.", why=why),
        tr("Window and engine may come from different installations: install Reprise again."),
    )
