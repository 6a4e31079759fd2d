"""From model cards and files to networks: a fixed table of builders, nothing named by a file."""

from collections.abc import Mapping
from typing import Any

from torch import nn

from engine.catalog import ModelCard
from engine.checkpoints import load_into, load_state_dict
from engine.content import content_hash
from engine.errors import BadCheckpointError, UnknownModelError
from engine.models.bs_roformer import BSRoFormer
from engine.models.demucs import DemucsModel, build_htdemucs, load_demucs, load_htdemucs
from engine.models.matcher import MatcherParams, read_params
from engine.models.pyannote import load_pyannote
from engine.models.separation import SeparationModel
from engine.models.silero import load_silero
from engine.models.voice import VoiceDetector
from engine.weights import Weights


def build(builder: str, config: Mapping[str, Any]) -> nn.Module:
    """A network with fresh weights, to be trained.

    Args:
        builder: `"bs_roformer"` or `"htdemucs"`.
        config: Its keyword arguments.
    """
    match builder:
        case "bs_roformer":
            network = BSRoFormer(**config)
            network.begin_with_even_shares()
            return network
        case "htdemucs":
            return build_htdemucs(**config)
    raise UnknownModelError(f"there is no builder {builder}")


def load_separation_model(weights: Weights) -> SeparationModel:
    """A separating network from its files.

    Raises:
        BadCheckpointError: The files are not what the card says.
    """
    card = weights.card
    match card.builder:
        case "demucs":
            return _demucs(load_demucs(*weights.paths, **card.config), weights)
        case "htdemucs":
            return _demucs(load_htdemucs(*weights.paths, **card.config), weights)
        case "bs_roformer":
            return _roformer(weights)
    raise BadCheckpointError(f"{card.name} is not a separating network, but for {card.stage}")


def check_loads(weights: Weights) -> None:
    """See whether a network can be made of the files.

    Raises:
        BadCheckpointError: It cannot.
    """
    match weights.card.builder:
        case "silero" | "pyannote":
            load_voice_model(weights)
        case _:
            load_separation_model(weights)


def load_voice_model(weights: Weights) -> VoiceDetector:
    """A voice detector from its file.

    Raises:
        BadCheckpointError: The file is not what the card says.
    """
    match weights.card.builder:
        case "silero":
            return load_silero(*weights.paths)
        case "pyannote":
            return load_pyannote(*weights.paths)
    raise BadCheckpointError(f"{weights.card.name} does not detect speech")


def load_matcher(weights: Weights) -> MatcherParams:
    """What a matcher knows, from its card.

    Raises:
        BadCheckpointError: The card is not a matcher's.
    """
    match weights.card.builder:
        case "baseline_matcher":
            return read_params(weights.card)
    raise BadCheckpointError(f"{weights.card.name} is no matcher, but for {weights.card.stage}")


def _demucs(network: DemucsModel, weights: Weights) -> SeparationModel:
    return SeparationModel(
        network=network,
        name=weights.card.name,
        fingerprint=_fingerprint(weights),
        sample_rate_hz=network.sample_rate_hz,
        channels=network.channels,
        stem_names=network.stem_names,
        chunk_samples=network.chunk_samples,
    )


def _roformer(weights: Weights) -> SeparationModel:
    card = weights.card
    try:
        network = BSRoFormer(**card.config)
    except (TypeError, ValueError) as error:
        raise BadCheckpointError(f"the card of {card.name} builds no network: {error}") from error
    if len(card.stems) != network.num_stems:
        raise BadCheckpointError(
            f"{card.name} gives {network.num_stems} stems, its card names {len(card.stems)}"
        )
    (path,) = weights.paths
    load_into(network, load_state_dict(path), path.name)
    return SeparationModel(
        network=network,
        name=card.name,
        fingerprint=_fingerprint(weights),
        sample_rate_hz=card.sample_rate_hz,
        channels=network.audio_channels,
        stem_names=card.stems,
        chunk_samples=card.chunk_samples or _default_chunk_samples(card),
    )


def _default_chunk_samples(card: ModelCard) -> int:
    """Eight seconds, the length most networks are trained on."""
    return 8 * card.sample_rate_hz


def _fingerprint(weights: Weights) -> str:
    return "+".join(content_hash(path) for path in weights.paths)
