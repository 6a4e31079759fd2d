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
