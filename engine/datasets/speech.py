"""Synthetic speech: many voices of flite and eSpeak NG say sentences made from word lists."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from engine.datasets.processing import (
    SAMPLE_RATE_HZ,
    add_room,
    band,
    pan_mono,
    room_response,
    set_level,
    shelf,
    without_dc,
)
from engine.datasets.tools import run_tool
from engine.types import Samples

Mono = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Voice:
    """One synthetic speaker.

    Attributes:
        tool: The program that speaks.
        name: Voice of flite, or voice and variant of eSpeak NG.
    """

    tool: Literal["flite", "espeak-ng"]
    name: str


def phrases(text: str) -> tuple[str, ...]:
    """Words or phrases out of one text, in which bars stand between them."""
    return tuple(text.split("|"))


_ESPEAK_VOICES = phrases(
    "en-us+f1|en-us+m3|en+f2|en+m1|en-gb-scotland+m5|en-us+Annie|en-us+klatt|"
    "en-gb-x-rp+f3|en-gb-x-rp+m7|en-029+m2|en-us+Andrea|en-us-nyc+m4|en+belinda|"
    "en-us+max|en-gb-x-gbclan+f4|en-us+john|en-gb-x-gbcwmd+Denis|en-us+linda|de+f2|"
    "en+klatt3|en-us+travis|es+m3|en+steph|fr+f5|en-us+Marco|it+f1|en+grandma|"
    "en-us+david|pt+m6|en-us+anika|sv+m1|en-us+Lee|en+michael|nl+f4"
)
VOICES = (
    Voice("flite", "slt"),
    Voice("flite", "rms"),
    Voice("flite", "kal16"),
    *(Voice("espeak-ng", name) for name in _ESPEAK_VOICES[:6]),
    Voice("flite", "awb"),
    *(Voice("espeak-ng", name) for name in _ESPEAK_VOICES[6:]),
)

_SUBJECTS = phrases(
    "the old captain|my sister|this little robot|our neighbour|the whole team|a young doctor|"
    "the driver|nobody in the village|the man behind the counter|every child|her best friend|"
    "the woman with the red scarf|the detective|my grandfather|the cook|one of the soldiers"
)
_VERBS = phrases(
    "has never seen|wanted to find|is looking for|talked about|forgot|can not afford|dreamed of|"
    "quietly opened|bought|lost|is going to miss|painted|would like to try|hid|remembers|broke"
)
_OBJECTS = phrases(
    "the last train|a bowl of soup|seventeen letters|the garden gate|another chance|that song|"
    "the map of the island|a very small dog|the key to the house|two cups of coffee|the answer|"
    "a picture of the sea|those yellow shoes|the treasure|an empty bottle|the first snow"
)
_ENDINGS = phrases(
    "before sunrise|in the middle of the night|without a word|because of the rain|at the station|"
    "for the third time|when nobody was there|as usual|on the other side of the bridge|by mistake|"
    "after the war|every single day|until the music stopped|with a smile|years ago|behind the wall"
)
_PHRASES = phrases(
    "Wait!|What happened?|I don't know.|Come on, we have to go.|Are you sure?|Listen to me.|"
    "Thank you so much.|No, no, no.|Hello everybody, and welcome back.|Don't look down.|"
    "That's it.|Why would you say that?|Ready? Three, two, one.|It's over.|Look at this!|"
    "You won't believe it.|Good morning.|I love you.|Be careful.|Stop right there!"
)
_TEMPLATES = (
    "{s} {v} {o}.",
    "{s} {v} {o} {e}.",
    "Do you think {s} {v} {o}?",
    "{e}, {s} {v} {o}.",
    "If {s} {v} {o}, then {s2} {v2} {o2}.",
    "I said that {s} {v} {o} {e}!",
    "{s} {v} {o}, but {s2} {v2} {o2} {e}.",
)


def make_sentence(rng: np.random.Generator) -> str:
    """One sentence or short phrase."""
    if rng.random() < 0.25:
        return str(rng.choice(_PHRASES))
    words = {
        key: str(rng.choice(pool))
        for key, pool in (
            ("s", _SUBJECTS),
            ("v", _VERBS),
            ("o", _OBJECTS),
            ("e", _ENDINGS),
            ("s2", _SUBJECTS),
            ("v2", _VERBS),
            ("o2", _OBJECTS),
        )
    }
    sentence = str(rng.choice(_TEMPLATES)).format(**words)
    return sentence[0].upper() + sentence[1:]


def speak(text: str, voice: Voice, pitch: float = 0.0, pace: float = 1.0) -> Mono:
    """Let a voice say a text: (num_samples,) float32 at 44.1 kHz, of peak 1.

    Args:
        text: What to say.
        voice: Who says it.
        pitch: From -1 (low) to 1 (high), 0 is the voice's own.
        pace: Speed, 1 is the voice's own.
    """
    with tempfile.TemporaryDirectory(prefix="reprise-") as folder:
        wav = Path(folder, "speech.wav")
        if voice.tool == "flite":
            mean_hz = {"slt": 170, "rms": 110, "kal16": 105, "awb": 125}[voice.name]
            run_tool(
                "flite",
                *("-voice", voice.name, "--setf", f"duration_stretch={1 / pace:.3f}"),
                *("--setf", f"int_f0_target_mean={mean_hz * 2 ** (pitch / 3):.1f}"),
                *("-t", text, "-o", str(wav)),
            )
        else:
            run_tool(
                "espeak-ng",
                *(
                    "-v",
                    voice.name,
                    "-s",
                    str(round(165 * pace)),
                    "-p",
                    str(round(50 + 40 * pitch)),
                ),
                *("-w", str(wav), text),
            )
        sound, rate_hz = soundfile.read(wav, dtype="float32")
    sound = np.asarray(soxr.resample(sound, rate_hz, SAMPLE_RATE_HZ), np.float32)
    return sound / np.float32(max(float(np.abs(sound).max(initial=0.0)), 1e-6))


def make_speech(voice: Voice, duration_s: float, rng: np.random.Generator) -> Samples:
    """Speech of one voice with pauses, in a room: (2, num_samples) float32."""
    num_samples = round(duration_s * SAMPLE_RATE_HZ)
    track = np.zeros(num_samples, np.float32)
    pitch, pace = float(rng.uniform(-0.6, 0.6)), float(rng.uniform(0.8, 1.25))
    talkative = float(rng.uniform(0.15, 1.2))
    brighten = rng.random() < 0.6
    at_s = float(rng.uniform(0, 1.0))
    while at_s < duration_s:
        sound = speak(make_sentence(rng), voice, pitch + float(rng.normal(0, 0.08)), pace)
        sound = with_air(sound) if brighten else sound
        start = round(at_s * SAMPLE_RATE_HZ)
        length = min(len(sound), num_samples - start)
        track[start : start + length] += float(rng.uniform(0.7, 1.0)) * sound[:length]
        at_s += len(sound) / SAMPLE_RATE_HZ + float(rng.exponential(talkative)) + 0.08
    samples = shelf(pan_mono(track, float(rng.normal(0, 0.1))), 2500, float(rng.uniform(-4, 6)))
    if rng.random() < 0.08:
        samples = band(samples, 350, 3400)
    if rng.random() < 0.5:
        room = room_response(float(rng.uniform(0.12, 0.7)), float(rng.uniform(2000, 7000)), rng)
        samples = add_room(samples, float(rng.uniform(0.05, 0.35)), room)
    return set_level(without_dc(samples), -20.0)


def with_air(sound: Mono) -> Mono:
    """Give what ends at 8 or 11 kHz a top octave: the band below, rectified, follows its level."""
    source = band(sound, 3500, 7500)
    harmonics = band(np.abs(source), 7500, 16_000)
    return np.asarray(sound + 0.9 * harmonics, np.float32)
