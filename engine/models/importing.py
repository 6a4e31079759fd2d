"""Looks at a checkpoint of the user before it is taken in: which network, which stage, what cost.

What goes wrong is told in one line: a newer variant, a configuration of another network, keys that
are missing or too many, shapes, stems, numbers that are not finite.
"""

import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import Tensor

from engine.catalog import ModelCard
from engine.checkpoint_files import (
    DescribedCheckpoint,
    Wishes,
    config_beside,
    self_described,
    with_config,
)
from engine.checkpoints import load_state_dict
from engine.errors import BadCheckpointError
from engine.models.cost import work_gflop_per_s
from engine.models.loading import ROFORMERS, load_separation_model, load_voice_model
from engine.models.roformer import RoFormerOptions
from engine.models.roformer_keys import (
    RoformerFacts,
    looks_like_roformer,
    refuse_variant,
    roformer_facts,
)
from engine.models.separation import SeparationModel
from engine.published_configs import PublishedConfig, read_config
from engine.stems import service
from engine.translation import tr
from engine.weights import Weights

CLAIMED_FIGURE = "claimed_sdr_db"
"""Name among the measured figures of one that somebody else gives."""

_USUAL_HOP_SAMPLES = 441
_USUAL_RATE_HZ = 44_100
_USUAL_CHUNK_S = 8
_STEMS_BY_NUMBER = {1: ("vocals",), 2: ("music1", "music2")}
_UNMARKED = ("stereo", "freqs_per_bands", "dim_freqs_in", "stft_n_fft", "stft_win_length")
"""Options whose mistakes the shapes of single keys tell better."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A checkpoint that loads and runs.

    Attributes:
        described: Its card, without hashes, and its files.
        notes: Plain sentences on what was decided.
    """

    described: DescribedCheckpoint
    notes: tuple[str, ...]


_NO_WISHES = Wishes()


def examine(path: Path, wishes: Wishes = _NO_WISHES) -> Examined:
    """Load a checkpoint, run it on a second of noise, and write its card.

    Raises:
        InputNotFoundError: It, or its configuration, is not there.
        HostileCheckpointError: It wants to run code.
        BadCheckpointError: It is damaged, of another network, or serves no stage.
        ChecksumError: It is not the file that its name says.
    """
    described = self_described(path, name=wishes.name)
    notes: tuple[str, ...] = ()
    if described is None:
        described, notes = _by_config(path, wishes)
    elif described.card.builder == "pyannote":
        load_voice_model(Weights(described.card, described.paths, "user"))
        return Examined(described, (tr("it detects voices"),))
    card = _named(described.card, wishes.stems)
    model = load_separation_model(Weights(card, described.paths, "user"))
    serves = service(model.stem_names, card.remainder, wishes.stage)
    card = replace(
        card,
        stage=serves.stage,
        stems=model.stem_names,
        sample_rate_hz=model.sample_rate_hz,
        chunk_samples=model.chunk_samples,
        measured=_figures(path, wishes),
        gflop_per_s=round(_work(model), 2),
    )
    return Examined(replace(described, card=card), (serves.words, *notes))


def _work(model: SeparationModel) -> float:
    """GFLOP for a second of sound, from a trial."""
    try:
        return work_gflop_per_s(model)
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0][:160]
        raise BadCheckpointError(
            tr("{model} cannot be run: {reason}", model=model.name, reason=reason),
            tr("give the YAML that belongs to the checkpoint"),
        ) from error


def _by_config(path: Path, wishes: Wishes) -> tuple[DescribedCheckpoint, tuple[str, ...]]:
    """A checkpoint with a configuration, or with what its shapes tell."""
    config_path = wishes.config or config_beside(path)
    config = read_config(config_path) if config_path else None
    if config is not None and config.builder == "htdemucs":
        return with_config(path, config, name=wishes.name), ()
    usual: tuple[str, ...] = ()
    state = load_state_dict(path)
    refuse_variant(state, path.name)
    if not looks_like_roformer(state) and config_path is None:
        raise BadCheckpointError(
            tr(
                "{file} is of no network that is known here: it begins with {key}",
                file=path.name,
                key=min(state),
            ),
            tr(
                "known are BS-RoFormer, Mel-band RoFormer, Demucs and pyannote "
                "segmentation; the YAML of a Demucs without a description of its own is "
                "given with --config"
            ),
        )
    if config is None or config_path is None:
        config, usual = _told_by_shapes(roformer_facts(state, path.name)), (_taken_as_usual(),)
    elif looks_like_roformer(state):
        _compare(state, config, path.name, config_path.name)
    config, named = _with_stems(config, wishes.stems)
    return with_config(path, config, name=wishes.name), (*usual, *named)


