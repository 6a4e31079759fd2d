"""Clips with background music laid over them as an editor does it, made from a seed.

The music is simple but has what matters to a subtraction: chords, a melody, drums, stereo, a tail
of reverberation, and no sample in common with that of another seed.
"""

from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.signal import fftconvolve, lfilter

from engine.datasets.processing import limit, set_width
from engine.types import Samples

SAMPLE_RATE_HZ = 44_100
_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_BEATS_A_BAR = 4
_REST_RMS = 0.06
_TRACK_MARGIN_S = 8.0
_MACHINE_STROKE = 0.5

Mono = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Laying:
    """What an editor does to a track.

    Attributes:
        level_db: Level of the music over everything else.
        begin_s: Where it begins in the clip.
        end_s: Where it ends; None for the clip's end.
        fade_s: Length of the fades at both ends; 0 for cuts.
        automation_db: Depth of slow gain changes.
        duck_db: How far the music is turned down under speech.
        eq: Whether a static equaliser is on the track.
        width: Of its stereo picture: 0 makes it mono, 1 leaves it, 2 doubles its sides.
        drive_db: How far it is driven into a limiter.
        speed: Seconds of track a second of clip, as a tape would play it.
        loop_s: Length of the passage that is played again and again; None plays on.
        loop_bars: The same in bars.
        by_machine: Whether the music keeps time to the sample, and all strokes of a drum are alike:
            then every bar of a loop is found in the others, too.
    """

    level_db: float = 0.0
    begin_s: float = 0.0
    end_s: float | None = None
    fade_s: float = 1.0
    automation_db: float = 0.0
    duck_db: float = 0.0
    eq: bool = True
    width: float = 1.0
    drive_db: float = 0.0
    speed: float = 1.0
    loop_s: float | None = None
    loop_bars: int | None = None
    by_machine: bool = False

    def __post_init__(self) -> None:
        """One loop, not two."""
        if self.loop_s is not None and self.loop_bars is not None:
            raise ValueError("a loop has so many seconds or so many bars")


TREATMENTS = {
    "laid in": Laying(),
    "ducked, faded": Laying(duck_db=9.0, automation_db=6.0, fade_s=3.0),
    "mono": Laying(width=0.0),
    "widened": Laying(width=1.8),
    "limited": Laying(drive_db=9.0),
    "half of it": Laying(begin_s=6.0, end_s=16.0),
    "-6 % speed": Laying(speed=0.94),
    "-2.5 % speed": Laying(speed=0.975),
    "+1.3 % speed": Laying(speed=1.013),
    "+4.2 % speed": Laying(speed=25 / 24),
    "+6 % speed": Laying(speed=1.06),
    "looped": Laying(loop_s=7.0),
    "looped by bars": Laying(loop_bars=4, by_machine=True),
}
"""What is done to the track; every one of them has an equaliser as well."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip and its truth, all (2, num_samples) float32 at `SAMPLE_RATE_HZ` but the track.

    Attributes:
        rest: What should remain.
        bgm: The music as it was laid in.
        track: The whole file the music was taken from.
        track_start: Sample of the track that lies at the clip's first sample.
    """

    rest: Samples
    bgm: Samples
    track: Samples
    track_start: int

    @property
    def mix(self) -> Samples:
        """Everything together."""
        return self.rest + self.bgm


def make_clip(duration_s: float, laying: Laying, seed: int) -> Clip:
    """A clip with speech, a soundtrack of its own, and a track laid over both."""
    rng = np.random.default_rng(seed)
    num_samples = round(duration_s * SAMPLE_RATE_HZ)
    track_seed, long_s = seed + 1_000_000, duration_s * laying.speed + _TRACK_MARGIN_S
    track = synthetic_music(long_s, track_seed, by_machine=laying.by_machine)
    speech = synthetic_speech(duration_s, seed + 2_000_000)
    rest = at_level(synthetic_music(duration_s, seed + 3_000_000), _REST_RMS) + speech
    track_start = int(rng.integers(0, track.shape[1] - round(num_samples * laying.speed)))
    played = _played(track[:, track_start:], laying.speed, num_samples)
    played = looped(played, _loop_s(laying, track_seed))
    level = float(np.std(rest)) * 10 ** (laying.level_db / 20)
    bgm = at_level(lay(played, speech, laying, rng), level)
    return Clip(rest, bgm, track, track_start)


def make_strangers(duration_s: float, drums_db: float, seed: int) -> tuple[Samples, Samples]:
    """A clip, and a track that is not in it: another song over the very same drums.

    Args:
        duration_s: Length of the clip.
        drums_db: Level of the drums over each song.
        seed: Of all of it.

    Returns:
        (2, num_samples) float32 both, the track longer than the clip.
    """
    long_s = duration_s + _TRACK_MARGIN_S
    drums = _REST_RMS * 10 ** (drums_db / 20) * _drumming(long_s, seed + 4_000_000)
    songs = (synthetic_music(long_s, seed + base) for base in (5_000_000, 6_000_000))
    film, track = (at_level(song, _REST_RMS) + drums for song in songs)
    start = round(_TRACK_MARGIN_S / 2 * SAMPLE_RATE_HZ)
    speech = synthetic_speech(duration_s, seed + 2_000_000)
    return film[:, start : start + speech.shape[1]] + speech, track


