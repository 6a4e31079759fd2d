"""`reprise identify` names the tracks, their places and speeds, whatever was done to them."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.cli.run import DONE, FAILED, run_command
from engine.datasets.codec import FORMATS, through_codec
from engine.dsp.resample import at_rate
from engine.evaluation.bgm_clips import SAMPLE_RATE_HZ
from engine.types import Samples
from tests.helpers.library import (
    SMALL_RATE_HZ,
    cut,
    faster,
    melody,
    song,
    speech,
    write_sound,
)

AAC, MP3, OPUS = FORMATS
FIELDS = {
    *("track", "track_start_s", "video_start_s", "video_end_s"),
    *("gain_db", "speed", "confidence"),
}


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path / "data"))


@pytest.fixture(scope="session")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two pieces of music."""
    folder = tmp_path_factory.mktemp("songs")
    for number in (0, 1):
        write_sound(folder / f"song{number}.flac", song(number))
    return folder


@pytest.fixture
def tunes(tmp_path: Path) -> Path:
    """A folder with two short ones that cost little."""
    folder = tmp_path / "tunes"
    for number in (0, 1):
        write_sound(folder / f"tune{number}.flac", melody(16, number), SMALL_RATE_HZ)
    return folder


def identify(*arguments: str | Path) -> int:
    return run_command("identify", [str(argument) for argument in arguments])


def answers(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


@dataclass(frozen=True)
class Laid:
    """Where a track should be found."""

    track: str
    video_start_s: float
    track_start_s: float
    length_s: float
    speed: float = 1.0


def under_speech(*parts: Samples) -> Samples:
    """One after the other, as loud as somebody who talks meanwhile."""
    music = np.concatenate(parts, axis=1)
    talk = speech()[:, : music.shape[1]]
    return np.asarray(talk + music * (np.std(talk) / np.std(music)), np.float32)


def looped_and_another_at_48_khz() -> tuple[Samples, int]:
    mix = under_speech(cut(song(0), 2, 5), cut(song(0), 2, 5), cut(song(1), 11.5, 8))
    return at_rate(mix, SAMPLE_RATE_HZ, 48_000), 48_000


def anywhere_in_mono_through_opus() -> tuple[Samples, int]:
    mix = through_codec(under_speech(cut(song(1), 4.321, 15)), OPUS, 64)
    return mix.mean(0, keepdims=True), SAMPLE_RATE_HZ


def as_fast_as_pal_through_aac() -> tuple[Samples, int]:
    mix = under_speech(faster(cut(song(0), 3, 17), 25 / 24))
    return through_codec(mix, AAC, 64), SAMPLE_RATE_HZ


def drifting_through_mp3() -> tuple[Samples, int]:
    mix = under_speech(faster(cut(song(1), 3, 16), 1.001))
    return through_codec(mix, MP3, 64), SAMPLE_RATE_HZ


CASES = {
    looped_and_another_at_48_khz: [
        Laid("song0.flac", 0, 2, 5),
        Laid("song0.flac", 5, 2, 5),
        Laid("song1.flac", 10, 11.5, 8),
    ],
    anywhere_in_mono_through_opus: [Laid("song1.flac", 0, 4.321, 15)],
    as_fast_as_pal_through_aac: [Laid("song0.flac", 0, 3, 16.32, 25 / 24)],
    drifting_through_mp3: [Laid("song1.flac", 0, 3, 15.98, 1.001)],
}


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)
def test_what_was_laid_under_speech_is_found(
    tmp_path: Path, songs: Path, capfd: pytest.CaptureFixture[str], make: Any
) -> None:
    clip = write_sound(tmp_path / "clip.wav", *make())
    assert identify(clip, "--library", songs, "--json") == DONE
    (answer,) = answers(capfd)
    assert answer["warnings"] == []
    found = answer["matches"]
    assert [Path(match["track"]).name for match in found] == [laid.track for laid in CASES[make]]
    for match, laid in zip(found, CASES[make], strict=True):
        assert match["speed"] == pytest.approx(laid.speed, abs=5e-5)
        assert match["video_start_s"] == pytest.approx(laid.video_start_s, abs=1.0)
        assert match["video_end_s"] == pytest.approx(laid.video_start_s + laid.length_s, abs=1.0)
        place_s = laid.track_start_s + (match["video_start_s"] - laid.video_start_s) * laid.speed
        assert match["track_start_s"] == pytest.approx(place_s, abs=2e-3)
        assert 0.5 < match["confidence"] <= 1


