"""Speech cut out of a vocal stem."""

import shutil
import subprocess
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from engine.artifacts import ArtifactStore
from engine.context import PlainContext, Progress
from engine.errors import CancelledError
from engine.models.silero import load_silero
from engine.models.voice import MonoBlock
from engine.session import Session
from engine.stages.speech import (
    FADE_S,
    STAGE,
    SpeechExtractor,
    SpeechGate,
    SpokenResult,
    VoicesRequest,
    find_speech,
    speech_regions,
)
from engine.types import Audio, AudioRef, Region, Samples, SpeechParams, SpeechRequest
from engine.weights import choose
from tests.helpers.media import make_video

PLAIN = SpeechParams(onset=0.5, offset=0.5, min_on_s=0.0, min_off_s=0.0, pad_s=0.0)
FRAME_S = 0.01

params = st.builds(
    lambda pair, on, off, pad: SpeechParams(max(pair), min(pair), on, off, pad),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
    st.floats(0, 0.3),
    st.floats(0, 0.3),
    st.floats(0, 0.3),
)
probabilities = arrays(np.float32, st.integers(0, 200), elements=st.floats(0, 1, width=32))


class LevelDetector:
    """Hears speech where the sound is loud; works in 10 ms frames at 8 kHz."""

    name = "level"
    sample_rate_hz = 8000
    frame_samples = 80

    def __init__(self) -> None:
        self.longest_block = 0
        self.runs = 0

    def activity(self, blocks: Iterable[MonoBlock]) -> Iterator[MonoBlock]:
        self.runs += 1
        rest = np.zeros(0, np.float32)
        for block in blocks:
            self.longest_block = max(self.longest_block, len(block))
            rest = np.concatenate([rest, block])
            whole = len(rest) // 80 * 80
            yield (np.abs(rest[:whole].reshape(-1, 80)).max(1) > 0.1).astype(np.float32)
            rest = rest[whole:]
        if len(rest):
            yield np.array([np.abs(rest).max() > 0.1], np.float32)


def regions_of(frames: str, wanted: SpeechParams) -> list[tuple[float, float]]:
    """Regions of activity written as digits, tenths of probability, 10 ms each."""
    activity = np.array([int(digit) / 10 for digit in frames], np.float32)
    found = speech_regions(activity, FRAME_S, len(frames) * FRAME_S, wanted)
    return [(round(r.start_s, 6), round(r.end_s, 6)) for r in found]


def loud_between(start_s: float, end_s: float, duration_s: float, rate_hz: int) -> Samples:
    """A tone of 200 Hz in stereo, quiet outside the stretch."""
    t = np.arange(round(duration_s * rate_hz)) / rate_hz
    level = np.where((t >= start_s) & (t < end_s), 0.5, 0.01)
    tone = (np.sin(2 * np.pi * 200 * t) * level).astype(np.float32)
    return np.stack([tone, 0.5 * tone])


def extract(
    tmp_path: Path, samples: Samples, rate_hz: int, wanted: SpeechParams = PLAIN
) -> tuple[SpokenResult, ArtifactStore]:
    store = ArtifactStore(tmp_path / "cache")
    vocals = store.put("vocals", Audio(samples, rate_hz))
    return SpeechExtractor(LevelDetector(), store)(
        VoicesRequest(vocals, wanted), PlainContext()
    ), store


@pytest.mark.parametrize(
    ("frames", "wanted", "expected"),
    [
        ("", PLAIN, []),
        ("0000", PLAIN, []),
        ("9999", PLAIN, [(0.0, 0.04)]),
        ("0990", PLAIN, [(0.01, 0.03)]),
        ("0440", PLAIN, []),
        ("0550", PLAIN, [(0.01, 0.03)]),
        ("094940", SpeechParams(0.5, 0.4, 0, 0, 0), [(0.01, 0.05)]),
        ("093940", SpeechParams(0.5, 0.4, 0, 0, 0), [(0.01, 0.02), (0.03, 0.05)]),
        ("049400", SpeechParams(0.5, 0.4, 0, 0, 0), [(0.02, 0.04)]),
        ("990099", SpeechParams(0.5, 0.5, 0, 0.021, 0), [(0.0, 0.06)]),
        ("990099", SpeechParams(0.5, 0.5, 0, 0.019, 0), [(0.0, 0.02), (0.04, 0.06)]),
        ("900999", SpeechParams(0.5, 0.5, 0.019, 0, 0), [(0.03, 0.06)]),
        ("909000", SpeechParams(0.5, 0.5, 0.025, 0.015, 0), [(0.0, 0.03)]),
        ("0000900", SpeechParams(0.5, 0.5, 0, 0, 0.02), [(0.02, 0.07)]),
        ("9000900", SpeechParams(0.5, 0.5, 0, 0, 0.015), [(0.0, 0.065)]),
    ],
)
def test_regions(frames: str, wanted: SpeechParams, expected: list[tuple[float, float]]) -> None:
    assert regions_of(frames, wanted) == expected


