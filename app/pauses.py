"""Pauses that the interpreter makes of its own accord, kept shorter than a frame."""

import gc
import sys

HAND_OVER_S = 0.001
"""A thread that computes lets painting and sound go on after so long."""


def hand_over_often() -> None:
    """Have the threads of this process take turns every `HAND_OVER_S`.

    Painting takes and leaves the interpreter many times a frame; each time it would wait for 5 ms
    while a job computes.
    """
    sys.setswitchinterval(HAND_OVER_S)


def collect_only_what_is_new() -> None:
    """Leave what there is by now out of all rounds of the garbage collector.

    Modules and windows stay to the end anyway; a round over all of them takes 20 to 30 ms, in which
    nothing is painted.
    """
    gc.freeze()
