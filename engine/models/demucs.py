"""Demucs v3 and v4: published checkpoints, bags of them, and networks of this project's own size.

Source: Rouard, Massa, Défossez, "Hybrid Transformers for Music Source Separation" (arXiv
2211.08553). The network classes are those of the package `demucs`; its file loaders are never
called, since they run what a file contains.
"""

import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

import torch
from demucs.demucs import Demucs
from demucs.hdemucs import HDemucs
from demucs.htdemucs import HTDemucs
from torch import Tensor, nn

from engine.checkpoint_files import (
    claimed_checksum,
    describe_checkpoint,
    is_safetensors,
    read_metadata,
)
from engine.checkpoints import (
    Name,
    checked_state,
    load_into,
    load_pickle,
    load_safetensors,
    load_state_dict,
    plain_fraction,
)
from engine.content import content_hash
from engine.errors import BadCheckpointError, ChecksumError, HostileCheckpointError
from engine.network_limits import LONGEST_CHUNK_S, require_demucs_sizes
from engine.translation import tr

_CLASSES: Mapping[str, type[nn.Module]] = {
    "demucs.htdemucs.HTDemucs": HTDemucs,
    "demucs.hdemucs.HDemucs": HDemucs,
    "demucs.wdemucs.WDemucs": HDemucs,
    "demucs.demucs.Demucs": Demucs,
}
_ALLOWED: Mapping[str, Callable[..., Any]] = {
    "fractions.Fraction": plain_fraction,
    **{name: Name(name) for name in _CLASSES},
    # Known by name only, to say what they are.
    **{name: Name(name) for name in ("demucs.model.Demucs", "demucs.tasnet.ConvTasNet")},
}
_PLAIN_NAMES = {
    "htdemucs": "demucs.htdemucs.HTDemucs",
    "hdemucs": "demucs.hdemucs.HDemucs",
    "demucs": "demucs.demucs.Demucs",
}
_OLD_MODULES = ("demucs.model.", "demucs.tasnet.", "demucs.model_v2.")
_SEGMENT_DENOMINATOR = 1000
_NETWORK_PREFIX = "networks.0."


class DemucsModel(nn.Module):
    """One demucs network, or a bag of them whose stems are averaged by weight.

    Attributes:
        sample_rate_hz: Rate of the sound that goes in and out.
        channels: Channels that go in and out.
        stem_names: Stems that come out, in order.
        chunk_samples: Longest stretch that goes in at once, the one trained on.
        networks: The networks.
        stem_weights: (networks, stems), sums to 1 over the networks.
    """

    stem_weights: Tensor

    def __init__(
        self,
        networks: Sequence[nn.Module],
        weights: Sequence[Sequence[float]] | None = None,
        segment_s: float | None = None,
    ) -> None:
        super().__init__()
        facts = {_facts(network) for network in networks}
        if len(facts) != 1:
            raise BadCheckpointError(tr("the networks of a bag must have the same stems and rate"))
        ((self.sample_rate_hz, self.channels, self.stem_names),) = facts
        segments = [_segment(network, segment_s) for network in networks]
        self.chunk_samples = int(min(segments) * self.sample_rate_hz)
        for network, segment in zip(networks, segments, strict=True):
            vars(network)["segment"] = segment
        self.networks = nn.ModuleList(networks)
        stem_weights = _normalised(weights, len(networks), len(self.stem_names))
        self.register_buffer("stem_weights", stem_weights, persistent=False)

    def forward(self, mix: Tensor) -> Tensor:
        """Split a mix; level and offset of each item are taken out before and put back after.

        Args:
            mix: (batch, channels, samples), at most `chunk_samples` long.

        Returns:
            (batch, stems, channels, samples).
        """
        num_samples = mix.shape[-1]
        if not 0 < num_samples <= self.chunk_samples or mix.shape[1] != self.channels:
            raise ValueError(
                f"expected {self.channels} channels and 1 to {self.chunk_samples} samples, "
                f"got {tuple(mix.shape[1:])}"
            )
        mono = mix.mean(1, keepdim=True)
        mean = mono.mean(-1, keepdim=True)
        # One sample has no spread to correct for.
        scale = mono.std(-1, keepdim=True, correction=min(1, num_samples - 1)) + 1e-8
        normalised = (mix - mean) / scale
        stems = torch.zeros((), dtype=mix.dtype, device=mix.device)
        with _attention_in_tiles() if mix.device.type == "cpu" else nullcontext():
            for network, weights in zip(self.networks, self.stem_weights, strict=True):
                stems = stems + weights[:, None, None] * _centred(network, normalised)
        return stems * scale.unsqueeze(1) + mean.unsqueeze(1)