def lay(track: Samples, speech: Samples, laying: Laying, rng: np.random.Generator) -> Samples:
    """The aligned track, (2, num_samples), as the editor treats it, at no particular level."""
    num_samples = track.shape[1]
    time_s = np.arange(num_samples) / SAMPLE_RATE_HZ
    end_s = laying.end_s if laying.end_s is not None else num_samples / SAMPLE_RATE_HZ
    ramp = max(laying.fade_s, 1e-9)
    gain = np.clip((time_s - laying.begin_s) / ramp, 0, 1)
    gain *= np.clip((end_s - time_s) / ramp, 0, 1)
    knots_s = np.arange(0, time_s[-1] + 4, 3.0)
    automation_db = -laying.automation_db * rng.random(len(knots_s))
    gain *= 10 ** (np.interp(time_s, knots_s, automation_db) / 20)
    gain *= 10 ** (-laying.duck_db * _activity(speech) / 20)
    treated = _equalised(track, rng) if laying.eq else track
    return _pressed((gain * set_width(treated, laying.width)).astype(np.float32), laying.drive_db)


def _played(track: Samples, speed: float, num_samples: int) -> Samples:
    """The first samples of a track at another speed."""
    if speed == 1.0:
        return track[:, :num_samples]
    played = soxr.resample(np.ascontiguousarray(track.T), speed * SAMPLE_RATE_HZ, SAMPLE_RATE_HZ)
    return np.asarray(played[:num_samples].T)


def _loop_s(laying: Laying, track_seed: int) -> float | None:
    """How long the loop is in the clip."""
    if laying.loop_bars is None:
        return laying.loop_s
    beat_s = _beat_s(np.random.default_rng(track_seed)) / laying.speed
    return laying.loop_bars * _BEATS_A_BAR * beat_s


