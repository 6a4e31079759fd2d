"""A synthesizer and a drum machine: arrangements to sound without samples.

Oscillators are wavetables with as many harmonics as fit below half the sample rate; a filter
sweep is a cross-fade from a bright to a dark table of the same wave.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.datasets.ensembles import DRUM_KEYS
from engine.datasets.orchestrate import Arrangement, Event, Role, Track
from engine.datasets.processing import SAMPLE_RATE_HZ, band, pan_mono
from engine.types import Samples

Wave = Literal["sine", "triangle", "saw", "square", "pulse", "organ", "bell"]
WAVES: dict[Role, tuple[Wave, ...]] = {
    "melody": ("saw", "square", "pulse", "triangle", "bell"),
    "inner": ("triangle", "saw", "organ", "sine"),
    "bass": ("saw", "square", "sine", "triangle"),
    "chords": ("saw", "organ", "pulse", "bell", "triangle"),
}
CHIP_WAVES: dict[Role, tuple[Wave, ...]] = {
    "melody": ("square", "pulse"),
    "inner": ("pulse", "square"),
    "bass": ("triangle",),
    "chords": ("pulse", "square"),
}
_TABLE_SAMPLES = 2048
_MAX_HARMONICS = 400
Mono = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Patch:
    """Settings of the synthesizer for one track.

    Attributes:
        wave: Form of the oscillator.
        voices: Oscillators a note, detuned against each other.
        detune_cents: Spread of the voices.
        dark_hz: Where the filter comes to rest; the spectrum falls off above.
        sweep_s: How long the filter takes to close.
        attack_s: Time to full level.
        decay_s: Time constant towards `sustain`.
        sustain: Level of a held note, from 0 to 1.
        release_s: Time to silence after the note.
    """

    wave: Wave
    voices: int
    detune_cents: float
    dark_hz: float
    sweep_s: float
    attack_s: float
    decay_s: float
    sustain: float
    release_s: float

    @staticmethod
    def draw(role: Role, waves: dict[Role, tuple[Wave, ...]], rng: np.random.Generator) -> "Patch":
        """A random patch that suits a role."""
        slow = role in ("chords", "inner") and rng.random() < 0.5
        return Patch(
            wave=waves[role][int(rng.integers(len(waves[role])))],
            voices=1 if role == "bass" else int(rng.choice([1, 2, 3])),
            detune_cents=float(rng.uniform(3, 22)),
            dark_hz=float(np.exp(rng.uniform(np.log(300), np.log(5000)))),
            sweep_s=float(np.exp(rng.uniform(np.log(0.05), np.log(1.5)))),
            attack_s=float(rng.uniform(0.1, 0.5) if slow else rng.uniform(0.002, 0.02)),
            decay_s=float(rng.uniform(0.08, 0.8)),
            sustain=float(rng.uniform(0.6, 1.0) if slow else rng.uniform(0.1, 0.9)),
            release_s=float(rng.uniform(0.3, 1.0) if slow else rng.uniform(0.03, 0.25)),
        )


def render_electronic(
    arrangement: Arrangement, rng: np.random.Generator, *, chip: bool = False
) -> Samples:
    """Render all tracks dry: (2, num_samples) float32, as long as the arrangement.

    Args:
        arrangement: The music; programs are ignored.
        rng: Draws the patches and the drum kit.
        chip: Plain waves without detuning or filter, as old game consoles had.
    """
    num_samples = round(arrangement.duration_s * SAMPLE_RATE_HZ)
    pitched = np.zeros((2, num_samples), np.float32)
    drums = np.zeros((2, num_samples), np.float32)
    pump = np.ones(num_samples, np.float32)
    for track in arrangement.tracks:
        if track.role == "drums":
            drums += _render_drums(track, DrumKit(rng, chip=chip), num_samples)
            if not chip and rng.random() < 0.6:
                pump = _pump(track, num_samples, float(rng.uniform(0.2, 0.7)))
        else:
            patch = Patch.draw(track.role, CHIP_WAVES if chip else WAVES, rng)
            pitched += _render_track(track, _plain(patch) if chip else patch, num_samples, rng)
    if not chip and rng.random() < 0.6:
        pitched = _echo(pitched, 60 / arrangement.bpm * float(rng.choice([0.5, 0.75, 1.0])))
    return pitched * pump + drums


def _plain(patch: Patch) -> Patch:
    return Patch(patch.wave, 1, 0.0, 20_000.0, 0.1, 0.002, patch.decay_s, patch.sustain, 0.02)


def _render_track(
    track: Track, patch: Patch, num_samples: int, rng: np.random.Generator
) -> Samples:
    """Sum of the notes; equal notes are made once."""
    mono = np.zeros(num_samples, np.float32)
    made: dict[tuple[int, int], Mono] = {}
    phases = rng.random(patch.voices)
    for event in track.events:
        key = (event.pitch, round(event.duration_s * 50))
        if key not in made:
            made[key] = _note(event, patch, phases)
        _put(mono, made[key], event.start_s, event.velocity / 127)
    stereo = pan_mono(np.float32(0.25 * track.volume) * mono, track.pan)
    if patch.voices > 1:
        delay = round(0.011 * SAMPLE_RATE_HZ)
        stereo[1, delay:] = 0.6 * stereo[1, delay:] + 0.6 * stereo[1, :-delay]
    return stereo


def _note(event: Event, patch: Patch, phases: NDArray[np.float64]) -> Mono:
    held_s = round(event.duration_s * 50) / 50
    time_s = np.arange(round((held_s + patch.release_s) * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    frequency_hz = 440 * 2 ** ((event.pitch - 69) / 12)
    bright, dark = (_table(patch.wave, frequency_hz, hz) for hz in (12_000.0, patch.dark_hz))
    closing = np.exp(-time_s / patch.sweep_s).astype(np.float32)
    sound = np.zeros(len(time_s), np.float32)
    for voice, phase in enumerate(phases):
        cents = patch.detune_cents * (voice - (len(phases) - 1) / 2)
        turns = frequency_hz * 2 ** (cents / 1200) * time_s + phase
        places = ((turns % 1.0) * _TABLE_SAMPLES).astype(np.int32)
        sound += dark[places] + closing * (bright[places] - dark[places])
    return sound * _envelope(time_s, held_s, patch) / np.float32(len(phases))


def _envelope(time_s: NDArray[np.float64], held_s: float, patch: Patch) -> Mono:
    level = np.minimum(time_s / patch.attack_s, 1.0)
    after = np.maximum(time_s - patch.attack_s, 0)
    level *= patch.sustain + (1 - patch.sustain) * np.exp(-after / patch.decay_s)
    level *= np.clip(1 - (time_s - held_s) / patch.release_s, 0, 1) ** 2
    return np.asarray(level, np.float32)


def _table(wave: Wave, frequency_hz: float, corner_hz: float) -> Mono:
    """One period of a wave, band limited, with 12 dB an octave taken above a corner."""
    count = int(np.clip(20_000 / frequency_hz, 1, _MAX_HARMONICS))
    n = np.arange(1, count + 1)
    amplitudes = {
        "sine": np.where(n == 1, 1.0, 0.0),
        "triangle": np.where(n % 2 == 1, (-1.0) ** ((n - 1) // 2) / n**2, 0.0),
        "saw": 1 / n,
        "square": np.where(n % 2 == 1, 1 / n, 0.0),
        "pulse": np.sin(np.pi * n * 0.2) / n,
        "organ": np.isin(n, (1, 2, 3, 4, 6, 8)) * 0.7 ** np.log2(n),
        "bell": np.isin(n, (1, 3, 5, 9, 14)) / n**0.6,
    }[wave]
    spectrum = np.zeros(_TABLE_SAMPLES // 2 + 1, complex)
    spectrum[1 : count + 1] = -1j * amplitudes / (1 + (n * frequency_hz / corner_hz) ** 2)
    table = np.fft.irfft(spectrum, _TABLE_SAMPLES)
    return np.asarray(table / (np.sqrt(np.mean(table**2)) + 1e-9), np.float32)


class DrumKit:
    """One random set of synthetic drums, each made once."""

    def __init__(self, rng: np.random.Generator, *, chip: bool) -> None:
        self._rng = rng
        self._chip = chip
        self._sounds: dict[int, Mono] = {}
        self._names = {key: name for name, key in DRUM_KEYS.items()}

    def sound(self, key: int) -> Mono:
        """The drum on a key, as one channel."""
        if key not in self._sounds:
            self._sounds[key] = self._make(self._names[key])
        return self._sounds[key]

    def _make(self, name: str) -> Mono:
        rng = self._rng
        if name == "kick":
            return self._tone(rng.uniform(42, 60), rng.uniform(150, 320), rng.uniform(0.12, 0.4))
        if name.endswith(("tom", "conga")):
            low = {"low_tom": 80, "mid_tom": 120, "high_tom": 170}.get(name, 230)
            return 0.7 * self._tone(low, low * 1.6, rng.uniform(0.1, 0.3))
        if name in ("snare", "clap"):
            body = self._tone(rng.uniform(160, 220), 280, 0.08)
            noise = self._noise(rng.uniform(800, 2000), 9000, rng.uniform(0.06, 0.22))
            noise[: len(body)] += 0.6 * body[: len(noise)]
            return noise
        if name in ("rim", "woodblock", "cowbell"):
            pitch_hz = rng.uniform(500, 1800)
            return 0.5 * self._tone(pitch_hz, pitch_hz * 1.02, rng.uniform(0.02, 0.12))
        decay_s = {"hat": 0.04, "shaker": 0.05, "tambourine": 0.1, "open_hat": 0.3}.get(name, 0.8)
        return 0.45 * self._noise(rng.uniform(5000, 8000), 16_000, decay_s * rng.uniform(0.6, 1.5))

    def _tone(self, end_hz: float, start_hz: float, decay_s: float) -> Mono:
        time_s = np.arange(round(5 * decay_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
        fall_s = decay_s / 6
        turns = end_hz * time_s + (start_hz - end_hz) * fall_s * (1 - np.exp(-time_s / fall_s))
        wave = np.sin(2 * np.pi * turns)
        if self._chip:
            wave = 0.6 * np.sign(wave)
        return np.asarray(wave * np.exp(-time_s / decay_s), np.float32)

    def _noise(self, low_hz: float, high_hz: float, decay_s: float) -> Mono:
        time_s = np.arange(round(6 * decay_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
        noise = self._rng.standard_normal(len(time_s)).astype(np.float32)
        if self._chip:
            noise = np.repeat(np.sign(noise[::8]), 8)[: len(time_s)]
        else:
            noise = band(noise, low_hz, high_hz)
        shaped = noise * np.exp(-time_s / decay_s)
        return np.asarray(shaped / (np.abs(shaped).max(initial=1e-9)), np.float32)


def _render_drums(track: Track, kit: DrumKit, num_samples: int) -> Samples:
    mono = np.zeros(num_samples, np.float32)
    side = np.zeros(num_samples, np.float32)
    for event in track.events:
        is_low = event.pitch in (DRUM_KEYS["kick"], DRUM_KEYS["snare"])
        _put(mono if is_low else side, kit.sound(event.pitch), event.start_s, event.velocity / 127)
    return 0.4 * track.volume * (pan_mono(mono, 0.0) + pan_mono(side, 0.4))


def _put(target: Mono, sound: Mono, start_s: float, gain: float) -> None:
    start = round(start_s * SAMPLE_RATE_HZ)
    length = min(len(sound), len(target) - start)
    if length > 0:
        target[start : start + length] += np.float32(gain) * sound[:length]


def _pump(drums: Track, num_samples: int, depth: float) -> Mono:
    """Gain that ducks on every kick and comes back within a quarter of a second."""
    time_s = np.arange(round(0.25 * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    dip = (depth * (1 - time_s / 0.25) ** 2 * np.minimum(time_s / 0.005, 1)).astype(np.float32)
    gain = np.zeros(num_samples, np.float32)
    for event in drums.events:
        if event.pitch == DRUM_KEYS["kick"]:
            _put(gain, dip, event.start_s, 1.0)
    return np.asarray(1 - np.minimum(gain, 0.9), np.float32)


def _echo(samples: Samples, delay_s: float) -> Samples:
    """Three echoes that change sides."""
    delay = round(delay_s * SAMPLE_RATE_HZ)
    wet = samples.copy()
    for k, gain in ((1, 0.3), (2, 0.16), (3, 0.08)):
        source = samples[:, : -k * delay] if k * delay < samples.shape[1] else samples[:, :0]
        wet[:, samples.shape[1] - source.shape[1] :] += gain * (source[::-1] if k % 2 else source)
    return wet
