"""What a file holds, as a name. Needs neither numpy nor torch."""

import hashlib
from collections.abc import Callable
from pathlib import Path

_BLOCK_BYTES = 1 << 22


def content_hash(path: Path, check: Callable[[], None] = lambda: None) -> str:
    """SHA-256 of a file's bytes, as 64 hex digits.

    Args:
        path: The file.
        check: Called at each block; may raise.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            check()
            digest.update(block)
    return digest.hexdigest()
