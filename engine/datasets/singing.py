"""Singing: a synthetic voice says one syllable a note, and is given the pitch of the melody.

A vocoder: the spectral envelope of the spoken syllable (by cepstral smoothing) is stretched to
the length of the note and laid over a source of pulses at the note's pitch, with breath noise
where the speech had no voice.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.datasets.orchestrate import Event, Track
from engine.datasets.processing import SAMPLE_RATE_HZ, pan_mono, set_level, without_dc
from engine.datasets.speech import VOICES, Voice, phrases, speak, with_air
from engine.types import Samples

SYLLABLES = phrases(
    "la|day|love|you|me|night|all|one|sun|moon|fire|rain|go|stay|home|oh|heart|time|light|blue|"
    "more|now|sea|sky|way|run|down|free|dream|long|see|know|fly|high|low|gone|mine|when|where|"
    "no|yeah|ooh|ah|hey|come|back|still|alone|again|away|world|eyes|hold|feel|sing|soul|wind"
)
FRAME_SAMPLES = 1024
HOP_SAMPLES = 256
_LIFTER = 48
Envelope = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Syllable:
    """A spoken syllable as envelopes: (num_frames, bins), and how voiced each frame is."""

    envelope: Envelope
    voicing: NDArray[np.float32]


def sing(track: Track, duration_s: float, rng: np.random.Generator) -> Samples:
    """Sing a melody: (2, num_samples) float32.

    Args:
        track: The melody; where notes overlap the last one counts.
        duration_s: Length of the piece.
        rng: Draws the voice, the words and the vibrato.
    """
    num_samples = round(duration_s * SAMPLE_RATE_HZ)
    num_frames = num_samples // HOP_SAMPLES + 1
    voice = VOICES[int(rng.integers(len(VOICES)))]
    words = [str(word) for word in rng.choice(SYLLABLES, size=14)]
    syllables = {word: _analyse(speak(word, voice)) for word in set(words)}
    envelope = np.zeros((num_frames, FRAME_SAMPLES // 2 + 1), np.float32)
    voicing = np.ones(num_frames, np.float32)
    pitch = np.full(num_frames, 60.0)
    events = _monophonic(track.events, num_frames * HOP_SAMPLES / SAMPLE_RATE_HZ)
    for index, event in enumerate(events):
        frames = _frames_of(event, num_frames)
        word = syllables[words[index % len(words)]]
        places = _stretch(len(word.envelope), len(frames))
        envelope[frames] = word.envelope[places] * (event.velocity / 127)
        voicing[frames] = word.voicing[places]
        pitch[frames[0] :] = event.pitch
    source = _source(_sung_pitch(pitch, voice, rng), voicing, num_samples, rng)
    sound = with_air(_vocode(source, envelope))
    return set_level(without_dc(pan_mono(sound, float(rng.normal(0, 0.08)))), -20.0)


def _monophonic(events: tuple[Event, ...], end_s: float) -> list[Event]:
    """One note at a time, none shorter than a syllable needs, short rests sung through."""
    kept: list[Event] = []
    for event in events:
        if event.start_s < end_s - 0.1 and (not kept or event.start_s - kept[-1].start_s >= 0.11):
            kept.append(event)
    ends = [*(event.start_s for event in kept[1:]), end_s]
    sung = []
    for event, end in zip(kept, ends[: len(kept)], strict=True):
        room_s = end - event.start_s
        rest_s = room_s - event.duration_s
        duration_s = room_s if rest_s < 0.3 else max(event.duration_s, 0.1)
        sung.append(replace(event, duration_s=duration_s))
    return sung


def _frames_of(event: Event, num_frames: int) -> NDArray[np.int64]:
    start = min(int(event.start_s * SAMPLE_RATE_HZ / HOP_SAMPLES), num_frames - 2)
    count = max(2, int(event.duration_s * SAMPLE_RATE_HZ / HOP_SAMPLES))
    return np.arange(start, min(start + count, num_frames))


def _stretch(spoken: int, sung: int) -> NDArray[np.int64]:
    """Which spoken frame sounds in each sung frame: only the middle is held."""
    onset, coda = int(0.35 * spoken), int(0.3 * spoken)
    if sung <= spoken:
        return np.linspace(0, spoken - 1, sung).astype(np.int64)
    held = np.linspace(onset, spoken - coda, sung - onset - coda)
    parts = (np.arange(onset), held, np.arange(spoken - coda, spoken))
    return np.concatenate(parts).astype(np.int64).clip(0, spoken - 1)


def _windowed(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    padded = np.pad(sound, (FRAME_SAMPLES // 2, FRAME_SAMPLES))
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME_SAMPLES)[::HOP_SAMPLES]
    return frames * np.hanning(FRAME_SAMPLES).astype(np.float32)


def _analyse(sound: NDArray[np.float32]) -> _Syllable:
    """Envelopes of what is said, without the silence around it."""
    loud = np.flatnonzero(np.abs(sound) > 0.02)
    frames = _windowed(sound[loud[0] : loud[-1] + 1])
    spectrum = np.abs(np.fft.rfft(frames, axis=1)) + 1e-5
    cepstrum = np.fft.irfft(np.log(spectrum), axis=1)
    cepstrum[:, _LIFTER : FRAME_SAMPLES - _LIFTER + 1] = 0
    envelope = np.exp(np.fft.rfft(cepstrum, axis=1).real)
    border = int(4000 * FRAME_SAMPLES / SAMPLE_RATE_HZ)
    power = spectrum**2
    low = power[:, :border].sum(axis=1) / power.sum(axis=1)
    voicing = np.clip((low - 0.4) / 0.3, 0.02, 0.97)
    return _Syllable(envelope.astype(np.float32), voicing.astype(np.float32))


def _sung_pitch(
    pitch: NDArray[np.float64], voice: Voice, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Frequency of each frame in Hz: glides between notes, vibrato, in the range of the voice."""
    centre = 52 if voice.name in ("rms", "awb", "kal16") or "+m" in voice.name else 62
    octave = 12 * round((float(np.median(pitch)) - centre) / 12)
    smooth = np.convolve(np.pad(pitch, 4, mode="edge"), np.full(9, 1 / 9), mode="valid")
    time_s = np.arange(len(pitch)) * HOP_SAMPLES / SAMPLE_RATE_HZ
    depth, rate_hz = rng.uniform(0.05, 0.5), rng.uniform(4.8, 6.4)
    swelling = 0.5 + 0.5 * np.sin(2 * np.pi * time_s * 0.31 + rng.uniform(0, 6))
    vibrato = depth * swelling * np.sin(2 * np.pi * rate_hz * time_s)
    drift = np.cumsum(rng.normal(0, 0.008, len(pitch))) * 0.3
    return np.asarray(440 * 2 ** ((smooth - octave + vibrato + drift - 69) / 12))


