"""Whether results would take the place of what they are made from, or of each other."""

import tempfile
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path


def true_path(path: Path) -> Path:
    """One spelling for all ways to the same folder; a link in it may be replaced."""
    return path.parent.resolve() / path.name


def replaced_input(results: Iterable[Path], inputs: Iterable[Path]) -> Path | None:
    """The first result that is one of the inputs, by whatever name; None if none is."""
    inputs = tuple(inputs)
    names = {true_path(path) for path in inputs}
    files = {_file(path) for path in inputs} - {None}
    for path in results:
        if true_path(path) in names or _file(path) in files:
            return path
    return None


def written_twice(results: Iterable[Path]) -> Path | None:
    """The first place at which two results would lie; None if each has its own."""
    alike: dict[str, set[Path]] = defaultdict(set)
    for path in map(true_path, results):
        others = alike[_without_capitals(path)]
        if path in others or (others and _ignores_capitals(path.parent)):
            return path
        others.add(path)
    return None


def _file(path: Path) -> tuple[int, int] | None:
    """What the file system knows a file by, whatever leads to it; None if there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _without_capitals(path: Path) -> str:
    return unicodedata.normalize("NFC", str(path)).casefold()


def _ignores_capitals(folder: Path) -> bool:
    """Whether small letters and capitals are the same to the disk that a folder is on, or will be.

    Nothing else tells it for every folder; one that cannot be written to is told of later.
    """
    there = next(path for path in (folder, *folder.parents) if path.is_dir())
    try:
        with tempfile.NamedTemporaryFile(prefix="a", dir=there) as file:
            path = Path(file.name)
            return path.with_name(path.name.swapcase()).exists()
    except OSError:
        return False
