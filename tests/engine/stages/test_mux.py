"""The mux stage writes cached sound into a copy of the film."""

from pathlib import Path

import numpy as np

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.media.probe import probe
from engine.stages.decode import decode
from engine.stages.mux import mux
from engine.types import Audio
from tests.helpers.media import lag_samples, make_video, noise


def test_cached_sound_becomes_the_track(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path / "cache")
    source = make_video(tmp_path / "film.mp4", 2.5, noise(2.5))
    mix = decode(source, store, PlainContext()).mix
    restored = store.put("restored", Audio(noise(2.5, seed=1), 48_000))
    result = mux(
        source,
        tmp_path / "film.restored.mp4",
        restored,
        store,
        PlainContext(),
        audio_codec="flac",
        keep_original_track=True,
    )
    assert [track.codec for track in probe(result.output).audio] == ["flac", "aac"]
    back = decode(result.output, store, PlainContext()).mix
    assert back.num_samples == restored.num_samples
    assert lag_samples(store.map(restored), store.map(back)) == 0
    kept = decode(result.output, store, PlainContext(), track=1).mix
    assert np.array_equal(store.map(kept), store.map(mix))
