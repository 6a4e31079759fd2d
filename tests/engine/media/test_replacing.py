"""What would be overwritten is found, whatever it is called."""

from pathlib import Path

import pytest

from engine.media import replacing
from engine.media.replacing import replaced_input, written_twice


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "song.wav"
    path.write_bytes(b"sound")
    return path


def test_an_input_is_known_by_any_name(song: Path) -> None:
    folder = song.parent
    (folder / "way").symlink_to(folder)
    (folder / "link.wav").symlink_to(song)
    (folder / "hard.wav").hardlink_to(song)
    for name in ("song.wav", "way/song.wav", "way/way/song.wav", "link.wav", "hard.wav"):
        assert replaced_input([folder / "other.wav", folder / name], [song]) == folder / name
    assert replaced_input([song], [folder / "link.wav"]) == song


def test_an_input_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    assert replaced_input([tmp_path / "a.wav"], [tmp_path / "a.wav"]) == tmp_path / "a.wav"
    assert replaced_input([tmp_path / "a.wav"], [tmp_path / "b.wav"]) is None


def test_two_results_in_one_place(song: Path) -> None:
    folder = song.parent
    (folder / "way").symlink_to(folder)
    assert written_twice([folder / "a.wav", folder / "b.wav"]) is None
    assert written_twice([folder / "a.wav", folder / "way/a.wav"]) == folder.resolve() / "a.wav"


@pytest.mark.parametrize("ignores", [True, False])
def test_capitals_count_where_the_disk_knows_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ignores: bool
) -> None:
    monkeypatch.setattr(replacing, "_ignores_capitals", lambda _: ignores)
    results = tmp_path / "Stems/mix.wav", tmp_path / "stems/MIX.wav"
    assert written_twice(results) == (results[1] if ignores else None)


def test_the_disk_is_asked_about_capitals(tmp_path: Path) -> None:
    (tmp_path / "small").touch()
    knows = not (tmp_path / "SMALL").exists()
    results = tmp_path / "new/mix.wav", tmp_path / "new/MIX.wav"
    assert (written_twice(results) is None) == knows
    assert [path.name for path in tmp_path.iterdir()] == ["small"]
