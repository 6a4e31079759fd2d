"""Mixes as they are found in life, drawn at random from a corpus, with their four stems.

The original music is older in the chain: coded once, ducked under speech, mixed with effects.
The background music was laid on top later: clean, shaped, from 12 dB above to 20 dB under.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from engine.datasets.codec import through_random_codec
from engine.datasets.corpus import Corpus, CorpusItem, Kind, Split
from engine.datasets.processing import (
    SAMPLE_RATE_HZ,
    active_level_db,
    decibels,
    limit,
    set_width,
    shelf,
)
from engine.dsp.resample import resample_blocks
from engine.errors import CorpusError
from engine.types import Samples

_DUCK_BLOCK_SAMPLES = 512
_SPEEDS = (0.85, 1.2)
_MUSIC_SPEEDS = (0.8, 1.25)


@dataclass(frozen=True, slots=True)
class Mix:
    """One mix as its stems, each (2, num_samples) float32; an absent stem is all zeros.

    Attributes:
        dialogue: Speech.
        effects: Sound effects.
        ost: The original music.
        bgm: The music laid on top.
        ost_item: Where the original music comes from; None if there is none.
        bgm_item: Where the background music comes from; None if there is none.
        ost_name: The original music's track, if the items do not say.
        bgm_name: The background music's track, if the items do not say.
    """

    dialogue: Samples
    effects: Samples
    ost: Samples
    bgm: Samples
    ost_item: CorpusItem | None
    bgm_item: CorpusItem | None
    ost_name: str = ""
    bgm_name: str = ""

    @property
    def tracks(self) -> tuple[str, str]:
        """Names of the pieces of the two musics; empty for what is absent or unknown."""
        items = (self.ost_item, self.ost_name), (self.bgm_item, self.bgm_name)
        ost, bgm = (item.piece if item else name for item, name in items)
        return ost, bgm

    @property
    def mix(self) -> Samples:
        """The sum of the stems."""
        return self.dialogue + self.effects + self.ost + self.bgm


@dataclass(frozen=True, slots=True)
class MixOdds:
    """How often something happens in a mix; each a probability.

    Attributes:
        no_dialogue: Nobody speaks.
        no_effects: There are no effects.
        no_ost: There is no original music.
        no_bgm: Nothing was laid on top.
        duck: The original music gives way to speech.
        mono_ost: The original music has one channel, as in old films and telephone videos.
        coded_ost: The original music was coded once before, as that of a film that is copied.
        coded_bgm: The background music was coded once as well.
        sung_bgm: Somebody sings in the background music.
        shape: The background music gets another tone; the same again for its width.
        limit: The background music is driven into a limiter.
        fade: A piece of music enters or ends within the clip.
        retune: A piece of music is played faster and higher, or slower and lower.
        duck_bgm: The background music gives way to speech as well.
        coded_mix: The whole was coded once; what the codec changed counts as effects.
    """

    no_dialogue: float = 0.4
    no_effects: float = 0.5
    no_ost: float = 0.05
    no_bgm: float = 0.05
    duck: float = 0.7
    mono_ost: float = 0.12
    coded_bgm: float = 0.25
    sung_bgm: float = 0.3
    shape: float = 0.5
    limit: float = 0.15
    fade: float = 0.15
    retune: float = 0.0
    duck_bgm: float = 0.0
    coded_mix: float = 0.0
    coded_ost: float = 1.0

    def for_training(self) -> "MixOdds":
        """The same with more of what makes little material go far; tests go without it.

        Half of the original music is clean, or a net would know it by its codec alone.
        """
        return replace(self, retune=0.5, duck_bgm=0.3, coded_mix=0.03, coded_ost=0.5)


PLAIN = MixOdds(
    no_dialogue=1,
    no_effects=1,
    no_ost=0,
    no_bgm=0,
    duck=0,
    mono_ost=0,
    shape=0.3,
    limit=0,
    fade=0,
)
"""Two pieces of music all the time and nothing else, as far as possible as they were made."""


class MixSampler:
    """Draws mixes without end; the same seed draws the same mixes.

    Attributes:
        clip_samples: Length of a mix.
        odds: How often what happens.
        by_role: Whether the original music is drawn from what sounds like a soundtrack and the
            background music from what does not, so that a network can tell which is which.
    """

    def __init__(
        self,
        corpus: Corpus,
        split: Split,
        clip_s: float,
        seed: int | tuple[int, ...],
        odds: MixOdds | None = None,
        *,
        by_role: bool = False,
    ) -> None:
        self.clip_samples = round(clip_s * SAMPLE_RATE_HZ)
        self.odds = odds or MixOdds()
        self._corpus = corpus
        self._rng = np.random.default_rng(seed)
        self._items = {
            kind: _long_enough(corpus, kind, split, clip_s)
            for kind in ("music", "speech", "effects")
        }
        music = self._items["music"]
        self._ost, self._bgm = (
            tuple(item for item in music if item.role == role) if by_role else music
            for role in ("ost", "bgm")
        )
        self._sung = tuple(item for item in self._bgm if item.sung)
        if len({item.piece for item in self._ost + self._bgm}) < 2 or not (self._ost and self._bgm):
            kind = "no music of both roles" if by_role else "less than two pieces of music"
            raise CorpusError(
                f"the split {split} of {corpus.root} has {kind} of {clip_s:g} s",
                "make a larger corpus, or wait until more of it is ready",
            )

    def sample(self) -> Mix:
        """Draw one mix."""
        rng, odds = self._rng, self.odds
        ost_item, bgm_item = self._draw_music()
        ost_db = float(rng.uniform(-30, -16))
        above_db = float(np.clip(rng.normal(2, 6), -20, 12))
        dialogue = self._layer("speech", odds.no_dialogue, float(rng.uniform(-27, -16)))
        effects = self._layer("effects", odds.no_effects, float(rng.uniform(-38, -18)))
        ost = self._silence()
        if ost_item:
            is_coded = odds.coded_ost >= 1 or rng.random() < odds.coded_ost
            ost = self._crop(ost_item, coded=is_coded)
        if rng.random() < odds.mono_ost:
            ost = set_width(ost, 0.0)
        ost = faded(_at_level(ost, ost_db), odds, rng)
        if rng.random() < odds.duck:
            ost *= duck_gain(dialogue, float(rng.uniform(3, 14)))
        bgm = self._silence()
        if bgm_item:
            bgm = self._crop(bgm_item, coded=rng.random() < odds.coded_bgm)
            heard_db = active_level_db(ost)  # what is left of it under speech and fades
            bgm_db = (heard_db if heard_db > -60 else ost_db) + above_db
            bgm = faded(_at_level(shaped(bgm, odds, rng), bgm_db), odds, rng)
            if happens(odds.duck_bgm, rng):
                bgm *= duck_gain(dialogue, float(rng.uniform(3, 14)))
        mix = _below_full_scale(
            Mix(dialogue, effects, ost, bgm, ost_item, bgm_item), float(rng.uniform(0.7, 0.98))
        )
        return coded(mix, rng) if happens(odds.coded_mix, rng) else mix

    def _draw_music(self) -> tuple[CorpusItem | None, CorpusItem | None]:
        """Two items of different pieces, or now and then only one."""
        rng = self._rng
        is_sung = bool(self._sung) and rng.random() < self.odds.sung_bgm
        bgm = self._pick(self._sung if is_sung else self._bgm)
        ost = self._pick(self._ost)
        while ost.piece == bgm.piece:
            ost = self._pick(self._ost)
        fate = rng.random()
        if fate < self.odds.no_ost:
            return None, bgm
        return ost, None if fate > 1 - self.odds.no_bgm else bgm

    def _pick(self, items: tuple[CorpusItem, ...]) -> CorpusItem:
        return items[int(self._rng.integers(len(items)))]

    def _silence(self) -> Samples:
        return np.zeros((2, self.clip_samples), np.float32)

    def _crop(self, item: CorpusItem, *, coded: bool) -> Samples:
        """A random stretch, half of the time with its sides exchanged."""
        speed = 1.0
        if item.kind == "music" and happens(self.odds.retune, self._rng):
            speed = float(self._rng.uniform(*_MUSIC_SPEEDS))
        length = round(self.clip_samples * speed)
        latest = round(item.duration_s * SAMPLE_RATE_HZ) - length
        if latest < 0:  # too short to be played faster
            return self._crop(item, coded=coded)
        start = int(self._rng.integers(latest + 1))
        samples = self._corpus.read(item, start, length, coded=coded)
        if length != self.clip_samples:
            samples = _stretched(samples, self.clip_samples)
        return np.ascontiguousarray(samples[::-1]) if self._rng.random() < 0.5 else samples

    def _layer(self, kind: Kind, absent_odds: float, level_db: float) -> Samples:
        if self._rng.random() < absent_odds or not self._items[kind]:
            return self._silence()
        item = self._pick(self._items[kind])
        layer = self._spoken(item) if kind == "speech" else self._crop(item, coded=False)
        return _at_level(layer, level_db)

    def _spoken(self, item: CorpusItem) -> Samples:
        """A stretch of speech, slower and lower or faster and higher: synthesisers have few voices.

        The rate changes by straight lines between samples, which no voice is bright enough to mind.
        """
        speed = float(self._rng.uniform(*_SPEEDS))
        latest_s = item.duration_s - self.clip_samples * speed / SAMPLE_RATE_HZ
        if latest_s <= 0:
            return self._crop(item, coded=False)
        start = int(self._rng.uniform(0, latest_s) * SAMPLE_RATE_HZ)
        places = np.arange(self.clip_samples) * speed
        length = int(places[-1]) + 2
        samples = self._corpus.read(item, start, length, coded=False)
        known = np.arange(samples.shape[1])
        return np.stack([np.interp(places, known, c) for c in samples]).astype(np.float32)


def _long_enough(corpus: Corpus, kind: Kind, split: Split, clip_s: float) -> tuple[CorpusItem, ...]:
    return tuple(item for item in corpus.select(kind, split) if item.duration_s >= clip_s)


def _stretched(samples: Samples, num_samples: int) -> Samples:
    """The same sound in another number of samples, and therefore at another pitch."""
    blocks = resample_blocks([samples], samples.shape[1], num_samples, num_samples)
    return np.concatenate(list(blocks), axis=1)


def _at_level(samples: Samples, level_db: float) -> Samples:
    """Scale to an active level; what is as good as silent is not pulled up."""
    now_db = active_level_db(samples)
    if now_db < -60:
        return samples
    return samples * np.float32(decibels(level_db - now_db))


def happens(odds: float, rng: np.random.Generator) -> bool:
    """Whether it happens this time; what never happens draws nothing and shifts no stream."""
    return odds > 0 and rng.random() < odds


def shaped(samples: Samples, odds: MixOdds, rng: np.random.Generator) -> Samples:
    """Tone, width and limiter of who laid the music on top."""
    if rng.random() < odds.shape:
        samples = shelf(samples, float(rng.uniform(400, 4000)), float(rng.uniform(-6, 6)))
    if rng.random() < odds.shape:
        samples = set_width(samples, float(rng.uniform(0.0, 1.5)))
    if rng.random() < odds.limit:
        samples = limit(samples * np.float32(decibels(float(rng.uniform(4, 12)))))
    return samples


def faded(samples: Samples, odds: MixOdds, rng: np.random.Generator) -> Samples:
    """Now and then let the music enter or end, at once or slowly."""
    if rng.random() >= odds.fade:
        return samples
    num_samples = samples.shape[1]
    middle, length = rng.integers(num_samples), rng.integers(64, num_samples)
    ramp = (np.arange(num_samples) - middle) / length + 0.5
    gain = np.sin(np.pi / 2 * np.clip(ramp, 0, 1)).astype(np.float32)
    return samples * (gain if rng.random() < 0.5 else gain[::-1])


def coded(mix: Mix, rng: np.random.Generator) -> Mix:
    """The mix after a lossy codec: what that adds belongs to no music, so it joins the effects."""
    return replace(mix, effects=mix.effects + (through_random_codec(mix.mix, rng) - mix.mix))


def duck_gain(speech: Samples, depth_db: float) -> NDArray[np.float32]:
    """Gain for music under speech: (num_samples,) float32, smooth, 1 where nobody speaks.

    Args:
        speech: (2, num_samples) float32.
        depth_db: How far the music goes down.
    """
    num_samples = speech.shape[1]
    blocks = num_samples // _DUCK_BLOCK_SAMPLES
    if blocks == 0:
        return np.ones(num_samples, np.float32)
    cut = np.abs(speech[0, : blocks * _DUCK_BLOCK_SAMPLES]).reshape(blocks, -1)
    level = cut.max(axis=1)
    speaking = level > max(0.08 * float(level.max()), 1e-4)
    held = ndimage.maximum_filter1d(speaking.astype(np.float32), 41)
    smooth = ndimage.uniform_filter1d(held, 25)
    places = (np.arange(blocks) + 0.5) * _DUCK_BLOCK_SAMPLES
    gains = 10 ** (-depth_db / 20 * smooth)
    return np.interp(np.arange(num_samples), places, gains).astype(np.float32)


def _below_full_scale(mix: Mix, ceiling: float) -> Mix:
    """Bring all stems down by one gain if the sum is too loud."""
    peak = float(np.abs(mix.mix).max())
    if peak <= ceiling:
        return mix
    gain = np.float32(ceiling / peak)
    return replace(
        mix,
        dialogue=mix.dialogue * gain,
        effects=mix.effects * gain,
        ost=mix.ost * gain,
        bgm=mix.bgm * gain,
    )
