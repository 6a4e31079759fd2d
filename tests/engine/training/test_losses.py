"""Losses fall where they should and do not care about the order of stems when told so."""

import pytest
import torch
from torchmetrics.functional.audio import scale_invariant_signal_distortion_ratio

from engine.training.losses import best_order, permutation_free, separation_loss, si_sdr_db


@pytest.fixture
def target() -> torch.Tensor:
    return torch.randn((3, 2, 2, 6000), generator=torch.Generator().manual_seed(0))


def test_truth_is_best_and_twice_the_error_costs_6_db(target: torch.Tensor) -> None:
    truth = separation_loss(target, target)
    assert truth.shape == (3, 2)
    assert truth.max() < -30
    error = 0.3 * torch.randn_like(target)
    once = separation_loss(target + error, target)
    twice = separation_loss(target + 2 * error, target)
    torch.testing.assert_close(twice - once, torch.full_like(once, 6.02), rtol=0, atol=0.5)


def test_a_quiet_stem_teaches_as_much_as_a_loud_one(target: torch.Tensor) -> None:
    error = 0.5 * torch.randn_like(target)
    loud = separation_loss(target + error, target)
    quiet = separation_loss(0.5 * (target + error), 0.5 * target)
    torch.testing.assert_close(quiet, loud, rtol=0, atol=0.5)


def test_in_a_silent_stem_only_what_can_be_heard_costs(target: torch.Tensor) -> None:
    silence = torch.zeros_like(target)
    assert separation_loss(silence, silence).abs().max() == 0
    assert separation_loss(0.001 * target, silence).max() < 0.5
    assert separation_loss(target, silence).min() > 20


def test_order_is_free(target: torch.Tensor) -> None:
    swapped = target.clone()
    swapped[1] = target[1].flip(0)
    noisy = target + 0.01 * torch.randn_like(target)
    torch.testing.assert_close(
        permutation_free(noisy, swapped), permutation_free(noisy, target), rtol=0, atol=0
    )
    assert permutation_free(noisy, swapped).max() < -30
    torch.testing.assert_close(best_order(noisy, swapped), target)


def test_both_stems_as_the_mix_are_better_than_one_stem_alone(target: torch.Tensor) -> None:
    mix = target.sum(1, keepdim=True)
    both = permutation_free(0.5 * mix.expand_as(target), target)
    alone = permutation_free(torch.cat([mix, 0.01 * torch.randn_like(mix)], 1), target)
    assert both.mean() < alone.mean() - 3


def test_a_silent_stem_is_learnt_by_its_level(target: torch.Tensor) -> None:
    target[:, 1] = 0
    quiet = permutation_free(target * 0.999, target)
    leaking = permutation_free(target * 0.999 + 0.1 * target.flip(1), target)
    assert quiet.isfinite().all()
    assert leaking[:, 1].min() > quiet[:, 1].max() + 2


def test_gradient_flows_through_the_free_order(target: torch.Tensor) -> None:
    estimate = target.flip(1).clone().requires_grad_()
    torch.autograd.backward(permutation_free(estimate + 0.1, target).mean())
    assert estimate.grad is not None
    assert estimate.grad.abs().sum() > 0


def test_si_sdr_agrees_with_torchmetrics(target: torch.Tensor) -> None:
    estimate = 0.5 * target + 0.2 * torch.randn_like(target)
    expected = scale_invariant_signal_distortion_ratio(estimate.flatten(-2), target.flatten(-2))
    torch.testing.assert_close(si_sdr_db(estimate, target), expected, rtol=0, atol=1e-3)
