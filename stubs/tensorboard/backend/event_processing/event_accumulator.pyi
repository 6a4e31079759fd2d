"""The part of tensorboard.backend.event_processing.event_accumulator that is used here."""

from typing import NamedTuple

class ScalarEvent(NamedTuple):
    wall_time: float
    step: int
    value: float

class EventAccumulator:
    def __init__(self, path: str) -> None: ...
    def Reload(self) -> EventAccumulator: ...
    def Tags(self) -> dict[str, list[str]]: ...
    def Scalars(self, tag: str) -> list[ScalarEvent]: ...
