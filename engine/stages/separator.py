"""Background Music Separator: dialogue and singing apart from everything else.

Source: Rouard, Massa, Défossez, "Hybrid Transformers for Music Source Separation" (arXiv
2211.08553); all stems but the vocals are consolidated into the mixed music.
"""

from dataclasses import dataclass

from engine.artifacts import ArtifactStore
from engine.context import RunContext
from engine.errors import BadCheckpointError
from engine.stages.arithmetic import subtract
from engine.stages.separation import NetworkSeparation, SeparationRequest
from engine.types import AudioRef, Quality

STAGE = "separator"
VOCAL_STEMS = ("vocals", "speech")
"""Names under which networks give the voice."""


@dataclass(frozen=True, slots=True)
class SeparatorResult:
    """Two stems that add up to the mix.

    Attributes:
        vocals: Voices, spoken and sung.
        rest: The mix without them.
    """

    vocals: AudioRef
    rest: AudioRef


class BackgroundMusicSeparator:
    """Splits a mix into voices and mixed music."""

    def __init__(self, separation: NetworkSeparation, store: ArtifactStore) -> None:
        names = [n for n in separation.model.stem_names if n in VOCAL_STEMS]
        if not names:
            raise BadCheckpointError(
                f"{separation.model.name} has no stem for voices, only "
                f"{', '.join(separation.model.stem_names)}"
            )
        self._vocals = names[0]
        self._separation = separation
        self._store = store

    @property
    def model_name(self) -> str:
        """Name of the network's card."""
        return self._separation.model.name

    def __call__(self, mix: AudioRef, quality: Quality, context: RunContext) -> SeparatorResult:
        """Separate a mix of any length, rate and number of channels."""
        stems = self._separation(SeparationRequest(mix, quality, STAGE), context)
        vocals = stems[self._vocals]
        return SeparatorResult(vocals, subtract(self._store, mix, vocals))
