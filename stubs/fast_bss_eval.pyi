"""The part of fast_bss_eval that is used here."""

import numpy as np
from numpy.typing import NDArray

def si_sdr(ref: NDArray[np.float64], est: NDArray[np.float64]) -> NDArray[np.float64]: ...
def sdr(
    ref: NDArray[np.float64], est: NDArray[np.float64], filter_length: int | None = 512
) -> NDArray[np.float64]: ...
