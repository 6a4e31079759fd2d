"""Threads that compute leave the processor to the one that paints and the one that plays."""

import ctypes
import os
import sys
import threading
from contextlib import suppress

NICENESS = 5
"""As `engine.worker`'s process: neither keeps the other from its work."""

_BELOW_NORMAL = -1
_QOS_CLASS_UTILITY = 0x11


def give_way() -> None:
    """Have the thread that calls this give way to others; where a system refuses, nothing happens.

    Without that a frame of the timeline waits where both are on one core, as they often are while
    the engine is busy on the rest.
    """
    if sys.platform == "win32":
        kernel = ctypes.windll.kernel32
        kernel.SetThreadPriority(kernel.GetCurrentThread(), _BELOW_NORMAL)
    elif sys.platform == "darwin":
        ctypes.CDLL(None).pthread_set_qos_class_self_np(_QOS_CLASS_UTILITY, 0)
    else:
        # Linux has a niceness for each thread.
        thread = threading.get_native_id()
        with suppress(OSError):
            niceness = max(os.getpriority(os.PRIO_PROCESS, thread), NICENESS)
            os.setpriority(os.PRIO_PROCESS, thread, niceness)
