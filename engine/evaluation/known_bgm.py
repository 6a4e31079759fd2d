"""How near the known-BGM removal comes to what the codec allows, and how fast it is.

The codec's bound is the decoded mix without the music as it was laid in: what nobody can beat who
takes out the music and leaves the codec's noise.
"""

import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.datasets.codec import FORMATS, LossyFormat, through_codec
from engine.datasets.corpus import Corpus
from engine.dsp.metrics import si_sdr_db
from engine.evaluation.bgm_clips import SAMPLE_RATE_HZ, TREATMENTS, Clip, Laying, make_clip
from engine.evaluation.rendered_clips import KINDS, rendered_clips
from engine.evaluation.tables import markdown
from engine.stages.known_bgm import KnownBgmRequest, remove_known_bgm
from engine.stages.speed_search import as_played
from engine.stages.track_search import Track
from engine.types import Audio

LEVELS_DB = (12.0, 6.0, 0.0, -6.0, -12.0, -20.0)
RENDERED_LEVELS_DB = (0.0, -6.0, -12.0)
_NOT_WORSE_DB = 0.01
_CODECS = tuple(
    (format_, kbit_s)
    for format_ in FORMATS
    for kbit_s in (64, 128, 192)
    if kbit_s <= max(format_.kbit_s)
)


@dataclass(frozen=True, slots=True)
class BenchmarkRow:
    """One clip through one codec.

    Attributes:
        treatment: What was done to the music.
        level_db: Level of the music over everything else.
        codec: FFmpeg's name, and the bit rate.
        mix_db: SI-SDR of the decoded mix.
        restored_db: SI-SDR of what the removal leaves.
        bound_db: SI-SDR of the decoded mix minus the true music.
        found: Number of stretches found; each passage of a loop is one.
        real_time_factor: Time taken over the clip's length.
    """

    treatment: str
    level_db: float
    codec: str
    mix_db: float
    restored_db: float
    bound_db: float
    found: int
    real_time_factor: float


def benchmark(
    levels_db: Iterable[float] = LEVELS_DB, duration_s: float = 20.0, seed: int = 0
) -> Iterator[BenchmarkRow]:
    """Clips at each level in every codec, then every treatment at each level, codecs in turns."""
    levels = tuple(levels_db)
    for number, level_db in enumerate(levels):
        duck_db = 9.0 * (number % 2)
        laying = Laying(level_db, automation_db=6.0 - duck_db / 2, duck_db=duck_db)
        clip = make_clip(duration_s, laying, seed + number)
        for format_, kbit_s in _CODECS:
            yield measure(clip, "ducked" if duck_db else "automated", (format_, kbit_s))
    for number, (name, treatment) in enumerate(TREATMENTS.items()):
        for level_db in levels:
            laying = replace(treatment, level_db=level_db)
            clip = make_clip(duration_s, laying, seed + number)
            yield measure(clip, name, _CODECS[number % len(_CODECS)])


def rendered_benchmark(corpus: Corpus) -> Iterator[BenchmarkRow]:
    """Clips of rendered music, codecs in turns."""
    for number, (name, clip) in enumerate(rendered_clips(corpus, RENDERED_LEVELS_DB)):
        yield measure(clip, name, _CODECS[number % len(_CODECS)])


def measure(clip: Clip, treatment: str, codec: tuple[LossyFormat, int]) -> BenchmarkRow:
    """Remove the music of one clip.

    Args:
        clip: The truth.
        treatment: What was done to the music, in words.
        codec: What the mix goes through before, with its kbit/s.
    """
    format_, kbit_s = codec
    mix = through_codec(clip.mix, format_, kbit_s)
    with tempfile.TemporaryDirectory() as folder:
        store = ArtifactStore(Path(folder))
        track = store.put("track", Audio(clip.track, SAMPLE_RATE_HZ))
        mix_ref = store.put("mix", Audio(mix, SAMPLE_RATE_HZ))
        context = PlainContext()
        start_s = time.perf_counter()
        # As for a track that the user names: at what speed it plays is to be found as well.
        tracks = as_played(
            mix_ref, (Track(Path("track.wav"), track, is_named=True),), store, context
        )
        result = remove_known_bgm(KnownBgmRequest(mix_ref, tracks), store, context)
        taken_s = time.perf_counter() - start_s
        return BenchmarkRow(
            treatment=treatment,
            level_db=_level_db(clip),
            codec=f"{format_.codec} {kbit_s}",
            mix_db=si_sdr_db(clip.rest, mix),
            restored_db=si_sdr_db(clip.rest, store.map(result.restored)),
            bound_db=si_sdr_db(clip.rest, mix - clip.bgm),
            found=len(result.matches),
            real_time_factor=taken_s / mix_ref.duration_s,
        )


def _level_db(clip: Clip) -> float:
    return 20 * float(np.log10(np.std(clip.bgm) / np.std(clip.rest)))


def table(rows: Iterable[BenchmarkRow]) -> Iterator[str]:
    """Lines of a table in Markdown as the rows come; then how far below the bound each part is."""
    parts: dict[str, list[BenchmarkRow]] = {}
    yield from markdown(
        ("music", "level dB", "codec", "found", "mix dB", "restored dB", "bound dB", "x real time"),
        _noted(rows, parts),
    )
    for part, noted in parts.items():
        decibels = [row.bound_db - row.restored_db for row in noted]
        worst, mean = max(decibels), sum(decibels) / len(decibels)
        found = sum(row.found > 0 for row in noted)
        worse = sum(row.restored_db < row.mix_db - _NOT_WORSE_DB for row in noted)
        yield (
            f"\nbelow the codec's bound, {part}, {len(noted)} clips, {found} of them found: "
            f"{mean:.2f} dB on average, {worst:.2f} dB at worst; worse than the mix: {worse}\n"
        )


def _part(treatment: str) -> str:
    if treatment in KINDS:
        return "rendered music"
    return "treatments" if treatment in TREATMENTS else "codecs"


def _noted(
    rows: Iterable[BenchmarkRow], parts: dict[str, list[BenchmarkRow]]
) -> Iterator[tuple[str, ...]]:
    """The cells of each row, which is put down in `parts` as well."""
    for row in rows:
        part = _part(row.treatment)
        parts.setdefault(part, []).append(row)
        figures = row.mix_db, row.restored_db, row.bound_db
        decibels = (f"{figure:.2f}" for figure in figures)
        yield (
            row.treatment,
            f"{row.level_db:+.0f}",
            row.codec,
            str(row.found),
            *decibels,
            f"{row.real_time_factor:.3f}",
        )
