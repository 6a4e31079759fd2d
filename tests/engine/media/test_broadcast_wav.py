"""Time stamps are found by FFmpeg, and the sound stays what it was."""

import struct
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

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
        assert found.metadata["comment"].startswith("Dialogue of a.mp4xx")
        assert found.metadata["title"].startswith("Dialogue of ä.mp4xx")
        assert found.metadata["encoded_by"] == "Reprise"
        assert found.metadata["date"] == "2026-05-04"
        assert found.streams.audio[0].duration == num_samples


def test_the_name_in_full_is_where_editors_and_players_look(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(7, np.float32), 48_000, "FLOAT")
    name = "음악 <& Ærø> 音\n\udc80"
    stamp(path, 0, name, MADE_AT, details=", 1.0 s")
    chunks = chunks_of(path)
    ixml = ET.fromstring(chunks[b"iXML"])
    assert ixml.findtext("NOTE") == "음악 <& Ærø> 音 ?, 1.0 s"
    assert chunks[b"bext"].startswith(b"eumag <& AEro> ? ?, 1.0 s\0")
    assert chunks[b"LIST"][12:-1].rstrip(b"\0").decode() == "음악 <& Ærø> 音 ?"


def test_what_follows_a_long_name_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(7, np.float32), 48_000, "FLOAT")
    stamp(path, 0, 250 * "ß", MADE_AT, details=", from the middle")
    assert chunks_of(path)[b"bext"][:256] == b"s" * 239 + b", from the middle"


def chunks_of(path: Path) -> dict[bytes, bytes]:
    """The content of each chunk of a WAV file, which has to end where the last one does."""
    content = path.read_bytes()
    assert struct.unpack("<I", content[4:8])[0] == len(content) - 8
    at, found = 12, {}
    while at < len(content):
        kind, size = struct.unpack("<4sI", content[at : at + 8])
        found[kind] = content[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    assert at == len(content)
    return found


def test_only_wav_files_can_hold_one(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    path.write_bytes(b"fLaC")
    with pytest.raises(ValueError, match="no WAV file"):
        stamp(path, 0, "", MADE_AT)
    assert path.read_bytes() == b"fLaC"
