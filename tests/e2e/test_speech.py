"""Speech is changed with a real mouse, and heard."""

from pathlib import Path

import pytest

from engine.types import StemName
from tests.e2e.test_window import SECONDS, Desk, desk_with
from tests.helpers.desktop import SINK_RATE_HZ, wait_until
from tests.helpers.restore_workload import make_tone_film
from widgets.theme import DARK, INSPECTOR_WIDTH_PX, LANE_HEADER_WIDTH_PX

pytestmark = [pytest.mark.screen, pytest.mark.sound, pytest.mark.slow]

EDGE_S = 0.8
"""Where the engine says that the speech ends."""


def place(desk: Desk, time_s: float) -> tuple[int, int]:
    """Where on the screen a time is in the lane of the dialogue; the film fills the lanes."""
    width = desk.screen.pixels().shape[1] - INSPECTOR_WIDTH_PX - LANE_HEADER_WIDTH_PX
    x = LANE_HEADER_WIDTH_PX + round(time_s / SECONDS * width)
    return x, desk.controls()["Mute Dialogue"][1]


def hold(desk: Desk, to_s: float) -> None:
    """Drag the edge and keep it."""
    for time_s, act in ((EDGE_S, "mousedown"), ((EDGE_S + to_s) / 2, ""), (to_s, "")):
        x, y = place(desk, time_s)
        desk.screen.xdotool("mousemove", f"{x}", f"{y}", *([act, "1"] if act else []))


def color_above(desk: Desk, time_s: float) -> str:
    """The line above speech, where there is some."""
    x, y = place(desk, time_s)
    red, green, blue = desk.screen.pixels()[y - 22 : y - 17, x].max(axis=0).tolist()
    return f"#{red:02x}{green:02x}{blue:02x}"


def test_an_edge_is_dragged_and_heard_and_escape_leaves_it(tmp_path: Path) -> None:
    film = make_tone_film(tmp_path / "film.mkv", SECONDS, SINK_RATE_HZ)
    with desk_with(film, tmp_path) as desk:
        desk.press("ctrl+r")
        wait_until(lambda: "Mute Dialogue" in desk.controls(), "the restore")
        desk.press("1", "ctrl+l", "space")
        desk.wait_for_tones(StemName.DIALOGUE)
        wait_until(lambda: color_above(desk, EDGE_S / 2) == DARK.dialogue, "the speech")
        hold(desk, 2.0)
        wait_until(lambda: color_above(desk, 1.5) == DARK.dialogue, "the drag")
        desk.press("Escape")
        wait_until(lambda: color_above(desk, 1.5) != DARK.dialogue, "the speech as it was")
        desk.screen.xdotool("mouseup", "1")
        hold(desk, 2.0)
        desk.screen.xdotool("mouseup", "1")
        wait_until(lambda: color_above(desk, 1.5) == DARK.dialogue, "other speech")
        # Now the dialogue is silent where nobody speaks.
        desk.wait_for_tones()
        desk.wait_for_tones(StemName.DIALOGUE)
        desk.press("ctrl+z")
        wait_until(lambda: color_above(desk, 1.5) != DARK.dialogue, "the speech of before")
