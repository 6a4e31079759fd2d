"""Losses fall where they should and do not care about the order of stems when told so."""

import math

import pytest
import torch
from torchmetrics.functional.audio import scale_invariant_signal_distortion_ratio

from engine.training.losses import (
    SILENT,
    best_order,
    level_error_db,
    loudness_db,
    permutation_free,
    si_sdr_db,
    spectral_loss,
    training_loss,
)


@pytest.fixture
def target() -> torch.Tensor:
    return torch.randn((3, 2, 2, 6000), generator=torch.Generator().manual_seed(0))


def test_truth_is_best_and_twice_the_error_costs_6_db(target: torch.Tensor) -> None:
    truth = training_loss(target, target)
    assert truth.shape == (3, 2)
    assert truth.max() < -30
    error = 0.3 * torch.randn_like(target)
    once = training_loss(target + error, target)
    twice = training_loss(target + 2 * error, target)
    torch.testing.assert_close(twice - once, torch.full_like(once, 0.8 * 6.02), rtol=0, atol=0.5)


def test_a_quiet_stem_teaches_as_much_as_a_loud_one(target: torch.Tensor) -> None:
    error = 0.5 * torch.randn_like(target)
    loud = training_loss(target + error, target)
    quiet = training_loss(0.1 * (target + error), 0.1 * target)
    torch.testing.assert_close(quiet, loud)


@pytest.mark.parametrize("gain", [1e-3, 0.5, 2.0])
def test_too_loud_and_too_quiet_cost_the_same_a_db(target: torch.Tensor, gain: float) -> None:
    right = target + 0.3 * torch.randn_like(target)
    error = level_error_db(gain * right, target)
    expected = torch.full_like(error, abs(20 * math.log10(gain)))
    torch.testing.assert_close(error, expected, rtol=0, atol=0.3)
    rise = training_loss(gain * right, target) - training_loss(right, target)
    torch.testing.assert_close(rise, 0.2 * expected, rtol=0, atol=0.1)


def test_a_stem_that_vanishes_still_has_a_way_back(target: torch.Tensor) -> None:
    """The pull towards the right level is as strong from far away as from nearby."""
    target[:, 0] = 0
    gain = torch.tensor(0.01, requires_grad=True)
    noise = 0.1 * torch.randn_like(target)
    torch.autograd.backward(training_loss(gain * (target + noise), target).mean())
    assert gain.grad is not None
    assert gain.grad < 0


def test_in_a_silent_stem_only_what_can_be_heard_costs(target: torch.Tensor) -> None:
    silence = torch.zeros_like(target)
    assert training_loss(silence, silence).abs().max() == 0
    assert training_loss(0.001 * target, silence).max() < 0.1
    assert loudness_db(target).min() > 20
    torch.testing.assert_close(
        loudness_db(torch.full((1, 2, 8), SILENT)), torch.tensor([6.02]), rtol=0, atol=0.01
    )


def test_order_is_free(target: torch.Tensor) -> None:
    swapped = target.clone()
    swapped[1] = target[1].flip(0)
    noisy = target + 0.01 * torch.randn_like(target)
    torch.testing.assert_close(
        permutation_free(training_loss, noisy, swapped),
        permutation_free(training_loss, noisy, target),
        rtol=0,
        atol=0,
    )
    assert permutation_free(training_loss, noisy, swapped).max() < -30
    torch.testing.assert_close(best_order(noisy, swapped), target)


def test_both_stems_as_the_mix_are_better_than_one_stem_alone(target: torch.Tensor) -> None:
    mix = target.sum(1, keepdim=True)
    both = permutation_free(training_loss, 0.5 * mix.expand_as(target), target)
    alone = permutation_free(
        training_loss, torch.cat([mix, 0.01 * torch.randn_like(mix)], 1), target
    )
    assert both.mean() < alone.mean() - 3


def test_a_silent_stem_is_learnt_by_its_level(target: torch.Tensor) -> None:
    target[:, 1] = 0
    quiet = permutation_free(training_loss, target * 0.999, target)
    leaking = permutation_free(training_loss, target * 0.999 + 0.1 * target.flip(1), target)
    assert quiet.isfinite().all()
    assert leaking[:, 1].min() > quiet[:, 1].max() + 2


def test_gradient_flows_through_the_free_order(target: torch.Tensor) -> None:
    estimate = target.flip(1).clone().requires_grad_()
    torch.autograd.backward(permutation_free(training_loss, estimate + 0.1, target).mean())
    assert estimate.grad is not None
    assert estimate.grad.abs().sum() > 0


def plain_spectral_loss(error: torch.Tensor) -> float:
    """The formula, written down window by window for one channel."""
    loss = error.abs().mean().item()
    for length in (4096, 2048, 1024, 512, 256):
        num_fft = max(length, 2048)
        window = torch.zeros(num_fft)
        start = (num_fft - length) // 2
        window[start : start + length] = torch.hann_window(length)
        padded = torch.nn.functional.pad(
            error.view(1, 1, -1), (num_fft // 2, num_fft // 2), "reflect"
        )
        frames = padded.view(-1).unfold(0, num_fft, 147)
        loss += torch.fft.rfft(frames * window).abs().mean().item()
    return loss


def test_the_spectral_loss_is_its_formula(target: torch.Tensor) -> None:
    error = 0.3 * torch.randn_like(target)
    found = spectral_loss(target + error, target)
    assert found.shape == (3, 2)
    expected = sum(plain_spectral_loss(channel) for channel in error[1, 0]) / 2
    assert found[1, 0].item() == pytest.approx(expected, rel=1e-3)


def test_the_spectra_weigh_some_120_times_as_much_as_the_error_in_time() -> None:
    error = torch.randn((1, 1, 1, 44_100), generator=torch.Generator().manual_seed(0))
    silence = torch.zeros_like(error)
    in_time = spectral_loss(error, silence, weight=0.0)
    ratio = (spectral_loss(error, silence) - in_time) / in_time
    assert ratio.item() == pytest.approx(122, rel=0.05)


@pytest.mark.parametrize("num_samples", [1, 100, 2048])
def test_the_spectral_loss_takes_any_length_and_gives_the_truth_zero(num_samples: int) -> None:
    sound = torch.randn((2, 2, 1, num_samples), requires_grad=True)
    assert spectral_loss(sound, sound.detach()).abs().max().item() == 0
    torch.autograd.backward(spectral_loss(sound, torch.zeros_like(sound)).sum())
    assert sound.grad is not None
    assert sound.grad.isfinite().all()


def test_si_sdr_agrees_with_torchmetrics(target: torch.Tensor) -> None:
    estimate = 0.5 * target + 0.2 * torch.randn_like(target)
    expected = scale_invariant_signal_distortion_ratio(estimate.flatten(-2), target.flatten(-2))
    torch.testing.assert_close(si_sdr_db(estimate, target), expected, rtol=0, atol=1e-3)
