"""What a program sees that may not do everything, even if the tests run as root."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_NOBODY = 65_534


@contextmanager
def as_nobody() -> Iterator[Path]:
    """Have no special rights inside the block; lends a folder of one's own."""
    if sys.platform == "win32":
        pytest.skip("rights are another matter on Windows")
    before = os.geteuid()
    if before == 0:
        os.seteuid(_NOBODY)
    try:
        folder = Path(tempfile.mkdtemp())
        yield folder
    finally:
        if before == 0:
            os.seteuid(before)
        folder.chmod(0o700)
        shutil.rmtree(folder)
