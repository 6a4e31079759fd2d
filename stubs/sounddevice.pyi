from collections.abc import Callable
from typing import Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

class PortAudioError(Exception): ...

class DeviceInfo(TypedDict):
    name: str
    default_samplerate: float

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
        samplerate: float,
        blocksize: int,
        channels: int,
        dtype: str,
        latency: float,
        callback: Callable[[NDArray[np.float32], int, TimeInfo, CallbackFlags], None],
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

def query_devices(device: int | str | None = None, *, kind: Literal["output"]) -> DeviceInfo: ...
def check_output_settings(*, channels: int, samplerate: float) -> None: ...
