"""Films with music over their sound: what is laid over what, resumed, and files at fault."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from app.cli.run import DONE, FAILED, run_command
from engine.context import PlainContext
from engine.datasets.film import cover_film
from engine.datasets.osvar import MANIFEST, Osvar, OsvarRequest, make_osvar
from engine.datasets.tracks import read_stereo
from engine.dsp.metrics import sdr_db
from engine.errors import CorpusError, InputNotFoundError, NoVideoError
from tests.helpers.measures import RATE_HZ
from tests.helpers.media import make_video, quiet


@pytest.fixture
def request_for_films(tmp_path: Path) -> OsvarRequest:
    videos, music = tmp_path / "videos", tmp_path / "music"
    videos.mkdir()
    music.mkdir()
    for number in range(2):
        path = videos / f"{number}.mp4"
        make_video(path, 12.0, quiet(12.0, number), RATE_HZ)
        soundfile.write(music / f"{number}.wav", quiet(5.0, 10 + number).T, RATE_HZ)
    return OsvarRequest(tmp_path / "out", videos, music, film_s=10.0, workers=1)


def test_a_film_is_its_own_sound_and_the_music(request_for_films: OsvarRequest) -> None:
    osvar = make_osvar(request_for_films, PlainContext())
    assert len(osvar.films) == 2
    for film in osvar.films:
        covered, original, bgm = (
            read_stereo(osvar.root / p, 100) for p in (film.video, film.original, film.bgm)
        )
        length = original.shape[1]
        assert length == 10 * RATE_HZ
        assert sdr_db(original + bgm, covered[:, :length]) > 8  # noise is hard on a codec
        assert sdr_db(original, covered[:, :length]) < 8
        assert np.abs(bgm[:, -100:]).max() < 0.01 * np.abs(bgm).max()
        with av.open(str(osvar.root / film.video)) as container:
            assert container.streams.video
    assert len({film.bgm_name for film in osvar.films}) == 2


def test_what_is_there_is_kept_and_what_changed_is_made_anew(
    request_for_films: OsvarRequest,
) -> None:
    first = make_osvar(request_for_films, PlainContext())
    paths = [first.root / film.video for film in first.films]
    times = [path.stat().st_mtime_ns for path in paths]
    assert make_osvar(request_for_films, PlainContext()) == first == Osvar.load(first.root)
    assert [path.stat().st_mtime_ns for path in paths] == times
    make_osvar(replace(request_for_films, seed=1), PlainContext())
    assert [path.stat().st_mtime_ns for path in paths] != times


def test_films_at_fault_are_left_out_by_name(
    request_for_films: OsvarRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    videos = request_for_films.videos
    assert videos is not None
    (videos / "broken.mp4").write_text("no film")
    make_video(videos / "mute.mp4", 9.0)
    make_video(videos / "short.mp4", 2.0, quiet(2.0), RATE_HZ)
    folders = "--videos", str(videos), "--bgm", str(request_for_films.bgm)
    arguments = ["osvar", str(request_for_films.root), *folders, "--seconds", "9", "--workers", "1"]
    assert run_command("dataset", arguments) == DONE
    said = capsys.readouterr().err
    for name in ("broken.mp4", "mute.mp4", "short.mp4"):
        assert said.count(f"left out: {name}: ") == 1
    assert "2 films" in said


def test_without_one_usable_film_there_is_no_set(tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos" / "broken.mp4").write_text("no film")
    soundfile.write(tmp_path / "videos" / "song.wav", quiet(9.0).T, RATE_HZ)
    request = OsvarRequest(
        tmp_path / "out", tmp_path / "videos", tmp_path / "videos", count=1, workers=1
    )
    with pytest.raises(CorpusError, match="no film came of it"):
        make_osvar(request, PlainContext())
    with pytest.raises(InputNotFoundError, match="no folder"):
        make_osvar(replace(request, videos=tmp_path / "nowhere"), PlainContext())
    assert run_command("evaluate", ["pipeline", str(tmp_path)]) == FAILED
    (tmp_path / MANIFEST).write_text("[")
    with pytest.raises(CorpusError, match="damaged"):
        Osvar.load(tmp_path)


def test_a_sound_is_no_film(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "song.wav", quiet(1.0).T, RATE_HZ)
    with pytest.raises(NoVideoError, match="no picture"):
        cover_film(tmp_path / "song.wav", tmp_path / "film.mkv", quiet(1.0))
    assert not (tmp_path / "film.mkv").exists()


@pytest.mark.long
def test_films_are_drawn_when_there_are_none(tmp_path: Path) -> None:
    osvar = make_osvar(OsvarRequest(tmp_path, count=1, film_s=8.0, workers=1), PlainContext())
    (film,) = osvar.films
    original = read_stereo(tmp_path / film.original, 100)
    parts = [read_stereo(tmp_path / path, 100) for path in film.parts.values()]
    assert film.parts.keys() == {"ost", "dialogue", "effects"}
    assert np.allclose(np.sum(parts, axis=0), original, atol=1e-4)
    assert read_stereo(tmp_path / film.video, 100).shape[1] >= 8 * RATE_HZ