def test_other_music_is_not_found(
    tmp_path: Path, tunes: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    clip = write_sound(tmp_path / "clip.wav", melody(12, 5), SMALL_RATE_HZ)
    assert identify(clip, "--library", tunes) == DONE
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err == "reprise: no track of the library was found in clip.wav\n"
    assert identify(clip, "--library", tunes, "--json") == DONE
    assert answers(capfd) == [
        {"input": str(clip), "matches": [], "stretched": [], "warnings": []},
    ]


def test_json_and_words(tmp_path: Path, tunes: Path, capfd: pytest.CaptureFixture[str]) -> None:
    music = melody(16, 1)[:, 2 * SMALL_RATE_HZ :]
    clip = write_sound(tmp_path / "clip.wav", music + 0.5 * melody(14, 5), SMALL_RATE_HZ)
    assert identify(clip, "--library", tunes, "--json") == DONE
    (answer,) = answers(capfd)
    assert answer["input"] == str(clip)
    (match,) = answer["matches"]
    assert match.keys() == FIELDS
    assert match["track"] == str(tunes / "tune1.flac")
    assert match["gain_db"] == pytest.approx(0, abs=1)
    assert identify(clip, "--library", tunes) == DONE
    (line,) = capfd.readouterr().out.splitlines()
    assert "tune1.flac from 2." in line
    assert "confidence" in line
    assert "in speed" not in line


def test_a_changed_pitch_is_told(
    tmp_path: Path, tunes: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    clip = write_sound(tmp_path / "clip.wav", melody(16, 1, pitch=1.05), SMALL_RATE_HZ)
    assert identify(clip, "--library", tunes, "--json") == DONE
    (answer,) = answers(capfd)
    assert answer["matches"] == []
    (stretched,) = answer["stretched"]
    assert stretched["path"] == str(tunes / "tune1.flac")
    assert (stretched["tempo"], stretched["pitch"]) == (1.0, pytest.approx(1.05, abs=0.011))
    (warning,) = answer["warnings"]
    assert "its pitch changed by +5%" in warning


def test_the_users_own_library_is_the_default(
    tmp_path: Path, tunes: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    clip = write_sound(tmp_path / "clip.wav", melody(16, 0)[:, SMALL_RATE_HZ:], SMALL_RATE_HZ)
    assert identify(clip) == FAILED
    assert "no library to look in" in capfd.readouterr().err
    run_command("library", ["add", str(tunes)])
    (tunes / "tune0.flac").rename(tmp_path / "tune0.flac")
    capfd.readouterr()
    assert identify(clip) == DONE
    note, nothing = capfd.readouterr().err.splitlines()
    assert note == "reprise: note: recognised, but the file is gone: tune0.flac"
    assert nothing == "reprise: no track of the library was found in clip.wav"
    (tmp_path / "tune0.flac").rename(tunes / "tune0.flac")
    assert identify(clip) == DONE
    assert "tune0.flac" in capfd.readouterr().out


def test_a_name_that_is_no_text_is_written_out(
    tmp_path: Path, tunes: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tunes / "tune1.flac").rename(tunes / os.fsdecode(b"caf\xe9.flac"))
    clip = write_sound(tmp_path / "clip.wav", melody(16, 1)[:, SMALL_RATE_HZ:], SMALL_RATE_HZ)
    assert identify(clip, "--library", tunes, "--json") == DONE
    (answer,) = answers(capfd)
    assert answer["matches"][0]["track"] == str(tunes / "caf\\udce9.flac")


def test_the_sound_of_the_video_itself_is_called_so(
    tmp_path: Path, tunes: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    # Dithered, so that it is not the same to the bit.
    copy = melody(16, 0) + np.float32(1e-4) * melody(16, 5)
    clip = write_sound(tmp_path / "clip.wav", copy, SMALL_RATE_HZ)
    assert identify(clip, "--library", tunes) == DONE
    captured = capfd.readouterr()
    assert "tune0.flac" in captured.out
    assert "tune0.flac is the sound of the video itself" in captured.err


def test_an_input_at_fault_does_not_stop_the_others(
    tmp_path: Path, tunes: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.mp4").write_text("no film")
    clip = write_sound(tmp_path / "clip.wav", melody(12, 5), SMALL_RATE_HZ)
    assert identify(tmp_path / "bad.mp4", clip, "--library", tunes, "--json") == FAILED
    bad, good = answers(capfd)
    assert bad["input"] == str(tmp_path / "bad.mp4")
    assert bad["error"]["code"] == "not_media"
    assert good["matches"] == []


def test_of_several_inputs_each_line_says_which(
    tmp_path: Path, tunes: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    clips = [
        write_sound(tmp_path / f"clip{n}.wav", melody(16, n)[:, SMALL_RATE_HZ:], SMALL_RATE_HZ)
        for n in (0, 1)
    ]
    assert identify(*clips, "--library", tunes) == DONE
    lines = capfd.readouterr().out.splitlines()
    assert len(lines) == len(clips)
    for number, line in enumerate(lines):
        assert line.startswith(f"{clips[number]}: 0.0 - ")
        assert f"tune{number}.flac from 1.0 s, +0.0 dB (" in line


def test_no_such_folder(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    clip = write_sound(tmp_path / "clip.wav", melody(3, 5), SMALL_RATE_HZ)
    assert identify(clip, "--library", tmp_path / "none", "--json") == FAILED
    (answer,) = answers(capfd)
    assert answer["error"]["code"] == "input_not_found"
