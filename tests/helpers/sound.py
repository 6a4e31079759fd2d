"""Sound outputs and mixers for tests."""

import numpy as np

from app.playback.mixer import Block, Mixer, MixerLane, Part
from app.playback.sound import Render
from engine.types import Samples


class StubOutput:
    """A device whose time passes only when a test pulls blocks.

    Attributes:
        sample_rate_hz: Frames a second.
        latency_samples: Frames between a rendered block and the ear.
        time_s: The stream time.
        device: Its name; None is no device at all.
    """

    def __init__(
        self, sample_rate_hz: int = 8000, latency_samples: int = 0, device: str | None = ""
    ) -> None:
        self.device = device
        self.is_silent = device is None
        self.words = "none" if device is None else device or "Test output"
        self.sample_rate_hz = sample_rate_hz
        self.latency_samples = latency_samples
        self.time_s = 0.0
        self.is_lost = False
        self.is_closed = False
        self._render: Render | None = None

    def start(self, render: Render) -> None:
        self._render = render

    def now_s(self) -> float:
        return self.time_s

    def close(self) -> None:
        self.is_closed = True

    def pull(self, num_samples: int) -> Block:
        """Render one block and let its duration pass."""
        assert self._render is not None
        block = self._render(num_samples, self.time_s + self.latency_samples / self.sample_rate_hz)
        self.time_s += num_samples / self.sample_rate_hz
        return block


def one_lane_mixer(samples: Samples, sample_rate_hz: int = 8000) -> Mixer:
    """A mixer that plays `samples` (channels, num_samples) at unity gain."""
    return Mixer([MixerLane("mix", (Part(samples),))], sample_rate_hz, {"mix": 1.0})


def counting(num_samples: int) -> Samples:
    """Stereo sound whose values tell their position: (2, num_samples), from 0 to under 1."""
    return np.tile(np.arange(num_samples, dtype=np.float32) / num_samples, (2, 1))