def looped(played: Samples, loop_s: float | None) -> Samples:
    """The first seconds again and again, cut hard, as long as it was; itself without a loop."""
    if loop_s is None:
        return played
    beginning = played[:, : round(loop_s * SAMPLE_RATE_HZ)]
    times = -(-played.shape[1] // beginning.shape[1])
    return np.tile(beginning, times)[:, : played.shape[1]]


def _pressed(samples: Samples, drive_db: float) -> Samples:
    """Driven into a limiter by so much over its ceiling; the level comes later."""
    if drive_db == 0:
        return samples
    peak = float(np.abs(samples).max())
    return limit(samples, peak / 10 ** (drive_db / 20))


def synthetic_music(duration_s: float, seed: int, *, by_machine: bool = False) -> Samples:
    """Chords, melody, bass and drums at a random tempo, (2, num_samples) float32.

    Args:
        duration_s: Its length.
        seed: Of all of it.
        by_machine: Whether it keeps time to the sample, and all strokes of a drum are alike.
    """
    rng = np.random.default_rng(seed)
    num_samples = round(duration_s * SAMPLE_RATE_HZ)
    left, right = np.zeros(num_samples), np.zeros(num_samples)
    beat_s = _beat_s(rng)
    root = rng.uniform(45, 57)
    timbre = rng.uniform(0.6, 1.6)
    kit = [_drum(rng, decay_s) for decay_s in (0.08, 0.03)]
    for beat in range(int(duration_s / beat_s)):
        start_s = beat * beat_s + rng.normal(0, 0.0 if by_machine else 0.004)
        degree = int(rng.integers(0, 7 if beat % _BEATS_A_BAR == 0 else 3))
        notes = [_MAJOR[(degree + step) % 7] + 12 * (step // 6) for step in (0, 2, 4)]
        notes += [_MAJOR[int(rng.integers(0, 7))] + 12, _MAJOR[degree] - 12]
        for note in notes:
            tone = _tone(root + note, beat_s * rng.uniform(0.8, 3), timbre, rng)
            pan = rng.uniform(0.2, 0.8)
            _add(left, tone * pan, start_s)
            _add(right, tone * (1 - pan), start_s)
        for half, drum in enumerate(kit):
            hit = drum * (_MACHINE_STROKE if by_machine else rng.uniform(0.2, 0.5))
            _add(left, hit, start_s + half * beat_s / 2)
            _add(right, hit, start_s + half * beat_s / 2)
    return at_level(_reverberated(np.stack([left, right]), rng), 0.1)


def _beat_s(rng: np.random.Generator) -> float:
    """The first thing that is drawn of music."""
    return 60 / float(rng.uniform(75, 150))


def synthetic_speech(duration_s: float, seed: int) -> Samples:
    """Syllables of a voice with pauses between phrases, (2, num_samples) float32, both alike."""
    rng = np.random.default_rng(seed)
    out = np.zeros(round(duration_s * SAMPLE_RATE_HZ))
    time_s, pitch_hz = 0.3, rng.uniform(90, 220)
    while time_s < duration_s:
        for _ in range(int(rng.integers(4, 12))):
            length_s = rng.uniform(0.12, 0.3)
            _add(out, _syllable(pitch_hz * rng.uniform(0.85, 1.2), length_s, rng), time_s)
            time_s += length_s
        time_s += rng.uniform(0.4, 2.0)
    return at_level(np.stack([out, out]), _REST_RMS)


def _tone(pitch: float, length_s: float, timbre: float, rng: np.random.Generator) -> Mono:
    time_s = np.arange(round((length_s + 0.3) * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    frequency_hz = 440 * 2 ** ((pitch - 69 + rng.normal(0, 0.03)) / 12)
    envelope = np.minimum(time_s / 0.008, 1) * np.exp(-time_s / (0.5 * length_s))
    first = np.exp(2j * np.pi * frequency_hz * time_s)
    turning, total = np.ones_like(first), np.zeros(len(time_s))
    for partial in range(1, min(12, int(15000 / frequency_hz)) + 1):
        turning *= first
        phase = rng.uniform(0, 2 * np.pi)
        total += partial**-timbre * (turning.real * np.cos(phase) - turning.imag * np.sin(phase))
    tone: Mono = total * envelope
    return tone


def _drumming(duration_s: float, seed: int) -> Samples:
    """Two drums in turns at a random tempo, (2, num_samples) float32 of unit level."""
    rng = np.random.default_rng(seed)
    out = np.zeros(round(duration_s * SAMPLE_RATE_HZ))
    beat_s = _beat_s(rng)
    kit = [_drum(rng, decay_s) for decay_s in (0.08, 0.03)]
    for half_beat in range(int(2 * duration_s / beat_s)):
        _add(out, kit[half_beat % 2] * rng.uniform(0.2, 0.5), half_beat * beat_s / 2)
    return at_level(np.stack([out, out]), 1.0)


def _drum(rng: np.random.Generator, decay_s: float) -> Mono:
    time_s = np.arange(round(6 * decay_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    return rng.normal(0, 1, len(time_s)) * np.exp(-time_s / decay_s)


def _syllable(pitch_hz: float, length_s: float, rng: np.random.Generator) -> Mono:
    num_samples = round(length_s * SAMPLE_RATE_HZ)
    phase = np.cumsum(pitch_hz * np.linspace(1.1, 0.9, num_samples) / SAMPLE_RATE_HZ)
    voice = (phase % 1.0) - 0.5 + rng.normal(0, 0.05, num_samples)
    for centre_hz in (rng.uniform(300, 800), rng.uniform(900, 2200), 2800.0):
        radius = np.exp(-np.pi * 120 / SAMPLE_RATE_HZ)
        turn = 2 * radius * np.cos(2 * np.pi * centre_hz / SAMPLE_RATE_HZ)
        voice = 0.5 * voice + 0.03 * lfilter([1.0], [1.0, -turn, radius**2], voice)
    return np.asarray(voice * np.hanning(num_samples))


def _add(target: Mono, sound: Mono, start_s: float) -> None:
    start = max(0, round(start_s * SAMPLE_RATE_HZ))
    fitting = sound[: max(0, len(target) - start)]
    target[start : start + len(fitting)] += fitting


def _reverberated(dry: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    time_s = np.arange(round(0.8 * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    tails = rng.normal(0, 0.02, (2, len(time_s))) * np.exp(-time_s / 0.15)
    wet = np.stack([fftconvolve(d, t)[: len(d)] for d, t in zip(dry, tails, strict=True)])
    return np.asarray(dry + wet)


def _equalised(track: Samples, rng: np.random.Generator) -> Samples:
    """Less bass, a resonance and a tilt, all of minimum phase."""
    corner = np.exp(-2 * np.pi * rng.uniform(60, 200) / SAMPLE_RATE_HZ)
    cut = lfilter([1.0, -1.0], [1.0, -corner], track)
    centre = 2 * np.pi * rng.uniform(600, 3000) / SAMPLE_RATE_HZ
    resonance = lfilter([0.05, 0, -0.05], [1.0, -1.8 * np.cos(centre), 0.81], cut)
    tilted = lfilter([1.0, rng.uniform(-0.3, 0.3)], [1.0], cut + resonance)
    return np.asarray(tilted, np.float32)


def _activity(speech: Samples) -> Mono:
    """Where there is speech, from 0 to 1, with the slow edges of a ducking compressor."""
    level = lfilter([2e-4], [1.0, -(1 - 2e-4)], np.abs(speech).mean(0))
    return np.asarray(lfilter([3e-4], [1.0, -(1 - 3e-4)], level > 0.2 * level.max()))


def at_level(samples: NDArray[np.floating], rms: float) -> Samples:
    """The same so loud, (channels, num_samples); silence stays silence."""
    level = float(np.sqrt(np.mean(np.square(samples))))
    return (samples * (rms / level if level > 0 else 0.0)).astype(np.float32)
