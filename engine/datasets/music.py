"""The families of music: where the notes come from, who plays, whether somebody sings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from engine.datasets.composing import STYLES, compose
from engine.datasets.electronic import render_electronic
from engine.datasets.ensembles import ENSEMBLES
from engine.datasets.orchestrate import Arrangement, Role, arrange
from engine.datasets.processing import (
    add_room,
    decibels,
    limit,
    room_response,
    set_level,
    set_width,
    shelf,
    without_dc,
)
from engine.datasets.render import render_arrangement
from engine.datasets.score import Score
from engine.datasets.scores import load_score
from engine.datasets.singing import sing
from engine.types import Samples

MUSIC_LEVEL_DB = -17.0
HARMONY_ODDS = 0.35


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of music.

    Attributes:
        name: Its name in the manifest.
        source: Family of scores, or style of generated pieces.
        ensembles: Who may play.
        share: Part of the music in the corpus.
        renderer: What makes the sound.
        sung: Whether a voice sings the melody.
        test_only: Kept out of training, to see how well what was learned carries over.
    """

    name: str
    source: str
    ensembles: tuple[str, ...]
    share: float
    renderer: Literal["fluidsynth", "electronic", "chip"] = "fluidsynth"
    sung: bool = False
    test_only: bool = False


_CLASSICAL = ("strings", "woodwinds", "brass", "choir", "keyboard", "plucked", "orchestra")
_MODERN = ("band", "rock", "jazz", "synth", "mallets", "world", "ambient")
FAMILIES = {
    family.name: family
    for family in (
        Family("early_music", "early_music", (*_CLASSICAL, "ambient", "synth", "world"), 0.09),
        Family("bach", "bach", (*_CLASSICAL, "band", "jazz", "synth", "mallets"), 0.12),
        Family("fiddle", "fiddle", ("folk", "folk", "band", "rock", "world", "synth"), 0.11),
        Family("pop", "generated_pop", ("band", "rock", "synth", "folk", "mallets"), 0.12),
        Family("jazz", "generated_jazz", ("jazz", "jazz", "band"), 0.06),
        Family("ambient", "generated_ambient", ("ambient", "ambient", "mallets", "choir"), 0.07),
        Family("cinematic", "generated_cinematic", ("orchestra", "ambient", "world"), 0.10),
        Family("electronic", "electronic", ("synth",), 0.10, "electronic"),
        Family("sung_pop", "generated_pop", ("band", "synth", "rock"), 0.10, sung=True),
        Family("sung_folk", "fiddle", ("folk", "band", "plucked"), 0.05, sung=True),
        Family("sung_electronic", "electronic", ("synth",), 0.04, "electronic", sung=True),
        Family("classical", "classical", _CLASSICAL, 0.025, test_only=True),
        Family("chiptune", "chiptune", ("synth",), 0.015, "chip", test_only=True),
    )
}


def make_music(
    family: Family, piece: str, duration_s: float, cache: Path, rng: np.random.Generator
) -> Samples | None:
    """Render a piece: (2, num_samples) float32.

    Args:
        family: The kind of music.
        piece: Name of the work: a score of the corpus, or any name for a generated piece.
        duration_s: Length.
        cache: Folder for scores that have been read.
        rng: Source of every choice.

    Returns:
        None if the work holds too little music.
    """
    score = _score(family, piece, cache, rng)
    if score is None:
        return None
    ensemble = ENSEMBLES[str(rng.choice(family.ensembles))]
    arrangement = arrange(score, ensemble, duration_s, rng)
    sung: set[Role] = set()
    if family.sung:
        sung = {"melody", "inner"} if rng.random() < HARMONY_ODDS else {"melody"}
    singers = tuple(track for track in arrangement.tracks if track.role in sung)[:2]
    players = tuple(track for track in arrangement.tracks if track not in singers)
    voices = [sing(track, duration_s, rng) for track in singers]
    backing = _render(family, replace(arrangement, tracks=players), rng)
    return master(backing, voices, rng)


def ensemble_of(family: Family, piece: str, rng: np.random.Generator) -> str:
    """Who plays the piece that `make_music` makes of an equal generator; renders nothing."""
    if family.source in STYLES:
        compose(family.source, piece, rng)  # takes as many draws as it does there
    return str(rng.choice(family.ensembles))


def _score(family: Family, piece: str, cache: Path, rng: np.random.Generator) -> Score | None:
    if family.source in STYLES:
        return compose(family.source, piece, rng)
    return load_score(piece, cache)


def _render(family: Family, arrangement: Arrangement, rng: np.random.Generator) -> Samples:
    if family.renderer == "fluidsynth":
        return render_arrangement(arrangement)
    return render_electronic(arrangement, rng, chip=family.renderer == "chip")


def master(backing: Samples, voices: Sequence[Samples], rng: np.random.Generator) -> Samples:
    """Mix, put into a room, shape, press as loud as records are, bring to the common level."""
    dry = set_level(backing, -20.0)
    for number, voice in enumerate(voices):
        gain_db = float(rng.uniform(-5, 4)) - 5 * number
        dry = dry + voice * np.float32(decibels(gain_db))
    decay_s = float(np.exp(rng.uniform(np.log(0.25), np.log(3.5))))
    room = room_response(decay_s, float(rng.uniform(2000, 9000)), rng)
    wet = float(rng.choice([0.0, rng.uniform(0.03, 0.2), rng.uniform(0.15, 0.45)]))
    toned = shelf(
        add_room(dry, wet, room), float(rng.uniform(600, 4000)), float(rng.uniform(-5, 5))
    )
    shaped = set_width(without_dc(toned), float(rng.uniform(0.3, 1.5)))
    drive_db = float(rng.choice([rng.uniform(0, 3), rng.uniform(4, 10)]))
    pressed = limit(set_level(shaped, MUSIC_LEVEL_DB + drive_db), 0.9)
    return limit(set_level(pressed, MUSIC_LEVEL_DB), 0.95)
