"""Generated pictures and music, with and without the links that editors make.

One case is a picture and two pieces of music. The cuts, the movement and light, or both, follow one
piece as loosely as people do; the two sounds are this piece and a foreign one, or two arrangements
of it, or two foreign ones. Both go through what separation does to stems: unequal level, bleed,
dull sound, noise, holes. None of it depends on which of the two belongs to the picture, so nothing
can be learnt from the quality of a stem.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import butter, lfilter, sosfilt

from engine.dsp.onsets import Curve
from engine.media.frames import Pixels
from engine.stages.picture_features import FRAME_RATE_HZ, HEIGHT, WIDTH
from engine.types import Audio, Verdict

SAMPLE_RATE_HZ = 16_000


class Link(StrEnum):
    """What of the picture follows the music that belongs to it."""

    CUTS = "cuts"
    MOVEMENT = "movement"
    BOTH = "both"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Score:
    """What all arrangements of a piece have in common.

    Attributes:
        beats_s: (num_beats,) times of the beats.
        energy: (num_frames,) at the picture's frame rate, standardised.
    """

    beats_s: Curve
    energy: Curve


@dataclass(frozen=True, slots=True)
class Edit:
    """What an editor did to a picture.

    Attributes:
        cuts_s: (num_cuts,) times of the cuts.
        speed_px: (num_frames,) movement a frame.
        light: (num_frames,) factor of the brightness.
    """

    cuts_s: Curve
    speed_px: Curve
    light: Curve


@dataclass(frozen=True, slots=True)
class Case:
    """A picture and two sounds.

    Attributes:
        truth: Which of the sounds belong to the picture; never unsure.
        link: What of the picture follows the music that belongs to it.
        seed: Draws the picture; the same seed gives the same frames.
        edit: Cuts, movement and light of the picture.
        first: One sound, as a separated stem.
        second: The other.
    """

    truth: Verdict
    link: Link
    seed: int
    edit: Edit
    first: Audio
    second: Audio

    def frames(self) -> Iterator[Pixels]:
        """Draw the picture, (HEIGHT, WIDTH, 3) uint8 RGB at `FRAME_RATE_HZ`."""
        return draw(self.edit, np.random.default_rng(self.seed))


def make_case(truth: Verdict, link: Link, duration_s: float, seed: int) -> Case:
    """Generate one case; equal arguments give equal cases."""
    rng = np.random.default_rng(seed)
    own, unheard = make_score(duration_s, rng), make_score(duration_s, rng)
    edit = make_edit(
        own if link in (Link.CUTS, Link.BOTH) else unheard,
        own if link in (Link.MOVEMENT, Link.BOTH) else unheard,
        rng,
    )
    first = own if truth in (Verdict.FIRST, Verdict.BOTH) else make_score(duration_s, rng)
    second = own if truth in (Verdict.SECOND, Verdict.BOTH) else make_score(duration_s, rng)
    sounds = perform(first, rng), perform(second, rng)
    stems = as_separated(*sounds, rng), as_separated(*sounds[::-1], rng)
    return Case(truth, link, seed, edit, *stems)


def make_score(duration_s: float, rng: np.random.Generator) -> Score:
    """Compose a piece; popular tempi are likelier, so a foreign piece may share the tempo."""
    tempo = rng.choice([90, 100, 120, 128, 140]) if rng.random() < 0.3 else rng.uniform(65, 170)
    num_beats = int(duration_s * tempo / 60)
    drift_s = np.cumsum(rng.normal(0, rng.choice([0.0, 0.01]), num_beats))
    beats_s = (np.arange(num_beats) + rng.random()) * 60 / tempo + drift_s
    beats_s = beats_s[(beats_s > 0.05) & (beats_s < duration_s - 0.1)]
    return Score(beats_s, wander(int(duration_s * FRAME_RATE_HZ), rng))


def make_edit(cut_to: Score, move_to: Score, rng: np.random.Generator) -> Edit:
    """Edit a picture: cuts on beats of one piece, movement and light with another."""
    return Edit(edit_cuts(cut_to, rng), edit_speed(move_to, rng), edit_light(move_to, rng))


def edit_cuts(score: Score, rng: np.random.Generator) -> Curve:
    """Cut every few beats, most cuts within a frame or two of the beat, some anywhere."""
    last_s = score.energy.size / FRAME_RATE_HZ - 0.2
    beats_a_shot = rng.choice([1, 2, 4, 8], p=[0.2, 0.3, 0.35, 0.15])
    cuts_s = score.beats_s[rng.integers(beats_a_shot) :: beats_a_shot]
    cuts_s = cuts_s[rng.random(cuts_s.size) > rng.uniform(0, 0.4)]
    free = rng.random(cuts_s.size) < rng.uniform(0, 0.5)
    beat_s = cuts_s + rng.normal(0, 0.03, cuts_s.size)
    cuts_s = np.sort(np.where(free, rng.uniform(0.2, last_s, cuts_s.size), beat_s))
    cuts_s = cuts_s[(cuts_s > 0.2) & (cuts_s < last_s)]
    return np.asarray(cuts_s[np.diff(cuts_s, prepend=-1.0) > 0.3])


def edit_speed(score: Score, rng: np.random.Generator) -> Curve:
    """Movement in pixels a frame that follows energy and beats, loosely and not quite on time."""
    felt = score.energy + rng.uniform(0, 0.6) * beat_bumps(score, 0.1)
    felt = np.roll((felt - felt.mean()) / felt.std(), int(rng.integers(-1, 3)))
    rho = rng.uniform(0.3, 0.9)
    mixed = rho * felt + np.sqrt(1 - rho**2) * wander(felt.size, rng)
    speed_px = rng.uniform(0.2, 1.2) * np.exp(rng.uniform(0.3, 0.9) * mixed)
    return np.asarray(np.clip(speed_px, 0, 8))


def edit_light(score: Score, rng: np.random.Generator) -> Curve:
    """Brightness that wanders and in some pictures jumps with the beats."""
    jumps = rng.choice([0.0, 0.08]) * rng.random() * beat_bumps(score, 0.05)
    return np.asarray(1 + 0.05 * wander(score.energy.size, rng) + jumps)


def beat_bumps(score: Score, width_s: float) -> Curve:
    """Bumps of height 1 on the beats, at the picture's frame rate."""
    hits = np.zeros(score.energy.size)
    hits[(score.beats_s * FRAME_RATE_HZ).astype(int)] = 1.0
    bumps = gaussian_filter1d(hits, width_s * FRAME_RATE_HZ)
    return np.asarray(bumps / bumps.max())


