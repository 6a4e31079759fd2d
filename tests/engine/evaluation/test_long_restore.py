"""A restore takes no more memory for a long film than for a short one."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.evaluation.long_restore import Peaks, anonymous_bytes, watch, write_film
from engine.media.decode import AudioReader
from engine.media.frames import VideoReader
from engine.types import Audio
from tests.helpers.media import noise

RATE_HZ = 16_000
# The first minutes warm the heap up; a restore of 1,200 s takes no more than one of 600.
SHORT_S, LONG_S = 300, 600
MORE_BYTES = 25_000_000

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells anonymous memory")


def test_a_film_of_any_length_is_written(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mkv", 7, Audio(noise(3, RATE_HZ), RATE_HZ))
    with AudioReader(film) as reader:
        assert sum(block.shape[1] for block in reader.blocks()) == 7 * RATE_HZ
    with VideoReader(film) as picture:
        assert picture.duration_s == pytest.approx(7, abs=0.2)


@on_linux
def test_memory_of_a_process_is_seen(tmp_path: Path) -> None:
    hold = "import time; x = bytearray(b'1') * 300_000_000; time.sleep(1)"
    peaks = watch([sys.executable, "-c", hold], tmp_path)
    assert peaks.memory_bytes > 300_000_000
    assert anonymous_bytes(2**30) == 0
    with pytest.raises(subprocess.CalledProcessError):
        watch([sys.executable, "-c", "raise SystemExit(1)"], tmp_path)


def restored(folder: Path, seconds: int) -> Peaks:
    folder.mkdir()
    film = write_film(folder / "film.mkv", seconds, Audio(noise(30, RATE_HZ), RATE_HZ))
    return watch([sys.executable, "-m", "tests.helpers.long_restore", str(film)], folder / "cache")


@on_linux
@pytest.mark.long
def test_the_memory_of_a_blind_restore_does_not_grow_with_length(tmp_path: Path) -> None:
    short, long = restored(tmp_path / "short", SHORT_S), restored(tmp_path / "long", LONG_S)
    one_sound = 4 * 2 * RATE_HZ * LONG_S
    assert one_sound > 3 * MORE_BYTES
    if long.memory_bytes >= short.memory_bytes + MORE_BYTES:
        # On a busy machine who looks may miss a peak, never see one that is not there.
        again = restored(tmp_path / "again", SHORT_S)
        short = max(short, again, key=lambda peaks: peaks.memory_bytes)
    assert long.memory_bytes < short.memory_bytes + MORE_BYTES
    # On the disk it is as many sounds as the program asks space for, and the mix.
    assert long.disk_bytes < (8 + 1) * one_sound * 1.01
