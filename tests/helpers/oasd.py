"""Folders of music for small OASD sets."""

from pathlib import Path

import numpy as np
import soundfile

from engine.datasets.oasd_making import OasdRequest
from tests.helpers.measures import RATE_HZ


def write_track(path: Path, seed: int, duration_s: float = 3.0, rate_hz: int = RATE_HZ) -> None:
    """Stereo noise, as loud as the seed says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    sound = rng.normal(0, 0.02 * (1 + seed % 5), (round(duration_s * rate_hz), 2))
    soundfile.write(path, sound, rate_hz)


def write_folders(root: Path, count: int) -> tuple[Path, Path]:
    """As many tracks for soundtracks as for songs."""
    for side, name in enumerate(("ost", "bgm")):
        for number in range(count):
            write_track(root / name / "a" / f"{number}.wav", 100 * side + number)
    return root / "ost", root / "bgm"


def request_for(root: Path, folders: tuple[Path, Path]) -> OasdRequest:
    """A small set of them."""
    ost, bgm = folders
    return OasdRequest(root, ost, bgm, clips=2, clip_s=1.0, mixes=40, workers=1)
