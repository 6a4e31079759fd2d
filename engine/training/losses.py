"""Losses of the separators, and how a two-music net is trained without an order of its stems."""

from itertools import permutations

import torch
from torch import Tensor
from torch.nn import functional

WINDOWS_SAMPLES = (4096, 1024, 256)


def separation_loss(estimate: Tensor, target: Tensor) -> Tensor:
    """Mean absolute error in time plus that of the complex spectra at several resolutions.

    Args:
        estimate: (batch, stems, channels, samples).
        target: Same shape.

    Returns:
        (batch, stems), so that a permutation can be chosen afterwards.

    Source: Lu et al. (arXiv 2309.02612), eq. 3, with a hop of a quarter window; spectra are
    scaled to unit window energy so that time and each resolution weigh about the same.
    """
    error = estimate - target
    loss = error.abs().mean((-2, -1))
    for window_samples in WINDOWS_SAMPLES:
        loss = loss + _spectral_magnitude(error, window_samples)
    return loss


def _spectral_magnitude(x: Tensor, window_samples: int) -> Tensor:
    window = torch.hann_window(window_samples, device=x.device)
    window = window / window.square().sum().sqrt()
    spectrum = torch.stft(
        x.flatten(0, 2), window_samples, window_samples // 4, window=window, return_complex=True
    )
    return spectrum.abs().mean((-2, -1)).view(x.shape[:3]).mean(-1)


def permutation_free(estimate: Tensor, target: Tensor) -> Tensor:
    """The loss under the order of stems that is nearest to the estimates.

    The order is chosen by squared error alone, which by Parseval sees the spectrum as well and
    costs no transform.

    Args:
        estimate: (batch, stems, channels, samples).
        target: Same shape.

    Returns:
        (batch, stems).

    Source: Yu et al., "Permutation invariant training" (arXiv 1607.00325).
    """
    return separation_loss(estimate, best_order(estimate.detach(), target))


def best_order(estimate: Tensor, target: Tensor) -> Tensor:
    """Targets put in the order that is nearest to the estimates, example by example.

    Args:
        estimate: (batch, stems, channels, samples).
        target: Same shape.
    """
    orders = list(permutations(range(target.shape[1])))
    distances = torch.stack(
        [
            functional.mse_loss(estimate, target[:, o], reduction="none").mean((1, 2, 3))
            for o in orders
        ]
    )
    chosen = distances.argmin(0).tolist()
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