@contextmanager
def _attention_in_tiles() -> Iterator[None]:
    """Keep torch from writing all weights of the attention down.

    Its "fast path" does so on the processor; the usual one is faster, with the same result.
    """
    was_on = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(was_on)


def build_htdemucs(*, network: str = "htdemucs", **config: Any) -> DemucsModel:
    """A Demucs with fresh weights.

    Args:
        network: `"htdemucs"`, `"hdemucs"` or `"demucs"`.
        config: Keyword arguments of its class in the package `demucs`, as plain JSON values.
    """
    return DemucsModel([_build(_PLAIN_NAMES[network], (), config, tr("the configuration"))])


def load_htdemucs(path: Path, *, network: str = "htdemucs", **config: Any) -> DemucsModel:
    """A Demucs whose file holds nothing but weights: one of this project, or trained with MSST.

    Args:
        path: Weights of the network, or of the `DemucsModel` around it.
        network: `"htdemucs"`, `"hdemucs"` or `"demucs"`.
        config: What it was built with.
    """
    model = build_htdemucs(network=network, **config)
    state = load_state_dict(path)
    state = {key.removeprefix(_NETWORK_PREFIX): tensor for key, tensor in state.items()}
    load_into(model.networks[0], state, path.name)
    return model.eval()


def load_demucs(
    *paths: Path,
    weights: Sequence[Sequence[float]] | None = None,
    segment: float | None = None,
    members: Sequence[int] | None = None,
) -> DemucsModel:
    """A published demucs checkpoint, or a bag of them.

    Args:
        paths: `.th` or safetensors files; or one YAML file of a bag, beside its files.
        weights: (members, stems); all alike if not given.
        segment: Length in seconds of a chunk; never longer than an HTDemucs was trained on.
        members: Which of the files each member of the bag is, where some are in it twice.

    Raises:
        HostileCheckpointError: A file wants to run code.
        BadCheckpointError: A file is damaged, or of another network.
        ChecksumError: A file is not the one that its name says.
    """
    if len(paths) == 1 and paths[0].suffix in (".yaml", ".yml"):
        bag = describe_checkpoint(paths[0])
        return load_demucs(*bag.paths, **bag.card.config)
    networks = [_load_network(path) for path in paths]
    if members is not None:
        weights = _folded(weights, members, len(_facts(networks[0])[2]))
    return DemucsModel(networks, weights, segment).eval()


def _folded(
    weights: Sequence[Sequence[float]] | None, members: Sequence[int], num_stems: int
) -> list[list[float]]:
    """(networks, stems): what a network counts that is several members of a bag, and run once."""
    table = weights or [[1.0] * num_stems] * len(members)
    try:
        rows = list(zip(members, table, strict=True))
        return [
            [sum(column) for column in zip(*(row for m, row in rows if m == member), strict=True)]
            for member in range(max(members) + 1)
        ]
    except (TypeError, ValueError) as error:
        raise BadCheckpointError(tr("the weights of the bag are no table of numbers")) from error


def _load_network(path: Path) -> nn.Module:
    claimed = claimed_checksum(path)
    if claimed and not content_hash(path).startswith(claimed):
        raise ChecksumError(
            tr("{file} is not the file that its name says", file=path.name), tr("get it anew")
        )
    if is_safetensors(path):
        class_name, args, kwargs = _described_in_metadata(path)
        content: Any = load_safetensors(path)
    else:
        package = load_pickle(path, _ALLOWED)
        try:
            named, args, kwargs = package["klass"], package["args"], package["kwargs"]
            content = package["state"]
        except (KeyError, TypeError) as error:
            raise BadCheckpointError(tr("{file} is no demucs package", file=path.name)) from error
        class_name = named.name if isinstance(named, Name) else str(named)
    if isinstance(content, Mapping) and "__quantized" in content:
        raise BadCheckpointError(
            tr("{file} is a quantised network", file=path.name),
            tr("use the full one, without _q in its name"),
        )
    state = checked_state(content, path)
    network = _build(class_name, args, kwargs, path.name)
    load_into(network, state, path.name)
    return network


