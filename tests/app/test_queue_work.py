"""A file of the queue is refused before the work if nothing could come of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.queue import FileWish
from app.queue_work import look_at
from engine.errors import EngineError, NoAudioError, NotMediaError, OutputError
from engine.library.database import Database, library_folder
from engine.types import Quality
from tests.helpers.media import make_video
from tests.helpers.restore_workload import make_tone_film


@pytest.fixture
def wish(tmp_path: Path) -> FileWish:
    film = make_tone_film(tmp_path / "film.mkv", 0.5, 8000)
    return FileWish(film, (film,), (), Quality.STANDARD, "auto", only_speech=False)


def test_the_request_is_that_of_the_command_line(wish: FileWish, tmp_path: Path) -> None:
    ready = look_at(wish)
    assert ready.output == tmp_path / "film.restored.mkv"
    assert (ready.request.video, ready.request.libraries, ready.request.ost) == (
        wish.video,
        (),
        "auto",
    )
    assert not ready.output.exists()
    assert look_at(replace(wish, only_speech=True)).request.ost == "second"


def test_the_library_is_searched_and_what_is_missing_of_it_said(
    wish: FileWish, tmp_path: Path
) -> None:
    music, gone = tmp_path / "music", tmp_path / "gone"
    music.mkdir()
    with Database(library_folder()) as database:
        for folder in (music, gone):
            database.add_folder(folder)
    ready = look_at(wish)
    assert (ready.request.libraries, ready.request.own_library) == ((music,), True)
    assert ready.warnings == (f"The library folder {gone} is not there.",)


def test_a_damaged_library_does_not_stop_a_file(wish: FileWish) -> None:
    with Database(library_folder()):
        pass
    for file in library_folder().rglob("*.sqlite*"):
        file.write_bytes(b"no database at all" * 100)
    ready = look_at(wish)
    assert ready.request.libraries == ()
    assert ready.warnings[0].startswith("Your library was not searched")


def test_a_track_that_was_chosen_goes_before_the_library(wish: FileWish, tmp_path: Path) -> None:
    track = tmp_path / "song.flac"
    request = look_at(replace(wish, track=track)).request
    assert (request.bgm, request.libraries, request.own_library) == ((track,), (), False)


@pytest.mark.parametrize(
    ("kind", "error"), [("text", NotMediaError), ("silent", NoAudioError), ("gone", EngineError)]
)
def test_what_cannot_be_restored_is_told_before(
    wish: FileWish, tmp_path: Path, kind: str, error: type[EngineError]
) -> None:
    bad = tmp_path / f"{kind}.mkv"
    if kind == "text":
        bad.write_text("no film")
    if kind == "silent":
        make_video(bad, 0.5)
    with pytest.raises(error):
        look_at(replace(wish, video=bad))


def test_no_video_of_the_queue_is_replaced(wish: FileWish, tmp_path: Path) -> None:
    other = tmp_path / "film.restored.mkv"
    other.write_bytes(b"somebody's work")
    with pytest.raises(OutputError, match="would replace"):
        look_at(replace(wish, inputs=(wish.video, other)))
    # One that nobody named is an older result.
    assert look_at(wish).output == other


def test_no_two_results_get_one_name(wish: FileWish, tmp_path: Path) -> None:
    taken = tmp_path / "film.restored.mkv"
    with pytest.raises(OutputError, match="another video of the queue"):
        look_at(replace(wish, outputs=(taken,)))
