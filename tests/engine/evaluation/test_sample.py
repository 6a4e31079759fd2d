"""The sample is there, and a minute can be made of it."""

from pathlib import Path

import pytest

from engine.evaluation.sample import BGM, FILM, MINUTE_S, ORIGINAL, make_minute, sample_folder
from engine.media.decode import AudioReader


def test_the_sample_is_there() -> None:
    assert all((sample_folder() / name).is_file() for name in (FILM, ORIGINAL, BGM))


def test_a_minute_is_a_minute(tmp_path: Path) -> None:
    with AudioReader(make_minute(tmp_path / "minute.mp4")) as reader:
        assert reader.num_samples / reader.sample_rate_hz == pytest.approx(MINUTE_S, abs=1e-4)
