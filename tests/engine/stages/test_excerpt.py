"""Stretches of a film: the chunks they need, cut out, and cut to size again."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.dsp.overlap_add import Chunking
from engine.errors import RegionError
from engine.stages.excerpt import cut, narrowed, on_grid, require_inside, with_context
from engine.types import Audio, AudioRef, BgmMatch, Method, Region, RestoreResult, StemName

RATE_HZ = 100


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
    around = on_grid(region, duration, chunk, chunking.hop_samples)
    assert around.start_s <= region.start_s < region.end_s <= around.end_s <= duration
    whole = {
        at for at in chunking.starts(duration) if at < region.end_s and at + chunk > region.start_s
    }
    first = round(around.start_s)
    excerpt = {first + at for at in chunking.starts(round(around.end_s) - first)}
    touching = {at for at in excerpt if at < region.end_s and at + chunk > region.start_s}
    assert touching == whole


def test_the_context_ends_with_the_film() -> None:
    assert with_context(Region(5.0, 15.0), 30.0) == Region(0.0, 30.0)
    assert with_context(Region(100.0, 110.0), 300.0) == Region(80.0, 130.0)
    assert on_grid(Region(100.0, 110.0), 300.0, 8.0, 6.0) == Region(96.0, 116.0)


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


def test_a_narrowed_result_speaks_in_the_time_of_the_film(store: ArtifactStore) -> None:
    match = BgmMatch(Path("/song.mp3"), 30.0, 1.0, 9.0, -3.0, 1.5, 0.9)
    result = RestoreResult(
        video=Path("film.mp4"),
        stems={StemName.MIX: ramp(store)},
        method=Method.KNOWN_BGM,
        bgm=(match, BgmMatch(Path("/early.mp3"), 0.0, 0.0, 1.5, 0.0, 1.0, 0.9)),
        decision=None,
        speech=(Region(0.5, 1.9), Region(3.0, 4.0), Region(5.5, 8.0)),
        stages=(),
        warnings=(),
    )
    around, region = Region(50.0, 60.0), Region(52.0, 56.0)
    narrow = narrowed(result, around, region, store, PlainContext())
    assert narrow.region == region
    np.testing.assert_array_equal(store.map(narrow.stems[StemName.MIX])[0], np.arange(200, 600))
    assert narrow.bgm == (BgmMatch(Path("/song.mp3"), 31.5, 52.0, 56.0, -3.0, 1.5, 0.9),)
    assert narrow.speech == (Region(53.0, 54.0), Region(55.5, 56.0))
