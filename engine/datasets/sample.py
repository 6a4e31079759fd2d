"""The sample clip: a short film cut to its own music, with somebody else's laid over it.

Everything is made here, so its truth is known: the film, the sound it had, and the track that
covers it. `reprise dataset sample` writes it, `resources/sample` holds it.
"""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile
from scipy.ndimage import uniform_filter1d

from engine.datasets.codec import through_random_codec
from engine.datasets.effects import SCENES, make_scene
from engine.datasets.film import beats_of, draw_film
from engine.datasets.linked_pairs import Score
from engine.datasets.music import FAMILIES, make_music
from engine.datasets.processing import SAMPLE_RATE_HZ, set_level
from engine.datasets.speech import VOICES, make_speech
from engine.errors import CorpusError
from engine.evaluation.sample import BGM, FILM, ORIGINAL
from engine.media.atomic import make_folder
from engine.types import Samples

_FILM_S, _TRACK_S = 16.0, 24.0
_TRACK_STARTS_S = 5.0
_SIZE = (640, 360)
_FADE_S = 1.5
_BGM_DB, _OST_DB, _SPEECH_DB, _EFFECTS_DB = -19.0, -21.0, -20.0, -30.0


@dataclass(frozen=True, slots=True)
class SampleClip:
    """The clip before it is written, each (2, num_samples) float32.

    Attributes:
        original: The sound that the film had.
        track: The music that was laid over it, whole.
        laid: The track as it lies over the film.
        beats: Beats and energy of the film's own music, to which the picture is cut.
    """

    original: Samples
    track: Samples
    laid: Samples
    beats: Score


def make_sample(folder: Path, seed: int = 20) -> None:
    """Write the film with covered sound, its original sound and the covering track."""
    make_folder(folder)
    clip = make_clip(seed)
    draw_film(folder / FILM, clip.beats, clip.original + clip.laid, _SIZE, seed)
    for name, samples in ((ORIGINAL, clip.original), (BGM, clip.track)):
        soundfile.write(folder / name, samples.T, SAMPLE_RATE_HZ, subtype="PCM_16")


def make_clip(seed: int) -> SampleClip:
    """Compose and mix the clip; equal seeds give equal clips."""
    rng = np.random.default_rng(seed)
    ost = set_level(_music("pop", _FILM_S, rng), _OST_DB)
    beats = beats_of(ost)
    speech = set_level(make_speech(VOICES[0], _FILM_S, rng), _SPEECH_DB)
    effects = set_level(make_scene(sorted(SCENES)[0], _FILM_S, rng), _EFFECTS_DB)
    ost = through_random_codec(ost * _ducking(speech), rng)
    track = set_level(_music("electronic", _TRACK_S, rng), _BGM_DB)
    start = round(_TRACK_STARTS_S * SAMPLE_RATE_HZ)
    laid = track[:, start : start + ost.shape[1]] * _fades(ost.shape[1])
    return SampleClip(speech + effects + ost, track, laid, beats)


def _music(family: str, duration_s: float, rng: np.random.Generator) -> Samples:
    with TemporaryDirectory() as cache:
        music = make_music(FAMILIES[family], "sample", duration_s, Path(cache), rng)
    if music is None:
        raise CorpusError(f"no {family} music came of this seed", "choose another seed")
    return music


def _ducking(speech: Samples) -> Samples:
    """Gain (num_samples,) that makes room for speech: 6 dB, within a quarter of a second."""
    level = uniform_filter1d(np.abs(speech).mean(0), SAMPLE_RATE_HZ // 4)
    return np.asarray(1 - 0.5 * np.clip(level / 0.02, 0, 1), np.float32)


def _fades(num_samples: int) -> Samples:
    ramp = round(_FADE_S * SAMPLE_RATE_HZ)
    gain = np.ones(num_samples, np.float32)
    gain[:ramp] = np.linspace(0, 1, ramp)
    gain[-ramp:] = gain[:ramp][::-1]
    return gain
