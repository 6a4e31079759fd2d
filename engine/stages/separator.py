"""Background Music Separator: dialogue and singing apart from everything else.

Source: Rouard, Massa, Défossez, "Hybrid Transformers for Music Source Separation" (arXiv
2211.08553); of its stems only the vocals are written: the mixed music is the mix without speech.
"""

from engine.context import RunContext
from engine.errors import BadCheckpointError
from engine.stages.separation import NetworkSeparation, SeparationRequest
from engine.types import AudioRef, Quality

STAGE = "separator"
VOCAL_STEMS = ("vocals", "speech")
"""Names under which networks give the voice."""


class BackgroundMusicSeparator:
    """Takes the voices out of a mix."""

    def __init__(self, separation: NetworkSeparation) -> None:
        names = [n for n in separation.model.stem_names if n in VOCAL_STEMS]
        if not names:
            raise BadCheckpointError(
                f"{separation.model.name} has no stem for voices, only "
                f"{', '.join(separation.model.stem_names)}"
            )
        self._vocals = names[0]
        self._separation = separation

    @property
    def model_name(self) -> str:
        """Name of the network's card."""
        return self._separation.model.name

    def __call__(self, mix: AudioRef, quality: Quality, context: RunContext) -> AudioRef:
        """The voices, spoken and sung, of a mix of any length, rate and number of channels."""
        request = SeparationRequest(mix, quality, (self._vocals,), STAGE)
        return self._separation(request, context)[self._vocals]
