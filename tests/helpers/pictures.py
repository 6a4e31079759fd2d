"""Films with given frames, and their cases with two stems in a cache."""

from collections.abc import Iterable
from pathlib import Path

import av
import numpy as np

from engine.artifacts import ArtifactStore
from engine.datasets.linked_pairs import Case
from engine.media.frames import Pixels
from engine.stages.matcher import MatchRequest
from engine.stages.picture_features import FRAME_RATE_HZ, HEIGHT, WIDTH


def write_film(path: Path, frames: Iterable[Pixels], rate_hz: int = FRAME_RATE_HZ) -> Path:
    """Encode frames (height, width, 3) uint8 RGB without sound, in good quality."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate_hz, {"crf": "12"})
        stream.pix_fmt = "yuv420p"
        for index, pixels in enumerate(frames):
            if index == 0:
                stream.height, stream.width = pixels.shape[:2]
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels))
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def still(seconds: float, level: int = 90) -> list[Pixels]:
    """The same grey frame over and over."""
    frame = np.full((HEIGHT, WIDTH, 3), level, np.uint8)
    frame[10:20, 30:60] = (200, 40, 40)
    return [frame] * round(seconds * FRAME_RATE_HZ)


def match_request(case: Case, folder: Path, store: ArtifactStore) -> MatchRequest:
    """Write a case as the stage sees it: a film, and two sounds in the cache."""
    video = write_film(folder / f"{case.seed}-{case.link}.mp4", case.frames())
    first = store.put(f"first-{case.seed}", case.first)
    return MatchRequest(video, first, store.put(f"second-{case.seed}", case.second))
