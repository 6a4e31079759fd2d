"""A passage of a track that follows no clock."""

import numpy as np

from engine.evaluation.bgm_clips import SAMPLE_RATE_HZ
from engine.types import Samples

WARPED_S = (8, 16)


def with_warped_passage(samples: Samples) -> Samples:
    """The same, but from `WARPED_S` on as from a tape that wows, by some milliseconds."""
    inside = slice(*(second * SAMPLE_RATE_HZ for second in WARPED_S))
    passage, result = samples[:, inside], samples.copy()
    at = np.arange(passage.shape[1])
    wow = 0.004 * SAMPLE_RATE_HZ * np.sin(2 * np.pi * 0.7 * at / SAMPLE_RATE_HZ)
    result[:, inside] = [np.interp(at + wow, at, channel) for channel in passage]
    return result