@settings(max_examples=200, deadline=None)
@given(probabilities, params)
def test_regions_are_in_order_apart_and_inside(
    activity: NDArray[np.float32], wanted: SpeechParams
) -> None:
    duration_s = len(activity) * FRAME_S
    regions = speech_regions(activity, FRAME_S, duration_s, wanted)
    edges = [edge for region in regions for edge in (region.start_s, region.end_s)]
    assert all(a < b for a, b in pairwise(edges))
    assert all(0 <= edge <= duration_s for edge in edges)


@settings(max_examples=200, deadline=None)
@given(probabilities)
def test_nothing_above_the_onset_is_lost(activity: NDArray[np.float32]) -> None:
    regions = speech_regions(activity, FRAME_S, len(activity) * FRAME_S, PLAIN)
    gate = SpeechGate(regions, 1000)(0, 10 * len(activity))
    np.testing.assert_array_equal(gate[5::10] == 1, activity >= 0.5)


def test_the_gate_is_smooth_and_the_same_in_pieces() -> None:
    rate_hz = 8000
    gate = SpeechGate((Region(0.0, 0.1), Region(0.13, 0.2), Region(0.5, 0.6)), rate_hz)
    whole = gate(0, rate_hz)
    pieces = [gate(start, min(start + 77, rate_hz)) for start in range(0, rate_hz, 77)]
    np.testing.assert_array_equal(np.concatenate(pieces), whole)
    fade = round(FADE_S * rate_hz)
    assert (whole[4000:4800] == 1).all()
    assert whole[4800 + fade] == whole[4000 - fade - 1] == 0
    assert whole[4800 + fade // 2] == pytest.approx(0.5, abs=0.02)
    np.testing.assert_allclose(
        whole[4800 : 4800 + fade], whole[4000 - fade : 4000][::-1], atol=1e-6
    )
    assert np.abs(np.diff(whole)).max() < 2 / fade


def test_no_regions_pass_nothing() -> None:
    assert not SpeechGate((), 8000)(0, 100).any()


@pytest.mark.parametrize("rate_hz", [8000, 22_050, 48_000])
def test_cuts_out_what_the_detector_hears(tmp_path: Path, rate_hz: int) -> None:
    samples = loud_between(0.7, 1.9, 3.0, rate_hz)
    result, store = extract(tmp_path, samples, rate_hz)
    (region,) = result.regions
    assert region.start_s == pytest.approx(0.7, abs=0.02)
    assert region.end_s == pytest.approx(1.9, abs=0.02)
    dialogue = store.map(result.dialogue)
    inside = slice(round(0.73 * rate_hz), round(1.87 * rate_hz))
    np.testing.assert_array_equal(dialogue[:, inside], samples[:, inside])
    assert not dialogue[:, : round(0.65 * rate_hz)].any()


@pytest.mark.parametrize(("channels", "num_samples"), [(1, 0), (1, 1), (6, 12_345), (3, 79)])
def test_any_length_and_number_of_channels(tmp_path: Path, channels: int, num_samples: int) -> None:
    samples = np.random.default_rng(0).standard_normal((channels, num_samples)).astype(np.float32)
    result, store = extract(tmp_path, samples, 11_025, SpeechParams())
    part = result.dialogue
    shape = part.channels, part.num_samples, part.sample_rate_hz
    assert shape == (channels, num_samples, 11_025)
    gain = SpeechGate(result.regions, 11_025)(0, num_samples)
    np.testing.assert_array_equal(store.map(part), samples * gain)


def long_vocals(store: ArtifactStore) -> AudioRef:
    with store.writer("vocals", 2, 8000) as writer:
        for _ in range(5):
            writer.write(loud_between(1, 2, 60.0, 8000))
    return store.published("vocals")


def test_long_sound_goes_block_by_block(tmp_path: Path) -> None:
    store, detector = ArtifactStore(tmp_path), LevelDetector()
    seen: list[Progress] = []
    vocals = long_vocals(store)
    result = SpeechExtractor(detector, store)(
        VoicesRequest(vocals, PLAIN), PlainContext(on_progress=seen.append)
    )
    assert len(result.regions) == 5
    assert detector.longest_block <= 10 * 8000
    assert [p.fraction for p in seen] == sorted(p.fraction for p in seen)
    assert seen[-1].fraction == pytest.approx(1)


def test_new_parameters_do_not_run_the_detector_again(tmp_path: Path) -> None:
    store, detector = ArtifactStore(tmp_path), LevelDetector()
    extractor = SpeechExtractor(detector, store)
    vocals = store.put("vocals", Audio(loud_between(0.5, 1.0, 2.0, 8000), 8000))
    first = extractor(VoicesRequest(vocals, PLAIN), PlainContext())
    again = extractor(VoicesRequest(vocals, PLAIN), PlainContext())
    wider = extractor(
        VoicesRequest(vocals, SpeechParams(0.5, 0.5, 0, 0, pad_s=0.1)), PlainContext()
    )
    assert again == first
    assert wider.dialogue.key != first.dialogue.key
    assert wider.regions[0].start_s < first.regions[0].start_s
    assert detector.runs == 1


@pytest.mark.parametrize("after_s", [0.0, 0.3, 0.8])
def test_a_cancel_leaves_no_half_stems(tmp_path: Path, after_s: float) -> None:
    store = ArtifactStore(tmp_path)
    vocals = long_vocals(store)
    seen: list[float] = [0.0]
    context = PlainContext(lambda p: seen.append(p.fraction), lambda: seen[-1] >= after_s)
    with pytest.raises(CancelledError):
        SpeechExtractor(LevelDetector(), store)(VoicesRequest(vocals, PLAIN), context)
    left = {path.name.split("-")[1] for path in tmp_path.glob("speech-*")}
    assert left <= {"activity"}
    assert not list(tmp_path.glob("*.part"))


def spoken_over_a_chord(folder: Path, chord_level: float) -> tuple[Samples, float]:
    """Two sentences from second 3 on, and when they end: (2, num_samples) at 44.1 kHz."""
    spoken = folder / "spoken.wav"
    words = "This is a sentence about the weather, and here comes another one about the sea."
    subprocess.run(["espeak-ng", "-w", str(spoken), words], check=True)
    voice, rate_hz = soundfile.read(spoken, dtype="float32")
    voice = soxr.resample(voice, rate_hz, 44_100)
    t = np.arange(len(voice) + 6 * 44_100) / 44_100
    chord = np.sin(2 * np.pi * np.outer([220.0, 277.2, 329.6], t)).sum(0)
    sound = (chord_level * chord).astype(np.float32)
    sound[3 * 44_100 : 3 * 44_100 + len(voice)] += voice
    return np.stack([sound, sound]), 3 + len(voice) / 44_100


def assert_speech(found: tuple[Region, ...], end_s: float) -> None:
    assert found[0].start_s == pytest.approx(3, abs=0.3)
    assert found[-1].end_s == pytest.approx(end_s, abs=0.6)
    assert sum(region.duration_s for region in found) > 0.8 * (end_s - 3)


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_real_speech_is_found_between_music(tmp_path: Path) -> None:
    sound, end_s = spoken_over_a_chord(tmp_path, 0.02)
    store = ArtifactStore(tmp_path / "cache")
    vocals = store.put("vocals", Audio(sound, 44_100))
    extractor = SpeechExtractor(load_silero(choose("silero-vad").paths[0]), store)
    assert_speech(extractor(VoicesRequest(vocals, SpeechParams()), PlainContext()).regions, end_s)


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_real_speech_is_found_in_a_film(tmp_path: Path) -> None:
    sound, end_s = spoken_over_a_chord(tmp_path, 0.03)
    film = make_video(tmp_path / "film.mkv", 2.0, sound, 44_100)
    session, seen = Session(ArtifactStore(tmp_path / "cache")), list[Progress]()
    context = PlainContext(on_progress=seen.append)
    found = session.find_speech(SpeechRequest(film), context)
    assert found.video == film
    assert_speech(found.speech, end_s)
    assert seen[-1] == Progress(STAGE, 1.0, 1.0)
    assert session.find_speech(SpeechRequest(film), PlainContext()) == found


def test_a_film_is_listened_to_once_and_can_be_given_up(tmp_path: Path) -> None:
    film = make_video(tmp_path / "film.mkv", 1.0, loud_between(0.5, 1.0, 2.0, 8000), 8000)
    store, detector = ArtifactStore(tmp_path / "cache"), LevelDetector()
    extractor = SpeechExtractor(detector, store)
    request, given_up = SpeechRequest(film), PlainContext(is_cancelled=lambda: True)
    with pytest.raises(CancelledError):
        find_speech(request, extractor, store, given_up)
    first = find_speech(request, extractor, store, PlainContext())
    assert find_speech(request, extractor, store, PlainContext()) == first
    (region,) = first.speech
    assert region.start_s == pytest.approx(0.5, abs=0.15)
    assert detector.runs == 1
    assert not list((tmp_path / "cache").glob("speech-dialogue*"))
