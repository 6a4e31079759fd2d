"""How well two musics are told apart: networks and ceilings beside what the paper reports.

SDR and SI-SDR of soundtrack and song, at 44.1 kHz, on mixes of tracks that no training heard.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from scipy import signal

from engine.context import Progress, RunContext
from engine.datasets.codec import FORMATS, through_codec
from engine.datasets.mixing import Mix
from engine.datasets.processing import SAMPLE_RATE_HZ
from engine.dsp.metrics import sdr_db, si_sdr_db
from engine.dsp.resample import at_rate
from engine.evaluation.intervals import Mean, crossed_mean
from engine.evaluation.tables import markdown
from engine.models.separation import SeparationModel
from engine.types import Samples

Separation = Callable[[Mix], Samples]
"""From a mix to its two musics: (2 stems, channels, num_samples) at 44.1 kHz."""

COLUMNS = ("bgm_sdr_db", "bgm_si_sdr_db", "ost_sdr_db", "ost_si_sdr_db")
_HEAD = ("", "mixes", "BGM SDR", "BGM SI-SDR", "OST SDR", "OST SI-SDR")
_MASK_FFT = 2048
_CODEC_KBIT_S = 128

NOTE = (
    "SDR and SI-SDR in dB with 95 % intervals; tracks are drawn anew for those, not mixes. "
    "SI-SDR is that of Le Roux et al.: the formula printed in the paper lets the scale cancel out, "
    "so its SI-SDR may be another figure."
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        name: What was measured.
        figures: By the names of `COLUMNS`.
    """

    name: str
    figures: dict[str, Mean]


def _reported(name: str, *values: float) -> Row:
    return Row(name, {column: Mean(v) for column, v in zip(COLUMNS, values, strict=True)})


PAPER = (
    _reported("paper, not tuned", 2.36, 2.13, 0.73, 0.54),
    _reported("paper, fine-tuned", 11.45, 11.06, 8.23, 7.53),
)
TARGET = PAPER[1]


def measure_roles(
    separations: dict[str, Separation], mixes: Iterable[Mix], count: int, context: RunContext
) -> list[Row]:
    """A row for each way to separate; stems that are silent do not count.

    Args:
        separations: Ways by name.
        mixes: What to separate; one at a time is kept.
        count: How many they are at most.
        context: Told the progress.
    """
    figures: dict[str, list[list[float]]] = {name: [] for name in separations}
    tracks: list[tuple[str, str]] = []
    for done, mix in enumerate(mixes):
        tracks.append(mix.tracks)
        for name, separate in separations.items():
            context.raise_if_cancelled()
            ost, bgm = separate(mix)
            pairs = ((mix.bgm, bgm), (mix.ost, ost))
            figures[name].append([f(*pair) for pair in pairs for f in (sdr_db, si_sdr_db)])
        context.report(Progress("evaluate", done + 1, count))
    osts, bgms = (list(names) for names in zip(*tracks, strict=True))
    return [_row(name, lines, osts, bgms) for name, lines in figures.items()]


def _row(name: str, lines: list[list[float]], osts: list[str], bgms: list[str]) -> Row:
    columns = zip(*lines, strict=True)
    return Row(
        name,
        {c: crossed_mean(v, osts, bgms) for c, v in zip(COLUMNS, columns, strict=True)},
    )


def by_network(model: SeparationModel, *, ordered: bool) -> Separation:
    """What a network makes of the mix.

    Args:
        model: A network with two stems.
        ordered: Whether they are soundtrack and song in this order; if not, the better order
            counts, which only the truth can tell.
    """

    def separate(mix: Mix) -> Samples:
        heard = at_rate(mix.mix, SAMPLE_RATE_HZ, model.sample_rate_hz)
        with torch.inference_mode():
            found = model.network(torch.from_numpy(heard).unsqueeze(0))[0].float()
        stems = [at_rate(s, model.sample_rate_hz, SAMPLE_RATE_HZ) for s in found.cpu().numpy()]
        num_samples = mix.mix.shape[1]
        estimate = np.stack([_fitted(s, num_samples) for s in stems])
        if ordered:
            return estimate
        return max(estimate, estimate[::-1], key=lambda stems: _likeness_db(mix, stems))

    return separate


def _likeness_db(mix: Mix, stems: Samples) -> float:
    """How near stems are to the truth in this order; what is silent does not count."""
    ost, bgm = stems
    return float(np.nansum([si_sdr_db(mix.ost, ost), si_sdr_db(mix.bgm, bgm)]))


def _fitted(samples: Samples, num_samples: int) -> Samples:
    """Two changes of rate may round the length up or down by one."""
    cut = samples[:, :num_samples]
    return np.pad(cut, ((0, 0), (0, num_samples - cut.shape[1])))


def the_mix_itself(mix: Mix) -> Samples:
    """No separation at all."""
    return np.stack([mix.mix, mix.mix])


def by_ideal_mask(mix: Mix) -> Samples:
    """The ideal ratio mask: the truth's own magnitudes decide how each bin of the mix is shared.

    Source: Narayanan and Wang, "Ideal ratio mask estimation using deep neural networks" (2013).
    """
    num_samples = mix.mix.shape[1]
    heard, *stems = (_spectrum(s) for s in (mix.mix, mix.ost, mix.bgm, mix.effects, mix.dialogue))
    total = sum(np.abs(s) for s in stems) + 1e-12
    return np.stack([_sound(heard * (np.abs(stem) / total), num_samples) for stem in stems[:2]])


def codec_bound(mix: Mix) -> Samples:
    """The truth of everything else taken out of the mix as AAC at 128 kbit/s leaves it."""
    heard = through_codec(mix.mix, FORMATS[0], _CODEC_KBIT_S)
    lost = heard - mix.mix
    return np.stack([mix.ost + lost, mix.bgm + lost])


CEILINGS: dict[str, Separation] = {
    "the mix itself": the_mix_itself,
    "ideal ratio mask": by_ideal_mask,
    "codec bound, AAC 128 kbit/s": codec_bound,
}


def table(rows: Iterable[Row]) -> Iterator[str]:
    """The lines of the table in Markdown, the paper's rows first, and the note."""
    cells = ((row.name, _count(row), *map(str, _in_order(row))) for row in (*PAPER, *rows))
    yield from markdown(_HEAD, cells)
    yield f"\n{NOTE}\n"


def _in_order(row: Row) -> list[Mean]:
    return [row.figures[column] for column in COLUMNS]


def _count(row: Row) -> str:
    return str(max(mean.count for mean in _in_order(row)) or "")


def _spectrum(samples: Samples) -> np.ndarray:
    return signal.stft(samples, nperseg=_MASK_FFT, noverlap=3 * _MASK_FFT // 4)[2]


def _sound(spectrum: np.ndarray, num_samples: int) -> Samples:
    _, samples = signal.istft(spectrum, nperseg=_MASK_FFT, noverlap=3 * _MASK_FFT // 4)
    return np.asarray(samples[:, :num_samples], np.float32)
