"""Where the sample clip lies: a film with covered sound, its original sound, the covering track."""

from importlib import resources
from pathlib import Path

FILM, ORIGINAL, BGM = "sample.mp4", "sample.original.flac", "sample.bgm.flac"


def sample_folder() -> Path:
    """`resources/sample`, also inside a frozen program."""
    return Path(str(resources.files("resources"))) / "sample"