def perform(score: Score, rng: np.random.Generator) -> NDArray[np.float32]:
    """Play drums, chords and a melody in some mixture: (num_samples,) float32, unit power."""
    num_samples = round(score.energy.size / FRAME_RATE_HZ * SAMPLE_RATE_HZ)
    sound = np.zeros(num_samples)
    late_s = rng.choice([0.0, 0.015])
    for play, level in zip((_drums, _chords, _melody), rng.dirichlet([1.0, 1.0, 1.0]), strict=True):
        played_s = score.beats_s + rng.normal(0, late_s, score.beats_s.size)
        sound += level * play(played_s, num_samples, rng)
    gain_db = rng.uniform(3, 8) * score.energy
    frames = np.arange(num_samples) * FRAME_RATE_HZ / SAMPLE_RATE_HZ
    sound *= 10 ** (np.interp(frames, np.arange(gain_db.size), gain_db) / 20)
    return np.asarray(sound / sound.std(), np.float32)


def wander(num_frames: int, rng: np.random.Generator) -> Curve:
    """A random curve with slow and quick parts at the picture's frame rate, standardised."""
    curve = np.zeros(num_frames)
    for scale_s in (0.3, 1.0, 4.0):
        part = gaussian_filter1d(rng.standard_normal(num_frames), scale_s * FRAME_RATE_HZ)
        curve += rng.uniform(0.2, 1.0) * part / (part.std() + 1e-9)
    return np.asarray((curve - curve.mean()) / curve.std())


def draw(edit: Edit, rng: np.random.Generator) -> Iterator[Pixels]:
    """Draw textures that move at the given speed and change at each cut."""
    cut_frames = set(np.ceil(edit.cuts_s * FRAME_RATE_HZ).astype(int).tolist())
    grain = rng.normal(0, rng.uniform(0, 3), (8, HEIGHT, WIDTH, 1))
    texture = make_texture(rng)
    heading, position = rng.uniform(0, 2 * np.pi), rng.uniform(100, 200, 2)
    for index, speed in enumerate(edit.speed_px):
        if index in cut_frames:
            texture, heading = make_texture(rng), rng.uniform(0, 2 * np.pi)
            position = rng.uniform(100, 200, 2)
        heading += rng.normal(0, 0.03)
        position = position + speed * np.array([np.cos(heading), np.sin(heading)])
        x, y = 70 + np.abs((position - 70) % 320 - 160)
        view = cv2.getRectSubPix(texture, (WIDTH, HEIGHT), (float(x), float(y)))
        drawn = view * edit.light[index] + grain[rng.integers(8)]
        yield np.clip(drawn, 0, 255).astype(np.uint8)


