"""The part of soundfile that is used here."""

from os import PathLike
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

class SoundFile:
    """A sound file that is written or read piece by piece."""

    samplerate: int
    channels: int
    frames: int
    subtype: str
    format: str
    def __init__(
        self,
        file: str | PathLike[str],
        mode: str = "r",
        samplerate: int | None = None,
        channels: int | None = None,
        subtype: str | None = None,
        endian: str | None = None,
        format: str | None = None,
    ) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def write(self, data: NDArray[Any]) -> None: ...
    def close(self) -> None: ...

def read(
    file: str | PathLike[str], *, dtype: str = "float64", always_2d: bool = False
) -> tuple[NDArray[np.float32], int]: ...
def write(
    file: str | PathLike[str],
    data: NDArray[Any],
    samplerate: int,
    subtype: str | None = None,
    endian: str | None = None,
    format: str | None = None,
) -> None: ...
def info(file: str | PathLike[str]) -> SoundFile: ...
