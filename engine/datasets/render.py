"""Arrangements to sound with FluidSynth and the FluidR3 soundfont."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from engine.datasets.orchestrate import Arrangement, Track
from engine.datasets.tools import run_tool, soundfont_path
from engine.types import Samples

if TYPE_CHECKING:
    import mido

SAMPLE_RATE_HZ = 44_100
DRUM_CHANNEL = 9
_TICKS_PER_S = 960


def render_arrangement(arrangement: Arrangement) -> Samples:
    """Render all tracks dry: (2, num_samples) float32, as long as the arrangement."""
    num_samples = round(arrangement.duration_s * SAMPLE_RATE_HZ)
    with tempfile.TemporaryDirectory(prefix="reprise-") as folder:
        midi, wav = Path(folder, "piece.mid"), Path(folder, "piece.wav")
        write_midi(arrangement, midi)
        run_tool(
            "fluidsynth",
            *("-n", "-i", "-q", "-R", "0", "-C", "0", "-g", "0.4"),
            *("-r", str(SAMPLE_RATE_HZ), "-T", "wav", "-O", "float", "-F", str(wav)),
            *(str(soundfont_path()), str(midi)),
        )
        sound, _ = soundfile.read(wav, dtype="float32", always_2d=True)
    samples = np.zeros((2, num_samples), np.float32)
    length = min(num_samples, len(sound))
    samples[:, :length] = sound[:length].T
    return samples


def write_midi(arrangement: Arrangement, path: Path) -> None:
    """Write an arrangement as a MIDI file, a channel a track."""
    import mido  # only who makes a corpus needs it

    file = mido.MidiFile(ticks_per_beat=_TICKS_PER_S // 2)  # 500 ms a beat unless told otherwise
    channels = [channel for channel in range(16) if channel != DRUM_CHANNEL]
    for track in arrangement.tracks:
        channel = DRUM_CHANNEL if track.role == "drums" else channels.pop(0)
        file.tracks.append(_midi_track(track, channel))
    file.save(path)


def _midi_track(track: Track, channel: int) -> "mido.MidiTrack":
    import mido

    timed = []
    for event in track.events:
        start, end = (
            round(t * _TICKS_PER_S) for t in (event.start_s, event.start_s + event.duration_s)
        )
        timed.append((start, 1, event.pitch, event.velocity))
        timed.append((max(end, start + 1), 0, event.pitch, 0))
    messages = mido.MidiTrack()
    messages.append(mido.Message("program_change", channel=channel, program=track.program))
    for control, value in ((7, track.volume * 127), (10, 64 + track.pan * 63)):
        messages.append(
            mido.Message("control_change", channel=channel, control=control, value=int(value))
        )
    now = 0
    for tick, is_on, pitch, velocity in sorted(timed):
        kind = "note_on" if is_on else "note_off"
        messages.append(
            mido.Message(kind, channel=channel, note=pitch, velocity=velocity, time=tick - now)
        )
        now = tick
    return messages
