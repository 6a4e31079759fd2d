"""The part of pyloudnorm that is used here."""

import numpy as np
from numpy.typing import NDArray

class Meter:
    """Loudness of (frames, channels)."""

    def __init__(
        self, rate: int, filter_class: str = "K-weighting", block_size: float = 0.4
    ) -> None: ...
    def integrated_loudness(self, data: NDArray[np.float64]) -> float: ...
