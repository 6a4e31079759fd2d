"""What is trained on what: one recipe a starter network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from torch import Tensor

from engine.catalog import Stage
from engine.datasets.mixing import PLAIN, Mix, MixOdds
from engine.datasets.processing import SAMPLE_RATE_HZ
from engine.dsp.resample import at_rate
from engine.models.bs_roformer import PUBLISHED_BANDS
from engine.training.losses import Loss, permutation_free, spectral_loss, training_loss
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
        make_example: From a mix to a pair, at the rate of the mix.
        batch_size: Examples a step that suit the network and its usual device.
        loss: What is made small, stem by stem.
        plain_steps: Steps on plain pairs of music (`PLAIN`) before mixes as they are in life.
        plain_share: Part of the mixes that stays plain after that.
        by_role: Whether the two musics are told apart by what they sound like; see `MixSampler`.
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
    batch_size: int = 4
    loss: Loss = training_loss
    plain_steps: int = 0
    plain_share: float = 0.0
    by_role: bool = False

    @property
    def held_out_odds(self) -> MixOdds:
        """What a validation and a test listen to: what most of the training ends with."""
        return PLAIN if self.plain_share >= 0.5 else MixOdds()

    def example(self, mix: Mix, random: Generator) -> Example:
        """A mix as a training pair, at the rate of the network."""
        full = self.make_example(mix, random)
        sounds = (full.mix, *full.stems)
        heard, *stems = (at_rate(s, SAMPLE_RATE_HZ, self.sample_rate_hz) for s in sounds)
        return Example(heard, np.stack(stems))

    def mean_loss(self, estimate: Tensor, target: Tensor) -> Tensor:
        """(batch, stems, channels, samples) twice -> one number."""
        if self.ordered:
            return self.loss(estimate, target).mean()
        return permutation_free(self.loss, estimate, target).mean()


def _speech(mix: Mix, _: Generator) -> Example:
    return Example(mix.mix, mix.dialogue[np.newaxis])


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

# Windows of 93 ms as above; up to 11 kHz there is nearly all of the energy of music.
_ROLE_RATE_HZ = 22_050
_ROLE_BANDS = (8,) * 8 + (16,) * 5 + (32,) * 4 + (64,) * 4 + (128,) * 2 + (241,)


ROLES = replace(
    MUSIC,
    name="starter-ost-bgm",
    title="Starter BS-RoFormer: soundtrack-like and song-like music",
    config={
        **MUSIC.config,
        "stft_n_fft": 2048,
        "stft_win_length": 2048,
        "stft_hop_length": 1024,
        "dim_freqs_in": 1025,
        "freqs_per_bands": list(_ROLE_BANDS),
    },
    stems=("ost", "bgm"),
    ordered=True,
    sample_rate_hz=_ROLE_RATE_HZ,
    plain_steps=2_000,
    plain_share=0.5,
    by_role=True,
)

PAPER = replace(
    ROLES,
    name="paper-ost-bgm",
    title="BS-RoFormer as the paper trains it: soundtrack-like and song-like music",
    config={
        "dim": 256,
        "depth": 6,
        "stereo": True,
        "num_stems": 2,
        "time_transformer_depth": 1,
        "freq_transformer_depth": 1,
        "heads": 8,
        "dim_head": 64,
        "mlp_expansion_factor": 2,
        "stft_n_fft": 2048,
        "stft_win_length": 2048,
        "stft_hop_length": 441,
        "dim_freqs_in": 1025,
        "freqs_per_bands": list(PUBLISHED_BANDS),
    },
    clip_s=4.0,
    sample_rate_hz=SAMPLE_RATE_HZ,
    peak_learning_rate=5e-4,
    batch_size=16,
    loss=spectral_loss,
    plain_steps=0,
)
"""38 million parameters: for a GPU, best on an OASD set."""

RECIPES = {recipe.name: recipe for recipe in (SPEECH, MUSIC, ROLES, PAPER)}
