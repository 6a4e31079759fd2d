"""Losses of the separators, and how a two-music net is trained without an order of its stems."""

from collections.abc import Callable
from itertools import permutations

import torch
from torch import Tensor

Loss = Callable[[Tensor, Tensor], Tensor]
"""(batch, stems, channels, samples) of estimate and of target -> (batch, stems)."""

SILENT = 0.02
"""Mean magnitude, of sound at unit level, from which on a stem counts as present."""
LEVEL_SHARE = 0.2
SPECTRAL_WINDOWS = (4096, 2048, 1024, 512, 256)
_SPECTRAL_FFT, _SPECTRAL_HOP = 2048, 147


def training_loss(estimate: Tensor, target: Tensor) -> Tensor:
    """What the starter networks minimise: -SI-SDR in dB, and a share of how wrong the level is.

    A loss that weighs shape and level in one, like the SDR, is at first lowest where a stem is
    silent, or where one stem is the mix and the other nothing; a net that found that place leaves
    it slowly. The SI-SDR alone leaves the level open, and what is to stay silent pulls it down.

    Args:
        estimate: (batch, stems, channels, samples), of mixes at unit level.
        target: Same shape.

    Returns:
        (batch, stems).

    Source: Le Roux et al., "SDR - half-baked or well done?" (arXiv 1811.02508).
    """
    heard = (1 - LEVEL_SHARE) * -si_sdr_db(estimate, target) + LEVEL_SHARE * level_error_db(
        estimate, target
    )
    sounds = target.abs().mean((-2, -1)) > SILENT
    return torch.where(sounds, heard, LEVEL_SHARE * loudness_db(estimate))


def spectral_loss(estimate: Tensor, target: Tensor, weight: float = 1.0) -> Tensor:
    """The loss of BS-RoFormer: mean magnitude of the error in time and in five complex spectra.

    Of white errors the spectra are some 120 times as large as the error in time.

    Args:
        estimate: (batch, stems, channels, samples).
        target: Same shape.
        weight: Of the spectra.

    Returns:
        (batch, stems).

    Source: Lu et al., "Music Source Separation with Band-Split RoPE Transformer"
    (arXiv 2309.02612), section 3: windows of 4096 to 256 samples, 147 apart.
    """
    error = estimate - target
    loss = error.abs().mean((-2, -1))
    rows = error.flatten(0, -2)
    # Reflection at the edges needs more samples than it pads.
    rows = torch.nn.functional.pad(rows, (0, max(0, max(SPECTRAL_WINDOWS) // 2 + 1 - len(rows[0]))))
    for length in SPECTRAL_WINDOWS:
        spectrum = torch.stft(
            rows,
            max(length, _SPECTRAL_FFT),
            _SPECTRAL_HOP,
            length,
            torch.hann_window(length, device=rows.device),
            return_complex=True,
        )
        loss = loss + weight * spectrum.abs().mean((-2, -1)).view(error.shape[:-1]).mean(-1)
    return loss


def level_error_db(estimate: Tensor, target: Tensor) -> Tensor:
    """How many dB the target within the estimate is too loud or too quiet: (..., 2 axes) -> (...).

    Nothing of it, or the target upside down, counts as 80 dB.
    """
    estimate, target = estimate.flatten(-2), target.flatten(-2)
    share = (estimate * target).sum(-1) / target.square().sum(-1).clamp_min(1e-10)
    return 20 * share.clamp_min(1e-4).log10().abs()


def loudness_db(estimate: Tensor) -> Tensor:
    """Mean magnitude of what should be silent, in dB over `SILENT`: (..., 2 axes) -> (...)."""
    return 20 * torch.log10(1 + estimate.abs().mean((-2, -1)) / SILENT)


def permutation_free(loss: Loss, estimate: Tensor, target: Tensor) -> Tensor:
    """A loss under the order of stems that is nearest to the estimates.

    Args:
        loss: The loss.
        estimate: (batch, stems, channels, samples).
        target: Same shape.

    Returns:
        (batch, stems).

    Source: Yu et al., "Permutation invariant training" (arXiv 1607.00325).
    """
    return loss(estimate, best_order(estimate.detach(), target))


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


LOSSES: dict[str, Loss] = {"si-sdr": training_loss, "spectral": spectral_loss}
"""By the names of the command line."""
