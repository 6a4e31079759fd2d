"""WAV files hold the very samples and appear whole or not at all."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import soundfile

from engine.errors import DiskFullError, OutputError
from engine.media import wav
from engine.media.wav import wav_format, write_wav
from engine.types import Samples
from tests.helpers.media import noise


def write(path: Path, sound: Samples, rate: int = 48_000) -> None:
    write_wav(path, [sound[:, :1000], sound[:, 1000:]], sound.shape[1], sound.shape[0], rate)


@pytest.mark.parametrize("channels", [1, 2, 6, 8])
@pytest.mark.parametrize("rate", [8_000, 44_100, 192_000])
def test_samples_come_back_bit_by_bit(tmp_path: Path, channels: int, rate: int) -> None:
    sound = noise(0.5, rate, channels) * np.float32(4)  # beyond full scale: never clipped
    write(tmp_path / "a.wav", sound, rate)
    back, back_rate = soundfile.read(tmp_path / "a.wav", dtype="float32", always_2d=True)
    assert back_rate == rate
    assert np.array_equal(back.T, sound)
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


@pytest.mark.parametrize(
    ("size", "expected"), [(0, "WAV"), (2**32 - 2**16, "WAV"), (2**32, "RF64"), (2**40, "RF64")]
)
def test_format_by_size(size: int, expected: str) -> None:
    assert wav_format(size) == expected


def test_rf64_is_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wav, "_MAX_WAV_BYTES", 1000)
    sound = noise(0.5)
    write(tmp_path / "a.wav", sound)
    assert (tmp_path / "a.wav").read_bytes()[:4] == b"RF64"
    back, _ = soundfile.read(tmp_path / "a.wav", dtype="float32")
    assert np.array_equal(back.T, sound)


def test_one_sample_and_none(tmp_path: Path) -> None:
    for num_samples in (0, 1):
        write(tmp_path / "a.wav", np.full((2, num_samples), 0.5, np.float32))
        back, _ = soundfile.read(tmp_path / "a.wav", dtype="float32", always_2d=True)
        assert back.shape == (num_samples, 2)


def test_wrong_length_leaves_the_older_file(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", noise(0.1))
    before = (tmp_path / "a.wav").read_bytes()
    with pytest.raises(ValueError, match="expected 99"):
        write_wav(tmp_path / "a.wav", [noise(0.1)], 99, 2, 48_000)
    assert (tmp_path / "a.wav").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="No such file"):
        write(tmp_path / "no" / "a.wav", noise(0.1))


def test_full_disk_is_found_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage(NamedTuple):
        total: int
        used: int
        free: int

    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(10, 10, 0))
    with pytest.raises(DiskFullError):
        write(tmp_path / "a.wav", noise(0.1))
    assert list(tmp_path.iterdir()) == []
