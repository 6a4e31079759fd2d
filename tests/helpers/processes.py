"""Real processes in tests."""

import time
from pathlib import Path

import psutil

REPOSITORY = Path(__file__).parents[2]


def has_ended(process: psutil.Process, patience_s: float = 0.0) -> bool:
    """Wait for a process that need not be our child; one that nobody reaped has ended, too."""
    deadline_s = time.monotonic() + patience_s
    while True:
        gone, _ = psutil.wait_procs([process], timeout=0.05)
        if gone or process.status() == psutil.STATUS_ZOMBIE:
            return True
        if time.monotonic() >= deadline_s:
            return False
