"""Losses fall where they should and do not care about the order of stems when told so."""

import pytest
import torch
from torchmetrics.functional.audio import scale_invariant_signal_distortion_ratio

from engine.training.losses import best_order, permutation_free, separation_loss, si_sdr_db


@pytest.fixture
def target() -> torch.Tensor:
    return torch.randn((3, 2, 2, 6000), generator=torch.Generator().manual_seed(0))


def test_truth_costs_nothing_and_error_costs_in_proportion(target: torch.Tensor) -> None:
    assert separation_loss(target, target).max() == 0
    once = separation_loss(target + 0.1, target)
    torch.testing.assert_close(separation_loss(target + 0.2, target), 2 * once)
    assert once.shape == (3, 2)


def test_time_and_each_resolution_weigh_about_the_same() -> None:
    error = torch.randn((1, 1, 1, 40_000), generator=torch.Generator().manual_seed(1))
    whole = separation_loss(error, torch.zeros_like(error)).item()
    assert 3.5 < whole / error.abs().mean().item() < 5


def test_order_is_free(target: torch.Tensor) -> None:
    swapped = target.clone()
    swapped[1] = target[1].flip(0)
    noisy = target + 0.01 * torch.randn_like(target)
    torch.testing.assert_close(
        permutation_free(noisy, swapped), permutation_free(noisy, target), rtol=0, atol=0
    )
    assert separation_loss(noisy, swapped)[1].mean() > 50 * permutation_free(noisy, swapped).mean()
    torch.testing.assert_close(best_order(noisy, swapped), target)


def test_gradient_flows_through_the_free_order(target: torch.Tensor) -> None:
    estimate = target.flip(1).clone().requires_grad_()
    torch.autograd.backward(permutation_free(estimate + 0.1, target).mean())
    assert estimate.grad is not None
    assert estimate.grad.abs().sum() > 0


def test_si_sdr_agrees_with_torchmetrics(target: torch.Tensor) -> None:
    estimate = 0.5 * target + 0.2 * torch.randn_like(target)
    expected = scale_invariant_signal_distortion_ratio(estimate.flatten(-2), target.flatten(-2))
    torch.testing.assert_close(si_sdr_db(estimate, target), expected, rtol=0, atol=1e-3)