def _source(
    frequency_hz: NDArray[np.float64],
    voicing: NDArray[np.float32],
    num_samples: int,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Band-limited pulses mixed with noise, both of a flat spectrum: (num_samples,) float32."""
    places = np.arange(num_samples) / HOP_SAMPLES
    frames = np.arange(len(frequency_hz))
    frequency = np.interp(places, frames, frequency_hz)
    voiced = np.interp(places, frames, voicing)
    phase = 2 * np.pi * np.cumsum(frequency) / SAMPLE_RATE_HZ
    count = np.floor(14_000 / frequency)
    # A sum of equal cosines in closed form (Dirichlet kernel), so that no harmonic is looped over.
    half = np.sin(phase / 2)
    half = np.where(np.abs(half) < 1e-4, 1e-4, half)
    pulses = (np.sin((count + 0.5) * phase) / half - 1) / np.sqrt(2 * count)
    noise = rng.standard_normal(num_samples)
    return np.asarray(voiced * pulses + 0.7 * (1 - voiced) * noise, np.float32)


def _vocode(source: NDArray[np.float32], envelope: Envelope) -> NDArray[np.float32]:
    """Lay envelopes over a source, frame by frame, by overlap-add."""
    spectrum = np.fft.rfft(_windowed(source)[: len(envelope)], axis=1)
    frames = np.fft.irfft(spectrum * envelope[: len(spectrum)], axis=1).astype(np.float32)
    frames *= np.hanning(FRAME_SAMPLES).astype(np.float32)
    sound = np.zeros((len(frames) - 1) * HOP_SAMPLES + FRAME_SAMPLES, np.float32)
    for index, frame in enumerate(frames):
        sound[index * HOP_SAMPLES : index * HOP_SAMPLES + FRAME_SAMPLES] += frame
    return sound[FRAME_SAMPLES // 2 :][: len(source)]
