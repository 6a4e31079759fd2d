"""Losses of the separators, and how a two-music net is trained without an order of its stems."""

from itertools import permutations

import torch
from torch import Tensor

WINDOWS_SAMPLES = (4096, 1024)
# A shorter window and a denser hop cost more time than the rest of the step, and teach no more.
_HOPS_PER_WINDOW = 2
SILENT = 0.02
"""Mean magnitude, of sound at unit level, from which on a stem counts as present."""
LEVEL_SHARE = 0.2


def separation_loss(estimate: Tensor, target: Tensor) -> Tensor:
    """Error over target in dB, of magnitudes in time and of complex spectra at several resolutions.

    A ratio, so that a quiet stem teaches as much as a loud one; of a stem that is silent only what
    is louder than `SILENT` costs.

    Args:
        estimate: (batch, stems, channels, samples), of mixes at unit level.
        target: Same shape.

    Returns:
        (batch, stems), the mean over time and all resolutions.

    Source: Watcharasupat et al., "A Generalized Bandsplit Neural Network for Cinematic Audio Source
    Separation" (arXiv 2309.02539), eq. 11 (L1SNR), with the resolutions of Lu et al. (arXiv
    2309.02612).
    """
    error = estimate - target
    ratios = [_ratio_db(error.abs().mean((-2, -1)), target.abs().mean((-2, -1)))]
    for window_samples in WINDOWS_SAMPLES:
        magnitudes = (_spectral_magnitude(x, window_samples) for x in (error, target))
        ratios.append(_ratio_db(*magnitudes))
    return torch.stack(ratios).mean(0)


def _ratio_db(error: Tensor, target: Tensor) -> Tensor:
    return 20 * torch.log10((error + SILENT) / (target + SILENT))


def _spectral_magnitude(x: Tensor, window_samples: int) -> Tensor:
    """(batch, stems, channels, samples) -> (batch, stems); white sound gives about its level."""
    window = torch.hann_window(window_samples, device=x.device)
    window = window / window.square().sum().sqrt()
    spectrum = torch.stft(
        x.flatten(0, 2),
        window_samples,
        window_samples // _HOPS_PER_WINDOW,
        window=window,
        return_complex=True,
    )
    return spectrum.abs().mean((-2, -1)).view(x.shape[:3]).mean(-1)


def training_loss(estimate: Tensor, target: Tensor) -> Tensor:
    """What the starter networks minimise: mostly -SI-SDR in dB.

    A loss that sees the level is at first lowest where a stem is silent, or where one stem is the
    mix and the other nothing; a net that found that place leaves it slowly. A share of
    `separation_loss` sets the levels, and is all that counts for a stem that is silent.

    Args:
        estimate: (batch, stems, channels, samples), of mixes at unit level.
        target: Same shape.

    Returns:
        (batch, stems).

    Source: Le Roux et al., "SDR - half-baked or well done?" (arXiv 1811.02508).
    """
    sounds = target.abs().mean((-2, -1)) > SILENT
    shape = torch.where(sounds, -si_sdr_db(estimate, target), 0.0)
    return (1 - LEVEL_SHARE) * shape + LEVEL_SHARE * separation_loss(estimate, target)


def permutation_free(estimate: Tensor, target: Tensor) -> Tensor:
    """The same under the order of stems that is nearest to the estimates.

    Args:
        estimate: (batch, stems, channels, samples).
        target: Same shape.

    Returns:
        (batch, stems).

    Source: Yu et al., "Permutation invariant training" (arXiv 1607.00325).
    """
    return training_loss(estimate, best_order(estimate.detach(), target))


def best_order(estimate: Tensor, target: Tensor) -> Tensor:
    """Targets put in the order of the highest SI-SDR, example by example.

    Args:
        estimate: (batch, stems, channels, samples).
        target: Same shape.
    """
    orders = list(permutations(range(target.shape[1])))
    scores = torch.stack([si_sdr_db(estimate, target[:, order]).sum(1) for order in orders])
    chosen = scores.argmax(0).tolist()
    return torch.stack([t[list(orders[i])] for t, i in zip(target, chosen, strict=True)])


def si_sdr_db(estimate: Tensor, target: Tensor) -> Tensor:
    """Scale-invariant SDR in dB, channels together: (..., channels, samples) -> (...)."""
    estimate, target = estimate.flatten(-2), target.flatten(-2)
    scale = (estimate * target).sum(-1, keepdim=True) / target.square().sum(
        -1, keepdim=True
    ).clamp_min(1e-10)
    wanted = scale * target
    ratio = (wanted.square().sum(-1) + 1e-10) / ((estimate - wanted).square().sum(-1) + 1e-10)
    return 10 * ratio.log10()
