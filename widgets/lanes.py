"""Values the timeline shows: lanes, where waveforms come from, thumbnails."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from engine.types import Region

Peaks = NDArray[np.float32]
"""(num_bins, 2) float32: lowest and highest sample of each bin, full scale at +-1."""

GainAt = tuple[float, float]
"""A time in seconds and the gain there in dB."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A stretch of a lane that the user should listen to.

    Attributes:
        region: Where.
        words: Why, as a sentence.
    """

    region: Region
    words: str


@dataclass(frozen=True, slots=True)
class LaneSpec:
    """One lane of sound as the timeline shows it.

    Attributes:
        lane_id: Name in every signal.
        letter: One letter for the badge, so that colour is never the only mark.
        name: What the user reads.
        color_token: Name of a colour in `widgets.theme.Theme`: mix, dialogue, effects, ost, bgm.
        gain_db: Gain in dB; `-inf` is silence.
        muted: Whether the user muted it.
        soloed: Whether the user soloed it.
        as_spectrogram: Whether its frequencies are shown instead of its waveform.
        doubts: Stretches that are worth listening to, in the order of their times.
        envelope: Gain over time, drawn by hand, ascending by time.
        ducking: Gain over time that makes room for speech.
        pending: Stretches whose sound is being made anew.
    """

    lane_id: str
    letter: str
    name: str
    color_token: str
    gain_db: float = 0.0
    muted: bool = False
    soloed: bool = False
    as_spectrogram: bool = False
    doubts: tuple[Doubt, ...] = ()
    envelope: tuple[GainAt, ...] = ()
    ducking: tuple[GainAt, ...] = ()
    pending: tuple[Region, ...] = ()


@dataclass(frozen=True, slots=True)
class SpectrogramTile:
    """A piece of a spectrogram that is looked at; all sizes in device pixels.

    Attributes:
        lane_id: Whose sound.
        px_per_s: Zoom.
        height: Rows.
        index: Number of the tile; it begins at pixel `index * TILE_WIDTH` of the whole sound.
    """

    lane_id: str
    px_per_s: float
    height: int
    index: int


@dataclass(frozen=True, slots=True)
class Levels:
    """What a tile of a spectrogram holds.

    Attributes:
        values: (height, width) uint8, from quiet to loud; the highest frequency comes first.
        top_hz: The frequency at the upper edge, see `widgets.frequency_axis`.
    """

    values: NDArray[np.uint8]
    top_hz: float


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small picture of the video at a time."""

    time_s: float
    image: QImage


class WaveformSource(Protocol):
    """Peaks of one sound, read while painting: an answer must take well under a millisecond."""

    def window(self, start_s: float, end_s: float, num_bins: int) -> Peaks:
        """Give the peaks of a stretch of time.

        Args:
            start_s: Begin of the stretch, not negative.
            end_s: Its end; may lie up to one bin past the end of the sound.
            num_bins: Bins of equal length over the stretch.

        Returns:
            (num_bins, 2) float32 lowest and highest sample; 0 where there is no sound.
        """


def is_audible(lane: LaneSpec, lanes: tuple[LaneSpec, ...]) -> bool:
    """Say whether a lane is heard: solo wins over mute."""
    if any(other.soloed for other in lanes):
        return lane.soloed
    return not lane.muted
