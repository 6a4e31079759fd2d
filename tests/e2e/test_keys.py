"""Keys of a real keyboard: held ones repeat by themselves, which tests with made-up events miss."""

import json
from pathlib import Path

import pytest

from tests.e2e.test_window import SECONDS, desk_with
from tests.helpers.desktop import SINK_RATE_HZ, wait_until
from tests.helpers.restore_workload import make_tone_film

pytestmark = [pytest.mark.screen, pytest.mark.sound, pytest.mark.slow]


def test_j_and_l_go_by_frames_while_k_is_held(tmp_path: Path) -> None:
    film = make_tone_film(tmp_path / "film.mkv", SECONDS, SINK_RATE_HZ)

    def told() -> tuple[bool, int]:
        """Whether it plays, and the frame that it shows."""
        sound = json.loads((tmp_path / "sound.json").read_text())
        return sound["is_playing"], round(25 * sound["position_s"])

    with desk_with(film, tmp_path) as desk:
        wait_until(lambda: told() == (False, 0), "the start")
        desk.screen.xdotool("keydown", "k", "sleep", "1.0")
        desk.press("l")
        wait_until(lambda: told() == (False, 1), "the next frame")
        desk.press("l", "l", "j")
        wait_until(lambda: told() == (False, 2), "two on, one back")
        desk.screen.xdotool("keyup", "k")
        desk.press("l")
        wait_until(lambda: told()[0], "playing")
        desk.press("k")
        wait_until(lambda: not told()[0], "the pause")
