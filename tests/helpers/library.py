"""Music for the tests of the library: some that sounds, and landmarks of much that never did."""

from functools import cache
from pathlib import Path

import numpy as np
import soundfile
import soxr

from engine.dsp.landmark_pairs import AS_IT_IS, Change
from engine.dsp.landmarks import NUM_STEPS, Landmarks
from engine.evaluation.bgm_clips import SAMPLE_RATE_HZ, synthetic_music, synthetic_speech
from engine.types import Samples
from tests.helpers.media import noise

SONG_S = 20.0
SMALL_RATE_HZ = 12_000


@cache
def song(number: int) -> Samples:
    """A piece of music at 44.1 kHz, (2, num_samples); not to be written to."""
    samples = synthetic_music(SONG_S, 500 + number)
    samples.setflags(write=False)
    return samples


@cache
def speech() -> Samples:
    """Somebody who talks as long as a song lasts, (2, num_samples)."""
    samples = synthetic_speech(SONG_S, 77)
    samples.setflags(write=False)
    return samples


def cut(samples: Samples, start_s: float, length_s: float) -> Samples:
    """A stretch of sound at 44.1 kHz."""
    first = round(start_s * SAMPLE_RATE_HZ)
    return samples[:, first : first + round(length_s * SAMPLE_RATE_HZ)]


def faster(samples: Samples, speed: float) -> Samples:
    """The same played faster by a factor, with tempo and pitch changed alike."""
    return np.ascontiguousarray(soxr.resample(samples.T, speed, 1.0).T, np.float32)


def melody(seconds: float, seed: int, tempo: float = 1.0, pitch: float = 1.0) -> Samples:
    """Plucked tones at `SMALL_RATE_HZ`, (1, num_samples), played as fast and as high as wanted.

    Costs next to nothing, and is as rich in landmarks as music. Another length is another melody.
    """
    rng = np.random.default_rng(seed)
    count = round(15 * seconds)
    starts_s = np.sort(rng.uniform(0, seconds, count)) / tempo
    hertz = 220 * np.exp(rng.uniform(0, np.log(18), count)) * pitch
    num_samples = round(seconds / tempo * SMALL_RATE_HZ)
    sound = np.zeros(num_samples + SMALL_RATE_HZ)
    time_s = np.arange(SMALL_RATE_HZ // 2) / SMALL_RATE_HZ
    envelope = np.exp(-8 * time_s * tempo) * np.minimum(1, time_s / 0.005)
    for start_s, frequency_hz, gain in zip(
        starts_s, hertz, rng.uniform(0.3, 1, count), strict=True
    ):
        first = round(start_s * SMALL_RATE_HZ)
        tone = gain * envelope * np.sin(2 * np.pi * frequency_hz * time_s)
        sound[first : first + len(tone)] += tone
    return (0.1 * sound[None, :num_samples]).astype(np.float32)


def write_sound(path: Path, samples: Samples, sample_rate_hz: int = SAMPLE_RATE_HZ) -> Path:
    """A sound file; the extension names the format. Its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples.T, sample_rate_hz)
    return path


def small_sound(path: Path, seed: int) -> Path:
    """A second of noise that no other seed gives."""
    return write_sound(path, noise(1.0, SMALL_RATE_HZ, 1, seed), SMALL_RATE_HZ)


def simulated(num_frames: int, seed: int, per_frame: float = 0.5) -> Landmarks:
    """Landmarks as dense as those of a track, wherever chance puts them."""
    rng = np.random.default_rng(seed)
    count = round(num_frames * per_frame)
    frames = np.sort(rng.integers(0, num_frames, count)).astype(np.int32)
    steps = (rng.integers(0, 8 * NUM_STEPS, count) / 8).astype(np.float32)
    return Landmarks(frames, steps, rng.integers(0, 25, count).astype(np.int32), num_frames)


def laid_under(
    track: Landmarks,
    first_frame: int,
    num_frames: int,
    change: Change = AS_IT_IS,
    heard: float = 0.6,
    seed: int = 0,
) -> Landmarks:
    """What a mix has of a track from one of its frames on, among as much that is not of it."""
    rng = np.random.default_rng(seed)
    last = first_frame + round(num_frames * change.tempo)
    part = track.between(first_frame, last)
    is_heard = rng.random(len(part.frames)) < heard
    frames = np.floor(part.frames[is_heard] / change.tempo)
    steps = part.steps[is_heard] + np.float32(change.steps)
    other = simulated(num_frames, seed + 10_000, per_frame=1.0)
    frames, steps = np.concatenate((frames, other.frames)), np.concatenate((steps, other.steps))
    inside = (steps >= 0) & (steps <= NUM_STEPS) & (frames < num_frames)
    frames, steps = frames[inside], steps[inside]
    order = np.argsort(frames, kind="stable")
    ranks = np.zeros(len(order), np.int32)
    return Landmarks(frames[order].astype(np.int32), steps[order], ranks, num_frames)
