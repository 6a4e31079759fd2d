"""Stretches of a film: the chunks they need, cut out, and cut to size again."""

from dataclasses import astuple, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.dsp.overlap_add import Chunking
from engine.dsp.resample import resampled_length
from engine.errors import RegionError
from engine.stages.excerpt import cut, narrowed, on_grid, require_inside, span, with_context
from engine.stages.patching import patched
from engine.types import Audio, AudioRef, BgmMatch, Method, Region, RestoreResult, StemName
from tests.helpers.full_disk import OLD, crowd

RATE_HZ = 100
NOTHING_FOUND = RestoreResult(Path("film.mp4"), {}, Method.KNOWN_BGM, (), None, (), (), ())


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path)


def ramp(store: ArtifactStore, num_samples: int = 1000) -> AudioRef:
    samples = np.arange(num_samples, dtype=np.float32)[np.newaxis]
    return store.put(f"ramp-{num_samples}", Audio(samples, RATE_HZ))


@given(
    duration=st.integers(1, 400),
    start=st.integers(0, 399),
    length=st.integers(1, 100),
    chunk=st.integers(1, 60),
    hop_share=st.floats(0.3, 1.0),
)
def test_the_chunks_are_those_of_the_whole(
    duration: int, start: int, length: int, chunk: int, hop_share: float
) -> None:
    """Every chunk of the whole that touches the stretch is a chunk of the excerpt, and in place."""
    start = start % duration
    region = Region(float(start), float(min(start + length, duration)))
    chunking = Chunking(chunk, max(1, round(chunk * hop_share)))
    around = on_grid(region, AudioRef("film", duration, 1, 1), chunking, 1)
    assert around.start_s <= region.start_s < region.end_s <= around.end_s <= duration
    whole = {
        at for at in chunking.starts(duration) if at < region.end_s and at + chunk > region.start_s
    }
    first = round(around.start_s)
    excerpt = {first + at for at in chunking.starts(round(around.end_s) - first)}
    touching = {at for at in excerpt if at < region.end_s and at + chunk > region.start_s}
    assert touching == whole


@st.composite
def excerpts(draw: st.DrawFn) -> tuple[AudioRef, Region, Chunking, int]:
    """A film, a stretch of it anywhere between samples, and the chunks of a network."""
    rates_hz = st.integers(50, 400)
    film = AudioRef("film", draw(st.integers(200, 20_000)), 1, draw(rates_hz))
    start_s = draw(st.floats(0, 0.9 * film.duration_s))
    end_s = draw(st.floats(start_s + 2 / film.sample_rate_hz, film.duration_s))
    chunk = draw(st.integers(40, 4_000))
    chunking = Chunking(chunk, round(chunk * draw(st.sampled_from([0.5, 0.75, 0.9]))))
    return film, Region(start_s, end_s), chunking, draw(rates_hz)


