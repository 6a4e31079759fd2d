"""Small checkpoints, built here."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import torch
from demucs.htdemucs import HTDemucs
from demucs.states import save_with_checksum
from safetensors.torch import save_file
from torch import Tensor

from engine.models.loading import ROFORMERS

_save_with_checksum: Callable[[object, Path], None] = save_with_checksum

STEMS = ("drums", "bass", "other", "vocals")
TINY: dict[str, Any] = {
    "channels": 8,
    "bottom_channels": 32,
    "t_layers": 1,
    "t_heads": 2,
    "depth": 4,
}


def tiny_htdemucs(seed: int = 0, segment: Fraction = Fraction(1)) -> HTDemucs:
    """A network of the published kind, with random weights."""
    torch.manual_seed(seed)
    network: HTDemucs = HTDemucs(list(STEMS), segment=segment, **TINY)
    network.eval()
    return network


def package_of(network: HTDemucs) -> dict[str, Any]:
    """What demucs saves, in half precision as it does."""
    args, kwargs = vars(network)["_init_args_kwargs"]
    state = {key: value.half() for key, value in network.state_dict().items()}
    return {
        "klass": HTDemucs,
        "args": args,
        "kwargs": kwargs,
        "state": state,
        "training_args": {"optim": {"lr": 3e-4}, "epochs": 2},
    }


def save_th(network: HTDemucs, folder: Path, signature: str) -> Path:
    """Save as demucs does, with the checksum in the name."""
    _save_with_checksum(package_of(network), folder / f"{signature}.th")
    (path,) = folder.glob(f"{signature}-*.th")
    return path


def save_safetensors(network: HTDemucs, path: Path, **changes: str) -> Path:
    """Save as demucs' own exporter does, the network described in the metadata."""
    segment = {"_type": "fraction", "numerator": 1, "denominator": 1}
    metadata = {
        "klass": "demucs.htdemucs.HTDemucs",
        "args": json.dumps([list(STEMS)]),
        "kwargs": json.dumps({**TINY, "segment": segment}),
    }
    state = {key: value.contiguous() for key, value in network.state_dict().items()}
    save_file(state, path, metadata={**metadata, **changes})
    return path


ROFORMER: dict[str, Any] = {
    "dim": 16,
    "depth": 2,
    "stereo": True,
    "num_stems": 1,
    "time_transformer_depth": 1,
    "freq_transformer_depth": 1,
    "heads": 2,
    "dim_head": 8,
    "mlp_expansion_factor": 1,
    "mask_estimator_depth": 2,
    "stft_hop_length": 441,
}
"""A network in the published layout, as small as its 62 bands allow."""


def roformer_state(
    builder: str = "bs_roformer", seed: int = 0, **changes: object
) -> dict[str, Tensor]:
    """Random weights of a small RoFormer."""
    torch.manual_seed(seed)
    network = ROFORMERS[builder](**{**ROFORMER, **changes})
    return dict(network.state_dict())


def write_config(
    path: Path, instruments: tuple[str, ...], target: str = "", **changes: object
) -> Path:
    """Write a configuration as they are published, Python tuples and training options in it."""
    model = {**ROFORMER, "num_stems": 1 if target else len(instruments), **changes}
    lines = [f"  {key}: {json.dumps(value)}" for key, value in model.items()]
    path.write_text(
        "audio:\n  chunk_size: 44100\n  sample_rate: 44100\nmodel:\n"
        + "\n".join(lines)
        + "\n  flash_attn: true\n  use_torch_checkpoint: False # saves memory\n"
        + "  multi_stft_resolutions_window_sizes: !!python/tuple\n  - 4096\n  - 2048\n"
        + f"training:\n  instruments: {json.dumps(instruments)}\n"
        + f"  target_instrument: {target or 'null'}\ninference:\n  num_overlap: 2\n"
    )
    return path
