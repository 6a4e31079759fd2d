"""A cache, and a film of `RATE_HZ` and `SECONDS` of `tests.helpers.restores`."""

from pathlib import Path

import pytest

from engine.artifacts import ArtifactStore
from tests.helpers.media import make_video, noise


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "cache")


@pytest.fixture
def video(tmp_path: Path) -> Path:
    # Not imported: tests that restore nothing would have to wait for torch.
    rate_hz, seconds = 48_000, 3.0
    return make_video(tmp_path / "film.mkv", seconds, noise(seconds, rate_hz), rate_hz)
