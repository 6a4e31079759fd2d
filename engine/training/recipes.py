"""What is trained on what: one recipe a starter network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from torch import Tensor

from engine.catalog import Stage
from engine.datasets.mixing import Mix
from engine.datasets.processing import SAMPLE_RATE_HZ
from engine.dsp.resample import resample_blocks, resampled_length
from engine.training.losses import permutation_free, training_loss
from engine.types import Samples

# Windows of 4096 samples tell neighbouring notes of two pieces apart; 23 bands, finer where
# music is dense, keep the net affordable on a processor.
_MUSIC_BANDS = (12,) * 8 + (24,) * 4 + (48,) * 4 + (96,) * 3 + (192,) * 2 + (384, 609)

# Up to 11 kHz there is nearly all of a voice, at half the work.
_SPEECH_RATE_HZ = 22_050


@dataclass(frozen=True)
class Example:
    """One training pair.

    Attributes:
        mix: (channels, samples), what the network hears.
        stems: (stems, channels, samples), what it shall find.
    """

    mix: Samples
    stems: Samples

    def normalised(self) -> "Example":
        """The pair at unit level, so that quiet mixes teach as much as loud ones."""
        level = float(np.std(self.mix)) + 1e-5
        return Example(self.mix / np.float32(level), self.stems / np.float32(level))


@dataclass(frozen=True)
class Recipe:
    """One training.

    Attributes:
        name: Name of the model card and of the weights.
        title: Name for people.
        stage: Stage of a restore that uses the network.
        builder: Entry of the table of builders.
        config: Arguments of the builder.
        stems: Names of the outputs in order.
        clip_s: Length of one example.
        ordered: Whether the stems have an order; if not, the training is permutation-free.
        sample_rate_hz: Rate of the network.
        peak_learning_rate: Reached after the warm-up.
        make_example: From a mix to a pair.
        plain_steps: Steps on plain pairs of music (`PLAIN`) before mixes as they are in life.
    """

    name: str
    title: str
    stage: Stage
    builder: str
    config: Mapping[str, object]
    stems: tuple[str, ...]
    clip_s: float
    ordered: bool
    sample_rate_hz: int
    peak_learning_rate: float
    make_example: Callable[[Mix, Generator], Example]
    plain_steps: int = 0

    def loss(self, estimate: Tensor, target: Tensor) -> Tensor:
        """(batch, stems, channels, samples) twice -> one number."""
        per_example = training_loss if self.ordered else permutation_free
        return per_example(estimate, target).mean()


def _speech(mix: Mix, _: Generator) -> Example:
    heard, dialogue = (_at_speech_rate(samples) for samples in (mix.mix, mix.dialogue))
    return Example(heard, dialogue[np.newaxis])


def _at_speech_rate(samples: Samples) -> Samples:
    num_samples = resampled_length(samples.shape[1], SAMPLE_RATE_HZ, _SPEECH_RATE_HZ)
    blocks = resample_blocks([samples], SAMPLE_RATE_HZ, _SPEECH_RATE_HZ, num_samples)
    return np.concatenate(list(blocks), axis=1)


def _two_musics(mix: Mix, random: Generator) -> Example:
    # The speech stage before it is not perfect: now and then some speech is left.
    leak = np.float32(random.choice([0.0, 0.05, 0.15], p=[0.6, 0.3, 0.1]))
    heard = mix.ost + mix.bgm + mix.effects + leak * mix.dialogue
    return Example(heard, np.stack([mix.ost, mix.bgm]))


SPEECH = Recipe(
    name="starter-speech",
    title="Starter Demucs: speech, and what is left is the rest",
    stage="separator",
    builder="htdemucs",
    config={
        "sources": ["speech"],
        "channels": 16,
        "dconv_depth": 1,
        "nfft": 2048,
        "t_layers": 2,
        "t_heads": 4,
        "segment": 4,
        "samplerate": _SPEECH_RATE_HZ,
    },
    stems=("speech",),
    clip_s=4.0,
    ordered=True,
    sample_rate_hz=_SPEECH_RATE_HZ,
    peak_learning_rate=1e-3,
    make_example=_speech,
)

MUSIC = Recipe(
    name="starter-music",
    title="Starter BS-RoFormer: two pieces of music",
    stage="mixed_music",
    builder="bs_roformer",
    config={
        "dim": 96,
        "depth": 3,
        "stereo": True,
        "num_stems": 2,
        "time_transformer_depth": 1,
        "freq_transformer_depth": 1,
        "heads": 4,
        "dim_head": 24,
        "mlp_expansion_factor": 1,
        "stft_n_fft": 4096,
        "stft_win_length": 4096,
        "stft_hop_length": 2048,
        "dim_freqs_in": 2049,
        "freqs_per_bands": list(_MUSIC_BANDS),
    },
    stems=("music1", "music2"),
    clip_s=3.0,
    ordered=False,
    sample_rate_hz=SAMPLE_RATE_HZ,
    peak_learning_rate=1.5e-3,
    make_example=_two_musics,
    # Among speech and effects a young net learns only to leave those out.
    plain_steps=3_000,
)

RECIPES = {recipe.name: recipe for recipe in (SPEECH, MUSIC)}