@given(excerpts())
def test_between_two_rates_chunks_begin_a_few_samples_off_at_most(
    case: tuple[AudioRef, Region, Chunking, int],
) -> None:
    film, region, chunking, rate_hz = case
    around = on_grid(region, film, chunking, rate_hz)
    first, end = span(around, film.sample_rate_hz)
    assert (first / film.sample_rate_hz, end / film.sample_rate_hz) == astuple(around)
    length = resampled_length(end - first, film.sample_rate_hz, rate_hz)
    whole = chunking.starts(resampled_length(film.num_samples, film.sample_rate_hz, rate_hz))
    found = [at + first * rate_hz / film.sample_rate_hz for at in chunking.starts(length)]
    begin, stop = region.start_s * rate_hz, region.end_s * rate_hz
    touching = [at for at in whole if at < stop and at + chunking.chunk_samples > begin]
    off = 1 + 2 * rate_hz / film.sample_rate_hz
    assert all(min(abs(at - other) for other in whole) <= off for at in found)
    assert all(min(abs(at - other) for other in found) <= off for at in touching)
    # None twice but where the film ends, where its own last two may be as near.
    assert all(b - a > off for a, b in pairwise(found)) or end == film.num_samples


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(excerpts())
def test_what_was_cut_out_and_narrowed_lies_where_it_was(
    store: ArtifactStore, case: tuple[AudioRef, Region, Chunking, int]
) -> None:
    ref, region, chunking, rate_hz = case
    name, rising = f"{ref.num_samples}-{ref.sample_rate_hz}", np.arange(ref.num_samples)
    sound = store.put(name, Audio(rising.astype(np.float32)[np.newaxis], ref.sample_rate_hz))
    around = on_grid(region, sound, chunking, rate_hz)
    result = replace(NOTHING_FOUND, stems={StemName.MIX: cut(sound, around, store, PlainContext())})
    stem = narrowed(result, around, region, store, PlainContext()).stems[StemName.MIX]
    expected = rising[slice(*span(region, ref.sample_rate_hz))]
    np.testing.assert_array_equal(store.map(stem)[0], expected)
    again = patched(sound, [(region, stem)], store, PlainContext())
    np.testing.assert_array_equal(store.map(again), store.map(sound))


def test_the_context_ends_with_the_film() -> None:
    assert with_context(Region(5.0, 15.0), 30.0) == Region(0.0, 30.0)
    assert with_context(Region(100.0, 110.0), 300.0) == Region(80.0, 130.0)
    film = AudioRef("film", 300, 1, 1)
    assert on_grid(Region(100.0, 110.0), film, Chunking(8, 6), 1) == Region(96.0, 116.0)


def test_what_is_not_in_the_film_is_refused() -> None:
    assert require_inside(Region(5.0, 15.0), 8.0) == Region(5.0, 8.0)
    for start_s, end_s in ((8.0, 9.0), (-1.0, 3.0), (4.0, 4.0)):
        with pytest.raises(RegionError, match="no sound from"):
            require_inside(Region(start_s, end_s), 8.0)


def test_cuts_to_the_sample(store: ArtifactStore) -> None:
    sound = ramp(store)
    part = cut(sound, Region(1.25, 4.5), store, PlainContext())
    np.testing.assert_array_equal(store.map(part)[0], np.arange(125, 450))
    assert cut(sound, Region(1.25, 4.5), store, PlainContext()) == part
    assert cut(sound, Region(0.0, 99.0), store, PlainContext()) == sound


def test_room_is_made_for_what_is_cut(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = ramp(store)
    crowd(monkeypatch, store)
    assert cut(sound, Region(1.0, 4.0), store, PlainContext()).duration_s == 3
    assert store.find(OLD) is None


def test_a_narrowed_result_speaks_in_the_time_of_the_film(store: ArtifactStore) -> None:
    match = BgmMatch(Path("/song.mp3"), 30.0, 1.0, 9.0, -3.0, 1.5, 0.9)
    result = replace(
        NOTHING_FOUND,
        stems={StemName.MIX: ramp(store)},
        bgm=(match, BgmMatch(Path("/early.mp3"), 0.0, 0.0, 1.5, 0.0, 1.0, 0.9)),
        speech=(Region(0.5, 1.9), Region(3.0, 4.0), Region(5.5, 8.0)),
        poor=(Region(0.0, 2.5), Region(7.0, 8.0)),
    )
    around, region = Region(50.0, 60.0), Region(52.0, 56.0)
    narrow = narrowed(result, around, region, store, PlainContext())
    assert narrow.region == region
    np.testing.assert_array_equal(store.map(narrow.stems[StemName.MIX])[0], np.arange(200, 600))
    assert narrow.bgm == (BgmMatch(Path("/song.mp3"), 31.5, 52.0, 56.0, -3.0, 1.5, 0.9),)
    assert narrow.speech == (Region(53.0, 54.0), Region(55.5, 56.0))
    assert narrow.poor == (Region(52.0, 52.5),)
