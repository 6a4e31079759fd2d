"""When the picture is cut, to the frame.

Where something is cut the curves of `picture_features` tell, from frames at a steady rate; which
frame is the first one behind a cut, the frames around it do.
"""

import cv2

from engine.artifacts import ArtifactStore, artifact_key
from engine.content import content_hash
from engine.context import Progress, RunContext
from engine.media.frames import VideoReader
from engine.stages.picture_features import FRAME_RATE_HZ, HEIGHT, WIDTH, read_picture
from engine.types import PictureCutsRequest, PictureCutsResult

STAGE = "picture_cuts"
_VERSION = 1
_AROUND_S = 0.5 / FRAME_RATE_HZ
_CLOCK_SLACK_S = 0.001


def find_picture_cuts(
    request: PictureCutsRequest, store: ArtifactStore, context: RunContext
) -> PictureCutsResult:
    """Say when a video is cut; computed once and found in the cache ever after.

    Args:
        request: Which video.
        store: The cache.
        context: Asked once a second of the video, and at each cut.

    Raises:
        InputNotFoundError: There is no such file.
        NotMediaError: It has no picture, or none that can be read.
    """
    video = request.video
    with VideoReader(video) as reader:
        key = artifact_key(STAGE, _VERSION, content_hash(video, context.raise_if_cancelled))
        cuts_s = store.find_value(key, tuple[float, ...])
        if cuts_s is None:
            about_s = read_picture(video, store, context).cuts_s.tolist()
            cuts_s = to_the_frame(reader, about_s, context)
            store.put_value(key, cuts_s)
    return PictureCutsResult(video, cuts_s)


def to_the_frame(
    reader: VideoReader, about_s: list[float], context: RunContext
) -> tuple[float, ...]:
    """When the first frame behind each cut is shown, ascending.

    Args:
        reader: Of the video.
        about_s: The middles of the steps of `FRAME_RATE_HZ` in which something is cut, ascending.
        context: Asked at each cut.
    """
    found = []
    for index, time_s in enumerate(about_s):
        context.raise_if_cancelled()
        context.report(Progress(STAGE, index, len(about_s)))
        found.append(_first_frame_behind(reader, time_s))
    return tuple(sorted(set(found)))


def _first_frame_behind(reader: VideoReader, about_s: float) -> float:
    """Of the frames that begin within a step the one that differs most from the one before."""
    last, best_s, most = None, about_s, -1.0
    # The frame that is shown when the step begins comes first.
    for time_s, pixels in reader.play(about_s - _AROUND_S, WIDTH, HEIGHT):
        if time_s > about_s + _AROUND_S + _CLOCK_SLACK_S:
            break
        change = float(cv2.absdiff(pixels, last).mean()) if last is not None else -1.0
        if change > most:
            best_s, most = time_s, change
        last = pixels
    return best_s
