"""What open projects use of the cache: a locked file for each.

A lock ends with its process, however that ends, so nobody's keys are kept for ever.
"""

import secrets
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from engine.media.atomic import is_abandoned
from engine.media.file_lock import has_owner, lock

SUFFIX = ".pins"


class Pins:
    """The keys that a project needs, told to everybody who tidies the same cache."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._keys: frozenset[str] = frozenset()
        self._held: tuple[Path, BinaryIO] | None = None

    def set(self, keys: Iterable[str]) -> None:
        """Need these keys and no others. Where nothing can be written, nothing is pinned."""
        wanted = frozenset(keys)
        if wanted == self._keys:
            return
        # The new file is there before the old one goes: nobody sees half a list, or none.
        old, self._keys = self._held, wanted
        self._held = _hold(self._root, wanted)
        _release(old)

    def close(self) -> None:
        """Need nothing any more."""
        self.set(())


def pinned_keys(root: Path) -> frozenset[str]:
    """The keys that somebody alive needs; files that the dead left are taken away in time."""
    keys: set[str] = set()
    for path in root.glob(f"*{SUFFIX}"):
        with suppress(OSError, msgspec.MsgspecError):
            if has_owner(path):
                keys.update(msgspec.json.decode(path.read_bytes(), type=list[str]))
            elif is_abandoned(path.stat()):
                path.unlink()
    return frozenset(keys)


def _hold(root: Path, keys: frozenset[str]) -> tuple[Path, BinaryIO] | None:
    """Write and lock a new file; None if there is nothing to say, or no way to."""
    if not keys:
        return None
    path = root / f"{secrets.token_hex(6)}{SUFFIX}"
    with suppress(OSError), ExitStack() as stack:
        root.mkdir(parents=True, exist_ok=True)
        file = stack.enter_context(path.open("w+b"))
        file.write(msgspec.json.encode(sorted(keys)))
        file.flush()
        lock(file, waits=True)
        stack.pop_all()
        return path, file
    return None


def _release(held: tuple[Path, BinaryIO] | None) -> None:
    if held is not None:
        path, file = held
        file.close()
        with suppress(OSError):
            path.unlink()
