"""The cache gives back what was put in, whole or not at all, and keeps its quota."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.artifacts import ArtifactStore, artifact_key, cache_folder, content_hash
from engine.media.raw_audio import raw_audio_path
from engine.stages.arithmetic import combine, subtract
from engine.types import Audio, AudioRef, Quality


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "cache")


def put(store: ArtifactStore, key: str, seed: int = 0, num_samples: int = 1000) -> AudioRef:
    samples = np.random.default_rng(seed).standard_normal((2, num_samples)).astype(np.float32)
    return store.put(key, Audio(samples, 1000))


def test_sound_comes_back(store: ArtifactStore) -> None:
    ref = put(store, "a", num_samples=2500)
    assert ref == AudioRef("a", 2500, 2, 1000) == store.find("a")
    assert ref.duration_s == 2.5
    blocks = list(store.blocks(ref, block_s=1))
    assert [b.shape for b in blocks] == [(2, 1000), (2, 1000), (2, 500)]
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1), store.map(ref))


def test_what_is_missing_or_cut_is_not_found(store: ArtifactStore) -> None:
    assert store.find("a") is None
    put(store, "a")
    path = raw_audio_path(store.root, "a")
    path.write_bytes(path.read_bytes()[:-1])
    assert store.find("a") is None
    path.write_bytes(b"RPRF")
    assert store.find("a") is None


def test_an_error_while_writing_leaves_nothing(store: ArtifactStore) -> None:
    def interrupted() -> None:
        with store.writer("a", 2, 1000) as writer:
            writer.write(np.zeros((2, 10), np.float32))
            raise KeyError

    with pytest.raises(KeyError):
        interrupted()
    assert list(store.root.iterdir()) == []


def test_wrong_channels_are_refused(store: ArtifactStore) -> None:
    with pytest.raises(ValueError, match="expected 2 channels"), store.writer("a", 2, 1) as writer:
        writer.write(np.zeros((1, 10), np.float32))


@given(st.lists(st.one_of(st.integers(), st.text(), st.booleans(), st.none()), max_size=4))
def test_equal_questions_have_equal_names(parts: list[object]) -> None:
    assert artifact_key("s", *parts) == artifact_key("s", *parts)
    assert artifact_key("s", *parts) != artifact_key("t", *parts)
    assert artifact_key("s", *parts) != artifact_key("s", *parts, 1)


def test_enums_and_dicts_make_stable_names() -> None:
    assert artifact_key("s", {"b": 1, "a": 2}) == artifact_key("s", {"a": 2, "b": 1})
    assert artifact_key("s", Quality.BEST) == artifact_key("s", "best")


def test_content_decides_the_hash(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_bytes(b"x")
    b.write_bytes(b"x")
    assert content_hash(a) == content_hash(b)
    b.write_bytes(b"y")
    assert content_hash(a) != content_hash(b)


def test_trim_removes_the_oldest_but_never_a_pinned_one(store: ArtifactStore) -> None:
    size = raw_audio_path(store.root, put(store, "0").key).stat().st_size
    for i in range(1, 5):
        put(store, str(i))
    for i in range(5):
        os.utime(raw_audio_path(store.root, str(i)), (i, i))
    store.find("1")
    store.quota_bytes = 3 * size
    store.trim(frozenset({"0"}))
    assert [i for i in range(5) if store.find(str(i))] == [0, 1, 4]


def test_trim_takes_other_artifacts_but_nothing_unfinished(store: ArtifactStore) -> None:
    put(store, "a")
    (store.root / "b.peaks").write_bytes(bytes(1000))
    (store.root / "c.f32.part").write_bytes(bytes(1000))
    store.quota_bytes = 0
    store.trim()
    assert [path.name for path in store.root.iterdir()] == ["c.f32.part"]


def test_cache_folder_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("REPRISE_CACHE")
    assert cache_folder().name == "reprise"


def test_sums_and_differences(store: ArtifactStore) -> None:
    a, b = put(store, "a", 0), put(store, "b", 1)
    total = combine(store, [(a, 0.5), (b, -2.0)])
    np.testing.assert_allclose(
        store.map(total), 0.5 * store.map(a) - 2 * store.map(b), rtol=1e-5, atol=1e-6
    )
    np.testing.assert_allclose(
        store.map(subtract(store, total, b)), store.map(total) - store.map(b), atol=1e-6
    )
    assert combine(store, [(a, 0.5), (b, -2.0)]) == total
    with pytest.raises(ValueError, match="differ"):
        combine(store, [(a, 1), (put(store, "c", num_samples=3), 1)])
