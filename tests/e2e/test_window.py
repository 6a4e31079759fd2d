"""The real program in a real window, with keys, mouse, and a sound server that is listened to."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from engine.media.decode import AudioReader
from engine.types import Samples, StemName
from tests.helpers.desktop import (
    SINK_RATE_HZ,
    WAIT_S,
    Recording,
    Screen,
    running,
    sound_server,
    virtual_screen,
    wait_until,
)
from tests.helpers.media import make_video, noise, picture
from tests.helpers.restore_workload import LEVEL, TONES_HZ, film_sound, make_tone_film
from widgets.theme import DARK, INSPECTOR_WIDTH_PX, LANE_HEADER_WIDTH_PX

pytestmark = [pytest.mark.screen, pytest.mark.sound, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
SECONDS = 3.0
DIALOGUE, EFFECTS = StemName.DIALOGUE, StemName.EFFECTS
MUSIC1, MUSIC2 = StemName.MUSIC1, StemName.MUSIC2
STAGE_COLOUR = (16, 18, 20)


@dataclass(frozen=True)
class Desk:
    """A screen, a recorder, and a program in front of both."""

    screen: Screen
    recording: Recording
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def output(self) -> Path:
        return self.folder / "out" / "film.restored.mkv"

    def controls(self) -> dict[str, tuple[int, int]]:
        """Where the buttons are."""
        places = json.loads((self.folder / "controls.json").read_text())
        return {name: (x, y) for name, (x, y) in places.items()}

    def click(self, name: str) -> None:
        """Press a button with the mouse once it is there."""
        wait_until(lambda: name in self.controls(), f"the button {name}")
        x, y = self.controls()[name]
        self.screen.xdotool("mousemove", str(x), str(y), "click", "1")

    def drag(self, name: str, way_px: int, *keys: str) -> None:
        """Drag what has that name to the right, with keys held down."""
        x, y = self.controls()[name]
        held = [part for key in keys for part in ("keydown", key)]
        released = [part for key in keys for part in ("keyup", key)]
        steps = [str(x + round(way_px * share)) for share in (0.3, 0.6, 1.0)]
        moves = [part for step in steps for part in ("mousemove", step, str(y), "sleep", "0.05")]
        start = ("mousemove", str(x), str(y), "mousedown", "1")
        self.screen.xdotool(*held, *start, *moves, "mouseup", "1", *released)

    def press(self, *keys: str) -> None:
        """Press keys."""
        self.screen.xdotool("key", *keys)

    def picture_colour(self) -> tuple[int, ...]:
        """Colour in the middle of the picture."""
        x, y = self.controls()["Picture"]
        return tuple(int(value) for value in self.screen.pixels()[y, x])

    def wait_for_picture(self) -> None:
        """Wait until the film can be played."""
        wait_until((self.folder / "controls.json").exists, "the window")
        wait_until(lambda: "Play" in self.controls(), "the sound device")
        wait_until(lambda: self.picture_colour() != STAGE_COLOUR, "the picture")

    def wait_for_tones(self, *stems: StemName, gain: float = 1.0) -> None:
        """Wait until exactly these stems are heard, and check their level."""
        wanted = {stem: gain * LEVEL if stem in stems else 0.0 for stem in TONES_HZ}

        def is_heard() -> bool:
            self.recording.wait_for(SINK_RATE_HZ // 10)
            levels = tone_levels(self.recording.samples[0, -SINK_RATE_HZ // 10 :])
            return all(abs(levels[stem] - wanted[stem]) < 0.004 for stem in TONES_HZ)

        wait_until(is_heard, f"the tones of {stems} at {gain:.3f}")


def tone_levels(sound: Samples) -> dict[StemName, float]:
    """Amplitude of each stem's tone in (num_samples,)."""
    times_s = np.arange(len(sound)) / SINK_RATE_HZ
    window = np.hanning(len(sound))
    return {
        stem: float(2 * abs(np.sum(sound * window * np.exp(-2j * np.pi * hz * times_s))))
        / float(window.sum())
        for stem, hz in TONES_HZ.items()
    }


