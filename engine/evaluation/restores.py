"""How well films are restored without knowing the added track, beside what the paper reports.

Every film of an OSVAR set goes through the whole program; segments of 4 s of what comes out are
compared with the true sound.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from engine.artifacts import ArtifactStore
from engine.context import Progress, RunContext
from engine.datasets.osvar import SEGMENT_S, Film, Osvar
from engine.datasets.processing import SAMPLE_RATE_HZ
from engine.datasets.tracks import read_stereo
from engine.dsp.metrics import sdr_db, si_sdr_db
from engine.evaluation.intervals import Mean, crossed_mean
from engine.evaluation.tables import markdown
from engine.session import Session
from engine.types import Quality, RestoreRequest, RestoreResult, Samples, StemName, Verdict

OURS, MIX, DIALOGUE = "ours", "the film as it is", "only the dialogue"
ORACLE = "ours, if the truth chose the music"
BOUND = "codec bound: the film minus the true music"
NOTE = (
    "Segments of 4 s; SDR and SI-SDR in dB with 95 % intervals, films and tracks drawn anew. "
    "SI-SDR is that of Le Roux et al.: the formula printed in the paper lets the scale cancel out. "
    "What the paper calls SDR there (129 to 139) is no SDR in dB."
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        name: What was compared with the true sound.
        sdr_db: Mean over segments.
        si_sdr_db: Mean over segments.
    """

    name: str
    sdr_db: Mean
    si_sdr_db: Mean


PAPER = (
    Row("paper, ours", Mean(138.63), Mean(16.53)),
    Row("paper, mixed", Mean(129.51), Mean(8.65)),
    Row("paper, only the dialogue", Mean(131.24), Mean(14.00)),
)


@dataclass(frozen=True, slots=True)
class Choices:
    """How often the matcher was right about which music belongs to the film.

    Attributes:
        right: It chose the original music.
        wrong: It chose the added one.
        unsure: It said that it does not know, or that both or neither fit.
        none: No network divided the music, so there was nothing to choose.
    """

    right: int = 0
    wrong: int = 0
    unsure: int = 0
    none: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a set."""

    rows: tuple[Row, ...]
    choices: Choices
    films: int


@dataclass(frozen=True, slots=True)
class PipelineTest:
    """What to measure.

    Attributes:
        films: How many.
        models: The user's own choice of models by stage.
        quality: As for a restore.
    """

    films: int = 160
    models: tuple[tuple[str, str], ...] = ()
    quality: Quality = Quality.STANDARD


def evaluate_pipeline(
    osvar: Osvar, test: PipelineTest, store: ArtifactStore, context: RunContext
) -> Report:
    """Restore the films of a set and compare.

    Raises:
        EngineError: What a restore raises.
    """
    session, films = Session(store), osvar.films[: test.films]
    found: list[_Found] = []
    for done, film in enumerate(films):
        context.raise_if_cancelled()
        context.report(Progress("films", done, len(films)))
        request = RestoreRequest(
            osvar.root / film.video, models=dict(test.models), quality=test.quality
        )
        result = session.restore(request, _Quiet(context))
        found.append(_compare(osvar, film, result, store))
        store.trim()
    verdicts = [each.verdict for each in found]
    choices = Choices(
        **{name: verdicts.count(name) for name in ("right", "wrong", "unsure", "none")}
    )
    return Report(tuple(_rows(films, found)), choices, len(films))


class _Quiet:
    """A context that only asks whether to go on: the films are the progress."""

    def __init__(self, context: RunContext) -> None:
        self._context = context

    def report(self, progress: Progress) -> None:
        """Not told."""

    def raise_if_cancelled(self) -> None:
        """As the outer one."""
        self._context.raise_if_cancelled()


@dataclass(frozen=True, slots=True)
class _Found:
    """Figures of one film by row: (num_segments, 2) SDR and SI-SDR."""

    figures: dict[str, list[tuple[float, float]]]
    verdict: str


def _compare(osvar: Osvar, film: Film, result: RestoreResult, store: ArtifactStore) -> _Found:
    original, bgm = (read_stereo(osvar.root / p, 1e4) for p in (film.original, film.bgm))
    stems = {name: np.asarray(store.map(ref)) for name, ref in result.stems.items()}
    mix = stems[StemName.MIX]
    length = min(original.shape[1], mix.shape[1])
    sounds = {
        MIX: mix,
        DIALOGUE: stems[StemName.DIALOGUE],
        OURS: stems[StemName.RESTORED],
        ORACLE: mix,
        BOUND: mix[:, :length] - bgm[:, :length],
    }
    verdict = "none"
    if StemName.MUSIC1 in stems:
        musics = stems[StemName.MUSIC1], stems[StemName.MUSIC2]
        without = [mix - music for music in musics]
        quality = [si_sdr_db(original[:, :length], sound[:, :length]) for sound in without]
        sounds[ORACLE] = without[int(np.argmax(quality))]
        verdict = _judge(result, ost_is_first=quality[1] > quality[0])
    figures = {name: _by_segment(original[:, :length], s) for name, s in sounds.items()}
    return _Found(figures, verdict)


def _judge(result: RestoreResult, *, ost_is_first: bool) -> str:
    decision = result.decision
    if decision is None or decision.verdict not in (Verdict.FIRST, Verdict.SECOND):
        return "unsure"
    return "right" if (decision.verdict is Verdict.FIRST) == ost_is_first else "wrong"


def _by_segment(original: Samples, found: Samples) -> list[tuple[float, float]]:
    step = round(SEGMENT_S * SAMPLE_RATE_HZ)
    figures = []
    for start in range(0, original.shape[1] - step + 1, step):
        pair = original[:, start : start + step], found[:, start : start + step]
        figures.append((sdr_db(*pair), si_sdr_db(*pair)))
    return figures


def _rows(films: Iterable[Film], found: list[_Found]) -> Iterator[Row]:
    names = [(film.id, film.bgm_name) for film in films]
    for row in (OURS, ORACLE, MIX, DIALOGUE, BOUND):
        values = [(f, *n) for n, each in zip(names, found, strict=True) for f in each.figures[row]]
        figures, films_, tracks = zip(*values, strict=True)
        sdrs, si_sdrs = zip(*figures, strict=True)
        yield Row(row, crossed_mean(sdrs, films_, tracks), crossed_mean(si_sdrs, films_, tracks))


def table(report: Report) -> Iterator[str]:
    """The lines of the table in Markdown, the paper's rows first, and the note."""
    cells = (
        (row.name, str(row.si_sdr_db.count or ""), str(row.sdr_db), str(row.si_sdr_db))
        for row in (*PAPER, *report.rows)
    )
    yield from markdown(("", "segments", "SDR", "SI-SDR"), cells)
    yield f"\n{_words(report.choices)}\n"
    yield f"\n{NOTE}\n"


def _words(choices: Choices) -> str:
    if choices.none:
        return "No network divided the music, so nothing was removed."
    return (
        f"The matcher chose the original music {choices.right} times, the added one "
        f"{choices.wrong} times, and was unsure {choices.unsure} times."
    )
