"""The cache gives back what was put in, whole or not at all, and keeps its quota."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.artifacts import ArtifactStore, artifact_key, cache_folder, holds, made_once
from engine.content import content_hash
from engine.context import PlainContext
from engine.errors import ArtifactMissingError, CancelledError, DiskFullError
from engine.media.chunk_log import ChunkLog
from engine.media.raw_audio import raw_audio_path
from engine.pins import Pins
from engine.stages.arithmetic import combine, subtract
from engine.types import Audio, AudioRef, Quality, Samples
from tests.helpers.full_disk import free_disk
from tests.helpers.processes import REPOSITORY


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


def test_all_sounds_are_there_as_they_are_said_to_be_or_not(store: ArtifactStore) -> None:
    first, second = put(store, "a"), put(store, "b")
    assert holds(store, [])
    assert holds(store, [first, second])
    assert not holds(store, [first, AudioRef("b", 999, 2, 1000)])
    assert not holds(store, [first, AudioRef("c", 1000, 2, 1000)])


def test_what_is_there_is_not_made_again(store: ArtifactStore) -> None:
    wanted, times = AudioRef("made", 12, 2, 8000), []

    def make() -> Iterator[Samples]:
        times.append(1)
        return (np.full((2, size), size, np.float32) for size in (5, 6))

    # The length was a guess.
    found = replace(wanted, num_samples=11)
    assert made_once(store, wanted, make) == made_once(store, wanted, make) == found
    np.testing.assert_array_equal(store.map(found)[0], [5] * 5 + [6] * 6)
    assert len(times) == 1


def test_what_it_is_made_of_is_held_before_room_is_made(store: ArtifactStore) -> None:
    gone = AudioRef("gone", 10, 1, 8000)
    with pytest.raises(ArtifactMissingError):
        made_once(store, replace(gone, key="new"), lambda: store.blocks(gone))
    assert list(store.root.glob("new*")) == []


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


def age(store: ArtifactStore, *names: str) -> None:
    """Make files look unused for long, the first one for longest."""
    for second, name in enumerate(names):
        os.utime(store.root / name, (second, second))


def test_trim_removes_the_least_recently_used(store: ArtifactStore) -> None:
    refs = [put(store, str(i)) for i in range(5)]
    age(store, *(f"{i}.f32" for i in range(5)))
    store.find("1")
    store.map(refs[0])
    store.quota_bytes = 3 * raw_audio_path(store.root, "0").stat().st_size
    store.trim()
    assert [i for i in range(5) if store.find(str(i))] == [0, 1, 4]


def test_trim_leaves_what_an_open_project_uses(store: ArtifactStore) -> None:
    put(store, "a")
    put(store, "b")
    store.quota_bytes = 0
    mine, other = Pins(store.root), Pins(store.root)
    mine.set({"a"})
    other.set({"b"})
    other.set({"b", "c"})
    store.trim()
    assert store.find("a")
    assert store.find("b")
    mine.set({"c"})
    other.close()
    store.trim()
    assert [path.suffix for path in store.root.iterdir()] == [".pins"]
    mine.close()
    assert list(store.root.iterdir()) == []


def test_what_a_dead_process_used_is_free_again(store: ArtifactStore) -> None:
    put(store, "a")
    code = (
        "import sys, os; from pathlib import Path; from engine.pins import Pins\n"
        "Pins(Path(sys.argv[1])).set(['a']); os._exit(0)"
    )
    subprocess.run((sys.executable, "-c", code, str(store.root)), cwd=REPOSITORY, check=True)
    store.quota_bytes = 0
    store.trim()
    (left,) = store.root.iterdir()
    age(store, left.name)
    store.trim()
    assert list(store.root.iterdir()) == []


def test_all_but_what_an_open_project_uses_is_counted_and_goes(store: ArtifactStore) -> None:
    used, unused = put(store, "used"), put(store, "unused")
    store.put_value("value", [1, 2, 3])
    pins = Pins(store.root)
    pins.set(["used"])
    sizes = store.sizes()
    assert sizes.used_bytes >= used.num_bytes + unused.num_bytes
    assert unused.num_bytes <= sizes.unused_bytes <= sizes.used_bytes - used.num_bytes
    store.trim(0)
    after = store.sizes()
    assert (after.used_bytes, after.unused_bytes) == (sizes.used_bytes - sizes.unused_bytes, 0)
    assert store.find("used") == used
    assert store.find("unused") is None
    pins.close()


def test_trim_takes_what_killed_writers_left_but_nothing_that_is_being_written(
    store: ArtifactStore,
) -> None:
    put(store, "a")
    old = ("b.f32.7.abc.part", ".abc.part.peaks")
    new = ("c.f32.7.abc.part", ".def.part.peaks")
    for name in ("d.peaks", *old, *new):
        (store.root / name).write_bytes(bytes(1000))
    age(store, *old)
    store.quota_bytes = 0
    store.trim()
    assert {path.name for path in store.root.iterdir()} == set(new)


def test_a_dead_writer_is_known_by_its_lock(store: ArtifactStore) -> None:
    code = (
        "import os, sys; from pathlib import Path; from engine.artifacts import ArtifactStore\n"
        "with ArtifactStore(Path(sys.argv[1])).writer('dead', 2, 1000): os._exit(0)"
    )
    subprocess.run((sys.executable, "-c", code, str(store.root)), cwd=REPOSITORY, check=True)
    (dead,) = store.root.glob("dead*.part")
    with store.writer("alive", 2, 1000) as writer:
        writer.write(np.zeros((2, 10), np.float32))
        (alive,) = store.root.glob("alive*.part")
        store.trim()
        # Just made: its writer may not have locked it yet.
        assert dead.exists()
        an_hour_ago = time.time() - 3600
        for path in (dead, alive):
            os.utime(path, (an_hour_ago, an_hour_ago))
        store.trim()
        assert not dead.exists()
        assert alive.exists()
    assert store.find("alive")


def test_unfinished_separations_count_and_go_with_the_rest_unless_they_grow(
    store: ArtifactStore,
) -> None:
    def grown(name: str) -> ChunkLog:
        log = store.chunk_log(name, 1, 1)
        log.__enter__()
        log.begin(1)
        log.append(np.zeros((1, 1, 1000), np.float32), [(0,)])
        return log

    put(store, "a")
    left, growing = grown("left"), grown("growing")
    left.__exit__(CancelledError, CancelledError(), None)
    age(store, "left.chunks", "a.f32", "growing.chunks")
    store.quota_bytes = raw_audio_path(store.root, "a").stat().st_size
    store.trim()
    assert {path.name for path in store.root.iterdir()} == {"a.f32", "growing.chunks"}
    store.quota_bytes = 0
    store.trim()
    assert {path.name for path in store.root.iterdir()} == {"growing.chunks"}
    growing.__exit__(None, None, None)


def test_room_is_made_for_what_is_written_but_only_where_it_lacks(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        put(store, name)
    age(store, "b.f32", "a.f32", "c.f32")
    size = raw_audio_path(store.root, "a").stat().st_size
    free_disk(monkeypatch, store.root, 4 * size)
    put(store, "d")
    assert all(store.find(name) for name in "abcd")
    age(store, "b.f32", "a.f32", "c.f32")
    with store.writer("e", 2, 1000, 2000) as writer:
        writer.write(np.zeros((2, 2000), np.float32))
    assert [name for name in "abcde" if store.find(name)] == ["c", "d", "e"]


def test_nothing_goes_for_what_would_not_fit_even_so(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, "a")
    free_disk(monkeypatch, store.root, 12_000)
    mine = Pins(store.root)
    store.make_room(13_000)
    assert store.find("a")
    store.make_room(12_000)
    assert not store.find("a")
    put(store, "a")
    mine.set({"a"})
    store.make_room(12_000)
    assert store.find("a")
    mine.close()


def test_room_is_made_for_a_block_that_is_put(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, "old")
    free_disk(monkeypatch, store.root, 12_000)
    put(store, "new")
    assert not store.find("old")


def test_what_is_about_to_be_read_counts_as_used(store: ArtifactStore) -> None:
    refs = [put(store, name) for name in "ab"]
    age(store, "a.f32", "b.f32")
    blocks = store.blocks(refs[0])
    store.quota_bytes = 9_000
    store.trim()
    assert store.find("a")
    assert not store.find("b")
    with pytest.raises(ArtifactMissingError):
        store.blocks(refs[1])
    assert sum(block.shape[1] for block in blocks) == 1000


def test_too_little_space_is_told_before_the_work(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, "a", num_samples=1_000_000)
    free_disk(monkeypatch, store.root, 12_000_000)
    wanted = r"needs 11\.0 MB for a while in .* room for 4\.0 MB"
    with pytest.raises(DiskFullError, match=wanted):
        store.require_space(11_000_000, "this", {"a"})
    mine = Pins(store.root)
    mine.set({"a"})
    with pytest.raises(DiskFullError, match=wanted):
        store.require_space(11_000_000, "this")
    mine.close()
    assert store.find("a")
    # What could go from the cache is as good as free, and goes.
    store.require_space(11_000_000, "this")
    assert not store.find("a")


def test_space_is_made_but_not_of_what_the_work_reads_or_goes_on_with(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("mix", "old", "new"):
        put(store, name, num_samples=125_000)
    (store.root / "begun.chunks").write_bytes(bytes(1_000_000))
    age(store, "begun.chunks", "mix.f32", "old.f32", "new.f32")
    free_disk(monkeypatch, store.root, 4_100_000)
    store.require_space(1_000_000, "this", {"mix"})
    assert {path.stem for path in store.root.iterdir()} == {"begun", "mix", "new"}
    # What was begun counts as space, and is all that is left to give.
    store.require_space(3_000_000, "this", {"mix"})
    assert {path.stem for path in store.root.iterdir()} == {"begun", "mix"}


def test_sound_and_what_was_told_of_it_go_together(store: ArtifactStore) -> None:
    for name in "ab":
        put(store, name)
        store.put_value(name, ["told"])
    age(store, "a.json", "b.json", "b.f32", "a.f32")
    store.quota_bytes = 9_000
    store.trim()
    assert {path.name for path in store.root.iterdir()} == {"a.f32", "a.json"}


def test_what_goes_between_a_look_and_a_touch_is_no_error(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(path: Path) -> None:
        raise FileNotFoundError(path)

    put(store, "a")
    monkeypatch.setattr(os, "utime", gone)
    assert store.find("a")


def test_a_sound_that_has_gone_is_a_known_error(store: ArtifactStore) -> None:
    ref = put(store, "a")
    raw_audio_path(store.root, "a").unlink()
    with pytest.raises(ArtifactMissingError, match="restore again"):
        store.map(ref)


def test_values_come_back_and_what_is_damaged_is_made_again(store: ArtifactStore) -> None:
    assert store.find_value("a", list[float]) is None
    store.put_value("a", [0.1, 1e-300])
    assert store.find_value("a", list[float]) == [0.1, 1e-300]
    (store.root / "a.json").write_text("[0.1")
    assert store.find_value("a", list[float]) is None


def test_cache_folder_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("REPRISE_CACHE")
    assert cache_folder().name == "reprise"


def test_sums_and_differences(store: ArtifactStore) -> None:
    a, b = put(store, "a", 0), put(store, "b", 1)
    context = PlainContext()
    total = combine([(a, 0.5), (b, -2.0)], store, context)
    np.testing.assert_allclose(
        store.map(total), 0.5 * store.map(a) - 2 * store.map(b), rtol=1e-5, atol=1e-6
    )
    np.testing.assert_allclose(
        store.map(subtract(total, (b,), store, context)),
        store.map(total) - store.map(b),
        atol=1e-6,
    )
    assert combine([(a, 0.5), (b, -2.0)], store, context) == total
    with pytest.raises(ValueError, match="differ"):
        combine([(a, 1), (put(store, "c", num_samples=3), 1)], store, context)


def test_a_sum_that_changes_nothing_is_no_new_sound(store: ArtifactStore) -> None:
    a, b = put(store, "a", 0), put(store, "b", 1)
    assert combine([(a, 1.0), (b, 0.0)], store, PlainContext()) == a
    assert not store.map(combine([(a, 0.0)], store, PlainContext())).any()


def test_long_sums_and_hashes_can_be_cancelled(store: ArtifactStore) -> None:
    ref = put(store, "a", num_samples=20_000)
    context = PlainContext(is_cancelled=lambda: True)
    with pytest.raises(CancelledError):
        combine([(ref, 0.5)], store, context)
    path = raw_audio_path(store.root, "a")
    with pytest.raises(CancelledError):
        content_hash(path, context.raise_if_cancelled)
    assert list(store.root.iterdir()) == [path]
