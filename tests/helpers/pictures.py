"""Films with given frames, and their cases with two stems in a cache."""

from collections.abc import Iterable
from pathlib import Path

import av
import numpy as np

from engine.artifacts import ArtifactStore
from engine.datasets.linked_pairs import SAMPLE_RATE_HZ, Case, Edit, Link, make_score, perform
from engine.media.frames import Pixels
from engine.stages.matcher import MatchRequest
from engine.stages.picture_features import FRAME_RATE_HZ, HEIGHT, WIDTH
from engine.types import Audio, Verdict


def write_film(path: Path, frames: Iterable[Pixels], rate_hz: int = FRAME_RATE_HZ) -> Path:
    """Encode frames (height, width, 3) uint8 RGB without sound, in good quality."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate_hz, {"preset": "ultrafast", "crf": "12"})
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


def clear_case(link: Link, seconds: float = 30.0, seed: int = 3) -> Case:
    """A case in which the first sound belongs: clean sounds, and a picture that follows exactly."""
    rng = np.random.default_rng(seed)
    own, foreign, unheard = (make_score(seconds, rng) for _ in range(3))
    cut_to = own if link in (Link.CUTS, Link.BOTH) else unheard
    move_to = own if link in (Link.MOVEMENT, Link.BOTH) else unheard
    speed_px = np.exp(0.8 * move_to.energy)
    edit = Edit(cut_to.beats_s[::2], speed_px, np.ones_like(speed_px))
    first, second = (
        Audio(0.1 * perform(score, rng)[None], SAMPLE_RATE_HZ) for score in (own, foreign)
    )
    return Case(Verdict.FIRST, link, seed, edit, first, second)


def match_request(case: Case, store: ArtifactStore) -> MatchRequest:
    """Write a case as the stage sees it: a film, and two sounds in the cache beside it."""
    name = f"{case.seed}-{case.link}"
    video = write_film(store.root / f"{name}.mp4", case.frames())
    first = store.put(f"first-{name}", case.first)
    return MatchRequest(video, first, store.put(f"second-{name}", case.second))
