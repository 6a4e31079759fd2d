"""The colours of levels begin at the ground and go on in equal steps."""

import numpy as np
import pytest
from numpy.typing import NDArray

from widgets.color_map import level_colors, oklab
from widgets.theme import LANE_TOKENS, THEMES, Theme

EVERY = [
    pytest.param(theme, token, id=f"{theme.name}-{token}")
    for theme in THEMES
    for token in LANE_TOKENS
]


def rgb(theme: Theme, token: str) -> NDArray[np.float64]:
    colors = level_colors(theme, token)
    return np.stack([colors >> shift & 0xFF for shift in (16, 8, 0)], axis=1) / 255


def test_white_and_black_are_as_light_as_can_be() -> None:
    ends = oklab(np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]))
    np.testing.assert_allclose(ends, [[0, 0, 0], [1, 0, 0]], atol=1e-4)


@pytest.mark.parametrize(("theme", "token"), EVERY)
def test_nothing_has_the_colour_of_the_ground(theme: Theme, token: str) -> None:
    assert f"#{level_colors(theme, token)[0] & 0xFFFFFF:06x}" == theme.window


@pytest.mark.parametrize(("theme", "token"), EVERY)
def test_the_lane_keeps_its_colour(theme: Theme, token: str) -> None:
    color = theme.lane_color(token)
    lane = np.array([color.redF(), color.greenF(), color.blueF()])
    assert np.abs(rgb(theme, token) - lane).max(axis=1).min() < 0.02


@pytest.mark.parametrize(("theme", "token"), EVERY)
def test_steps_look_equal_and_lead_one_way(theme: Theme, token: str) -> None:
    lab = oklab(rgb(theme, token))
    lightness = np.diff(lab[::16, 0])
    assert (np.sign(lightness) == np.sign(lightness[0])).all()
    # Over some levels, and where it is not next to black, or the rounding to 8 bits would count.
    lab = lab[lab[:, 0] > 0.25]
    steps = np.linalg.norm(lab[16:] - lab[:-16], axis=1)
    assert steps.max() / steps.mean() < 1.1
    # Where the way bends at the lane's colour a straight line is shorter.
    assert steps.min() / steps.mean() > 0.6


@pytest.mark.parametrize(("theme", "token"), EVERY)
def test_loud_is_far_from_quiet(theme: Theme, token: str) -> None:
    lightness = oklab(rgb(theme, token))[:, 0]
    assert abs(lightness[-1] - lightness[0]) > 0.4
