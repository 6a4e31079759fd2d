"""A film without a sound track: it opens in silence, takes music, and comes out with a sound."""

from pathlib import Path

import numpy as np
import pytest

from app.clip_edits import place_clip
from app.export.collect import collect
from app.export.fcpxml import fcpxml
from app.export.timeline_lanes import timeline_lanes
from app.export.work import export_stems, export_video
from app.opening import Opened, open_file
from app.placing import read_track
from app.project import Media, Project
from app.project_io import write_project
from app.silence import CHANNELS, RATE_HZ, silent_mix
from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.errors import CodecError, DiskFullError, EmptyMediaError, NoAudioError
from engine.media.decode import AudioReader
from engine.media.probe import probe
from tests.helpers.library import write_sound
from tests.helpers.media import make_video
from tests.helpers.projects import noise
from widgets.export_sheet import ExportWish

CONTEXT = PlainContext()
FILM_S = 2.0


def read(path: Path, cache: Path) -> Opened:
    return open_file(path, cache, CONTEXT, lambda _: None)


def media_of(project: Project) -> Media:
    assert project.media is not None
    return project.media


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return make_video(tmp_path / "film.mp4", FILM_S)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def with_music(film: Path, cache: Path, tmp_path: Path) -> Project:
    """The film with a track from half a second on."""
    project = read(film, cache).project
    track = tmp_path / "song.wav"
    write_sound(track, noise(4, RATE_HZ), RATE_HZ)
    sound = read_track(track, media_of(project).mix, cache, CONTEXT)
    return place_clip(track, sound, 0.5).apply(project)


def test_it_opens_with_a_silence_as_long_as_its_picture(film: Path, cache: Path) -> None:
    opened = read(film, cache)
    media = media_of(opened.project)
    assert not media.has_sound
    assert media.has_picture
    assert media.mix.duration_s == pytest.approx(FILM_S, abs=0.05)
    assert not ArtifactStore(cache).map(media.mix).any()
    assert opened.warnings[0].startswith("it has no sound track")
    assert opened.project.speech == ()


def test_a_project_knows_its_own_silent_film_again(
    with_music: Project, film: Path, cache: Path, tmp_path: Path
) -> None:
    file = tmp_path / "film.reprise"
    write_project(with_music, file)
    again = read(file, tmp_path / "another cache")
    assert again.file == file
    assert again.project.clips
    make_video(film, FILM_S + 1)
    other = read(file, cache)
    assert other.file is None
    assert len(other.project.clips) == 1


def test_it_is_exported_with_the_music_that_was_placed(
    with_music: Project, cache: Path, tmp_path: Path
) -> None:
    output = tmp_path / "film with music.mp4"
    exported = export_video(with_music, output, ExportWish(), cache, CONTEXT)
    assert not exported.warnings
    assert len(probe(output).audio) == 1
    with AudioReader(output) as reader:
        sound = np.concatenate(list(reader.blocks()), axis=1)
    half = RATE_HZ // 2
    assert np.abs(sound[:, : half - 2048]).max() < 1e-3
    assert np.abs(sound[:, half : 2 * half]).max() > 0.05
    assert media_of(read(output, cache).project).has_sound


def test_there_are_no_stems_of_it(with_music: Project, cache: Path, tmp_path: Path) -> None:
    with pytest.raises(EmptyMediaError, match="no stems"):
        export_stems(with_music, tmp_path, cache, CONTEXT)


def test_other_editors_are_told_that_it_has_no_sound(with_music: Project, tmp_path: Path) -> None:
    media = media_of(with_music)
    lanes = tuple(timeline_lanes(with_music, media, tmp_path))
    assert [lane.lane.stem for lane in lanes] == [None]
    (film_asset,) = (line for line in fcpxml(media, lanes, ()).splitlines() if "hasVideo" in line)
    assert "hasAudio" not in film_asset


def test_it_is_collected(with_music: Project, cache: Path, tmp_path: Path) -> None:
    folder = tmp_path / "collected"
    folder.mkdir()
    collect(with_music, folder, cache, CONTEXT)
    assert (folder / "film" / "film.mp4").exists()


def test_two_films_have_two_silences(film: Path, cache: Path, tmp_path: Path) -> None:
    store, other = ArtifactStore(cache), make_video(tmp_path / "other.mp4", FILM_S + 1)
    one = silent_mix(film, 0.5, store, CONTEXT)
    assert one == silent_mix(film, 0.5, store, CONTEXT)
    assert (one.channels, one.num_samples) == (CHANNELS, RATE_HZ // 2)
    assert one.key != silent_mix(other, 0.5, store, CONTEXT).key


def test_an_absurd_length_is_no_full_disk(film: Path, cache: Path) -> None:
    with pytest.raises(DiskFullError, match=r"film\.mp4"):
        silent_mix(film, 1e9, ArtifactStore(cache), CONTEXT)
    with pytest.raises(EmptyMediaError, match="how long"):
        silent_mix(film, 0.0, ArtifactStore(cache), CONTEXT)


def test_what_has_neither_sound_nor_picture_is_refused(film: Path, cache: Path) -> None:
    film.write_bytes(film.read_bytes().replace(b"avc1", b"none"))
    with pytest.raises(NoAudioError, match="neither"):
        read(film, cache)


def test_a_sound_that_cannot_be_decoded_is_no_silence(tmp_path: Path, cache: Path) -> None:
    """An export would replace it."""
    film = make_video(tmp_path / "film.mkv", 1.0, noise(1), RATE_HZ, "pcm_s16le")
    film.write_bytes(film.read_bytes().replace(b"A_PCM/INT/LIT", b"A_XYZ/INT/LIT"))
    with pytest.raises(CodecError, match="cannot decode the sound"):
        read(film, cache)
