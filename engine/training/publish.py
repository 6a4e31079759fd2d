"""From a run to a model that ships: weights in half precision, and a card with measured figures."""

import shutil
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import floor, inf
from pathlib import Path

from engine.catalog import ORDER_ACCURACY, ModelCard, WeightFile, built_in_models, card_to_json
from engine.content import content_hash
from engine.context import RunContext
from engine.datasets.corpus import Corpus
from engine.datasets.oasd import Oasd
from engine.errors import TrainingError
from engine.evaluation.roles import (
    TARGET,
    Row,
    by_network,
    measure_roles,
    the_mix_itself,
)
from engine.media.atomic import atomic_output, make_folder
from engine.models.cost import work_gflop_per_s
from engine.models.loading import load_separation_model
from engine.models.separation import SeparationModel
from engine.training.curves import LOG, PICTURE, LogLine, read_log
from engine.training.held_out import (
    Line,
    Score,
    SeparatorTest,
    order_of,
    score_separator,
    summarise,
)
from engine.training.mixes import held_out_mixes, is_oasd
from engine.training.recipes import Recipe
from engine.training.start import read_record, recipe_of
from engine.weights import Weights

LICENCE = "MIT, trained by this project's own recipe"
BEST = "best.safetensors"
TARGET_GAIN_DB = 6.0
_TARGET_SDRS = ("ost_sdr_db", "bgm_sdr_db")


@dataclass(frozen=True, slots=True)
class Run:
    """A run and the material it learnt from.

    Attributes:
        folder: The run.
        corpus: A synthetic corpus or an OASD set.
        test: What to measure soundtrack against song on; the same material if None.
    """

    folder: Path
    corpus: Path
    test: Path | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """What came of it.

    Attributes:
        card: The card that was written.
        lines: Gains by group.
        rows: Soundtrack against song, if the network is for that: the network, and the mix itself.
    """

    card: ModelCard
    lines: list[Line]
    rows: list[Row]


def publish(
    recipe: Recipe, run: Run, mixes: int, context: RunContext, folder: Path | None = None
) -> Published:
    """Put the best weights of a run beside a new card; the figures come from unseen pieces.

    Args:
        recipe: What was trained.
        run: Where.
        mixes: Unseen mixes to measure on.
        context: Told the progress.
        folder: Where models lie; `resources/models` if not given.

    Raises:
        TrainingError: The run has no weights yet, or trains something else.
    """
    recipe = recipe_of(recipe, run.folder)
    model = load_run(recipe, run.folder)
    scores = score_separator(model, recipe, SeparatorTest(run.corpus, mixes), context)
    lines = summarise(scores)
    rows = _measure_rows(recipe, model, run, mixes, context) if recipe.by_role else []
    card = replace(
        _card(recipe, run.folder / BEST),
        measured=_figures(lines) | _role_figures(rows) | _order_figure(scores),
        trained_on=" ".join([_trained_on(run), *_aim(rows)]),
        gflop_per_s=round(work_gflop_per_s(model), 2),
    )
    folder = folder or built_in_models()
    _write(card, run.folder / BEST, folder)
    _copy_log(run.folder, folder / "runs" / recipe.name)
    return Published(card, lines, rows)


def load_run(recipe: Recipe, run: Path) -> SeparationModel:
    """The best network of a run so far.

    Raises:
        TrainingError: There is none yet, or the run trains something else.
    """
    best = run / BEST
    if not best.is_file():
        raise TrainingError(f"{run} has no weights yet", "train until the first validation")
    return load_separation_model(Weights(_card(recipe_of(recipe, run), best), (best,), "user"))


def _measure_rows(
    recipe: Recipe, model: SeparationModel, run: Run, mixes: int, context: RunContext
) -> list[Row]:
    drawn = held_out_mixes(run.test or run.corpus, recipe, "test", 7, recipe.clip_s)
    ways = {recipe.name: by_network(model, ordered=True), "the mix itself": the_mix_itself}
    return measure_roles(ways, islice(drawn, mixes), mixes, context)


def _write(card: ModelCard, weights: Path, folder: Path) -> None:
    """Weights and card get their names in the same moment, when both are written."""
    (file,) = card.files
    with (
        atomic_output(folder / f"{card.name}.json") as card_part,
        atomic_output(folder / file.name) as weights_part,
    ):
        shutil.copyfile(weights, weights_part)
        card_part.write_bytes(card_to_json(card))


