"""Movement, cuts and light of a picture as curves over time; the sound of the file is never read.

Movement is optical flow at 10 frames a second: at one frame a second, flow means nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, median_filter

from engine.artifacts import ArtifactStore, artifact_key
from engine.content import content_hash
from engine.context import Progress, RunContext
from engine.dsp.onsets import Curve
from engine.media.frames import Pixels, VideoReader

STAGE = "matcher"
_VERSION = 1
PICTURE_RATE_HZ = 10
FRAME_RATE_HZ = 20
WIDTH, HEIGHT = 96, 54
_STEP = FRAME_RATE_HZ // PICTURE_RATE_HZ
_MAX_FLOW_PX = 20.0
_NOISE_FLOW_PX = 0.1
_NOISE_LEVELS = 2
_NOISE_LIGHT = 0.5
_CUT_CHANGE = 8.0
_CUT_RATIO = 3.0


@dataclass(frozen=True, slots=True)
class PictureCurves:
    """What moves in a picture, and when it is cut.

    Attributes:
        motion: (num_frames,) log of the mean length of the flow, at `PICTURE_RATE_HZ`; frame k
            spans [k, k + 1) / rate; cuts are bridged.
        light: (num_frames,) log change of the mean colour, same frames; cuts are bridged.
        cuts_s: (num_cuts,) times of cuts and flashes, ascending.
    """

    motion: Curve
    light: Curve
    cuts_s: Curve

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.motion.size / PICTURE_RATE_HZ

    def between(self, start_s: float, end_s: float) -> "PictureCurves":
        """The curves of one stretch, with times counted from its start."""
        span = slice(round(start_s * PICTURE_RATE_HZ), round(end_s * PICTURE_RATE_HZ))
        inside = (self.cuts_s >= start_s) & (self.cuts_s < end_s)
        return PictureCurves(self.motion[span], self.light[span], self.cuts_s[inside] - start_s)


@dataclass(frozen=True, slots=True)
class _Stored:
    """The curves as they lie in the cache."""

    motion: list[float]
    light: list[float]
    cuts_s: list[float]


def read_picture(video: Path, store: ArtifactStore, context: RunContext) -> PictureCurves:
    """The curves of a video file, computed once and found in the cache ever after."""
    with VideoReader(video) as reader:
        key = artifact_key("picture", _VERSION, content_hash(video, context.raise_if_cancelled))
        stored = store.find_value(key, _Stored)
        if stored is None:
            curves = picture_curves(_checked_in(reader, context))
            lists = (curve.tolist() for curve in (curves.motion, curves.light, curves.cuts_s))
            stored = _Stored(*lists)
            store.put_value(key, stored)
    return PictureCurves(*map(np.array, (stored.motion, stored.light, stored.cuts_s)))


def picture_curves(frames: Iterable[Pixels]) -> PictureCurves:
    """Compute the curves of frames at `FRAME_RATE_HZ`, each (HEIGHT, WIDTH, 3) uint8 RGB."""
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    motion, light, change = [], [], []
    last = earlier = None
    for index, frame in enumerate(frames):
        if last is not None:
            change.append(float(cv2.absdiff(frame, last).mean()))
        if index % _STEP == 0:
            if earlier is not None:
                motion.append(_flow_length(flow, earlier, frame))
                light.append(_light_change(earlier, frame))
            earlier = frame
        last = frame
    cut_frames = find_cuts(np.asarray(change))
    steady = np.ones(len(motion), bool)
    steady[np.clip(cut_frames // _STEP, 0, max(len(motion) - 1, 0))] = False
    return PictureCurves(
        _bridged(np.log1p(np.asarray(motion) / _NOISE_FLOW_PX), steady),
        _bridged(np.log1p(np.asarray(light)), steady),
        (cut_frames + 0.5) / FRAME_RATE_HZ,
    )


def find_cuts(change: Curve) -> NDArray[np.intp]:
    """Find the changes that stand out of their surroundings.

    Args:
        change: (num_frames - 1,) mean difference from each frame to the next, 0 to 255.

    Returns:
        (num_cuts,) indices into `change`, ascending, at least 0.3 s apart.
    """
    if change.size == 0:
        return np.zeros(0, np.intp)
    around = median_filter(change, size=3 * FRAME_RATE_HZ // 2, mode="nearest")
    peak = change == maximum_filter1d(change, 2 * int(0.3 * FRAME_RATE_HZ) - 1)
    return np.flatnonzero(peak & (change > _CUT_CHANGE) & (change > _CUT_RATIO * around))


def _checked_in(reader: VideoReader, context: RunContext) -> Iterator[Pixels]:
    """The frames, with a check-in every second of the video."""
    for index, picture in enumerate(reader.frames(FRAME_RATE_HZ, WIDTH, HEIGHT)):
        if index % FRAME_RATE_HZ == 0:
            context.raise_if_cancelled()
            context.report(Progress(STAGE, picture.time_s, reader.duration_s))
        yield picture.pixels


def _flow_length(flow: cv2.DISOpticalFlow, before: Pixels, after: Pixels) -> float:
    """Mean length of the flow in pixels, where the picture changed by more than coding noise.

    In flat areas flow is arbitrary, so what did not change counts as still.
    """
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (before, after)]
    field = np.asarray(flow.calc(grey[0], grey[1], np.zeros((*grey[0].shape, 2), np.float32)))
    length = np.minimum(np.hypot(field[..., 0], field[..., 1]), _MAX_FLOW_PX)
    changed = np.asarray(cv2.absdiff(grey[0], grey[1])) > _NOISE_LEVELS
    return max(float((length * changed).mean()) - _NOISE_FLOW_PX, 0.0)


def _light_change(before: Pixels, after: Pixels) -> float:
    """Distance between the mean colours in 8-bit levels, less coding noise."""
    step = after.mean(axis=(0, 1)) - before.mean(axis=(0, 1))
    return max(float(np.linalg.norm(step)) - _NOISE_LIGHT, 0.0)


def _bridged(curve: Curve, steady: NDArray[np.bool_]) -> Curve:
    """Replace what is not steady by a line between its neighbours."""
    if not steady.any():
        return np.zeros_like(curve)
    index = np.arange(curve.size)
    return np.interp(index, index[steady], curve[steady])