def program_env(folder: Path, screen: Screen, env: Mapping[str, str]) -> dict[str, str]:
    """The environment of a program that keeps to itself."""
    places = {f"REPRISE_{x}": str(folder / x.lower()) for x in ("CONFIG", "CACHE", "DATA")}
    clean = {key: value for key, value in env.items() if not key.startswith("QT_")}
    return clean | places | {"DISPLAY": screen.display, "QT_QPA_PLATFORM": "xcb"}


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return make_tone_film(tmp_path / "film.mkv", SECONDS, SINK_RATE_HZ)


@contextmanager
def desk_with(film: Path, tmp_path: Path) -> Iterator[Desk]:
    """Run the editor with a film."""
    (tmp_path / "out").mkdir()
    controls = tmp_path / "controls.json"
    output = tmp_path / "out" / "film.restored.mkv"
    command = (
        *(sys.executable, "-m", "tests.helpers.editor_program"),
        *(str(film), str(output), str(controls)),
    )
    with (
        virtual_screen() as screen,
        sound_server(tmp_path) as server,
        server.recording() as recording,
    ):
        env = program_env(tmp_path, screen, server.env) | {"PYTHONPATH": str(ROOT)}
        with running(command, env) as process:
            desk = Desk(screen, recording, tmp_path, process)
            desk.wait_for_picture()
            screen.focus_window("film.mkv")
            yield desk


@pytest.fixture
def desk(tmp_path: Path, film: Path) -> Iterator[Desk]:
    """A desk with the film of tones."""
    with desk_with(film, tmp_path) as desk:
        yield desk


def best_match(sound: Samples, within: Samples) -> int:
    """Where `sound` (num_samples,) lies within a longer recording."""
    size = 1 << (len(sound) + len(within)).bit_length()
    spectrum = np.fft.rfft(within, size) * np.conj(np.fft.rfft(sound, size))
    return int(np.argmax(np.fft.irfft(spectrum, size)[: len(within)]))


def test_what_is_played_arrives_unchanged(desk: Desk) -> None:
    begin = desk.recording.wait_for(1)
    desk.press("space")
    desk.wait_for_tones(DIALOGUE, EFFECTS, MUSIC1, MUSIC2)
    desk.recording.wait_for(round((SECONDS + 0.5) * SINK_RATE_HZ))
    recorded = desk.recording.samples[:, begin:]
    wanted = film_sound(round(SECONDS * SINK_RATE_HZ), SINK_RATE_HZ)
    # The tones are periodic, their beginning and end are not: silence lies around.
    start = best_match(wanted[0], recorded[0])
    heard = recorded[:, start : start + wanted.shape[1]]
    fade = round(0.005 * SINK_RATE_HZ)
    np.testing.assert_allclose(heard[:, fade:], wanted[:, fade:], atol=1e-4)
    assert not recorded[:, start + wanted.shape[1] : start + wanted.shape[1] + 1000].any()


def test_restore_listen_swap_and_export_by_keys_and_mouse(desk: Desk) -> None:
    desk.press("ctrl+l", "space")
    desk.wait_for_tones(DIALOGUE, EFFECTS, MUSIC1, MUSIC2)
    desk.press("ctrl+r")
    desk.wait_for_tones(DIALOGUE, EFFECTS, MUSIC1)
    desk.press("0")
    desk.wait_for_tones(DIALOGUE, EFFECTS, MUSIC1, MUSIC2)
    desk.press("0")
    desk.wait_for_tones(DIALOGUE, EFFECTS, MUSIC1)
    desk.click("Swap")
    desk.wait_for_tones(DIALOGUE, EFFECTS, MUSIC2)
    desk.click("Mute Effects")
    desk.wait_for_tones(DIALOGUE, MUSIC2)
    desk.press("ctrl+e")
    wait_until(desk.output.exists, "the exported film")
    with AudioReader(desk.output) as reader:
        exported = np.concatenate(list(reader.blocks()), axis=1)
    levels = tone_levels(exported[0])
    assert [stem for stem, level in levels.items() if level > 0.5 * LEVEL] == [DIALOGUE, MUSIC2]
    desk.press("ctrl+z")
    desk.wait_for_tones(DIALOGUE, EFFECTS, MUSIC2)
    desk.press("ctrl+q")
    desk.screen.focus_window("^Reprise$")
    desk.press("d")
    assert desk.process.wait(WAIT_S) == 0