def _taken_as_usual() -> str:
    return tr(
        "no configuration was given; the file does not tell and these were taken as usual: frames "
        "every {hop} samples, {rate} Hz, chunks of {chunk} s, no skip connections",
        hop=_USUAL_HOP_SAMPLES,
        rate=_USUAL_RATE_HZ,
        chunk=_USUAL_CHUNK_S,
    )


def _told_by_shapes(facts: RoformerFacts) -> PublishedConfig:
    return PublishedConfig(
        builder=facts.builder,
        options={**facts.options, "stft_hop_length": _USUAL_HOP_SAMPLES},
        stems=(),
        remainder="",
        sample_rate_hz=_USUAL_RATE_HZ,
        chunk_samples=_USUAL_CHUNK_S * _USUAL_RATE_HZ,
    )


def _with_stems(
    config: PublishedConfig, stems: tuple[str, ...]
) -> tuple[PublishedConfig, tuple[str, ...]]:
    """The configuration with names for all stems, and what to say where they are a guess."""
    if config.stems or stems:
        return config, ()
    num_stems = int(config.options.get("num_stems", 1))
    guess = _STEMS_BY_NUMBER.get(num_stems)
    if guess is None:
        raise BadCheckpointError(
            tr("the file gives {stems} stems and nothing names them", stems=num_stems),
            tr("give its YAML with --config, or the names in order: --stems NAME,NAME,..."),
        )
    words = tr(
        "nothing names its stems, so they were taken for {stems} (others: --stems NAME,NAME,...)",
        stems=", ".join(guess),
    )
    return replace(config, stems=guess), (words,)


def _compare(
    state: dict[str, Tensor], config: PublishedConfig, source: str, config_name: str
) -> None:
    """Refuse a configuration of another network, and say in which sizes they differ."""
    facts = roformer_facts(state, source)
    if facts.builder != config.builder:
        raise BadCheckpointError(
            tr(
                "{config} does not belong to {source}: the file is a {network}, the "
                "configuration describes another kind",
                config=config_name,
                source=source,
                network=facts.words,
            ),
            tr("give the YAML of this checkpoint with --config"),
        )
    said = {**_defaults(config.builder), **config.options}
    wrong = [
        tr("{option} {found} instead of {said}", option=option, found=found, said=said[option])
        for option, found in facts.options.items()
        if option not in _UNMARKED and option in said and said[option] != found
    ]
    if wrong:
        raise BadCheckpointError(
            tr(
                "{config} does not belong to {source}: the file has {wrong}",
                config=config_name,
                source=source,
                wrong=", ".join(wrong),
            ),
            tr("give the YAML of this checkpoint with --config"),
        )


def _defaults(builder: str) -> dict[str, Any]:
    own = inspect.signature(ROFORMERS[builder]).parameters.values()
    shared = inspect.signature(RoFormerOptions).parameters.values()
    return {p.name: p.default for p in (*shared, *own) if p.default is not p.empty}


def _named(card: ModelCard, stems: Sequence[str]) -> ModelCard:
    """The card with the user's own names of the stems."""
    if not stems:
        return card
    return replace(card, stems=tuple(stems), remainder="")


def _figures(path: Path, wishes: Wishes) -> dict[str, float]:
    """The figure that the user gives, or that the author put into the file's name."""
    if wishes.sdr_db is not None:
        return {CLAIMED_FIGURE: wishes.sdr_db}
    found = re.search(r"sdr[_-]?(\d{1,2}\.\d+)", path.stem, re.IGNORECASE)
    return {CLAIMED_FIGURE: float(found.group(1))} if found else {}
