"""What results are called."""

from pathlib import Path

from app.paths import restored_path


def test_a_result_stands_beside_its_video_or_in_a_folder() -> None:
    video = Path("/films/a.b.mp4")
    assert restored_path(video) == Path("/films/a.b.restored.mp4")
    assert restored_path(video, Path("out")) == Path.cwd() / "out" / "a.b.restored.mp4"


def test_a_film_without_an_extension_gets_one() -> None:
    assert restored_path(Path("/films/film")) == Path("/films/film.restored.mkv")
