"""Sounds at another rate are the same sounds, made once."""

from pathlib import Path

import numpy as np
import pytest

from app.playback.resample import resampled
from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.errors import CancelledError
from tests.helpers.projects import stored


def test_a_tone_keeps_its_pitch_level_and_length(tmp_path: Path) -> None:
    times_s = np.arange(12 * 44_100) / 44_100
    tone = np.tile(np.sin(2 * np.pi * 440 * times_s), (3, 1)).astype(np.float32)
    ref = stored(tmp_path, tone, 44_100)
    other = resampled(ref, 48_000, tmp_path, PlainContext())
    assert (other.sample_rate_hz, other.channels) == (48_000, 3)
    assert abs(other.num_samples - 12 * 48_000) <= 1
    wanted = np.sin(2 * np.pi * 440 * np.arange(12 * 48_000) / 48_000)
    got = ArtifactStore(tmp_path).map(other)
    np.testing.assert_allclose(
        got[:, 500 : 11 * 48_000], np.tile(wanted, (3, 1))[:, 500 : 11 * 48_000], atol=1e-3
    )


def test_it_is_made_once_and_not_at_all_for_the_same_rate(tmp_path: Path) -> None:
    ref = stored(tmp_path, np.zeros((2, 1000), np.float32), 44_100)
    assert resampled(ref, 44_100, tmp_path, PlainContext()) is ref
    made = resampled(ref, 48_000, tmp_path, PlainContext())
    refuse = PlainContext(is_cancelled=lambda: True)
    assert resampled(ref, 48_000, tmp_path, refuse) == made
    with pytest.raises(CancelledError):
        resampled(ref, 96_000, tmp_path, refuse)
