"""The part of mido that is used here."""

from os import PathLike

class Message:
    """One MIDI message; `time` is the delta in ticks."""

    type: str
    time: int
    channel: int
    note: int
    velocity: int
    program: int
    control: int
    value: int
    def __init__(
        self,
        type: str,
        *,
        channel: int = 0,
        note: int = 0,
        velocity: int = 64,
        program: int = 0,
        control: int = 0,
        value: int = 0,
        time: int = 0,
    ) -> None: ...

class MidiTrack(list[Message]):
    """A list of messages."""

class MidiFile:
    """A MIDI file in memory."""

    tracks: list[MidiTrack]
    length: float
    def __init__(
        self, filename: str | PathLike[str] | None = None, *, ticks_per_beat: int = 480
    ) -> None: ...
    def save(self, filename: str | PathLike[str]) -> None: ...
