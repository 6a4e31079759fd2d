"""Patches come and go smoothly and leave the rest alone, wherever the blocks are cut."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.media.raw_audio import raw_audio_path
from engine.stages.patching import patched
from engine.types import Audio, Region, Samples
from tests.helpers.full_disk import OLD, crowd

RATE_HZ = 1000


def constant(value: float, seconds: float) -> Audio:
    return Audio(np.full((2, round(seconds * RATE_HZ)), value, np.float32), RATE_HZ)


@given(start_s=st.integers(0, 24), length_s=st.integers(1, 12))
def test_a_patch_is_heard_inside_its_region_only(
    tmp_path_factory: pytest.TempPathFactory, start_s: int, length_s: int
) -> None:
    length_s = min(length_s, 25 - start_s)
    store = ArtifactStore(tmp_path_factory.mktemp("cache"))
    sound, patch = (
        store.put("sound", constant(1.0, 25)),
        store.put("patch", constant(3.0, length_s)),
    )
    region = Region(start_s, start_s + length_s)
    out = store.map(patched(sound, [(region, patch)], store, PlainContext()))
    first, last = start_s * RATE_HZ, (start_s + length_s) * RATE_HZ
    outside: Samples = np.delete(out, slice(first, last), axis=1)
    assert (outside == 1).all()
    # Where the sound itself begins or ends there is nothing to fade from.
    fade_in, fade_out = 250 * (start_s > 0), 250 * (start_s + length_s < 25)
    assert (out[:, first + fade_in : last - fade_out] == 3).all()
    assert np.abs(np.diff(out)).max() < 0.01


def test_a_patch_may_be_heard_at_once(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    sound, patch = store.put("sound", constant(1.0, 9)), store.put("patch", constant(3.0, 2))
    out = patched(sound, [(Region(2, 4), patch)], store, PlainContext(), fade_s=0.0)
    assert (store.map(out)[0] == np.repeat([1, 3, 1], [2000, 2000, 5000])).all()


def test_nothing_to_patch_is_the_sound_itself(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    sound = store.put("sound", constant(1.0, 1))
    assert patched(sound, [], store, PlainContext()) == sound


def test_room_is_made_for_it_but_not_of_what_it_is_made_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ArtifactStore(tmp_path)
    sound, patch = store.put("sound", constant(1.0, 9)), store.put("patch", constant(3.0, 2))
    for key in ("sound", "patch"):
        os.utime(raw_audio_path(store.root, key), (0, 0))
    crowd(monkeypatch, store)
    assert patched(sound, [(Region(2, 4), patch)], store, PlainContext()).duration_s == 9
    assert store.find(OLD) is None
    assert store.find("sound") is not None