def test_the_timeline_by_keys_and_mouse(desk: Desk) -> None:
    wait_until(lambda: "Spectrogram of Original mix" in desk.controls(), "the lane")
    low_y = desk.controls()["Spectrogram of Original mix"][1]
    desk.press("shift+t")
    wait_until(lambda: desk.controls()["Spectrogram of Original mix"][1] != low_y, "tall lanes")
    button_x, lane_y = desk.controls()["Spectrogram of Original mix"]

    def num_bands() -> int:
        """How often the lane gets bright from top to bottom, away from the play head."""
        column = desk.screen.pixels()[lane_y - 44 : lane_y + 44, button_x + 400].mean(axis=1)
        is_bright = column > 150
        return int((is_bright[1:] & ~is_bright[:-1]).sum())

    wait_until(lambda: num_bands() == 1, "the waveform")
    desk.click("Spectrogram of Original mix")
    wait_until(lambda: num_bands() == len(TONES_HZ), "a line for each tone")
    desk.press("shift+w")
    wait_until(lambda: num_bands() == 1, "the waveform again")
    desk.press("ctrl+z")
    wait_until(lambda: num_bands() == len(TONES_HZ), "the spectrogram again")

    # The engine finds a cut at 1 s; the film fills the lanes.
    lanes_x = button_x + LANE_HEADER_WIDTH_PX - button_x % LANE_HEADER_WIDTH_PX
    width = desk.screen.pixels().shape[1] - INSPECTOR_WIDTH_PX - lanes_x
    cut_x, ruler_y = lanes_x + int(width / SECONDS), desk.controls()["Snap"][1]

    def color() -> str:
        red, green, blue = desk.screen.pixels()[lane_y, cut_x].tolist()
        return f"#{red:02x}{green:02x}{blue:02x}"

    start = f"{lanes_x + 40}", f"{ruler_y}"
    desk.screen.xdotool("mousemove", *start, "mousedown", "1")
    desk.screen.xdotool("mousemove", f"{cut_x - 60}", f"{ruler_y}")
    desk.screen.xdotool("mousemove", f"{cut_x + 5}", f"{ruler_y}")
    wait_until(lambda: color() == DARK.accent, "the guide at the cut")
    desk.screen.xdotool("mouseup", "1")
    wait_until(lambda: color() == DARK.text, "the play head at the cut")


def test_picture_and_sound_run_together(tmp_path: Path) -> None:
    seconds, num_looks = 2.0, 24
    sound = noise(seconds, SINK_RATE_HZ)
    film = make_video(tmp_path / "film.mkv", seconds, sound, SINK_RATE_HZ, "pcm_f32le")
    brightness = np.array([int(picture(n)[-1, -1, 1]) for n in range(round(25 * seconds))])
    lead_s = []
    with desk_with(film, tmp_path) as desk:
        desk.press("ctrl+l", "space")
        desk.recording.wait_for(SINK_RATE_HZ)
        for _ in range(num_looks):
            desk.recording.wait_for(SINK_RATE_HZ // 15)
            last = desk.recording.samples[0, -4096:]
            seen_s = np.abs(brightness - desk.picture_colour()[1]).argmin() / 25
            heard_s = (best_match(last, sound[0]) + len(last)) / SINK_RATE_HZ
            lead_s.append((seen_s - heard_s + seconds / 2) % seconds - seconds / 2)
    # The recorder is late by its own latency, a picture stands for 40 ms, and a machine that is
    # busy draws late: a true offset would show in every look.
    assert np.quantile(np.abs(lead_s), 0.25) < 0.08, sorted(lead_s)


def test_the_program_itself_starts_opens_and_ends(tmp_path: Path, film: Path) -> None:
    with virtual_screen() as screen, sound_server(tmp_path) as server:
        env = program_env(tmp_path, screen, server.env)
        with running((sys.executable, "-m", "app", str(film)), env) as process:
            screen.focus_window("film.mkv")
            maps = Path(f"/proc/{process.pid}/maps").read_text()
            for heavy in ("/torch/", "/scipy/", "/cv2/"):
                assert heavy not in maps
            screen.xdotool("key", "ctrl+q")
            assert process.wait(WAIT_S) == 0