def _described_in_metadata(path: Path) -> tuple[str, Any, Any]:
    """Class name and arguments from the metadata that demucs writes into safetensors."""
    metadata = read_metadata(path)
    if "structure" in metadata:
        raise BadCheckpointError(
            tr("{file} is a quantised network", file=path.name), tr("use the full one")
        )
    try:
        args, kwargs = (_decoded(json.loads(metadata[key])) for key in ("args", "kwargs"))
        return metadata["klass"], args, kwargs
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise BadCheckpointError(
            tr("the metadata of {file} names no demucs network", file=path.name)
        ) from error


def _decoded(value: Any) -> Any:
    """Plain values from JSON; demucs writes a fraction as a tagged object."""
    if isinstance(value, dict):
        if value.get("_type") == "fraction":
            return plain_fraction(value["numerator"], value["denominator"])
        return {key: _decoded(item) for key, item in value.items()}
    return [_decoded(item) for item in value] if isinstance(value, list) else value


def _build(class_name: str, args: Any, kwargs: Any, source: str) -> nn.Module:
    """Build a network from the fixed table; arguments it no longer knows are left out."""
    if class_name.startswith(_OLD_MODULES):
        raise BadCheckpointError(
            tr("{source} is a Demucs of version 1 or 2", source=source),
            tr("only versions 3 and 4 are known here"),
        )
    if class_name not in _CLASSES:
        raise HostileCheckpointError(
            tr(
                "{source} names the class {name!r}, which is no demucs network",
                source=source,
                name=class_name[:80],
            ),
            tr("do not use this file unless you know who made it"),
        )
    if not isinstance(args, tuple | list) or not isinstance(kwargs, dict):
        raise BadCheckpointError(tr("the arguments in {source} are damaged", source=source))
    network_class = _CLASSES[class_name]
    known = inspect.signature(network_class).parameters
    chosen = {key: value for key, value in kwargs.items() if key in known}
    if "segment" in chosen:
        chosen["segment"] = _seconds(chosen["segment"])
    require_demucs_sizes(chosen)
    try:
        return network_class(*args, **chosen)
    except (ArithmeticError, AssertionError, LookupError, MemoryError) as error:
        raise BadCheckpointError(
            tr("the arguments in {source} build no network", source=source)
        ) from error
    except (RuntimeError, TypeError, ValueError) as error:
        raise BadCheckpointError(
            tr("the arguments in {source} build no network: {error}", source=source, error=error)
        ) from error


def _facts(network: nn.Module) -> tuple[int, int, tuple[str, ...]]:
    own = vars(network)
    return own["samplerate"], own["audio_channels"], tuple(own["sources"])


def _segment(network: nn.Module, wanted_s: float | None) -> Fraction:
    """Seconds that the network takes at once; an HTDemucs never more than it was trained on."""
    own = _seconds(vars(network)["segment"])
    if wanted_s is None:
        return own
    wanted = _seconds(wanted_s)
    return min(own, wanted) if isinstance(network, HTDemucs) else wanted


def _seconds(value: object) -> Fraction:
    """A length in seconds, exact where a decimal number means a fraction."""
    if not isinstance(value, int | float | Fraction) or not 0 < value <= LONGEST_CHUNK_S:
        raise BadCheckpointError(tr("{value!r} is no length of a chunk in seconds", value=value))
    return Fraction(value).limit_denominator(_SEGMENT_DENOMINATOR)


def _normalised(
    weights: Sequence[Sequence[float]] | None, num_networks: int, num_stems: int
) -> Tensor:
    """(networks, stems), sums to 1 over the networks."""
    try:
        table = torch.tensor(weights or [[1.0] * num_stems] * num_networks, dtype=torch.float32)
    except (ValueError, TypeError) as error:
        raise BadCheckpointError(tr("the weights of the bag are no table of numbers")) from error
    if table.shape != (num_networks, num_stems) or not bool((table.sum(0) > 0).all()):
        raise BadCheckpointError(
            tr(
                "the weights of the bag must be {rows} rows of {stems} numbers",
                rows=num_networks,
                stems=num_stems,
            )
        )
    return table / table.sum(0)


def _centred(network: nn.Module, mix: Tensor) -> Tensor:
    """Run a network on the length it wants, with silence around what is shorter."""
    num_samples = mix.shape[-1]
    valid_length = getattr(network, "valid_length", None)
    wanted = valid_length(num_samples) if valid_length else num_samples
    left = (wanted - num_samples) // 2
    padded = nn.functional.pad(mix, (left, wanted - num_samples - left))
    stems: Tensor = network(padded)
    start = left + (stems.shape[-1] - wanted) // 2
    return stems[..., start : start + num_samples]
