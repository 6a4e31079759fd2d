"""The YAML files beside published checkpoints, read safely: which network, which stems, what rate.

They are those of Music-Source-Separation-Training (MSST): sections `audio`, `model`, `training` and
`inference`, with Python tuples among plain YAML. Needs no torch.

An option that a configuration does not have keeps the value it had in training. That matters for
`zero_dc`: BS-RoFormer 0.3 to 0.4 and MSST up to 2025, by which published checkpoints were trained,
did not zero bin 0; audio-separator takes the option and does nothing with it; the package
BS-RoFormer has it off since 0.8. Only newer MSST has it on. So it is off unless it is asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from engine.errors import BadCheckpointError, InputNotFoundError
from engine.translation import tr

Builder = Literal["bs_roformer", "mel_band_roformer", "htdemucs"]

_DEMUCS = ("htdemucs", "hdemucs", "demucs")
_STANDARD_RATE_HZ = 44_100
_TRAINING_ONLY = (
    "multi_stft_",
    "debug_visualize",
    "use_torch_checkpoint",
    "sage_attention",
    "flash_attn",
    "match_input_audio_length",
)
"""Beginnings of options that say how a network is trained or computed, not what it is."""

_VARIANT_OPTIONS: dict[str, tuple[object, str]] = {
    "use_pope": (False, "PoPE positions"),
    "use_value_residual_learning": (False, "value residual learning"),
    "add_value_residual": (False, "value residual learning"),
    "num_residual_streams": (1, "hyper-connections"),
    "linear_transformer_depth": (0, "linear attention"),
    "mask_highfreq_cutoff_enabled": (False, "a cut of high frequencies"),
    "skip_final_norm": (False, "no final norm"),
}
"""Options of newer layouts: the value that leaves the known one, and what any other one means."""


@dataclass(frozen=True, slots=True)
class PublishedConfig:
    """What a configuration says of its network.

    Attributes:
        builder: Kind of network.
        options: Its keyword arguments.
        stems: Stems that come out, in order.
        remainder: What is left of the mix without them; empty if it has no name.
        sample_rate_hz: Rate that the network works at.
        chunk_samples: Length for inference; 0 if it does not say.
    """

    builder: Builder
    options: dict[str, Any]
    stems: tuple[str, ...]
    remainder: str
    sample_rate_hz: int
    chunk_samples: int


class _Loader(yaml.SafeLoader):
    """Plain YAML and Python tuples."""


def _tuple(loader: yaml.SafeLoader, node: yaml.Node) -> list[Any]:
    if not isinstance(node, yaml.SequenceNode):
        raise yaml.constructor.ConstructorError(None, None, "a tuple must be a list")
    return loader.construct_sequence(node)


_Loader.add_constructor("tag:yaml.org,2002:python/tuple", _tuple)


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file of plain values.

    Raises:
        InputNotFoundError: It is not there, or may not be read.
        BadCheckpointError: It is no YAML, or wants more than plain values.
    """
    try:
        content = _Loader(path.read_bytes()).get_single_data()
    except OSError as error:
        unread, gone = (
            tr("{path} cannot be read", path=path),
            tr("there is no file {path}", path=path),
        )
        problem = unread if path.exists() else gone
        raise InputNotFoundError(problem, tr("check the path")) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadCheckpointError(
            tr("{file} is no YAML file that can be read", file=path.name)
        ) from error
    if not isinstance(content, dict):
        raise BadCheckpointError(tr("{file} is no model configuration", file=path.name))
    return content


def read_config(path: Path) -> PublishedConfig:
    """Read the configuration of a published checkpoint.

    Raises:
        InputNotFoundError: It is not there.
        BadCheckpointError: It is of no network that is known here.
    """
    content = read_yaml(path)
    model = content.get("model")
    if model in _DEMUCS:
        return _demucs(content, str(model))
    if not isinstance(model, dict) or "dim" not in model or "depth" not in model:
        raise BadCheckpointError(
            tr(
                "{file} has no model section of a BS-RoFormer, a Mel-band RoFormer or a Demucs",
                file=path.name,
            ),
            tr("give the YAML of this checkpoint"),
        )
    return _roformer(content, {str(key): value for key, value in model.items()})


def architecture(model: Mapping[str, Any]) -> dict[str, Any]:
    """What the options of a RoFormer say of the network itself.

    Left out are those of the training and those that only say "no variant".

    Raises:
        BadCheckpointError: It is a variant of another layout.
    """
    for key, (known, words) in _VARIANT_OPTIONS.items():
        if model.get(key, known) not in (known, None):
            raise BadCheckpointError(
                tr(
                    "the configuration asks for a newer variant of the network: {words} ({key})",
                    words=words,
                    key=key,
                ),
                tr("only the layout of most published checkpoints is known here"),
            )
    return {
        key: value
        for key, value in model.items()
        if key not in _VARIANT_OPTIONS and not key.startswith(_TRAINING_ONLY)
    }


def _roformer(content: dict[str, Any], model: dict[str, Any]) -> PublishedConfig:
    builder: Builder = "mel_band_roformer" if "num_bands" in model else "bs_roformer"
    stems, remainder = _stems(_section(content, "training"))
    audio = _section(content, "audio")
    options = {"num_stems": len(stems), **architecture(model)} if stems else architecture(model)
    return PublishedConfig(
        builder=builder,
        options=options,
        stems=stems,
        remainder=remainder,
        sample_rate_hz=_whole(audio, "sample_rate", _STANDARD_RATE_HZ),
        # As MSST does: the length for inference goes before the one of the training.
        chunk_samples=_whole(
            _section(content, "inference"), "chunk_size", _whole(audio, "chunk_size", 0)
        ),
    )


def _demucs(content: dict[str, Any], network: str) -> PublishedConfig:
    """A Demucs as MSST trains it: the arguments of its class in a section of its name."""
    training = _section(content, "training")
    instruments = _names(training)
    section = _section(content, network)
    options = {
        **{key: value for key, value in section.items() if isinstance(key, str) and key != "path"},
        "network": network,
        "sources": list(instruments),
        "audio_channels": _whole(training, "channels", 2),
        "samplerate": _whole(training, "samplerate", _STANDARD_RATE_HZ),
        "segment": training.get("segment", 10),
    }
    return PublishedConfig(
        builder="htdemucs",
        options=options,
        stems=instruments,
        remainder="",
        sample_rate_hz=options["samplerate"],
        chunk_samples=0,
    )


def _section(content: dict[str, Any], key: str) -> dict[str, Any]:
    section = content.get(key, {})
    if not isinstance(section, dict):
        raise BadCheckpointError(tr("{key} in the configuration is no section", key=key))
    return section


def _stems(training: dict[str, Any]) -> tuple[tuple[str, ...], str]:
    """The stems that come out, and the instrument that is what they leave."""
    instruments = _names(training)
    target = training.get("target_instrument")
    if not target:
        return instruments, ""
    others = [name for name in instruments if name != target]
    return (str(target),), others[0] if len(others) == 1 else ""


def _names(training: dict[str, Any]) -> tuple[str, ...]:
    names = training.get("instruments", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadCheckpointError(tr("instruments in the configuration is no list of names"))
    if len(set(names)) != len(names):
        raise BadCheckpointError(tr("instruments in the configuration names a stem twice"))
    return tuple(names)


def _whole(section: dict[str, Any], key: str, default: int) -> int:
    """A number above 0, or the default if the section does not say."""
    number = section.get(key, default)
    if key in section and (type(number) is not int or number <= 0):
        raise BadCheckpointError(
            tr("{key} in the configuration is no whole number above 0", key=key)
        )
    return int(number)
