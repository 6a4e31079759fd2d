"""What is placed is heard where it lies, as loud as it is meant to be, and nowhere else."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.clip_edits import (
    change_clip_gain,
    clip_at,
    fade_clip,
    move_clip,
    place_clip,
    slip_clip,
    split_clip,
)
from app.envelope_edits import duck_lane, set_gain_point, take_speech
from app.gain_curves import FadeShape, linear_gain
from app.placing import channel_matrix, read_track
from app.playback.mixer import Mixer, MixerLane
from app.playback.mixer import Part as MixerPart
from app.project import Media, Project, opened
from app.restore_edits import accept_restore
from app.sounds import UNTOUCHED, MappedSound, bare_sound, lane_sound, project_gains, summed
from engine.context import PlainContext
from engine.errors import NoAudioError
from engine.media.raw_audio import map_samples, raw_audio_path
from engine.types import AudioRef, Region, Samples
from tests.helpers.library import write_sound
from tests.helpers.media import make_video
from tests.helpers.projects import RATE_HZ, known_result, media_of, noise, stored

SONG = Path("song.flac")
LANE = "placed 1"


@pytest.fixture
def music(tmp_path: Path) -> AudioRef:
    return stored(tmp_path, noise(5, 6 * RATE_HZ))


@pytest.fixture
def film(tmp_path: Path) -> Project:
    """Four seconds."""
    return opened(Media(Path("film.mp4"), stored(tmp_path, noise(1, 4 * RATE_HZ)), 25.0, 64, 48))


def heard(project: Project, cache: Path) -> Samples:
    """The whole lane (channels, 4 s)."""
    lane = next(lane for lane in project.lanes if lane.lane_id == LANE)
    sound = lane_sound(project, lane)
    assert sound is not None
    return np.concatenate(list(sound.blocks(cache)), axis=1)


def test_a_clip_is_heard_to_the_sample(film: Project, music: AudioRef, tmp_path: Path) -> None:
    project = place_clip(SONG, music, 1.0, Region(2.0, 3.5)).apply(film)
    found, whole = heard(project, tmp_path), noise(5, 6 * RATE_HZ)
    assert found.shape == (2, 4 * RATE_HZ)
    inside = slice(RATE_HZ, 5 * RATE_HZ // 2)
    np.testing.assert_array_equal(found[:, inside], whole[:, 2 * RATE_HZ : 7 * RATE_HZ // 2])
    assert not found[:, : inside.start].any()
    assert not found[:, inside.stop :].any()


@given(data=st.data(), size=st.sampled_from([1, 64, 1000, 5 * RATE_HZ]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_windows_hold_what_is_heard_one_by_one(
    film: Project, music: AudioRef, tmp_path: Path, data: st.DataObject, size: int
) -> None:
    edits = (
        place_clip(SONG, music, 0.5, Region(2.0, 3.0)),
        fade_clip(1, "in", 0.4),
        place_clip(SONG, music, 2.0, Region(1.0, 5.0), LANE),
        duck_lane(LANE, 6.0),
        take_speech((Region(1.0, 2.5),)),
    )
    for edit in edits:
        film = edit.apply(film)
    sound = lane_sound(film, next(lane for lane in film.lanes if lane.lane_id == LANE))
    assert sound is not None
    near = st.integers(-2 * size, 4 * RATE_HZ + size)
    starts = np.array(data.draw(st.lists(near, min_size=1, max_size=6)))
    found = MappedSound(sound, tmp_path).windows(starts, size)
    whole = np.pad(np.concatenate(list(sound.blocks(tmp_path)), axis=1), ((0, 0), (2 * size,) * 2))
    for number, start in enumerate(starts + 2 * size):
        np.testing.assert_array_equal(found[:, number], whole[:, start : start + size])


def test_what_lies_behind_the_film_is_not_heard(
    film: Project, music: AudioRef, tmp_path: Path
) -> None:
    project = move_clip(1, 3.5).apply(place_clip(SONG, music, 0.0).apply(film))
    found = heard(project, tmp_path)
    assert found.shape == (2, 4 * RATE_HZ)
    np.testing.assert_array_equal(
        found[:, 7 * RATE_HZ // 2 :], noise(5, 6 * RATE_HZ)[:, : RATE_HZ // 2]
    )


@given(
    cuts_s=st.lists(st.floats(0.18, 3.06), min_size=1, max_size=4),
    slip_s=st.floats(0, 2),
    fades_s=st.tuples(st.floats(0, 2.9), st.floats(0, 2.9)),
    shapes=st.tuples(st.sampled_from(FadeShape), st.sampled_from(FadeShape)),
)
@example([1.0], 0.0, (2.0, 1.0), (FadeShape.LINEAR, FadeShape.LINEAR))
@example([2.9, 2.6, 1.0, 0.5], 0.0, (1.5, 1.4), (FadeShape.EXPONENTIAL, FadeShape.S_CURVE))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_split_is_not_heard(
    film: Project,
    music: AudioRef,
    tmp_path: Path,
    cuts_s: list[float],
    slip_s: float,
    fades_s: tuple[float, float],
    shapes: tuple[FadeShape, FadeShape],
) -> None:
    edits = (
        place_clip(SONG, music, 0.123, Region(1.0, 4.0)),
        slip_clip(1, slip_s),
        fade_clip(1, "in", fades_s[0], shapes[0]),
        fade_clip(1, "out", fades_s[1], shapes[1]),
    )
    for edit in edits:
        film = edit.apply(film)
    split = film
    for at_s in cuts_s:
        clip = clip_at(split, LANE, at_s)
        assert clip is not None
        split = split_clip(clip.clip_id, at_s).apply(split)
    assert len(split.clips) >= 2
    np.testing.assert_array_equal(heard(split, tmp_path), heard(film, tmp_path))


def test_fades_and_gains_shape_it(film: Project, music: AudioRef, tmp_path: Path) -> None:
    plain = place_clip(SONG, music, 0.0, Region(0.0, 4.0)).apply(film)
    edits = (
        fade_clip(1, "in", 1.0, FadeShape.LINEAR),
        fade_clip(1, "out", 2.0, FadeShape.LINEAR),
        change_clip_gain(1, -6.0),
    )
    project = plain
    for edit in edits:
        project = edit.apply(project)
    times_s = np.arange(4 * RATE_HZ) / RATE_HZ
    shape = np.minimum(1.0, times_s) * np.minimum(1.0, (4.0 - times_s) / 2)
    expected = heard(plain, tmp_path) * shape * linear_gain(-6.0)
    np.testing.assert_allclose(heard(project, tmp_path), expected, atol=1e-4)


def test_a_lane_makes_room_for_speech_and_follows_its_envelope(
    film: Project, music: AudioRef, tmp_path: Path
) -> None:
    plain = place_clip(SONG, music, 0.0, Region(0.0, 4.0)).apply(film)
    ducked = duck_lane(LANE, 12.0).apply(take_speech((Region(2.0, 3.0),)).apply(plain))
    project = set_gain_point(LANE, 0.0, -20.0).apply(ducked)
    ratio = heard(project, tmp_path) / heard(plain, tmp_path)
    np.testing.assert_allclose(ratio[:, :RATE_HZ], linear_gain(-20.0), rtol=1e-3)
    np.testing.assert_allclose(ratio[:, 2 * RATE_HZ : 3 * RATE_HZ], linear_gain(-32.0), rtol=1e-3)
    lane = project.lanes[-1]
    assert bare_sound(project, lane) == lane_sound(plain, plain.lanes[-1])


def test_the_mixer_plays_what_is_exported(film: Project, music: AudioRef, tmp_path: Path) -> None:
    project = place_clip(SONG, music, 1.0, Region(2.0, 3.5)).apply(film)
    for edit in (
        fade_clip(1, "in", 0.5),
        set_gain_point(LANE, 1.0, 0.0),
        set_gain_point(LANE, 2.0, -12),
    ):
        project = edit.apply(project)
    sound = lane_sound(project, project.lanes[-1])
    assert sound is not None
    (part,) = sound.parts
    samples = map_samples(raw_audio_path(tmp_path, music.key), music)
    stretch = samples[:, part.skip : part.skip + part.num_samples]
    lane = MixerLane(LANE, (MixerPart(stretch, part.weight, part.start, part.curves),))
    mixer = Mixer([lane], RATE_HZ, {LANE: 1.0})
    played = np.concatenate([mixer.mix_block(at, 80) for at in range(0, 4 * RATE_HZ, 80)])
    np.testing.assert_allclose(played.T, heard(project, tmp_path), atol=1e-6)


def test_what_lies_in_a_longer_stretch_takes_its_gains_along(
    film: Project, music: AudioRef, tmp_path: Path
) -> None:
    project = place_clip(SONG, music, 0.0, Region(0.0, 2.0)).apply(film)
    project = set_gain_point(LANE, 1.0, -6.0).apply(fade_clip(1, "in", 1.0).apply(project))
    sound = lane_sound(project, project.lanes[-1])
    assert sound is not None
    later = sound.within(RATE_HZ, 3 * RATE_HZ).stretch(tmp_path, RATE_HZ, 3 * RATE_HZ)
    np.testing.assert_array_equal(later, sound.stretch(tmp_path, 0, 2 * RATE_HZ))


def test_a_missing_track_is_silent(film: Project, music: AudioRef) -> None:
    project = place_clip(SONG, music, 1.0).apply(film)
    project = replace(project, clips=tuple(replace(c, sound=None) for c in project.clips))
    assert lane_sound(project, project.lanes[-1]) is None


def test_sums_keep_what_begins_elsewhere_apart(film: Project, music: AudioRef) -> None:
    project = place_clip(SONG, music, 1.0, Region(2.0, 3.0)).apply(film)
    sound = lane_sound(project, project.lanes[-1])
    assert sound is not None
    assert summed([sound, sound]).parts[0].weight == 2.0
    moved = lane_sound(move_clip(1, 2.0).apply(project), project.lanes[-1])
    assert moved is not None
    assert len(summed([sound, moved]).parts) == 2


def test_music_alone_does_not_bring_back_what_is_around_a_preview(tmp_path: Path) -> None:
    result = replace(known_result(tmp_path), region=Region(0.25, 0.5))
    project = accept_restore(result).apply(opened(media_of(result)))
    project = place_clip(SONG, stored(tmp_path, noise(3)), 0.0).apply(project)
    silent = tuple(replace(lane, muted=lane.stem is not None) for lane in project.lanes)
    assert project_gains(project)[UNTOUCHED] == 1.0
    assert project_gains(replace(project, lanes=silent))[UNTOUCHED] == 0.0


@pytest.mark.parametrize("wanted", [1, 2, 6])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_a_track_gets_the_channels_of_the_film(channels: int, wanted: int) -> None:
    matrix = channel_matrix(channels, wanted)
    assert matrix.shape == (channels, wanted)
    sound = np.ones((channels, 4), np.float32)
    if channels <= 2 and wanted != channels:
        np.testing.assert_allclose((matrix.T @ sound)[: min(wanted, 2)], 1.0)
    if wanted > 2 and channels != wanted:
        assert not matrix[:, 2:].any()


def test_a_track_is_read_at_the_rate_of_the_film(tmp_path: Path) -> None:
    track = write_sound(tmp_path / "song.wav", noise(2, 48_000, 1), 48_000)
    film = AudioRef("film", 100, 2, RATE_HZ)
    sound = read_track(track, film, tmp_path / "cache", PlainContext())
    assert (sound.channels, sound.sample_rate_hz) == (2, RATE_HZ)
    assert sound.num_samples == pytest.approx(RATE_HZ, abs=8)
    assert read_track(track, film, tmp_path / "cache", PlainContext()) == sound


def test_what_has_no_sound_cannot_be_placed(tmp_path: Path) -> None:
    silent = make_video(tmp_path / "silent.mp4")
    with pytest.raises(NoAudioError, match=r"silent\.mp4"):
        read_track(silent, AudioRef("film", 100, 2, RATE_HZ), tmp_path / "cache", PlainContext())
