"""Inner loops as machine code, for what numpy has no function. Only this module knows numba."""

import threading
from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

_ONE_AT_A_TIME = threading.Lock()


def compiled(loop: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """The same function as machine code; other threads run meanwhile.

    Numba takes half a second to load and another one to compile, so both wait for the first call;
    what it made is kept on disk.

    Args:
        loop: Works on numbers and arrays alone, and looks after its bounds.
    """

    @cache
    def machine_code() -> Callable[_Arguments, _Result]:
        from numba import njit

        try:
            return njit(nogil=True, cache=True)(loop)
        except RuntimeError:
            # There is nowhere to keep it.
            return njit(nogil=True)(loop)

    @wraps(loop)
    def call(*arguments: _Arguments.args, **named: _Arguments.kwargs) -> _Result:
        with _ONE_AT_A_TIME:
            fast = machine_code()
        return fast(*arguments, **named)

    return call
