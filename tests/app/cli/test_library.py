"""`reprise library`: folders in, told, refreshed, and out again."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from app.cli.library import own_folders
from app.cli.run import DONE, FAILED, USAGE, run_command
from engine.library.database import FILE_NAME
from tests.helpers.library import small_sound
from tests.helpers.media import make_video, noise
from tests.helpers.rights import as_nobody


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """A folder with two tracks and what is none."""
    folder = tmp_path / "music"
    small_sound(folder / "a.wav", 1)
    small_sound(folder / "more" / "b.wav", 2)
    (folder / "broken.mp3").write_text("no music")
    return folder


def library(*arguments: str | Path) -> int:
    return run_command("library", [str(argument) for argument in arguments])


def answers(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def test_a_folder_is_taken_in_and_told(music: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert library("add", music) == DONE
    captured = capfd.readouterr()
    assert captured.out == ""
    note, total = captured.err.splitlines()
    assert note.startswith("reprise: note: left out: ")
    assert "broken.mp3" in note
    assert total == f"reprise: {music}: 2 tracks, 2 read now"
    assert library("list") == DONE
    assert capfd.readouterr().out == f"{music}: 2 tracks, 0.0 h\n"
    assert library("list", music) == DONE
    first, broken, second = capfd.readouterr().out.splitlines()
    assert (first, second) == (f"{music}/a.wav: 0:01.0", f"{music}/more/b.wav: 0:01.0")
    assert broken == f"{music}/broken.mp3: cannot be read as media"
    assert library("list", music / "more") == DONE
    assert capfd.readouterr().out.splitlines() == [second]


def test_what_was_added_moved_or_is_gone_is_counted(
    music: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    library("add", music)
    (music / "more" / "b.wav").rename(music / "c.wav")
    (music / "a.wav").unlink()
    capfd.readouterr()
    assert library("add", music) == DONE
    words = "2 tracks, 0 read now, 1 found elsewhere, 1 files gone (reprise library rebuild"
    assert words in capfd.readouterr().err
    library("list", music)
    assert f"{music}/a.wav: 0:01.0 (gone)\n" in capfd.readouterr().out
    assert library("rebuild") == DONE
    assert "1 tracks, 1 read now\n" in capfd.readouterr().err


def test_of_many_files_at_fault_some_are_named(
    tmp_path: Path, music: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for number in range(14):
        (music / f"broken {number}.mp3").write_text(f"no music {number}")
    for _ in range(2):
        assert library("add", music) == DONE
        *notes, more, _ = capfd.readouterr().err.splitlines()
        assert len(notes) == 10
        assert more == f"reprise: note: and 5 more: reprise library list {music}"


def test_a_track_that_is_cut_short_is_told_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = make_video(tmp_path / "whole.flac", 0, noise(40), codec="flac").read_bytes()
    music = tmp_path / "music"
    music.mkdir()
    (music / "cut.flac").write_bytes(whole[: round(0.4 * len(whole))])
    assert library("add", music) == DONE
    note, total = capfd.readouterr().err.splitlines()
    assert note == f"reprise: note: {music}/cut.flac: ends at 15.8 s of 40.0 s: damaged?"
    assert total == f"reprise: {music}: 1 tracks, 1 read now"
    assert library("add", music) == DONE
    assert "damaged" not in capfd.readouterr().err


def test_json(music: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (music / os.fsdecode(b"caf\xe9.wav")).write_bytes((music / "a.wav").read_bytes())
    assert library("add", music, "--json") == DONE
    (report,) = answers(capfd)
    counts = {"tracks": 3, "added": 3, "moved": 0, "gone": 0}
    ((path, problem),) = report.pop("unread")
    assert report == {"folder": str(music), "damaged": [], **counts}
    assert path == str(music / "broken.mp3")
    assert problem
    library("list", "--json")
    (folder,) = answers(capfd)
    assert folder.pop("hours") == pytest.approx(3 / 3600, rel=0.05)
    assert folder == {"folder": str(music), "only_searched": False, "tracks": 3}
    library("list", music, "--json")
    tracks = answers(capfd)
    assert [track["path"].rpartition("/")[2] for track in tracks] == [
        *("a.wav", "broken.mp3", "caf\\udce9.wav", "b.wav"),
    ]
    assert all(len(track["content"]) == 64 for track in tracks)


def test_several_folders_however_they_are_called(
    tmp_path: Path,
    music: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(music)
    small_sound(tmp_path / "other" / "c.wav", 3)
    (tmp_path / "link").symlink_to(music)
    assert library("add", ".", "../other/", "more/..", tmp_path / "link") == DONE
    capfd.readouterr()
    library("list")
    assert capfd.readouterr().out.splitlines() == [
        f"{music}: 2 tracks, 0.0 h",
        f"{tmp_path}/other: 1 tracks, 0.0 h",
    ]
    assert own_folders() == (music, tmp_path / "other")
    assert library("remove", "../link") == DONE
    assert own_folders() == (tmp_path / "other",)


def test_a_folder_is_forgotten_and_its_files_stay(
    data: Path, music: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    library("add", music)
    capfd.readouterr()
    assert library("remove", music) == DONE
    assert "the files are untouched" in capfd.readouterr().err
    library("list")
    assert capfd.readouterr().out == ""
    assert sorted(path.name for path in music.rglob("*.wav")) == ["a.wav", "b.wav"]
    assert [path.name for path in (data / "library").glob("*.u32")] == []


def test_a_folder_that_is_not_there_any_more(
    tmp_path: Path, music: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    library("add", music)
    music.rename(tmp_path / "drive taken away")
    capfd.readouterr()
    assert own_folders() == ()
    assert capfd.readouterr().err == f"reprise: note: the library folder {music} is not there\n"
    library("list")
    assert capfd.readouterr().out == f"{music} (not there): 2 tracks, 0.0 h\n"
    assert library("rebuild") == DONE
    assert "what is known of it is kept" in capfd.readouterr().err
    (tmp_path / "drive taken away").rename(music)
    library("add", music)
    assert "2 tracks, 0 read now\n" in capfd.readouterr().err
    music.rename(tmp_path / "gone for good")
    assert library("remove", music) == DONE


def test_a_folder_that_was_only_searched(
    tmp_path: Path, music: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    film = small_sound(tmp_path / "film.wav", 9)
    assert run_command("identify", [str(film), "--library", str(music)]) == DONE
    library("add", music / "more")
    capfd.readouterr()
    assert own_folders() == (music / "more",)
    library("list")
    assert capfd.readouterr().out.splitlines() == [
        f"{music}/more: 1 tracks, 0.0 h",
        f"{music} (only searched): 2 tracks, 0.0 h",
    ]
    (music / "a.wav").unlink()
    assert library("rebuild") == DONE
    assert f"{music}: 1 tracks, 1 read now\n" in capfd.readouterr().err
    assert own_folders() == (music / "more",)
    assert library("remove", music) == DONE
    capfd.readouterr()
    library("list")
    assert capfd.readouterr().out == f"{music}/more: 1 tracks, 0.0 h\n"


@pytest.mark.parametrize("is_own", [True, False])
def test_a_part_of_a_folder_cannot_be_removed(
    tmp_path: Path, music: Path, capfd: pytest.CaptureFixture[str], *, is_own: bool
) -> None:
    library("add", music, *([music / "more"] if is_own else []))
    capfd.readouterr()
    assert library("remove", music / "more") == FAILED
    (line,) = capfd.readouterr().err.splitlines()
    assert f"{music}/more belongs to {music}, which is in the library" in line
    assert library("rebuild", music / "more") == DONE
    assert own_folders() == (music, *([music / "more"] if is_own else []))
    library("list", music / "more")
    assert "b.wav: 0:01.0" in capfd.readouterr().out


def test_what_cannot_be_read_now_is_not_forgotten(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with as_nobody() as folder:
        monkeypatch.setenv("REPRISE_DATA", str(folder / "data"))
        music = small_sound(folder / "music" / "a.wav", 1).parent
        library("add", music)
        music.chmod(0)
        capfd.readouterr()
        assert library("rebuild") == DONE
        assert "what is known of it is kept" in capfd.readouterr().err
        library("list")
        assert capfd.readouterr().out == f"{music} (not there): 1 tracks, 0.0 h\n"
        library("list", music)
        assert capfd.readouterr().out == f"{music}/a.wav: 0:01.0 (gone)\n"
        music.chmod(0o700)


def test_an_empty_library_says_what_fills_it(capfd: pytest.CaptureFixture[str]) -> None:
    assert library("list") == DONE
    captured = capfd.readouterr()
    assert captured.out == ""
    assert "reprise library add" in captured.err


@pytest.mark.parametrize("command", ["remove", "rebuild", "list"])
def test_a_folder_that_is_not_of_the_library(
    tmp_path: Path, music: Path, capfd: pytest.CaptureFixture[str], command: str
) -> None:
    library("add", music)
    capfd.readouterr()
    assert library(command, tmp_path) == FAILED
    assert f"{tmp_path} is not in the library" in capfd.readouterr().err
    assert own_folders() == (music,)


def test_no_such_folder(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert library("add", tmp_path / "none") == FAILED
    assert "cannot read the folder" in capfd.readouterr().err
    assert library("list") == DONE
    assert capfd.readouterr().out == ""
    assert library("add") == USAGE


def test_a_damaged_list_says_what_to_do(
    data: Path, music: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (data / "library").mkdir(parents=True)
    (data / "library" / FILE_NAME).write_bytes(b"something else altogether" * 100)
    for command in (["list"], ["add", music]):
        assert library(*command) == FAILED
        (line,) = capfd.readouterr().err.splitlines()
        assert str(data / "library" / FILE_NAME) in line
        assert "move the file away" in line


def test_without_a_library_there_are_no_folders(data: Path) -> None:
    assert own_folders() == ()
    assert not data.exists()
