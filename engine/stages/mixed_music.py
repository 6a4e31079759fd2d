"""Mixed-Music Separator: two pieces of music that sound at once, and what is neither.

Source: Oh, Park, Park, "OST restoration" (arXiv 2504.21772), where BS-RoFormer is fine-tuned on
mixes of two tracks.
"""

from dataclasses import dataclass

import numpy as np

from engine.artifacts import ArtifactStore
from engine.context import RunContext, checked_in
from engine.dsp.overlap_add import Chunking
from engine.errors import BadCheckpointError
from engine.stages.arithmetic import combine, subtract
from engine.stages.separation import NetworkSeparation, SeparationRequest
from engine.stems import ost_and_bgm
from engine.translation import tr
from engine.types import AudioRef, Quality

STAGE = "mixed_music"
UNDIVIDED = "undivided"
"""Builder on the card that stands for no network at all."""
_NEAR_ENOUGH = 0.05
_MOST = 2.0


@dataclass(frozen=True, slots=True)
class MixedMusicResult:
    """Three stems that add up to what was separated.

    Attributes:
        music1: One piece of music; the original one, if the network tells which that is.
        music2: The other one.
        effects: What the network booked on neither.
    """

    music1: AudioRef
    music2: AudioRef
    effects: AudioRef


class MixedMusicSeparator:
    """Splits mixed music into its two pieces.

    A network whose stems are called `ost` and `bgm` keeps its own order. Of any other the stems may
    change places from chunk to chunk, so they are put together by likeness, in no order.
    """

    def __init__(self, separation: NetworkSeparation, store: ArtifactStore) -> None:
        if len(separation.model.stem_names) != 2:
            raise BadCheckpointError(
                tr(
                    "{model} gives {given} stems, two pieces of music are wanted",
                    model=separation.model.name,
                    given=len(separation.model.stem_names),
                )
            )
        self._separation = separation
        self._store = store
        self.shortages: tuple[str, ...] = ()
        self._told_apart = ost_and_bgm(separation.model.stem_names)

    @property
    def model_name(self) -> str:
        """Name of the network's card."""
        return self._separation.model.name

    @property
    def order_confidence(self) -> float:
        """Probability in [0.5, 1] that `music1` is the original music.

        Even odds where the network gives no order, or where nobody measured how often it is right.
        """
        return max(0.5, self._separation.model.order_accuracy) if self._told_apart else 0.5

    def grid(self, quality: Quality) -> tuple[Chunking, int]:
        """How a sound is cut into chunks, and at which rate in Hz."""
        return self._separation.chunking(quality), self._separation.model.sample_rate_hz

    def __call__(
        self,
        mix: AudioRef,
        quality: Quality,
        context: RunContext,
        without: tuple[AudioRef, ...] = (),
    ) -> MixedMusicResult:
        """Separate a mix, or what is left of it when the dialogue is gone.

        Args:
            mix: Any length, rate and number of channels.
            quality: How much the chunks overlap.
            context: Asked and told once a batch.
            without: What is taken out of the mix first.
        """
        names = self._told_apart or self._separation.model.stem_names
        request = SeparationRequest(mix, quality, names, STAGE, without)
        separated = self._separation(request, context, ordered=bool(self._told_apart))
        self.shortages = separated.shortages
        found = tuple(separated.stems.values())
        gain = self._gain((mix, *without), found, context)
        music1, music2 = (combine([(music, gain)], self._store, context) for music in found)
        effects = subtract(mix, (*without, music1, music2), self._store, context)
        return MixedMusicResult(music1, music2, effects)

    def _gain(
        self, parts: tuple[AudioRef, ...], found: tuple[AudioRef, ...], context: RunContext
    ) -> float:
        """The gain at which both pieces together explain most of the music; 1 where it is near.

        A network that was trained for the shape of its stems may give them too loud; then the
        effects, which are what is left, would hold them again, upside down.

        Args:
            parts: The mix, and what is taken out of it first.
            found: The two pieces as the network gives them.
            context: Asked once a block.
        """
        power = pull = 0.0
        every = zip(*(self._store.blocks(ref) for ref in (*parts, *found)), strict=True)
        for mix, *others in checked_in(every, context):
            rest, music = mix - sum(others[:-2], np.float32(0)), others[-2] + others[-1]
            power += float(np.vdot(music, music))
            pull += float(np.vdot(music, rest))
        gain = min(max(pull / power, 0.0), _MOST) if power > 0 else 1.0
        return 1.0 if abs(gain - 1) < _NEAR_ENOUGH else gain
