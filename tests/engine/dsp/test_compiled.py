"""Machine code does what Python would, is made when it is first wanted, and needs no place."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.dsp.compiled import compiled


def total_of(values: NDArray[np.int64], most: int) -> int:
    """All values that are not more than that."""
    total = 0
    for i in range(len(values)):
        if values[i] <= most:
            total += values[i]
    return total


VALUES = np.arange(1000)


def test_the_result_is_the_same() -> None:
    fast = compiled(total_of)
    assert fast(VALUES, 700) == total_of(VALUES, 700) == 700 * 701 // 2
    assert fast(VALUES, most=3) == 6
    assert fast.__name__ == "total_of"


def test_many_may_ask_at_once() -> None:
    fast = compiled(total_of)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda most: fast(VALUES, most), range(16))) == [
            most * (most + 1) // 2 for most in range(16)
        ]


def test_what_has_no_file_to_be_kept_beside_works_too() -> None:
    names: dict[str, Any] = {}
    exec("def twice(number): return 2 * number", names)
    assert compiled(names["twice"])(21) == 42


def test_nothing_is_loaded_before_it_is_wanted() -> None:
    program = "import sys, engine.library.lookup; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


_TWICE = """
import sys
import numpy as np
from engine.library.places import _busy
where = np.empty(9, np.int32)
sys.exit(_busy(np.full(9, 4, np.uint8), 8, where) != 8)
"""


def test_what_was_kept_may_be_damaged(tmp_path: Path) -> None:
    def runs() -> bool:
        command = [sys.executable, "-c", _TWICE]
        kept_at = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
        return subprocess.run(command, env=kept_at, check=False).returncode == 0

    assert runs()
    kept = [path for path in tmp_path.rglob("*.nb*") if path.is_file()]
    assert kept
    for path in kept:
        path.write_bytes(b"")
    assert runs()
