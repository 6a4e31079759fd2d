"""The sample project: a clip whose sound was covered, and the track that did it."""

import shutil
from importlib.resources import files
from pathlib import Path

from engine.media.atomic import atomic_output, make_folder

_FILES = ("sample.mp4", "sample.bgm.flac", "sample.original.flac", "sample.reprise")


def own_sample(folder: Path) -> Path:
    """Copy the sample to where it may be worked on; what was changed there stays.

    Args:
        folder: Of the user.

    Returns:
        The project file.

    Raises:
        OutputError: It cannot be written.
    """
    source = Path(str(files("resources") / "sample"))
    make_folder(folder)
    for name in _FILES:
        copy = folder / name
        if not copy.exists():
            with atomic_output(copy) as part:
                shutil.copyfile(source / name, part)
    return folder / _FILES[-1]
