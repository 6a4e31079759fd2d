"""Loudness as broadcasters measure it, in LUFS.

Source: ITU-R BS.1770-4: K-weighting (annex 1, filters 1 and 2), blocks of 0.4 s that overlap by
three quarters, an absolute gate at -70 LUFS and a relative one 10 LU under what passes the first.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from engine.types import Samples

SILENT_LUFS = -70.0
"""What is not louder does not count."""

_BLOCK_S, _STEPS_A_BLOCK = 0.4, 4
_RELATIVE_GATE_LU = -10.0
_OFFSET_LU = -0.691


def integrated_loudness_lufs(samples: Samples, sample_rate_hz: int) -> float:
    """Gated loudness of the whole sound; minus infinity if nothing passes the gates.

    Args:
        samples: (1 or 2, num_samples).
        sample_rate_hz: Its rate.
    """
    power = _block_power(samples, sample_rate_hz)
    power = power[_lufs(power) > SILENT_LUFS]
    if not power.size:
        return -math.inf
    gate_lufs = float(_lufs(power.mean(keepdims=True))[0]) + _RELATIVE_GATE_LU
    return float(_lufs(power[_lufs(power) > gate_lufs].mean(keepdims=True))[0])


def k_weighting(sample_rate_hz: int) -> NDArray[np.float64]:
    """The two filters as second-order sections (2, 6), for any rate.

    The standard gives coefficients for 48 kHz only; these are the analogue filters behind them
    (Q, corner and gain after De Man, "Evaluation of implementations of the EBU R128", 2018).
    """
    gain_db, q, corner_hz = 3.999843853973347, 0.7071752369554196, 1681.974450955533
    high, k = 10 ** (gain_db / 20), math.tan(math.pi * corner_hz / sample_rate_hz)
    band, low = high**0.4996667741545416, 1.0
    a0 = 1 + k / q + k * k
    shelf = [
        (high + band * k / q + low * k * k) / a0,
        2 * (low * k * k - high) / a0,
        (high - band * k / q + low * k * k) / a0,
        *(1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0),
    ]
    q, corner_hz = 0.5003270373238773, 38.13547087602444
    k = math.tan(math.pi * corner_hz / sample_rate_hz)
    a0 = 1 + k / q + k * k
    high_pass = [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0]
    return np.array([shelf, high_pass])


def _block_power(samples: Samples, sample_rate_hz: int) -> NDArray[np.float64]:
    """Mean square of each block, the channels added: (num_blocks,)."""
    step = round(_BLOCK_S * sample_rate_hz / _STEPS_A_BLOCK)
    steps = samples.shape[1] // step
    if steps < _STEPS_A_BLOCK:
        return np.zeros(0)
    weighted = signal.sosfilt(k_weighting(sample_rate_hz), samples.astype(np.float64), axis=1)
    cut = weighted[:, : steps * step].reshape(len(samples), steps, step)
    power = np.square(cut).mean(axis=2).sum(axis=0)
    return np.asarray(np.convolve(power, np.full(_STEPS_A_BLOCK, 1 / _STEPS_A_BLOCK), "valid"))


def _lufs(power: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(_OFFSET_LU + 10 * np.log10(np.maximum(power, 1e-30)))
