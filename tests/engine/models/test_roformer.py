"""What holds for RoFormers of either kind."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import BadCheckpointError
from engine.models.loading import ROFORMERS
from tests.helpers.roformers import TINY

both_kinds = pytest.mark.parametrize("builder", ROFORMERS)


@settings(deadline=None, max_examples=30)
@given(
    builder=st.sampled_from(sorted(ROFORMERS)),
    stems=st.integers(1, 6),
    stereo=st.booleans(),
    num_samples=st.integers(1, 1000),
    batch=st.integers(1, 3),
)
def test_any_number_of_stems_channels_and_samples(
    builder: str, stems: int, stereo: bool, num_samples: int, batch: int
) -> None:
    model = ROFORMERS[builder](**{**TINY[builder], "num_stems": stems, "stereo": stereo}).eval()
    mix = torch.randn(batch, model.audio_channels, num_samples)
    with torch.inference_mode():
        out = model(mix)
    assert out.shape == (batch, stems, *mix.shape[1:])
    torch.testing.assert_close(out, model(mix).detach(), rtol=0, atol=1e-5)


@both_kinds
def test_gradient_reaches_every_weight(builder: str) -> None:
    model = ROFORMERS[builder](**TINY[builder])
    model(torch.randn(1, 2, 400)).square().sum().backward()
    assert [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()] == []


@both_kinds
def test_options_of_the_training_change_nothing(builder: str) -> None:
    said: dict[str, Any] = {
        "flash_attn": True,
        "debug_visualize": True,
        "multi_stft_hop_size": 147,
        "match_input_audio_length": False,
        "linear_transformer_depth": 0,
        "use_pope": None,
    }
    outputs = []
    for more in ({}, said):
        torch.manual_seed(0)
        outputs.append(ROFORMERS[builder](**(TINY[builder] | more)).eval()(torch.ones(1, 2, 300)))
    assert torch.equal(*outputs)


@both_kinds
@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"dim_freqs_in": 66}, ValueError, "dim_freqs_in is 66"),
        ({"linear_transformer_depth": 1}, BadCheckpointError, "linear attention"),
        ({"colour": "red"}, TypeError, "colour"),
    ],
)
def test_refuses_what_it_cannot_be(
    builder: str, change: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        ROFORMERS[builder](**{**TINY[builder], **change})
