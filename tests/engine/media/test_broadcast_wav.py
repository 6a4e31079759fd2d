"""Time stamps are found by FFmpeg, and the sound stays what it was."""

from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from engine.media.broadcast_wav import stamp

MADE_AT = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize("container", ["WAV", "RF64"])
@pytest.mark.parametrize("num_samples", [1, 1000, 1001])
@pytest.mark.parametrize("start_sample", [0, 12_345, 48_000 * 86_399])
def test_a_stamp_is_found_and_the_sound_stays(
    tmp_path: Path, container: str, num_samples: int, start_sample: int
) -> None:
    path = tmp_path / "a.wav"
    sound = np.linspace(-1, 1, num_samples, dtype=np.float32)
    with soundfile.SoundFile(path, "w", 48_000, 1, "PCM_24", format=container) as file:
        file.write(sound)
    before, _ = soundfile.read(path)
    stamp(path, start_sample, "Dialogue of ä.mp4" + 300 * "x", MADE_AT)
    after, _ = soundfile.read(path)
    np.testing.assert_array_equal(after, before)
    with av.open(str(path)) as found:
        assert found.metadata["time_reference"] == str(start_sample)
        assert found.metadata["comment"].startswith("Dialogue of ?.mp4xx")
        assert found.metadata["encoded_by"] == "Reprise"
        assert found.metadata["date"] == "2026-05-04"
        assert found.streams.audio[0].duration == num_samples


def test_only_wav_files_can_hold_one(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    path.write_bytes(b"fLaC")
    with pytest.raises(ValueError, match="no WAV file"):
        stamp(path, 0, "", MADE_AT)
    assert path.read_bytes() == b"fLaC"
