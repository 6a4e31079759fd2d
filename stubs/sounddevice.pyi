from collections.abc import Callable
from typing import Literal, TypedDict, overload

import numpy as np
from numpy.typing import NDArray

class PortAudioError(Exception): ...

class DeviceInfo(TypedDict):
    name: str
    index: int
    hostapi: int
    max_output_channels: int
    default_samplerate: float

class _Default:
    @property
    def hostapi(self) -> int: ...

default: _Default

class CallbackFlags:
    @property
    def output_underflow(self) -> bool: ...

class TimeInfo:
    inputBufferAdcTime: float
    currentTime: float
    outputBufferDacTime: float

class OutputStream:
    def __init__(
        self,
        *,
        device: int | None = None,
        samplerate: float | None = None,
        blocksize: int = 0,
        channels: int,
        dtype: str,
        latency: float | None = None,
        callback: Callable[[NDArray[np.float32], int, TimeInfo, CallbackFlags], None] | None = None,
    ) -> None: ...
    @property
    def active(self) -> bool: ...
    @property
    def latency(self) -> float: ...
    @property
    def time(self) -> float: ...
    def start(self) -> None: ...
    def abort(self) -> None: ...
    def close(self) -> None: ...

@overload
def query_devices() -> tuple[DeviceInfo, ...]: ...
@overload
def query_devices(device: int | None = None, *, kind: Literal["output"]) -> DeviceInfo: ...
def check_output_settings(
    *, device: int | None = None, channels: int, samplerate: float
) -> None: ...
def _initialize() -> None: ...
def _terminate() -> None: ...
