"""Sound devices come and go while the real program plays through a real sound server."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.playback.devices import SYSTEM_DEFAULT
from tests.e2e.test_window import ROOT, SECONDS, program_env
from tests.helpers.desktop import (
    SINK_RATE_HZ,
    Screen,
    SoundServer,
    running,
    sound_server,
    virtual_screen,
    wait_until,
)
from tests.helpers.restore_workload import make_tone_film

pytestmark = [pytest.mark.screen, pytest.mark.sound, pytest.mark.slow]


@dataclass(frozen=True)
class Player:
    """The editor with a film that is played over and over."""

    server: SoundServer
    screen: Screen
    folder: Path

    def told(self) -> dict[str, object]:
        """What plays, and where."""
        told: dict[str, object] = json.loads((self.folder / "sound.json").read_text())
        return told

    def wait_for(self, device: str | None) -> float:
        """Wait until it plays there; gives the time that took."""
        begin_s = time.monotonic()
        wait_until(
            lambda: self.told()["device"] == device and bool(self.told()["is_playing"]),
            f"playing on {device!r}",
        )
        return time.monotonic() - begin_s

    def wait_for_progress(self) -> None:
        """Wait until time goes on."""
        before = self.told()["position_s"]
        wait_until(lambda: self.told()["position_s"] != before, "the play head to move")


@contextmanager
def player(tmp_path: Path, device: str) -> Iterator[Player]:
    """Play a film on a device that was chosen before."""
    film = make_tone_film(tmp_path / "film.mkv", SECONDS, SINK_RATE_HZ)
    settings = tmp_path / "config" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"sound_device": device}))
    (tmp_path / "out").mkdir()
    arguments = (str(film), str(tmp_path / "out" / "out.mkv"), str(tmp_path / "controls.json"))
    with virtual_screen() as screen, sound_server(tmp_path) as server:
        if device:
            server.plug_in(device)
        env = program_env(tmp_path, screen, server.env) | {"PYTHONPATH": str(ROOT)}
        with running((sys.executable, "-m", "tests.helpers.editor_program", *arguments), env):
            result = Player(server, screen, tmp_path)
            wait_until((tmp_path / "sound.json").exists, "the window")
            wait_until(lambda: result.told()["device"] == device, "the sound device")
            screen.focus_window("film.mkv")
            screen.xdotool("key", "ctrl+l", "space")
            result.wait_for(device)
            result.wait_for_progress()
            yield result


def test_the_only_device_vanishes_and_comes_back(tmp_path: Path) -> None:
    with player(tmp_path, SYSTEM_DEFAULT) as playing:
        playing.server.unplug_all()
        assert playing.wait_for(None) < 2.0
        playing.wait_for_progress()
        playing.server.plug_in("other")
        playing.wait_for(SYSTEM_DEFAULT)
        playing.wait_for_progress()


def test_the_chosen_device_is_gone_back_to(tmp_path: Path) -> None:
    with player(tmp_path, "headphones") as playing:
        playing.server.unplug_all()
        playing.wait_for(None)
        playing.server.plug_in("loudspeaker")
        playing.wait_for(SYSTEM_DEFAULT)
        playing.server.plug_in("headphones")
        playing.wait_for("headphones")
        playing.wait_for_progress()
