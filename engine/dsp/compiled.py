"""Inner loops as machine code, for what numpy has no function. Only this module knows numba."""

import threading
from collections.abc import Callable
from functools import wraps
from pickle import UnpicklingError
from typing import ParamSpec, TypeVar

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

_ONE_AT_A_TIME = threading.Lock()
_CANNOT_BE_KEPT = (RuntimeError, OSError, EOFError, UnpicklingError)
"""There is no place or no room to keep machine code, or what was kept is damaged."""


def compiled(loop: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """The same function as machine code; other threads run meanwhile.

    Numba takes half a second to load and another one to compile, so both wait for the first call;
    what it made is kept on disk if that can be.

    Args:
        loop: Works on numbers and arrays alone, of the same types at each call, and looks after
            its bounds.
    """
    fast: Callable[_Arguments, _Result] | None = None

    def first_call(*arguments: _Arguments.args, **named: _Arguments.kwargs) -> _Result:
        from numba import njit

        nonlocal fast
        try:
            kept = njit(nogil=True, cache=True)(loop)
            result = kept(*arguments, **named)
        except _CANNOT_BE_KEPT:
            kept = njit(nogil=True)(loop)
            result = kept(*arguments, **named)
        fast = kept
        return result

    @wraps(loop)
    def call(*arguments: _Arguments.args, **named: _Arguments.kwargs) -> _Result:
        if fast is None:
            with _ONE_AT_A_TIME:
                if fast is None:
                    return first_call(*arguments, **named)
        return fast(*arguments, **named)

    return call
