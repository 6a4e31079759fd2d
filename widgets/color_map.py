"""Colours for the levels of a spectrogram, in steps that look equal."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from widgets.theme import Theme

_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_LAB = np.array(
    [
        [1.0, 0.3963377774, 0.2158037573],
        [1.0, -0.1055613458, -0.0638541728],
        [1.0, -0.0894841775, -1.2914855480],
    ]
)
_FROM_CONES = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)
_LOUDEST = 0.85
"""The way from the lane's colour to that of words, which stay readable on what is loudest."""

Colors = NDArray[np.float64]


@lru_cache(maxsize=32)
def level_colors(theme: Theme, token: str) -> NDArray[np.uint32]:
    """Give a colour to each of 256 levels, as `Format_RGB32` stores it.

    From the ground of the lanes over the lane's own colour towards that of words: in the dark
    theme loud is bright, in the light one dark. Neighbours are equally far apart in Oklab, so no
    level looks like an edge that is not there.

    Args:
        theme: All colours.
        token: Of the lane, see `widgets.lanes.LaneSpec`.
    """
    lane, words = theme.lane_color(token), QColor(theme.text)
    ground, middle, end = (_lab(color) for color in (QColor(theme.window), lane, words))
    corners = np.stack([ground, middle, middle + _LOUDEST * (end - middle)])
    lengths = np.linalg.norm(np.diff(corners, axis=0), axis=1)
    way = np.concatenate([[0.0], np.cumsum(lengths)])
    places = np.linspace(0.0, way[-1], 256)
    path = np.stack([np.interp(places, way, corners[:, axis]) for axis in range(3)], axis=1)
    red, green, blue = np.rint(_srgb(path) * 255).astype(np.uint32).T
    opaque = np.uint32(0xFF000000)
    return np.asarray(opaque | red << np.uint32(16) | green << np.uint32(8) | blue, np.uint32)


def oklab(colors: Colors) -> Colors:
    """Lightness and two opponent colours of (n, 3) sRGB from 0 to 1: equal steps look equal."""
    linear = np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T)


def _lab(color: QColor) -> Colors:
    return oklab(np.array([[color.redF(), color.greenF(), color.blueF()]])).ravel()


def _srgb(lab: Colors) -> Colors:
    linear = np.clip((lab @ _FROM_LAB.T) ** 3 @ _FROM_CONES.T, 0, 1)
    curved = 1.055 * linear ** (1 / 2.4) - 0.055
    return np.asarray(np.where(linear <= 0.0031308, linear * 12.92, curved))
