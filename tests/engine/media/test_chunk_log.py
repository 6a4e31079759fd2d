"""Of a separation that was killed, what was wholly written is there again, and nothing else."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Timer

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.errors import CancelledError, DiskFullError
from engine.media.chunk_log import ChunkLog
from engine.media.file_lock import lock
from tests.helpers.processes import REPOSITORY

STEMS, CHANNELS = 2, 3
Orders = list[tuple[int, ...]]


def nothing() -> None:
    """Ask nothing."""


def block(num_samples: int, seed: int = 0) -> NDArray[np.float32]:
    random = np.random.default_rng(seed)
    return random.standard_normal((STEMS, CHANNELS, num_samples)).astype(np.float32)


def write(path: Path, lengths: list[int], orders: Orders) -> None:
    """One step for each length, by a writer that is stopped after the last one."""
    with suppress(CancelledError), ChunkLog(path, STEMS, CHANNELS) as log:
        log.begin(4)
        for seed, length in enumerate(lengths):
            log.append(block(length, seed), orders)
        cancelled()


def cancelled() -> None:
    """Ask, and hear of a cancel."""
    raise CancelledError


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.chunks"
    orders: Orders = [(1, 0), (0, 1)]
    write(path, [5, 0, 7], orders)
    with ChunkLog(path, STEMS, CHANNELS) as log:
        assert log.resume(nothing)
        assert (log.num_samples, log.batch_size) == (12, 4)
        assert log.orders == tuple(orders * 3)
        for seed, (length, stems) in enumerate(zip([5, 0, 7], log.stems(), strict=True)):
            np.testing.assert_array_equal(stems, block(length, seed))
        # Reading does not move the place where the next step goes.
        log.append(block(3, 9), orders)
        np.testing.assert_array_equal(list(log.stems())[3], block(3, 9))
        assert log.num_samples == 15
    assert not path.exists()


@given(st.lists(st.integers(0, 9), min_size=1, max_size=5), st.data())
def test_a_step_that_is_not_wholly_there_does_not_count(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("torn") / "a.chunks"
    write(path, lengths, [(0, 1)])
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        del content[place:]
    else:
        content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    ends = [20 + 4, *(16 + 2 + 4 * STEMS * CHANNELS * n for n in lengths)]
    whole = int(np.searchsorted(np.cumsum(ends), place, side="right"))
    there = lengths[: max(0, whole - 1)]
    with ChunkLog(path, STEMS, CHANNELS) as log:
        assert log.resume(nothing) == bool(there)
        assert log.num_samples == sum(there)
        assert len(log.orders) == len(there)
        if not there:
            log.begin(1)
        log.append(block(4, 99), [(1, 0)])
        read = list(log.stems())
    expected = [*(block(n, seed) for seed, n in enumerate(there)), block(4, 99)]
    np.testing.assert_array_equal(np.concatenate(read, -1), np.concatenate(expected, -1))


def test_another_shape_or_a_foreign_file_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.chunks"
    write(path, [5], [(0, 1)])
    with ChunkLog(path, STEMS, CHANNELS + 1) as log:
        assert not log.resume(nothing)
    path.write_bytes(b"something else" * 9)
    with ChunkLog(path, STEMS, CHANNELS) as log:
        assert not log.resume(nothing)
        log.begin(1)
        assert list(log.stems()) == []


def test_where_nothing_was_finished_nothing_stays(tmp_path: Path) -> None:
    write(tmp_path / "a.chunks", [], [])
    assert list(tmp_path.iterdir()) == []


def test_reading_what_is_there_can_be_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "a.chunks"
    write(path, [5], [(0, 1)])
    with pytest.raises(CancelledError), ChunkLog(path, STEMS, CHANNELS) as log:
        log.resume(cancelled)
    with pytest.raises(CancelledError), ChunkLog(path, STEMS, CHANNELS):
        cancelled()
    with ChunkLog(path, STEMS, CHANNELS) as log:
        assert log.resume(nothing)


def test_two_writers_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "a.chunks"
    write(path, [5], [(0, 1)])
    with ChunkLog(path, STEMS, CHANNELS) as first:
        assert first.resume(nothing)
        with ChunkLog(path, STEMS, CHANNELS) as second:
            assert not second.resume(nothing)
            second.begin(1)
            second.append(block(2), [(0, 1)])
            assert len(list(tmp_path.iterdir())) == 2
        assert list(tmp_path.iterdir()) == [path]
        np.testing.assert_array_equal(next(first.stems()), block(5))


def test_somebody_who_only_asks_for_the_owner_is_no_writer(tmp_path: Path) -> None:
    path = tmp_path / "a.chunks"
    write(path, [5], [(0, 1)])
    with path.open("r+b") as file:
        lock(file)
        gone = Timer(0.05, file.close)
        gone.start()
        with ChunkLog(path, STEMS, CHANNELS) as log:
            assert log.resume(nothing)
        gone.join()


def test_a_killed_process_leaves_its_steps_and_no_lock(tmp_path: Path) -> None:
    code = (
        "import os, sys; import numpy as np; from pathlib import Path\n"
        "from engine.media.chunk_log import ChunkLog\n"
        "with ChunkLog(Path(sys.argv[1]), 2, 3) as log:\n"
        "    log.begin(4)\n"
        "    log.append(np.ones((2, 3, 8), np.float32), [(0, 1)])\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    path = tmp_path / "a.chunks"
    subprocess.run((sys.executable, "-c", code, str(path)), cwd=REPOSITORY, check=False)
    with ChunkLog(path, STEMS, CHANNELS) as log:
        assert log.resume(nothing)
        assert log.num_samples == 8


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is full")
def test_a_full_disk_is_a_known_error(tmp_path: Path) -> None:
    path = tmp_path / "a.chunks"
    path.symlink_to("/dev/full")
    with pytest.raises(DiskFullError), ChunkLog(path, STEMS, CHANNELS) as log:
        log.append(block(100_000), [(0, 1)])
