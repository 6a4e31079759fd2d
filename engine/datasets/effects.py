"""Sound effects by synthesis: beds that last and events that happen, put together as scenes."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from engine.datasets.processing import (
    SAMPLE_RATE_HZ,
    add_room,
    band,
    pan_mono,
    room_response,
    set_level,
    without_dc,
)
from engine.types import Samples

Mono = NDArray[np.float32]
BedMaker = Callable[[float, np.random.Generator], Mono]
EventMaker = Callable[[np.random.Generator], Mono]


def make_scene(family: str, duration_s: float, rng: np.random.Generator) -> Samples:
    """Beds and events of one family in a room: (2, num_samples) float32.

    Args:
        family: A key of `SCENES`.
        duration_s: Length.
        rng: Source of every choice.
    """
    beds, events = SCENES[family]
    num_samples = round(duration_s * SAMPLE_RATE_HZ)
    scene = np.zeros((2, num_samples), np.float32)
    if beds and rng.random() < 0.75:
        scene += _bed(beds[int(rng.integers(len(beds)))], duration_s, rng)
    at_s, mean_gap_s = float(rng.uniform(0, 1)), float(rng.uniform(0.4, 2.5))
    while events and at_s < duration_s - 0.2:
        event = events[int(rng.integers(len(events)))]
        sound = event(rng)
        level = float(10 ** rng.uniform(-0.9, 0.0))
        placed = pan_mono(
            level * sound / (np.abs(sound).max() + 1e-6), float(rng.uniform(-0.8, 0.8))
        )
        start = round(at_s * SAMPLE_RATE_HZ)
        length = min(len(sound), num_samples - start)
        scene[:, start : start + length] += placed[:, :length]
        at_s += float(rng.exponential(mean_gap_s)) + 0.1
    room = room_response(float(np.exp(rng.uniform(-2, 0.7))), float(rng.uniform(1500, 8000)), rng)
    return set_level(without_dc(add_room(scene, float(rng.uniform(0, 0.4)), room)), -22.0)


def _bed(maker: BedMaker, duration_s: float, rng: np.random.Generator) -> Samples:
    """Two independent runs of the same maker, so that a bed is wide."""
    sides = [maker(duration_s, rng) for _ in range(2)]
    wide = np.stack([side / (np.sqrt(np.mean(side**2)) + 1e-6) for side in sides])
    return np.asarray(float(10 ** rng.uniform(-1.6, -0.7)) * wide, np.float32)


def _time(duration_s: float) -> NDArray[np.float64]:
    return np.arange(round(duration_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ


def _noise(duration_s: float, rng: np.random.Generator) -> Mono:
    return rng.standard_normal(round(duration_s * SAMPLE_RATE_HZ)).astype(np.float32)


def _curve(duration_s: float, rate_hz: float, rng: np.random.Generator) -> Mono:
    """A slow random curve from 0 to 1."""
    points = rng.random(max(4, int(duration_s * rate_hz) + 4))
    places = np.linspace(0, len(points) - 1, round(duration_s * SAMPLE_RATE_HZ))
    return np.interp(places, np.arange(len(points)), points).astype(np.float32)


def _decay(duration_s: float, time_constant_s: float) -> Mono:
    return np.exp(-_time(duration_s) / time_constant_s).astype(np.float32)


def wind(duration_s: float, rng: np.random.Generator) -> Mono:
    """Gusts: two bands of noise that swell on their own."""
    low = band(_noise(duration_s, rng), 80, 400) * _curve(duration_s, 0.5, rng)
    high = band(_noise(duration_s, rng), 400, 1400, 1) * _curve(duration_s, 0.8, rng) ** 2
    return low + 0.7 * high


def rain(duration_s: float, rng: np.random.Generator) -> Mono:
    """Hiss, and drops as short ringing clicks."""
    drops = (rng.random(round(duration_s * SAMPLE_RATE_HZ)) < rng.uniform(2e-4, 3e-3)) * 1.0
    ringing = band((drops * rng.exponential(1, len(drops))).astype(np.float32), 1500, 7000)
    return band(_noise(duration_s, rng), 900, 12_000, 1) * 0.15 + ringing


def surf(duration_s: float, rng: np.random.Generator) -> Mono:
    """Waves that come in and run out."""
    phase = 2 * np.pi * _time(duration_s) / rng.uniform(5, 11) + rng.uniform(0, 6)
    swell = (0.5 + 0.5 * np.sin(phase)) ** 3 + 0.08
    return np.asarray(band(_noise(duration_s, rng), 150, 5000, 1) * swell, np.float32)


def engine_hum(duration_s: float, rng: np.random.Generator) -> Mono:
    """A motor: harmonics of an unsteady base with rough noise on top."""
    speed = rng.uniform(25, 90) * (1 + 0.3 * _curve(duration_s, 0.3, rng))
    phase = 2 * np.pi * np.cumsum(speed) / SAMPLE_RATE_HZ
    tone = sum(
        np.sin(n * phase + rng.uniform(0, 6)) / n ** rng.uniform(0.6, 1.3) for n in range(1, 14)
    )
    rough = band(_noise(duration_s, rng), 100, 1500) * (0.6 + 0.4 * np.sin(phase))
    return np.asarray(tone + rough, np.float32)


def mains_hum(duration_s: float, rng: np.random.Generator) -> Mono:
    """Fans and transformers of a room."""
    base_hz = rng.choice([50, 60, 100, 120])
    tone = sum(
        rng.uniform(0.1, 1) * np.sin(2 * np.pi * base_hz * n * _time(duration_s))
        for n in (1, 2, 3, 5)
    )
    return np.asarray(0.2 * tone + band(_noise(duration_s, rng), 60, 700, 1), np.float32)


def crowd(duration_s: float, rng: np.random.Generator) -> Mono:
    """Many voices at once, none to be understood: vowel-like bands that flutter like syllables."""
    total = np.zeros(round(duration_s * SAMPLE_RATE_HZ), np.float32)
    for _ in range(10):
        centre_hz = float(np.exp(rng.uniform(np.log(250), np.log(2600))))
        syllables = _curve(duration_s, rng.uniform(3, 6), rng) ** 2
        total += band(_noise(duration_s, rng), centre_hz * 0.85, centre_hz * 1.18) * syllables
    return total


def traffic(duration_s: float, rng: np.random.Generator) -> Mono:
    """A road far away, with cars that pass."""
    total = band(_noise(duration_s, rng), 40, 500, 1) * 0.5
    for _ in range(int(duration_s / 6) + 1):
        middle_s, width_s = rng.uniform(0, duration_s), rng.uniform(0.8, 2.5)
        swell = np.exp(-(((_time(duration_s) - middle_s) / width_s) ** 2))
        total += band(_noise(duration_s, rng), 100, rng.uniform(800, 3000), 1) * swell
    return np.asarray(total, np.float32)


def fire(duration_s: float, rng: np.random.Generator) -> Mono:
    """Rumble and crackle."""
    sparks = (rng.random(round(duration_s * SAMPLE_RATE_HZ)) < 4e-4) * rng.exponential(1, 1)
    crackle = band(sparks.astype(np.float32), 800, 9000, 1) * _curve(duration_s, 2, rng)
    return band(_noise(duration_s, rng), 60, 400, 1) * 0.3 + 4 * crackle


def _modes(
    frequencies_hz: NDArray[np.float64], decay_s: float, duration_s: float, rng: np.random.Generator
) -> Mono:
    """A struck body: decaying sines, the higher the shorter."""
    time_s = _time(duration_s)
    sound = np.zeros(len(time_s))
    for frequency_hz in frequencies_hz[frequencies_hz < 18_000]:
        damping = decay_s * (frequencies_hz[0] / frequency_hz) ** 0.5
        wave = np.sin(2 * np.pi * frequency_hz * time_s + rng.uniform(0, 6))
        sound += rng.uniform(0.2, 1) * wave * np.exp(-time_s / damping)
    return sound.astype(np.float32)


def knock(rng: np.random.Generator) -> Mono:
    """Knuckles on wood, two to five times."""
    hit = _modes(rng.uniform(90, 900, 7), rng.uniform(0.015, 0.05), 0.3, rng)
    hit += 0.3 * band(_noise(0.3, rng), 300, 4000) * _decay(0.3, 0.006)
    return _repeat(hit, int(rng.integers(2, 6)), rng.uniform(0.13, 0.3), rng)


def footsteps(rng: np.random.Generator) -> Mono:
    """Steps on one kind of ground: thud of the heel, scrape of the sole."""
    thud = band(_noise(0.25, rng), 50, rng.uniform(150, 600)) * _decay(0.25, 0.02)
    scrape = band(_noise(0.25, rng), rng.uniform(800, 2500), 8000) * _decay(0.25, 0.05)
    step = 2 * thud + rng.uniform(0.05, 0.7) * np.roll(scrape, 1500)
    return _repeat(
        np.asarray(step, np.float32), int(rng.integers(3, 8)), rng.uniform(0.3, 0.6), rng
    )


def _repeat(hit: Mono, times: int, gap_s: float, rng: np.random.Generator) -> Mono:
    total = np.zeros(round((times + 1) * gap_s * SAMPLE_RATE_HZ) + len(hit), np.float32)
    for k in range(times):
        start = round((k * gap_s + rng.uniform(0, 0.12) * gap_s) * SAMPLE_RATE_HZ)
        total[start : start + len(hit)] += float(rng.uniform(0.6, 1)) * hit
    return total


def whoosh(rng: np.random.Generator) -> Mono:
    """Something flies past: a band of noise that rises and falls in pitch and level."""
    length_s = float(rng.uniform(0.4, 1.6))
    shape = np.sin(np.pi * _time(length_s) / length_s) ** rng.uniform(1.5, 4)
    bands = [band(_noise(length_s, rng), f, 2 * f) for f in (200, 600, 1800)]
    rise = np.linspace(0, 1, len(shape))
    blend = bands[0] * (1 - rise) + bands[1] * np.sin(np.pi * rise) + bands[2] * rise
    return np.asarray(blend * shape, np.float32)


def glass(rng: np.random.Generator) -> Mono:
    """A pane that breaks, and its pieces."""
    total = band(_noise(1.5, rng), 2500, 14_000) * _decay(1.5, 0.05)
    for _ in range(int(rng.integers(5, 20))):
        piece = _modes(rng.uniform(2000, 11_000, 4), rng.uniform(0.02, 0.15), 0.5, rng)
        start = int(min(rng.exponential(0.25), 0.95) * SAMPLE_RATE_HZ)
        total[start : start + len(piece)] += 0.3 * piece
    return total


def bell(rng: np.random.Generator) -> Mono:
    """A bell or a metal thing that is struck."""
    ratios = np.array([0.5, 1.0, 1.2, 1.5, 2.0, 2.7, 3.4, 4.2, 5.4])
    return _modes(rng.uniform(200, 2500) * ratios, rng.uniform(0.2, 1.5), 2.5, rng)


def beep(rng: np.random.Generator) -> Mono:
    """An appliance or a telephone."""
    tone_s = rng.uniform(0.06, 0.3)
    wave = np.sin(2 * np.pi * rng.uniform(500, 3200) * _time(tone_s))
    wave = np.sign(wave) * 0.5 if rng.random() < 0.3 else wave
    edge = np.minimum(np.minimum(_time(tone_s), _time(tone_s)[::-1]) / 0.005, 1)
    times = int(rng.integers(1, 6))
    return _repeat((wave * edge).astype(np.float32), times, tone_s * rng.uniform(1.2, 2.5), rng)


def siren(rng: np.random.Generator) -> Mono:
    """A tone that sweeps up and down."""
    length_s = float(rng.uniform(1.2, 4.0))
    sweep = np.sin(2 * np.pi * _time(length_s) * rng.uniform(0.3, 4))
    frequency_hz = rng.uniform(500, 1200) * 2 ** (rng.uniform(0.1, 0.6) * sweep)
    phase = 2 * np.pi * np.cumsum(frequency_hz) / SAMPLE_RATE_HZ
    edge = np.sin(np.pi * np.linspace(0, 1, len(phase))) ** 0.5
    return np.asarray((np.sin(phase) + 0.3 * np.sin(2 * phase)) * edge, np.float32)


def click(rng: np.random.Generator) -> Mono:
    """Switches, keys of a keyboard, a camera."""
    hit = band(_noise(0.06, rng), rng.uniform(800, 3000), 10_000) * _decay(0.06, 0.004)
    return _repeat(hit, int(rng.integers(1, 9)), rng.uniform(0.06, 0.2), rng)


def explosion(rng: np.random.Generator) -> Mono:
    """A blast with a long rumble, driven into saturation."""
    length_s = float(rng.uniform(1.8, 4.0))
    blast = band(_noise(length_s, rng), 60, 6000, 1) * _decay(length_s, 0.08)
    rumble = band(_noise(length_s, rng), 25, 220, 1) * _decay(length_s, rng.uniform(0.3, 1.0))
    return np.tanh(3 * blast + 6 * rumble)


def impact(rng: np.random.Generator) -> Mono:
    """A heavy blow: low tone that falls, and debris."""
    fall = 2 * np.pi * np.cumsum(40 + 120 * _decay(1.2, 0.05)) / SAMPLE_RATE_HZ
    debris = band(_noise(1.2, rng), 500, 7000) * _decay(1.2, rng.uniform(0.02, 0.2))
    return np.asarray(np.sin(fall) * _decay(1.2, 0.25) + 0.5 * debris, np.float32)


def door(rng: np.random.Generator) -> Mono:
    """Creaking hinges, then the slam."""
    creak_s = rng.uniform(0.3, 1.2)
    rate = 30 + 90 * _curve(creak_s, 4, rng)
    pulses = np.diff(np.floor(np.cumsum(rate) / SAMPLE_RATE_HZ), prepend=0).astype(np.float32)
    creak = band(pulses, 500, 2500) * 6
    slam = band(_noise(0.6, rng), 50, 900) * _decay(0.6, 0.06) * 2
    return np.concatenate([creak, slam])


def splash(rng: np.random.Generator) -> Mono:
    """Something falls into water; bubbles rise."""
    total = band(_noise(1.2, rng), 400, 6000, 1) * _decay(1.2, 0.15)
    for _ in range(int(rng.integers(4, 15))):
        time_s = _time(0.08)
        tone = np.sin(2 * np.pi * (rng.uniform(400, 1200) * time_s + 4000 * time_s**2))
        start = int(rng.uniform(0.05, 1.0) * SAMPLE_RATE_HZ)
        total[start : start + len(tone)] += 0.4 * (tone * np.exp(-time_s / 0.02)).astype(np.float32)
    return total


def bird(rng: np.random.Generator) -> Mono:
    """A few chirps."""
    time_s = _time(0.12)
    low_hz, span_hz = rng.uniform(2000, 4500), rng.uniform(-1500, 2500)
    sweep = low_hz + span_hz * np.sin(np.pi * time_s / 0.12 * rng.uniform(0.5, 2))
    chirp = np.sin(2 * np.pi * np.cumsum(sweep) / SAMPLE_RATE_HZ) * np.sin(np.pi * time_s / 0.12)
    return _repeat(chirp.astype(np.float32), int(rng.integers(2, 8)), rng.uniform(0.13, 0.3), rng)


def laser(rng: np.random.Generator) -> Mono:
    """A shot from a game: a tone that falls fast."""
    time_s = _time(0.4)
    frequency_hz = rng.uniform(80, 400) + rng.uniform(800, 4000) * np.exp(-time_s / 0.08)
    wave = signal.sawtooth(2 * np.pi * np.cumsum(frequency_hz) / SAMPLE_RATE_HZ, rng.uniform(0, 1))
    return np.asarray(wave * np.exp(-time_s / 0.12), np.float32)


def applause(rng: np.random.Generator) -> Mono:
    """Many hands, each of its own sound."""
    length_s = float(rng.uniform(1.8, 4.0))
    total = np.zeros(round(length_s * SAMPLE_RATE_HZ), np.float32)
    for _ in range(12):
        claps = (rng.random(len(total)) < 3e-4).astype(np.float32)
        centre_hz = float(rng.uniform(700, 2500))
        hand = band(_noise(0.03, rng), centre_hz, 2 * centre_hz, 1) * _decay(0.03, 0.006)
        total += signal.oaconvolve(claps, hand)[: len(total)]
    return np.asarray(total * np.sin(np.pi * np.linspace(0, 1, len(total))) ** 0.5, np.float32)


SCENES: dict[str, tuple[tuple[BedMaker, ...], tuple[EventMaker, ...]]] = {
    "nature": ((wind, rain, surf, fire), (bird, splash, footsteps, whoosh)),
    "indoor": ((mains_hum, crowd), (knock, door, footsteps, click, glass, bell)),
    "street": ((traffic, crowd, engine_hum), (siren, footsteps, door, beep, impact)),
    "action": ((engine_hum, wind, fire), (explosion, impact, whoosh, glass, laser)),
    "interface": ((), (beep, click, whoosh, bell, laser)),
    "stage": ((crowd,), (applause, knock, bell, footsteps)),
}
