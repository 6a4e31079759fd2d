"""Outputs: silence keeps the time, a missing device is said in words."""

import threading

import numpy as np
import pytest

from app.playback.mixer import Block
from app.playback.sound import SilentOutput, open_output


def test_silence_asks_for_blocks_in_the_order_of_their_times() -> None:
    output = SilentOutput(8000, "none")
    heard_s: list[float] = []
    enough = threading.Event()

    def render(num_samples: int, when_s: float) -> Block:
        heard_s.append(when_s)
        if len(heard_s) == 5:
            enough.set()
        return np.zeros((num_samples, 2), np.float32)

    output.start(render)
    assert enough.wait(10)
    output.close()
    np.testing.assert_allclose(np.diff(heard_s[:5]), 0.01, atol=1e-6)
    count = len(heard_s)
    assert output.now_s() >= heard_s[0]
    assert len(heard_s) == count
    assert output.is_silent
    assert not output.is_lost


def test_without_a_device_there_is_silence_and_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        import sounddevice
    except OSError:
        pytest.skip("PortAudio is not installed")

    def none(*_: object, **__: object) -> None:
        raise sounddevice.PortAudioError("Error querying device -1")

    monkeypatch.setattr(sounddevice, "query_devices", none)
    output = open_output(44_100)
    assert isinstance(output, SilentOutput)
    assert output.sample_rate_hz == 44_100
    assert "connect" in output.words
    output.close()
