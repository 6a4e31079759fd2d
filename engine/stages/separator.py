"""Background Music Separator: dialogue and singing apart from everything else.

Source: Rouard, Massa, Défossez, "Hybrid Transformers for Music Source Separation" (arXiv
2211.08553); of its stems only the vocals are written: the mixed music is the mix without speech.
"""

from engine.artifacts import ArtifactStore
from engine.context import RunContext
from engine.dsp.overlap_add import Chunking
from engine.errors import BadCheckpointError
from engine.stages.arithmetic import subtract
from engine.stages.separation import NetworkSeparation, Separated, SeparationRequest
from engine.stems import leaves_voice, voice_stem
from engine.translation import tr
from engine.types import AudioRef, Quality

STAGE = "separator"


class BackgroundMusicSeparator:
    """Takes the voices out of a mix; of a network without a stem for them, what its stems leave."""

    def __init__(self, separation: NetworkSeparation, store: ArtifactStore) -> None:
        model = separation.model
        self._vocals = voice_stem(model.stem_names)
        if not self._vocals and not leaves_voice(model.stem_names, model.remainder):
            raise BadCheckpointError(
                tr(
                    "{model} has no stem for voices, only {stems}",
                    model=model.name,
                    stems=", ".join(model.stem_names),
                )
            )
        self._separation = separation
        self._store = store
        self.shortages: tuple[str, ...] = ()

    @property
    def model_name(self) -> str:
        """Name of the network's card."""
        return self._separation.model.name

    def grid(self, quality: Quality) -> tuple[Chunking, int]:
        """How a sound is cut into chunks, and at which rate in Hz."""
        return self._separation.chunking(quality), self._separation.model.sample_rate_hz

    def __call__(self, mix: AudioRef, quality: Quality, context: RunContext) -> AudioRef:
        """The voices, spoken and sung, of a mix of any length, rate and number of channels."""
        separated = self._separation(self._request(mix, quality), context)
        self.shortages = separated.shortages
        return self._voices(mix, separated, context)

    def finished(self, mix: AudioRef, quality: Quality, context: RunContext) -> AudioRef | None:
        """The same if the cache still knows them; None if the network would have to run."""
        separated = self._separation.finished(self._request(mix, quality))
        return self._voices(mix, separated, context) if separated is not None else None

    def _request(self, mix: AudioRef, quality: Quality) -> SeparationRequest:
        names = (self._vocals,) if self._vocals else self._separation.model.stem_names
        return SeparationRequest(mix, quality, names, STAGE)

    def _voices(self, mix: AudioRef, separated: Separated, context: RunContext) -> AudioRef:
        if self._vocals:
            return separated.stems[self._vocals]
        return subtract(mix, tuple(separated.stems.values()), self._store, context)
