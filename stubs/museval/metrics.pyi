"""The part of museval.metrics that is used here."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

_Figures: TypeAlias = NDArray[np.float64]

def bss_eval(
    reference_sources: NDArray[np.float64],
    estimated_sources: NDArray[np.float64],
    window: float = 88200,
    hop: float = 66150.0,
) -> tuple[_Figures, _Figures, _Figures, _Figures, _Figures]: ...
