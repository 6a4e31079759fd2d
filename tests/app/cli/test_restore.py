"""`reprise restore` from arguments to files, JSON and exit codes, on real files."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
import torch
from numpy.typing import NDArray

from app.cli.run import DONE, FAILED, USAGE, run_command
from engine.dsp.metrics import si_sdr_db
from engine.evaluation.sample import BGM, FILM, ORIGINAL, sample_folder
from engine.library.database import FILE_NAME
from engine.media.decode import AudioReader
from engine.types import Samples
from tests.helpers.checkpoints import roformer_state
from tests.helpers.library import SMALL_RATE_HZ, melody, write_sound
from tests.helpers.media import make_video, noise, picture_packets

pytestmark = pytest.mark.slow

FIELDS = {
    "input",
    "output",
    "duration_s",
    "sample_rate_hz",
    "channels",
    "method",
    "bgm",
    "decision",
    "speech",
    "stages",
    "stems",
    "warnings",
    "notices",
    "region",
}


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path / "data"))


def restore(*arguments: str | Path) -> int:
    return run_command("restore", [str(argument) for argument in arguments])


def read(path: Path) -> Samples:
    with AudioReader(path) as reader:
        return np.concatenate(list(reader.blocks()), axis=1)


def answers(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def test_a_known_track_goes_and_the_picture_stays(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    film, original = sample_folder() / FILM, read(sample_folder() / ORIGINAL)
    output = tmp_path / "out.mp4"
    assert restore(film, "--bgm", sample_folder() / BGM, "-o", output, "--json") == DONE
    (answer,) = answers(capfd)
    assert answer.keys() == FIELDS
    assert answer["method"] == "known_bgm"
    assert answer["output"] == str(output)
    (match,) = answer["bgm"]
    assert match["track_start_s"] - match["video_start_s"] == pytest.approx(5.0, abs=1e-3)
    restored = read(output)
    assert restored.shape == original.shape
    gain_db = si_sdr_db(original, restored) - si_sdr_db(original, read(film))
    assert gain_db > 12
    assert picture_packets(output) == picture_packets(film)


def test_speech_of_a_film_whose_added_track_is_known(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    film, speech = sample_folder() / FILM, tmp_path / "speech.mp4"
    known = "--bgm", sample_folder() / BGM, "-o", tmp_path / "out.mp4"
    assert restore(film, *known, "--dialogue-only", speech, "--json") == DONE
    (answer,) = answers(capfd)
    assert answer["method"] == "known_bgm"
    assert answer["speech"]
    spoken, original = read(speech), read(sample_folder() / ORIGINAL)
    assert spoken.shape == original.shape
    assert 0.05 < np.square(spoken).mean() / np.square(original).mean() < 1


@pytest.mark.parametrize("arguments", [("nothing.mp4",), ("film.mkv", "--bgm", "no.mp3")])
def test_files_that_cannot_be_read_are_told_before_torch_starts(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    make_video(tmp_path / "film.mkv", 1, noise(1))
    words = "import sys; from app.cli.restore import restore; from app.cli.run import run_command"
    script = f"{words}; run_command('restore', sys.argv[1:]); print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=tmp_path, capture_output=True, text=True
    )
    assert "does not exist" in done.stderr
    assert done.stdout == "False\n"


def test_blind_writes_stems_that_add_up_and_a_film_of_speech(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    film, stems, speech = sample_folder() / FILM, tmp_path / "stems", tmp_path / "speech.mp4"
    wanted = "--stems", stems, "--dialogue-only", speech, "--ost", "first", "--json"
    network = "--model", "mixed_music=starter-music"
    assert restore(film, "--blind", "-o", tmp_path / "o.mp4", *wanted, *network) == DONE
    (answer,) = answers(capfd)
    assert answer["method"] == "blind"
    assert answer["decision"] == {"ost": "first", "verdict": "first", "confidence": 1.0}
    sounds = {name: soundfile.read(path)[0].T for name, path in answer["stems"].items()}
    names = {"mix", "restored", "dialogue", "effects", "ost", "bgm", "music1", "music2"}
    assert sounds.keys() == names
    four = sum(sounds[name] for name in ("dialogue", "effects", "ost", "bgm"))
    np.testing.assert_allclose(four, sounds["mix"], atol=1e-6)
    np.testing.assert_allclose(sounds["restored"] + sounds["bgm"], sounds["mix"], atol=1e-6)
    assert read(speech).shape == sounds["mix"].shape


def test_by_default_blind_tells_speech_from_the_rest(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    film, stems = sample_folder() / FILM, tmp_path / "stems"
    assert restore(film, "--blind", "-o", tmp_path / "o.mp4", "--json", "--stems", stems) == DONE
    (answer,) = answers(capfd)
    assert answer["decision"] is None
    assert "no music was taken out" in answer["warnings"][0]
    sounds = {name: soundfile.read(path)[0].T for name, path in answer["stems"].items()}
    assert sounds.keys() == {"mix", "restored", "dialogue", "rest"}
    np.testing.assert_allclose(sounds["dialogue"] + sounds["rest"], sounds["mix"], atol=1e-6)
    level = np.square(sounds["dialogue"]).mean() / np.square(sounds["mix"]).mean()
    assert 0.05 < level < 1


def test_a_failing_input_is_told_and_the_others_go_on(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bgm = make_video(tmp_path / "bgm.flac", 0, noise(9, seed=3), codec="flac")
    good = make_video(
        tmp_path / "good.mkv", 6, noise(6, seed=1) + 0.5 * noise(9, seed=3)[:, :288000]
    )
    bad = tmp_path / "bad.mp4"
    bad.write_text("this is no film")
    out = tmp_path / "out"
    code = restore(bad, good, "--bgm", bgm, "--out-dir", out, "--json")
    first, second = answers(capfd)
    assert code == FAILED
    assert first["input"] == str(bad)
    assert first["error"].keys() == {"code", "message", "hint"}
    assert first["error"]["code"] == "not_media"
    assert second["output"] == str(out / "good.restored.mkv")
    assert [path.name for path in out.iterdir()] == ["good.restored.mkv"]


def test_a_failing_input_is_named_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.mp4"
    bad.write_text("this is no film")
    silent = make_video(tmp_path / "mute.mp4", 2)
    assert restore(bad, silent, "--blind") == FAILED
    first, second = capfd.readouterr().err.splitlines()
    assert first.count(bad.name) == 1
    assert second.count(silent.name) == 1


def test_several_videos_get_a_folder_of_stems_each(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bgm = make_video(tmp_path / "bgm.flac", 0, noise(9, seed=3), codec="flac")
    films = [
        make_video(tmp_path / name, 6, noise(6, seed=seed) + noise(9, seed=3)[:, :288000])
        for seed, name in enumerate(("a.mkv", "b.mkv"))
    ]
    stems = tmp_path / "stems"
    assert restore(*films, "--bgm", bgm, "--stems", stems, "--json") == DONE
    for film, answer in zip(films, answers(capfd), strict=True):
        mix = Path(answer["stems"]["mix"])
        assert mix == stems / film.stem / "mix.wav"
        np.testing.assert_allclose(soundfile.read(mix)[0].T, read(film), atol=1e-6)


def test_without_json_it_speaks_in_words(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert restore(tmp_path / "nothing.mp4", "--blind") == FAILED
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "nothing.mp4" in captured.err


def test_the_input_is_never_the_output(tmp_path: Path) -> None:
    film = make_video(tmp_path / "film.mkv", 1, noise(1))
    before = film.read_bytes()
    (tmp_path / "link.mkv").symlink_to(film)
    assert restore(film, "--blind", "-o", film) == USAGE
    assert restore(film, "--blind", "-o", tmp_path / "link.mkv") == USAGE
    assert film.read_bytes() == before


@pytest.mark.parametrize("way", ["itself", "symlink", "hard link", "track"])
def test_no_stem_replaces_an_input(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], way: str
) -> None:
    stem = tmp_path / "dialogue.wav"
    song = write_sound(stem, melody(6, seed=1), SMALL_RATE_HZ)
    film = tmp_path / "film.wav"
    if way == "symlink":
        film.symlink_to(song)
    elif way == "hard link":
        film.hardlink_to(song)
    elif way == "track":
        film = make_video(tmp_path / "film.mkv", 1, noise(1))
    else:
        film = song
    before = stem.read_bytes()
    known = ("--bgm", song) if way == "track" else ("--blind",)
    code = restore(film, *known, "-o", tmp_path / "k.mkv", "--stems", tmp_path)
    assert code == USAGE
    assert f"would replace the input {stem}" in capfd.readouterr().err
    assert stem.read_bytes() == before
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-o", "no/such/folder.mkv"], "cannot write"),
        (["--stems", "film.mkv"], "cannot write"),
        (["--audio-codec", "nonsense"], "cannot write nonsense into"),
    ],
)
def test_an_impossible_output_is_told_before_the_work(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    make_video(tmp_path / "film.mkv", 1, noise(1))
    assert restore("film.mkv", "--blind", *arguments) == FAILED
    assert words in capfd.readouterr().err
    assert not (tmp_path / "cache").exists()


def test_names_that_come_from_a_change_of_container_replace_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    films = [make_video(tmp_path / "film.mkv", 1, noise(1)), tmp_path / "film.dat"]
    films[1].write_bytes(films[0].read_bytes())
    song = make_video(tmp_path / "song.mkv", 0, noise(1), codec="flac")
    before = song.read_bytes()
    assert restore(films[0], "--bgm", song, "-o", tmp_path / "song.txt") == FAILED
    assert "song.mkv is taken" in capfd.readouterr().err
    assert restore(*films, "--bgm", song, "--out-dir", tmp_path / "out") == USAGE
    assert "two results" in capfd.readouterr().err
    assert song.read_bytes() == before
    assert not (tmp_path / "out").exists()


def test_a_name_that_is_no_text_is_written_out(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    film = tmp_path / os.fsdecode(b"caf\xe9.mkv")
    try:
        make_video(tmp_path / "film.mkv", 6, noise(6, seed=1) + noise(6, seed=3)).rename(film)
    except OSError:
        pytest.skip("this file system takes only text")
    song = make_video(tmp_path / "song.flac", 0, noise(6, seed=3), codec="flac")
    assert restore(film, "--bgm", song, "--ost", "first", "--json") == DONE
    (answer,) = answers(capfd)
    assert answer["input"] == f"{tmp_path}/caf\\udce9.mkv"
    assert any("--ost first" in warning for warning in answer["warnings"])
    assert (tmp_path / os.fsdecode(b"caf\xe9.restored.mkv")).exists()


def test_a_cache_that_cannot_be_written_is_called_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    film = make_video(tmp_path / "film.mkv", 1, noise(1))
    monkeypatch.setenv("REPRISE_CACHE", str(film / "cache"))
    assert restore(film, "--blind") == FAILED
    captured = capfd.readouterr().err
    assert "cache" in captured
    assert "REPRISE_CACHE" in captured


@pytest.mark.parametrize(
    "arguments",
    [
        ["--bgm", "a.mp3", "--library", "b"],
        ["-o", "a.mp4", "--out-dir", "b"],
        ["-o", "."],
        ["-o", "/"],
        ["-o", ""],
    ],
)
def test_what_excludes_each_other_is_usage(arguments: list[str]) -> None:
    assert restore("film.mp4", *arguments) == USAGE


def test_a_preview_is_a_short_film_of_the_stretch(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes((sample_folder() / FILM).read_bytes())
    wanted = "--bgm", sample_folder() / BGM, "--json"
    stretch = "--preview", "0:05", "--preview-length", "4", "--stems", tmp_path / "stems"
    assert restore(film, *wanted, *stretch) == DONE
    assert restore(film, *wanted, "-o", tmp_path / "whole.mp4") == DONE
    preview, whole = answers(capfd)
    assert preview["output"] == str(tmp_path / "film.preview.mp4")
    assert preview["region"] == {"start_s": 5.0, "end_s": 9.0}
    assert preview["bgm"][0]["video_start_s"] == pytest.approx(5.0)
    assert whole["region"] is None
    rate_hz = preview["sample_rate_hz"]
    of_whole = read(tmp_path / "whole.mp4")[:, 5 * rate_hz : 9 * rate_hz]
    of_preview = read(tmp_path / "film.preview.mp4")
    assert of_preview.shape == of_whole.shape
    assert si_sdr_db(of_whole, of_preview) > 25
    mix, _ = soundfile.read(preview["stems"]["mix"])
    np.testing.assert_allclose(mix.T, read(film)[:, 5 * rate_hz : 9 * rate_hz], atol=1e-6)
    frames, expected = pictures(tmp_path / "film.preview.mp4"), pictures(film)
    np.testing.assert_array_equal(frames[0.0], expected[5.0])
    np.testing.assert_array_equal(frames[3.0], expected[8.0])


def pictures(film: Path) -> dict[float, NDArray[np.uint8]]:
    """The frames by their time."""
    with av.open(film) as container:
        frames = container.decode(container.streams.video[0])
        rgb = {round(frame.time or 0.0, 2): frame.to_ndarray(format="rgb24") for frame in frames}
    return {time_s: np.asarray(frame, np.uint8) for time_s, frame in rgb.items()}


def test_the_pick_of_a_quality_is_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    film = make_video(tmp_path / "film.mkv", 3, noise(3))
    path = tmp_path / "net_sdr_9.5.ckpt"
    torch.save(roformer_state(), path)
    assert run_command("models", ["import", str(path), "--name", "better"]) == DONE
    capfd.readouterr()
    assert restore(film, "--blind", "--quality", "best") == DONE
    first = capfd.readouterr().err.splitlines()[0]
    assert "quality best: separator better (the best known, 9.5 dB SDR by its author" in first
    assert restore(film, "--blind", "--quality", "best", "--json") == DONE
    (answer,) = answers(capfd)
    notice, music = answer["notices"]
    assert notice == first.removeprefix("reprise: ")
    assert music.startswith("quality best: mixed_music starter-ost-bgm (")
    assert {stage["name"]: stage["model"] for stage in answer["stages"]}["separator"] == "better"
    own = "--model", "separator=starter-speech"
    assert restore(film, "--blind", "--quality", "best", *own, "--json") == DONE
    (answer,) = answers(capfd)
    assert answer["notices"] == [music]
    assert answer["stages"][1]["model"] == "starter-speech"


@pytest.mark.parametrize("start", ["x", "1:2:3:4", "-3", ""])
def test_a_preview_wants_a_time(start: str) -> None:
    assert restore("film.mp4", "--blind", f"--preview={start}") == USAGE


@pytest.fixture
def clip_and_music(tmp_path: Path) -> tuple[Path, Path]:
    """A film with a track under it, and the folder of that track."""
    music = write_sound(tmp_path / "music" / "tune.flac", melody(16, 0), SMALL_RATE_HZ).parent
    mix = melody(16, 0) + 0.5 * melody(16, 5)
    return make_video(tmp_path / "film.mkv", 16, mix, SMALL_RATE_HZ), music


def test_a_library_that_is_named(
    clip_and_music: tuple[Path, Path], capfd: pytest.CaptureFixture[str]
) -> None:
    film, music = clip_and_music
    assert restore(film, "--library", music, "--json") == DONE
    (answer,) = answers(capfd)
    assert answer["method"] == "known_bgm"
    assert [match["track"] for match in answer["bgm"]] == [str(music / "tune.flac")]
    assert run_command("library", ["list"]) == DONE
    assert f"{music} (only searched): 1 track" in capfd.readouterr().out


def test_the_users_library_is_looked_through_by_default(
    tmp_path: Path, clip_and_music: tuple[Path, Path], capfd: pytest.CaptureFixture[str]
) -> None:
    film, music = clip_and_music
    other = write_sound(tmp_path / "other" / "tune.flac", melody(16, 1), SMALL_RATE_HZ).parent
    run_command("library", ["add", str(music), str(other)])
    capfd.readouterr()
    assert restore(film, "--json") == DONE
    (answer,) = answers(capfd)
    assert answer["method"] == "known_bgm"
    assert [match["track"] for match in answer["bgm"]] == [str(music / "tune.flac")]
    # Whoever says otherwise gets otherwise.
    assert restore(film, "--blind", "--json") == DONE
    (answer,) = answers(capfd)
    assert (answer["method"], answer["bgm"]) == ("blind", [])
    music.rename(tmp_path / "gone")
    assert restore(film) == DONE
    words = capfd.readouterr().err
    assert words.startswith(f"reprise: note: the library folder {music} is not there\n")
    assert "found tune.flac" not in words


def test_a_damaged_library_that_nobody_named_is_left_out(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data" / "library").mkdir(parents=True)
    (tmp_path / "data" / "library" / FILE_NAME).write_bytes(b"something else" * 100)
    clip = make_video(tmp_path / "clip.mkv", 1, noise(1))
    assert restore(clip) == DONE
    assert "note: your library was not searched" in capfd.readouterr().err
    assert restore(clip, "--library", tmp_path) == FAILED


def test_without_a_library_it_is_the_blind_way(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    film = make_video(tmp_path / "film.mkv", 3, noise(3))
    assert restore(film, "--json") == DONE
    (answer,) = answers(capfd)
    assert answer["method"] == "blind"
    assert not any("library" in warning for warning in answer["warnings"])
    assert not (tmp_path / "data" / "library").exists()


def test_too_little_memory_fails_one_input(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.session.Session.restore", lambda *_: np.empty(10**17))
    film = make_video(tmp_path / "film.mp4", 1.0, noise(1.0))
    assert restore(film, "--blind", "--json") == FAILED
    (answer,) = answers(capfd)
    assert answer["error"]["code"] == "memory"
