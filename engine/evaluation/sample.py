"""Where the sample clip lies: a film with covered sound, its original sound, the covering track."""

from importlib import resources
from pathlib import Path

import numpy as np

from engine.context import PlainContext
from engine.media.decode import AudioReader
from engine.media.mux import MuxRequest, mux

FILM, ORIGINAL, BGM = "sample.mp4", "sample.original.flac", "sample.bgm.flac"
MINUTE_S = 60.0


def sample_folder() -> Path:
    """`resources/sample`, also inside a frozen program."""
    return Path(str(resources.files("resources"))) / "sample"


def make_minute(path: Path) -> Path:
    """Write a film of a minute for benchmarks: the sample's sound again and again."""
    source = sample_folder() / FILM
    with AudioReader(source) as reader:
        clip = np.concatenate(list(reader.blocks()), axis=1)
        rate_hz = reader.sample_rate_hz
    num_samples = round(MINUTE_S * rate_hz)
    sound = np.tile(clip, -(-num_samples // clip.shape[1]))[:, :num_samples]
    request = MuxRequest(source, path, [sound], num_samples, len(sound), rate_hz)
    return mux(request, PlainContext()).output
