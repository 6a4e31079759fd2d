"""From model cards and files to networks: a fixed table of builders, nothing named by a file."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from engine.catalog import ModelCard
from engine.checkpoints import load_into, load_state_dict
from engine.content import content_hash
from engine.errors import BadCheckpointError, UnknownModelError
from engine.models.bs_roformer import BSRoFormer
from engine.models.demucs import DemucsModel, build_htdemucs, load_demucs, load_htdemucs
from engine.models.matcher import MatcherParams, read_params
from engine.models.mel_band_roformer import MelBandRoFormer
from engine.models.pyannote import load_pyannote
from engine.models.roformer import RoFormer
from engine.models.separation import SeparationModel
from engine.models.silero import load_silero
from engine.models.voice import VoiceDetector
from engine.network_limits import require_chunk, require_plain_names, require_rate, require_sizes
from engine.translation import tr
from engine.weights import Weights

_USUAL_RATE_HZ = 44_100
_USUAL_CHUNK_S = 8
"""Most networks are trained on chunks of that length."""

ROFORMERS: Mapping[str, Callable[..., RoFormer]] = {
    "bs_roformer": BSRoFormer,
    "mel_band_roformer": MelBandRoFormer,
}
"""Networks in the published layouts that a card can name."""


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
    raise UnknownModelError(tr("there is no builder {builder}", builder=builder))


def load_separation_model(weights: Weights) -> SeparationModel:
    """A separating network from its files, ready to run: no dropout.

    Raises:
        BadCheckpointError: The files are not what the card says.
    """
    card = weights.card
    match card.builder:
        case "demucs":
            model = _demucs(load_demucs(*weights.paths, **card.config), weights)
        case "htdemucs":
            model = _demucs(load_htdemucs(*weights.paths, **card.config), weights)
        case builder if builder in ROFORMERS:
            model = _roformer(weights)
        case _:
            raise BadCheckpointError(
                tr(
                    "{model} is not a separating network, but for {stage}",
                    model=card.name,
                    stage=card.stage,
                )
            )
    require_rate(model.sample_rate_hz)
    require_chunk(model.chunk_samples, model.sample_rate_hz)
    require_plain_names(filter(None, (*model.stem_names, model.remainder)))
    model.network.eval()
    return model


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
    raise BadCheckpointError(tr("{model} does not detect speech", model=weights.card.name))


def load_matcher(weights: Weights) -> MatcherParams:
    """What a matcher knows, from its card.

    Raises:
        BadCheckpointError: The card is not a matcher's.
    """
    match weights.card.builder:
        case "baseline_matcher":
            return read_params(weights.card)
    raise BadCheckpointError(
        tr(
            "{model} is no matcher, but for {stage}",
            model=weights.card.name,
            stage=weights.card.stage,
        )
    )


def _demucs(network: DemucsModel, weights: Weights) -> SeparationModel:
    card = weights.card
    return SeparationModel(
        network=network,
        name=card.name,
        fingerprint=_fingerprint(weights),
        sample_rate_hz=network.sample_rate_hz,
        channels=network.channels,
        stem_names=_stem_names(card, network.stem_names),
        chunk_samples=network.chunk_samples,
        remainder=card.remainder,
        order_accuracy=card.order_accuracy,
        needs_digits=True,
    )


def _roformer(weights: Weights) -> SeparationModel:
    card = weights.card
    require_sizes(card.config)
    try:
        # No memory yet: it takes over the tensors that are read.
        with torch.device("meta"):
            network = ROFORMERS[card.builder](**card.config)
    except (TypeError, ValueError, RuntimeError, ArithmeticError, LookupError) as error:
        raise BadCheckpointError(
            tr(
                "the configuration of {model} builds no network: {error}",
                model=card.name,
                error=error,
            ),
            tr("give the YAML that belongs to the checkpoint"),
        ) from error
    (path,) = weights.paths
    load_into(network, load_state_dict(path), path.name)
    sample_rate_hz = card.sample_rate_hz or _USUAL_RATE_HZ
    return SeparationModel(
        network=network,
        name=card.name,
        fingerprint=_fingerprint(weights),
        sample_rate_hz=sample_rate_hz,
        channels=network.audio_channels,
        stem_names=_stem_names(card, ("",) * network.num_stems),
        chunk_samples=card.chunk_samples or _USUAL_CHUNK_S * sample_rate_hz,
        remainder=card.remainder,
        order_accuracy=card.order_accuracy,
    )


def _stem_names(card: ModelCard, own: tuple[str, ...]) -> tuple[str, ...]:
    """The names on the card, or the network's own; one for each stem.

    Args:
        card: Names all stems or none.
        own: What the network calls its stems; nothing where only the card can know.
    """
    names = card.stems or own
    if len(names) != len(own) or not all(names):
        raise BadCheckpointError(
            tr(
                "{model} gives {given} stems, but {named} are named: {names}",
                model=card.name,
                given=len(own),
                named=len(card.stems),
                names=", ".join(card.stems) or tr("none"),
            ),
            tr("name all its stems in order: reprise models import FILE --stems NAME,NAME,..."),
        )
    return names


def _fingerprint(weights: Weights) -> str:
    return "+".join(content_hash(path) for path in weights.paths)