def make_texture(rng: np.random.Generator) -> Pixels:
    """A coloured cloud of random grain, (300, 300, 3) uint8."""
    small = rng.standard_normal((int(rng.integers(12, 60)), int(rng.integers(12, 60)), 3))
    cloud = cv2.resize(small, (300, 300), interpolation=cv2.INTER_CUBIC)
    cloud = rng.uniform(60, 190, 3) + rng.uniform(15, 45) * cloud
    return np.clip(cloud, 0, 255).astype(np.uint8)


def as_separated(
    wanted: NDArray[np.float32], other: NDArray[np.float32], rng: np.random.Generator
) -> Audio:
    """Treat a sound as a separator would that did not get all of the other one out."""
    bleed_db, noise_db, gain_db = rng.uniform([-30, -60, -40], [-6, -25, 0])
    sound = wanted + 10 ** (bleed_db / 20) * other
    sound = sound + 10 ** (noise_db / 20) * rng.standard_normal(sound.size)
    if rng.random() < 0.5:
        cutoff_hz = rng.uniform(1500, 7000)
        sound = sosfilt(butter(4, cutoff_hz, fs=SAMPLE_RATE_HZ, output="sos"), sound)
    steps = gaussian_filter1d(rng.random(sound.size // 800 + 1), 1)
    kept = np.repeat(np.where(steps < rng.uniform(0.0, 0.35), 0.2, 1.0), 800)[: sound.size]
    scaled = 0.2 * 10 ** (gain_db / 20) * sound * kept
    return Audio(scaled[None].astype(np.float32), SAMPLE_RATE_HZ)


def _drums(beats_s: Curve, num_samples: int, rng: np.random.Generator) -> Curve:
    """Kicks and snares on the beats, hats between them."""
    time_s = np.arange(SAMPLE_RATE_HZ // 4) / SAMPLE_RATE_HZ
    kick = np.sin(2 * np.pi * (50 * time_s + 6 * (1 - np.exp(-time_s * 30)))) * np.exp(-time_s * 18)
    noise = rng.standard_normal(time_s.size)
    snare, hat = noise * np.exp(-time_s * 25), np.diff(noise, prepend=0) * np.exp(-time_s * 80)
    between_s = (beats_s[:-1] + beats_s[1:]) / 2
    played = rng.random(beats_s.size) > rng.uniform(0, 0.3)
    hits = [(beats_s[0::2], kick), (beats_s[1::2], snare), (beats_s[played], kick)]
    hits.append((between_s, rng.uniform(0.1, 0.6) * hat))
    return _played(hits, num_samples)


def _chords(beats_s: Curve, num_samples: int, rng: np.random.Generator) -> Curve:
    """A chord every few beats with a slow attack, through a gentle low-pass."""
    attack_s = rng.uniform(0.01, 0.4)
    length = int(min(4.0, 4 * float(np.diff(beats_s).mean())) * SAMPLE_RATE_HZ)
    time_s = np.arange(length) / SAMPLE_RATE_HZ
    shape = np.minimum(time_s / attack_s, 1) * np.exp(-time_s)
    hits = []
    for start_s in beats_s[::4]:
        root_hz = 110 * 2 ** (rng.integers(12) / 12)
        tones = [((root_hz * ratio * time_s) % 1.0) - 0.5 for ratio in (1.0, 1.26, 1.5)]
        hits.append((np.array([start_s]), shape * np.sum(tones, axis=0)))
    return np.asarray(lfilter([0.2], [1, -0.8], _played(hits, num_samples)))


def _melody(beats_s: Curve, num_samples: int, rng: np.random.Generator) -> Curve:
    """Plucked notes on beats and halves, some left out."""
    notes_s = np.sort(np.concatenate([beats_s, (beats_s[:-1] + beats_s[1:]) / 2]))
    notes_s = notes_s[rng.random(notes_s.size) > rng.uniform(0.2, 0.6)]
    time_s = np.arange(SAMPLE_RATE_HZ // 2) / SAMPLE_RATE_HZ
    hits = []
    for start_s in notes_s:
        pitch_hz = 220 * 2 ** (rng.integers(24) / 12)
        wave = np.sin(2 * np.pi * pitch_hz * time_s) + 0.3 * np.sin(6 * np.pi * pitch_hz * time_s)
        hits.append((np.array([start_s]), rng.uniform(0.5, 1.5) * wave * np.exp(-time_s * 8)))
    return _played(hits, num_samples)


def _played(hits: list[tuple[Curve, Curve]], num_samples: int) -> Curve:
    """Add each sound at its times and scale the whole to unit power."""
    track = np.zeros(num_samples)
    for starts_s, sound in hits:
        for start in (starts_s * SAMPLE_RATE_HZ).astype(int):
            if 0 <= start < num_samples:
                end = min(start + sound.size, num_samples)
                track[start:end] += sound[: end - start]
    return np.asarray(track / (track.std() + 1e-9))
