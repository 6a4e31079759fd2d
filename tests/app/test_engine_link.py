"""The link's two threads, with the test at the engine's end of the pipe."""

import threading
from collections.abc import Iterator
from multiprocessing import Pipe
from pathlib import Path

import pytest

from app.engine_link import LOG_BYTES, Ending, Link, open_log
from engine.errors import EngineProcessError
from engine.protocol import (
    PROTOCOL_VERSION,
    FromEngine,
    Heartbeat,
    Hello,
    PipeEnd,
    Ready,
    Shutdown,
    SoundPlaying,
    ToEngine,
    decode_to_engine,
    encode,
)

PATIENCE_S = 20
LAST_WORDS = EngineProcessError("gone")


class FakeHost:
    """A host whose engine is the test."""

    def __init__(self) -> None:
        self.ours, self.theirs = Pipe()
        self.is_killed = threading.Event()

    def start(self) -> PipeEnd:
        return self.ours

    def kill(self) -> None:
        self.is_killed.set()
        self.theirs.close()

    def wait(self) -> EngineProcessError:
        return LAST_WORDS


class Rig:
    """A link, what it heard, and the engine's end."""

    def __init__(self) -> None:
        self.host = FakeHost()
        self.heard: list[FromEngine] = []
        self.endings: list[Ending] = []
        self.link = Link(self.host, self._on_message, self._on_closed)
        self.link.open()

    def say(self, data: bytes) -> None:
        self.host.theirs.send_bytes(data)

    def listen(self) -> ToEngine:
        assert self.host.theirs.poll(PATIENCE_S)
        return decode_to_engine(self.host.theirs.recv_bytes())

    def _on_message(self, _: Link, message: FromEngine) -> None:
        self.heard.append(message)

    def _on_closed(self, _: Link, ending: Ending) -> None:
        self.endings.append(ending)


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.host.theirs.close()
    assert rig.link.join(PATIENCE_S)
    assert len(rig.endings) == 1


def test_it_greets_first_keeps_the_order_and_beats(rig: Rig) -> None:
    rig.link.send(SoundPlaying(is_playing=True))
    rig.link.send(Shutdown())
    assert isinstance(rig.listen(), Hello)
    assert [rig.listen(), rig.listen()] == [SoundPlaying(is_playing=True), Shutdown()]
    assert [rig.listen(), rig.listen()] == [Heartbeat(), Heartbeat()]


def test_it_passes_on_everything_but_heart_beats_and_counts_them_all(rig: Rig) -> None:
    said = [Hello(PROTOCOL_VERSION, 1), Heartbeat(), Ready("device"), Heartbeat()]
    for message in said:
        rig.say(encode(message))
    rig.host.theirs.close()
    assert rig.link.join(PATIENCE_S)
    assert rig.heard == [said[0], said[2]]
    assert rig.link.messages_heard == len(said)
    assert rig.endings == [Ending(LAST_WORDS)]


@pytest.mark.parametrize(
    ("said", "can_restart"),
    [
        ([b"noise"], False),
        ([encode(Heartbeat())], False),
        ([encode(Hello(PROTOCOL_VERSION + 1, 1))], False),
        ([encode(Hello(PROTOCOL_VERSION, 1)), b"noise"], True),
    ],
    ids=["noise", "no greeting", "other version", "noise later"],
)
def test_who_does_not_speak_the_protocol_is_killed(
    rig: Rig, said: list[bytes], can_restart: bool
) -> None:
    for data in said:
        rig.say(data)
    assert rig.link.join(PATIENCE_S)
    assert rig.host.is_killed.is_set()
    assert [ending.can_restart for ending in rig.endings] == [can_restart]


def test_sending_never_waits_for_an_engine_that_does_not_read(rig: Rig) -> None:
    for _ in range(20_000):
        rig.link.send(Hello(PROTOCOL_VERSION, 2**62))
    rig.link.kill()
    assert rig.link.join(PATIENCE_S)


def test_a_log_that_has_grown_large_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "engine.log"
    path.write_bytes(bytes(LOG_BYTES + 1))
    with open_log(path) as log:
        log.write(b"new")
    assert path.read_bytes() == b"new"
    assert path.with_name("engine.log.1").stat().st_size == LOG_BYTES + 1
    with open_log(path) as log:
        log.write(b"er")
    assert path.read_bytes() == b"newer"
