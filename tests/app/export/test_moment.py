"""A moment is what its track has there, sample by sample, and says where it belongs."""

import re
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from app.clip_edits import change_clip_gain, fade_clip, move_clip, place_clip
from app.export.moment import export_moment, moment_name
from app.placing import read_track
from app.project import Media, Project, opened
from engine.context import PlainContext
from engine.errors import InputNotFoundError, OutputError
from engine.types import AudioRef, Region, Samples
from tests.helpers.library import write_sound
from tests.helpers.projects import noise

TRACK_HZ, FILM_HZ = 44_100, 8000
FILM = AudioRef("film", 60 * FILM_HZ, 2, FILM_HZ)
TRACK = noise(3, 10 * TRACK_HZ, 1)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Ten seconds in mono at another rate than the film's."""
    return write_sound(tmp_path / "my söng.wav", TRACK, TRACK_HZ)


def placed(song: Path, cache: Path, start_s: float, heard: Region) -> Project:
    sound = read_track(song, FILM, cache, PlainContext())
    project = opened(Media(Path("/films/film.mp4"), FILM, 25.0, 64, 48))
    edits = (
        place_clip(song, sound, start_s, heard),
        fade_clip(1, "in", 0.5),
        change_clip_gain(1, -12.0),
    )
    for edit in edits:
        project = edit.apply(project)
    return project


def written(path: Path) -> tuple[Samples, dict[str, str]]:
    """Samples (channels, n), and what FFmpeg reads of the head."""
    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    with av.open(str(path)) as container:
        tags = dict(container.metadata)
        assert container.streams.audio[0].sample_rate == rate_hz
    return samples.T, tags


def source() -> Samples:
    """The track as its file of 16 bits has it."""
    return (np.round(np.clip(TRACK, -1, 1) * 32768) / 32768).astype(np.float32)


@pytest.mark.parametrize(
    ("heard", "handle_s", "around_s"),
    [
        (Region(4.0, 6.0), 2.0, (2.0, 2.0)),
        (Region(0.75, 6.0), 2.0, (0.75, 2.0)),
        (Region(4.0, 9.5), 2.0, (2.0, 0.5)),
        (Region(0.0, 10.0), 2.0, (0.0, 0.0)),
        (Region(4.0, 6.0), 0.0, (0.0, 0.0)),
    ],
)
def test_it_is_the_track_with_handles_and_a_stamp(
    song: Path,
    cache: Path,
    tmp_path: Path,
    heard: Region,
    handle_s: float,
    around_s: tuple[float, float],
) -> None:
    project = placed(song, cache, 20.0, heard)
    exported = export_moment(project, 1, tmp_path, cache, PlainContext(), handle_s)
    (path,) = exported.paths
    samples, tags = written(path)
    before, after = (round(handle * TRACK_HZ) for handle in around_s)
    first, last = round(heard.start_s * TRACK_HZ) - before, round(heard.end_s * TRACK_HZ) + after
    np.testing.assert_allclose(samples, source()[:, first:last], atol=2**-15)
    assert samples.shape == (1, last - first)
    assert int(tags["time_reference"]) == 20 * TRACK_HZ - before
    assert tags["comment"] == (
        f"my song, 0:{heard.start_s:06.3f} to 0:{heard.end_s:06.3f} of the track, "
        f"handles {around_s[0]:.1f} s before and {around_s[1]:.1f} s after"
    )
    assert tags["title"] == "my söng"
    assert exported.warnings == ()


def test_float_sources_are_kept_to_the_bit(cache: Path, tmp_path: Path) -> None:
    song = tmp_path / "loud.wav"
    soundfile.write(song, (8 * TRACK).T, TRACK_HZ, "FLOAT")
    project = placed(song, cache, 20.0, Region(4.0, 6.0))
    (path,) = export_moment(project, 1, tmp_path, cache, PlainContext()).paths
    assert re.fullmatch(r"loud 0m04s-0m06s [0-9a-f]{6}\.wav", path.name)
    np.testing.assert_array_equal(
        written(path)[0], np.float32(8) * TRACK[:, 2 * TRACK_HZ : 8 * TRACK_HZ]
    )


def test_a_handle_before_the_film_is_told(song: Path, cache: Path, tmp_path: Path) -> None:
    project = move_clip(1, 0.5).apply(placed(song, cache, 20.0, Region(4.0, 6.0)))
    samples, tags = written(export_moment(project, 1, tmp_path, cache, PlainContext()).paths[0])
    assert samples.shape[1] == 6 * TRACK_HZ
    assert tags["time_reference"] == "0"
    assert tags["comment"].endswith("begins 1.500 s before the film, stamped at its start")


def test_long_names_leave_room_for_the_rest(cache: Path, tmp_path: Path) -> None:
    song = write_sound(tmp_path / f"{'노' * 80}.wav", TRACK, TRACK_HZ)
    project = placed(song, cache, 20.0, Region(4.0, 6.0))
    (path,) = export_moment(project, 1, tmp_path, cache, PlainContext()).paths
    tags = written(path)[1]
    assert tags["comment"].endswith("handles 2.0 s before and 2.0 s after")
    assert tags["comment"].startswith("nononono")
    assert tags["title"] == "노" * 80


def test_of_a_track_that_has_gone_the_film_has_a_copy(
    song: Path, cache: Path, tmp_path: Path
) -> None:
    project = placed(song, cache, 20.0, Region(4.0, 6.0))
    song.unlink()
    exported = export_moment(project, 1, tmp_path, cache, PlainContext())
    samples, tags = written(exported.paths[0])
    assert samples.shape == (2, 6 * FILM_HZ)
    assert tags["time_reference"] == str(18 * FILM_HZ)
    assert "not there any more" in exported.warnings[0]
    gone = replace(project, clips=tuple(replace(clip, sound=None) for clip in project.clips))
    with pytest.raises(InputNotFoundError, match="my söng"):
        export_moment(gone, 1, tmp_path, cache, PlainContext())


def test_no_two_moments_have_one_name(song: Path, cache: Path) -> None:
    (clip,) = placed(song, cache, 20.0, Region(4.0, 6.0)).clips
    slipped, other = replace(clip, track_start_s=4.3), replace(clip, track=Path("b", song.name))
    assert len({moment_name(each) for each in (clip, slipped, other)}) == 3
    assert moment_name(replace(clip, clip_id=5, start_s=1.0)) == moment_name(clip)


def test_a_track_is_never_replaced(cache: Path, tmp_path: Path) -> None:
    song = write_sound(tmp_path / "a.wav", TRACK, TRACK_HZ)
    project = placed(song, cache, 20.0, Region(4.0, 6.0))
    (clip,) = project.clips
    unlucky = song.rename(tmp_path / moment_name(clip))
    project = replace(project, clips=(replace(clip, track=unlucky), replace(clip, clip_id=2)))
    with pytest.raises(OutputError, match="is an input itself"):
        export_moment(project, 2, tmp_path, cache, PlainContext())
