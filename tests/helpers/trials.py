"""A trial that leaves no doubt."""

from engine.dsp.consistency import Consistency
from engine.dsp.evenness import Evenness
from engine.dsp.subtract import Trial
from engine.dsp.wholeness import Wholeness

SURE = Trial(
    consistency=Consistency(frames=99, share=1.0),
    evenness=Evenness(usual=1.0, deviations=99.0),
    wholeness=Wholeness(
        pieces=99, least=1.0, lows=1.0, lows_deviations=99.0, bands=14, least_band=1.0
    ),
    gain=1.0,
)
