"""Disks on which little is free."""

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from engine.artifacts import ArtifactStore
from engine.media.raw_audio import raw_audio_path
from engine.types import Audio

OLD = "old"
"""Key of the sound that `crowd` puts into a cache."""


def free_disk(monkeypatch: pytest.MonkeyPatch, root: Path, size: int) -> None:
    """Pretend a disk on which `size` bytes are free beside what is in `root`."""

    def usage(_: Path) -> SimpleNamespace:
        used = sum(path.stat().st_size for path in root.iterdir())
        return SimpleNamespace(free=size - used)

    monkeypatch.setattr(shutil, "disk_usage", usage)


def crowd(monkeypatch: pytest.MonkeyPatch, store: ArtifactStore) -> None:
    """Fill a disk with a cache of which only an old sound of 20 MB can go."""
    store.put(OLD, Audio(np.zeros((1, 5_000_000), np.float32), 1000))
    os.utime(raw_audio_path(store.root, OLD), (1, 1))
    used = sum(path.stat().st_size for path in store.root.iterdir())
    free_disk(monkeypatch, store.root, used)
