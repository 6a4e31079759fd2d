from pathlib import Path

import mido
import numpy as np
import pytest

from engine.datasets import tools
from engine.datasets.orchestrate import Arrangement, Event, Track
from engine.datasets.render import DRUM_CHANNEL, render_arrangement, write_midi
from engine.errors import ToolMissingError
from tests.helpers.measures import RATE_HZ, pitch_hz, rms_db

FLUTE, VIOLIN = 73, 40


def one_note(pitch: int, start_s: float = 0.5, pan: float = 0.0) -> Arrangement:
    track = Track("melody", FLUTE, (Event(start_s, 1.0, pitch, 100),), pan, 1.0)
    return Arrangement((track,), 3.0, 120.0)


@pytest.mark.parametrize(("pitch", "frequency_hz"), [(69, 440.0), (81, 880.0)])
def test_a_note_sounds_at_its_pitch_and_its_time(pitch: int, frequency_hz: float) -> None:
    sound = render_arrangement(one_note(pitch))
    assert sound.shape == (2, 3 * RATE_HZ)
    assert sound.dtype == np.float32
    held = sound[0, round(0.8 * RATE_HZ) : round(1.3 * RATE_HZ)]
    assert pitch_hz(held) == pytest.approx(frequency_hz, rel=0.006)
    assert rms_db(held) > rms_db(sound[0, : round(0.49 * RATE_HZ)]) + 40


def test_a_note_comes_from_its_side() -> None:
    sound = render_arrangement(one_note(69, pan=-1.0))
    assert rms_db(sound[0]) > rms_db(sound[1]) + 6  # the samples themselves are in stereo


def test_midi_holds_every_event_on_its_channel(tmp_path: Path) -> None:
    melody = Track("melody", VIOLIN, (Event(0.25, 0.5, 60, 90), Event(0.75, 0.5, 60, 70)), 0.5, 0.8)
    drums = Track("drums", 25, (Event(0.1, 0.2, 36, 110),), 0.0, 1.0)
    write_midi(Arrangement((melody, drums), 2.0, 100.0), tmp_path / "x.mid")
    file = mido.MidiFile(tmp_path / "x.mid")
    starts = {}
    for channel, track in zip((0, DRUM_CHANNEL), file.tracks, strict=True):
        now, sounding = 0, set()
        for message in track:
            now += message.time
            if message.type == "note_on":
                starts[channel, now] = (message.note, message.velocity)
                assert message.note not in sounding  # a note that repeats was let go before
                sounding.add(message.note)
            if message.type == "note_off":
                sounding.remove(message.note)
            if message.type != "end_of_track":
                assert message.channel == channel
        assert not sounding
    assert starts == {(0, 240): (60, 90), (0, 720): (60, 70), (DRUM_CHANNEL, 96): (36, 110)}


def test_a_missing_fluidsynth_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissingError, match="fluidsynth was not found") as caught:
        render_arrangement(one_note(60))
    assert "package fluidsynth" in caught.value.hint


def test_a_missing_soundfont_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tools, "SOUNDFONTS", (tmp_path / "none.sf2",))
    with pytest.raises(ToolMissingError, match=r"FluidR3_GM\.sf2") as caught:
        render_arrangement(one_note(60))
    assert "fluid-soundfont-gm" in caught.value.hint