def _copy_log(run: Path, folder: Path) -> None:
    """How the training went goes beside the models, as a log and as curves."""
    for name in (LOG, PICTURE):
        if (run / name).is_file():
            make_folder(folder)
            with atomic_output(folder / name) as part:
                shutil.copyfile(run / name, part)


def _card(recipe: Recipe, path: Path) -> ModelCard:
    return ModelCard(
        name=recipe.name,
        title=recipe.title,
        stage=recipe.stage,
        builder=recipe.builder,
        licence=LICENCE,
        files=(
            WeightFile(f"{recipe.name}.safetensors", "", content_hash(path), path.stat().st_size),
        ),
        config=dict(recipe.config),
        sample_rate_hz=recipe.sample_rate_hz,
        stems=recipe.stems,
        chunk_samples=round(recipe.clip_s * recipe.sample_rate_hz),
    )


def _trained_on(run: Run) -> str:
    """Material, split, steps and hours, in words."""
    # What is published are the weights that did best, not the last ones.
    lines = read_log(run.folder) if (run.folder / LOG).is_file() else []
    best = max(lines, key=_gain_db, default=None)
    record = read_record(run.folder)
    begun = f" Begun from {record.begun_from}." if record and record.begun_from else ""
    spent = f" {best.step} steps in {best.hours:.1f} hours." if best else ""
    return _material(run.corpus) + spent + begun


def _material(folder: Path) -> str:
    if is_oasd(folder):
        tracks = Oasd.load(folder).manifest.tracks
        count = {s: sum(t.split == s for t in tracks) for s in ("train", "valid", "test")}
        return (
            f"A set of `reprise dataset oasd`: {count['train']} tracks, {count['valid']} others "
            f"for validation and {count['test']} for the test."
        )
    items = Corpus.load(folder).items
    hours: dict[str, float] = defaultdict(float)
    for item in items:
        if item.split == "train":
            hours[item.kind] += item.duration_s / 3600
    made = ", ".join(f"{hours[kind]:.1f} h of {kind}" for kind in ("music", "speech", "effects"))
    return (
        f"Generated by `reprise dataset synthetic`: {made}; no recording of anybody. "
        "Works, voices and scenes are in one split each, 8:1:1."
    )


def _aim(rows: Sequence[Row]) -> list[str]:
    """How far the network is from what it should reach, in words."""
    if not rows:
        return []
    figures = _role_figures(rows)
    said = []
    for column in _TARGET_SDRS:
        wanted, reached = TARGET.figures[column].mean or 0.0, figures[column]
        words = column.removesuffix("_sdr_db").upper()
        said.append(f"{words} SDR {reached:.2f} dB of {wanted:.2f} ({_distance(reached, wanted)})")
    gain = figures["ost_si_sdr_gain_db"]
    distance = _distance(gain, TARGET_GAIN_DB)
    said.append(f"OST SI-SDR {gain:.2f} dB over the mix of {TARGET_GAIN_DB:.0f} ({distance})")
    return [f"On unseen tracks, of the target: {'; '.join(said)}."]


def _distance(reached: float, wanted: float) -> str:
    return f"missed by {wanted - reached:.2f} dB" if reached < wanted else "reached"


def _role_figures(rows: Sequence[Row]) -> dict[str, float]:
    if not rows:
        return {}
    found, mix = rows
    figures = {name: mean.mean or 0.0 for name, mean in found.figures.items()}
    before_db = mix.figures["ost_si_sdr_db"].mean or 0.0
    figures["ost_si_sdr_gain_db"] = figures["ost_si_sdr_db"] - before_db
    return {name: round(value, 2) for name, value in figures.items()}


def _order_figure(scores: Sequence[Score]) -> dict[str, float]:
    order = order_of(scores)
    # Rounded down: all right is still no proof.
    return {ORDER_ACCURACY: floor(order.accuracy * 1e3) / 1e3} if order else {}


def _gain_db(line: LogLine) -> float:
    return -inf if line.gain_db is None else line.gain_db


def _figures(lines: Sequence[Line]) -> dict[str, float]:
    """What of the table goes on the card."""
    whole = lines[0]
    return {
        "unseen_stems": float(whole.count),
        "si_sdr_db": round(whole.after_db, 2),
        "si_sdr_gain_db": round(whole.gain_db, 2),
        "si_sdr_gain_low_db": round(whole.low_db, 2),
        "si_sdr_gain_high_db": round(whole.high_db, 2),
    }
