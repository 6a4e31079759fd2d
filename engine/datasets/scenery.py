"""Pictures of a drive past a town at dusk, cut and moved as an edit says; for the sample clip."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.datasets.linked_pairs import Edit
from engine.media.frames import Pixels
from engine.stages.picture_features import FRAME_RATE_HZ

_LAYERS = 3
_SPEED_PX = 5.0
# Sky above, sky below, town: one row a shot.
_DUSKS = (
    ((24, 28, 66), (240, 146, 92), (18, 20, 38)),
    ((58, 30, 80), (250, 190, 120), (30, 16, 42)),
    ((14, 40, 70), (120, 190, 200), (10, 24, 36)),
    ((70, 26, 48), (255, 210, 150), (36, 14, 26)),
)
_LAMP = (255, 222, 140)


def drive(edit: Edit, size: tuple[int, int], rng: np.random.Generator) -> Iterator[Pixels]:
    """Draw the frames of an edit, (height, width, 3) uint8 RGB at the matcher's frame rate.

    Args:
        edit: When to cut, how fast to move, how bright it is.
        size: Width and height.
        rng: Draws the town.
    """
    cuts = set(np.ceil(edit.cuts_s * FRAME_RATE_HZ).astype(int).tolist())
    shot = _Shot(size, rng)
    for index, speed_px in enumerate(edit.speed_px):
        if index in cuts:
            shot = _Shot(size, rng)
        shot.move(_SPEED_PX * float(speed_px))
        yield shot.frame(float(edit.light[index]))


class _Shot:
    """One view: a sky, a sun, and rows of houses that pass, the nearer the faster."""

    def __init__(self, size: tuple[int, int], rng: np.random.Generator) -> None:
        above, below, town = (np.array(c, np.float32) for c in _DUSKS[rng.integers(len(_DUSKS))])
        self._sky = _sky(size, above, below, rng)
        fog = np.linspace(0.55, 0.0, _LAYERS)
        self._rows = [_houses(size, town * (1 - f) + below * f, k, rng) for k, f in enumerate(fog)]
        self._way_px = float(rng.uniform(0, 2000))
        self._heading = float(rng.choice([-1, 1]))

    def move(self, way_px: float) -> None:
        """Drive on."""
        self._way_px += self._heading * way_px

    def frame(self, light: float) -> Pixels:
        """What is seen now."""
        picture = self._sky.copy()
        for depth, (houses, mask) in enumerate(self._rows):
            shift = round(self._way_px * (depth + 1) / _LAYERS) % houses.shape[1]
            view = slice(shift, shift + picture.shape[1])
            there = mask.take(range(view.start, view.stop), axis=1, mode="wrap")
            picture[there] = houses.take(range(view.start, view.stop), axis=1, mode="wrap")[there]
        return np.asarray(np.clip(picture * light, 0, 255), np.uint8)


def _sky(
    size: tuple[int, int],
    above: NDArray[np.float32],
    below: NDArray[np.float32],
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    width, height = size
    height_share = np.linspace(0, 1, height, dtype=np.float32)[:, None, None] ** 1.5
    sky = np.broadcast_to(above + (below - above) * height_share, (height, width, 3)).copy()
    centre = int(rng.integers(width)), int(height * rng.uniform(0.35, 0.6))
    sun = np.zeros((height, width), np.float32)
    cv2.circle(sun, centre, int(height * 0.11), 1.0, -1, cv2.LINE_AA)
    glow = sun + cv2.GaussianBlur(sun, (0, 0), height * 0.12)
    return np.asarray(sky + 60 * np.minimum(glow, 1.4)[..., None], np.float32)


def _houses(
    size: tuple[int, int], colour: NDArray[np.float32], depth: int, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """A row of houses with lit windows, twice as wide as the picture, and where it is."""
    width, height = size
    row = np.tile(colour, (height, 2 * width, 1)).astype(np.float32)
    mask = np.zeros((height, 2 * width), bool)
    left = 0
    while left < 2 * width:
        house_px = int(rng.uniform(0.06, 0.16) * width)
        top = int(height * (0.75 - 0.1 * depth + rng.uniform(-0.2, 0.15)))
        mask[top:, left : left + house_px] = True
        _light_windows(row, (left, top), house_px, rng)
        left += house_px + int(rng.uniform(0, 0.03) * width)
    return row, mask


def _light_windows(
    row: NDArray[np.float32], corner: tuple[int, int], house_px: int, rng: np.random.Generator
) -> None:
    step = 14
    for y in range(corner[1] + 8, row.shape[0] - 8, step):
        for x in range(corner[0] + 6, corner[0] + house_px - 8, step):
            if rng.random() < 0.3:
                row[y : y + 6, x : x + 5] = _LAMP
