from collections.abc import Iterator, MutableSequence

from opentimelineio.opentime import RationalTime, TimeRange

class ExternalReference:
    target_url: str
    name: str
    available_range: TimeRange
    def __init__(self, target_url: str = ..., available_range: TimeRange = ...) -> None: ...

class Marker:
    name: str
    marked_range: TimeRange
    def __init__(self, name: str = ..., marked_range: TimeRange = ...) -> None: ...

class Item:
    markers: MutableSequence[Marker]
    metadata: dict[str, dict[str, str]]
    def range_in_parent(self) -> TimeRange: ...

class Gap(Item):
    def __init__(self, name: str = ..., duration: RationalTime = ...) -> None: ...

class Clip(Item):
    name: str
    media_reference: ExternalReference
    source_range: TimeRange
    def available_range(self) -> TimeRange: ...
    def __init__(
        self,
        name: str = ...,
        media_reference: ExternalReference = ...,
        source_range: TimeRange = ...,
    ) -> None: ...

class TrackKind:
    Video: str
    Audio: str

class Track:
    name: str
    kind: str
    enabled: bool
    metadata: dict[str, dict[str, str]]
    def __init__(self, name: str = ..., *, kind: str = ...) -> None: ...
    def append(self, item: Item) -> None: ...
    def __iter__(self) -> Iterator[Clip | Gap]: ...

class Stack:
    markers: MutableSequence[Marker]
    def append(self, track: Track) -> None: ...
    def __iter__(self) -> Iterator[Track]: ...

class Timeline:
    name: str
    tracks: Stack
    global_start_time: RationalTime
    def __init__(self, name: str = ...) -> None: ...

class SerializableCollection:
    def __iter__(self) -> Iterator[Timeline]: ...
