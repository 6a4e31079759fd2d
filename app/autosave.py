"""Copies of unsaved work, for the case that the program does not end as it should.

Each running editor has a folder of its own, with a lock that ends with it: a folder that nobody
holds was left behind. What the user does not want back is kept a while, never lost at once.
"""

import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.project import Project
from app.project_io import SUFFIX, ProjectError, SavedProject, read_project, write_project
from engine.media.atomic import disk_errors, make_folder
from engine.media.file_lock import lock, try_lock

KEPT_COPIES = 5
KEPT_FOLDERS = 5
_LOCK = "session.lock"
_SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Left:
    """Work that was left behind.

    Attributes:
        folder: All of it.
        newest: The last copy that can be read.
        saved: What it holds.
        left_s: When that was written, seconds since 1970.
        held: The lock of the folder: as long as it is open, no other window asks about this work.
    """

    folder: Path
    newest: Path
    saved: SavedProject
    left_s: float
    held: BinaryIO


class Session:
    """The copies of one running editor; nothing is on disk before there is something to keep."""

    def __init__(self, root: Path) -> None:
        self._folder = root / secrets.token_hex(6)
        self._held: BinaryIO | None = None
        self._count = 0
        self._lock = threading.Lock()
        self._is_closed = False

    def keep(self, project: Project, file: Path | None) -> None:
        """Write a copy, and let the oldest one go.

        Args:
            project: The project; its video is open.
            file: Where the user keeps it, if anywhere.

        Raises:
            OutputError: It cannot be written.
        """
        with self._lock:
            if self._is_closed:
                return
            if self._held is None:
                self._held = self._hold()
            self._count += 1
            write_project(project, self._folder / f"{self._count:06}{SUFFIX}", file)
            for old in _copies(self._folder)[:-KEPT_COPIES]:
                old.unlink(missing_ok=True)

    def clear(self) -> None:
        """There is nothing unsaved any more."""
        with self._lock:
            held, self._held = self._held, None
            if held is not None:
                held.close()
                shutil.rmtree(self._folder, ignore_errors=True)

    def close(self) -> None:
        """Nothing more is kept: the program ends as it should."""
        self._is_closed = True
        self.clear()

    def _hold(self) -> BinaryIO:
        make_folder(self._folder)
        with disk_errors(self._folder):
            file = (self._folder / _LOCK).open("w+b")
            # A file system without locks: then nothing of it counts as left behind.
            with suppress(OSError):
                lock(file)
            return file


def left_behind(root: Path) -> Left | None:
    """The newest work that an editor left which did not end as it should; now it is held.

    Of several windows that look at the same time one gets it.
    """
    left = [found for folder in _folders(root) if (found := _left(folder)) is not None]
    newest = max(left, key=lambda found: found.left_s, default=None)
    for other in left:
        if other is not newest:
            other.held.close()
    return newest


def settle(left: Left) -> None:
    """It was brought back, or is not wanted: it is not asked about again, and kept a while."""
    with suppress(OSError):
        (left.folder / _SETTLED).touch()
    left.held.close()
    settled = [folder for folder in _folders(left.folder.parent) if (folder / _SETTLED).exists()]
    for old in sorted(settled, key=_age)[:-KEPT_FOLDERS]:
        shutil.rmtree(old, ignore_errors=True)


def _folders(root: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from (path for path in root.iterdir() if path.is_dir())


def _left(folder: Path) -> Left | None:
    held = _held(folder)
    if held is None:
        return None
    # Looked at under the lock: somebody may have settled it a moment ago.
    if not (folder / _SETTLED).exists():
        for copy in reversed(_copies(folder)):
            with suppress(ProjectError, OSError):
                return Left(folder, copy, read_project(copy), copy.stat().st_mtime, held)
    held.close()
    return None


def _held(folder: Path) -> BinaryIO | None:
    """The lock of a folder that nobody else holds."""
    with suppress(OSError):
        file = (folder / _LOCK).open("r+b")
        if try_lock(file):
            return file
        file.close()
    return None


def _copies(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"[0-9]*{SUFFIX}"))


def _age(folder: Path) -> float:
    with suppress(OSError):
        return folder.stat().st_mtime
    return 0.0
