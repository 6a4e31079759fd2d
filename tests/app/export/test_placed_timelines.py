"""Placed clips are clips of their own tracks in other editors, and sound as they do here."""

import os
import xml.etree.ElementTree as ET
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.clip_edits import change_clip_gain, fade_clip, move_clip, place_clip, split_clip
from app.document import Edit
from app.envelope_edits import duck_lane, set_gain_point
from app.export.frame_grid import grid_of
from app.export.other_editors import export_timeline, timeline_of
from app.export.timeline_lanes import timeline_lanes
from app.gain_curves import FadeShape
from app.lane_edits import change_gain
from app.marks import add_marker
from app.placing import read_track
from app.project import Media, Project, opened
from app.sounds import lane_sound
from engine.context import PlainContext, Progress
from engine.media.broadcast_wav import stamp
from engine.types import AudioRef, Region, Samples
from tests.helpers.library import write_sound
from tests.helpers.media import make_video
from tests.helpers.projects import RATE_HZ, noise, stored

TRACK_HZ, TRACK_S, FILM_S = 22_050, 12.0, 20.0
NTSC_HZ = 30000 / 1001
LANE = "placed 1"


@dataclass
class Desk:
    """A film, a track, and where files go."""

    folder: Path
    song: Path
    sound: AudioRef
    film: Project

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    def place(self, start_s: float, heard: Region, *edits: Edit) -> Project:
        project = place_clip(self.song, self.sound, start_s, heard).apply(self.film)
        for edit in edits:
            project = edit.apply(project)
        return project

    def export(self, project: Project) -> tuple[set[str], tuple[str, ...]]:
        """The files that were written, and the warnings."""
        out = self.folder / "out"
        out.mkdir(exist_ok=True)
        exported = export_timeline(project, out, self.cache, PlainContext())
        return {path.name for path in exported.paths}, exported.warnings

    def clips(self, suffix: str) -> list[tuple[str, float, float, float]]:
        """File, place in the film, place in the file and length of what lies in the lane, in s."""
        if suffix == ".fcpxml":
            return self._final_cut_clips()
        text = (self.folder / "out" / f"film{suffix}").read_text("utf-8")
        adapter = {".otio": "otio_json", ".xml": "fcp_xml"}[suffix]
        timeline = otio.adapters.read_from_string(text, adapter)
        return [
            (
                clip.media_reference.target_url,
                clip.range_in_parent().start_time.to_seconds(),
                clip.source_range.start_time.to_seconds(),
                clip.source_range.duration.to_seconds(),
            )
            for clip in clips_of(lanes_of(timeline)[-1])
        ]

    def _final_cut_clips(self) -> list[tuple[str, float, float, float]]:
        root = self.final_cut()
        sources = {asset.get("id"): asset.get("src") or "" for asset in root.iter("asset")}
        return [
            (
                sources[clip.get("ref")],
                _seconds(clip.get("offset")),
                _seconds(clip.get("start")),
                _seconds(clip.get("duration")),
            )
            for clip in root.iterfind(".//spine/asset-clip/asset-clip[@lane='-2']")
        ]

    def final_cut(self) -> ET.Element:
        return ET.parse(self.folder / "out" / "film.fcpxml").getroot()

    def written(self, name: str) -> Samples:
        samples, rate_hz = soundfile.read(self.folder / "out" / name, dtype="float32")
        assert rate_hz == RATE_HZ
        return samples.T

    def heard(self, project: Project) -> Samples:
        """The lane of music as it is heard, with its gain."""
        lane = project.lanes[-1]
        sound = lane_sound(project, lane)
        assert sound is not None
        loud = sound.amplified(10 ** (lane.gain_db / 20))
        return np.concatenate(list(loud.blocks(self.cache)), axis=1)


def lanes_of(
    timeline: otio.schema.Timeline | otio.schema.SerializableCollection,
) -> list[otio.schema.Track]:
    assert isinstance(timeline, otio.schema.Timeline)
    return list(timeline.tracks)


def clips_of(track: otio.schema.Track) -> list[otio.schema.Clip]:
    return [each for each in track if isinstance(each, otio.schema.Clip)]


def _seconds(time: str | None) -> float:
    assert time is not None
    return float(Fraction(time.rstrip("s")))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("desk")
    song = write_sound(folder / "my song & more.wav", noise(3, round(TRACK_S * TRACK_HZ)), TRACK_HZ)
    mix = stored(folder / "cache", noise(1, round(FILM_S * RATE_HZ)))
    sound = read_track(song, mix, folder / "cache", PlainContext())
    return Desk(folder, song, sound, opened(Media(folder / "film.mp4", mix, 25.0, 64, 48)))


@pytest.mark.parametrize("suffix", [".otio", ".xml", ".fcpxml"])
def test_clips_refer_to_their_track(desk: Desk, suffix: str) -> None:
    again = place_clip(desk.song, desk.sound, 8.0, Region(0.0, 2.0), LANE)
    files, warnings = desk.export(desk.place(1.0, Region(2.0, 5.0), again))
    assert desk.clips(suffix) == [
        (desk.song.as_uri(), 1.0, 2.0, 3.0),
        (desk.song.as_uri(), 8.0, 0.0, 2.0),
    ]
    assert files == {"film.mix.wav", "film.otio", "film.xml", "film.fcpxml"}
    assert warnings == ()


def test_silence_that_others_may_play_is_told(desk: Desk) -> None:
    song = make_video(desk.folder / "song.mp3", 0, noise(3, 12 * TRACK_HZ), TRACK_HZ, "libmp3lame")
    project = place_clip(song, desk.sound, 1.0, Region(2.0, 5.0)).apply(desk.film)
    files, (warning,) = desk.export(project)
    assert desk.clips(".otio") == [(song.as_uri(), 1.0, 2.0, 3.0)]
    assert "film.placed 1.1.wav" not in files
    assert warning == (
        "Some editors also play the silence with which MP3 and AAC files begin: check there "
        "whether song.mp3 comes up to 50 ms late"
    )


def test_what_can_be_had_of_the_track_is_told(desk: Desk) -> None:
    desk.export(desk.place(1.0, Region(2.0, 5.0)))
    timeline = otio.adapters.read_from_file(str(desk.folder / "out" / "film.otio"))
    (clip,) = clips_of(lanes_of(timeline)[-1])
    assert clip.name == "my song & more"
    assert clip.available_range().start_time.to_seconds() == 0
    assert clip.available_range().duration.to_seconds() == TRACK_S
    (asset,) = (
        each for each in desk.final_cut().iter("asset") if each.get("src") == desk.song.as_uri()
    )
    assert asset.get("duration") == "12s"
    assert (asset.get("audioRate"), asset.get("audioChannels")) == (str(TRACK_HZ), "2")


FADED = (
    fade_clip(1, "in", 1.0, FadeShape.LINEAR),
    fade_clip(1, "out", 0.52),
    change_clip_gain(1, -3.0),
)


@pytest.mark.parametrize("suffix", [".otio", ".xml"])
def test_fades_and_gains_are_in_a_file(desk: Desk, suffix: str) -> None:
    project = desk.place(1.013, Region(2.0, 5.0), *FADED, change_gain(LANE, -6.0))
    files, warnings = desk.export(project)
    name = "film.placed 1.1.wav"
    assert name in files
    assert desk.clips(suffix) == [((desk.folder / "out" / name).as_uri(), 1.0, 0.0, 3.0)]
    expected = desk.heard(project)[:, RATE_HZ : 4 * RATE_HZ]
    np.testing.assert_allclose(desk.written(name), expected, atol=1e-6)
    assert warnings[0].startswith("Only Final Cut Pro gets the fades and gains")


def test_final_cut_gets_fades_and_gains_as_such(desk: Desk) -> None:
    desk.export(desk.place(1.0, Region(2.0, 5.0), *FADED, change_gain(LANE, -6.0)))
    assert desk.clips(".fcpxml") == [(desk.song.as_uri(), 1.0, 2.0, 3.0)]
    (volume,) = desk.final_cut().iter("adjust-volume")
    assert volume.get("amount") == "-9dB"
    fades = {each.tag: dict(each.attrib) for each in volume.iterfind("param[@name='amount']/*")}
    assert fades == {
        "fadeIn": {"type": "linear", "duration": "1s"},
        "fadeOut": {"type": "easeOut", "duration": "13/25s"},
    }


def test_parts_of_a_fade_are_in_files_for_all(desk: Desk) -> None:
    project = desk.place(1.0, Region(2.0, 5.0), *FADED, split_clip(1, 1.52))
    files, _ = desk.export(project)
    assert {"film.placed 1.1.wav", "film.placed 1.2.wav"} <= files
    assert not list(desk.final_cut().iter("adjust-volume"))
    halves = [desk.written(f"film.placed 1.{number}.wav") for number in (1, 2)]
    expected = desk.heard(project)[:, RATE_HZ : 4 * RATE_HZ]
    np.testing.assert_allclose(np.concatenate(halves, axis=1), expected, atol=1e-6)


def test_fades_of_final_cut_fit_into_their_clip(desk: Desk) -> None:
    fades = fade_clip(1, "in", 0.301), fade_clip(1, "out", 0.319)
    desk.export(desk.place(1.021, Region(2.0, 2.62), *fades))
    found = [each.get("duration") for each in desk.final_cut().find(".//param") or ()]
    # Both of 8 frames would be longer than the clip of 15.
    assert found == ["8/25s", "7/25s"]
    desk.export(desk.place(1.0, Region(2.0, 5.0), fade_clip(1, "in", 0.01)))
    assert not list(desk.final_cut().iter("param"))


@pytest.mark.parametrize("edit", [duck_lane(LANE, 6.0), set_gain_point(LANE, 2.0, -6.0)])
def test_what_others_do_not_know_is_one_file_as_heard(desk: Desk, edit: Edit) -> None:
    project = desk.place(1.0, Region(2.0, 5.0), edit)
    files, (warning,) = desk.export(project)
    assert "film.placed 1.wav" in files
    for suffix in (".otio", ".xml", ".fcpxml"):
        url = (desk.folder / "out" / "film.placed 1.wav").as_uri()
        assert desk.clips(suffix) == [(url, 0.0, 0.0, FILM_S)]
    np.testing.assert_allclose(desk.written("film.placed 1.wav"), desk.heard(project), atol=1e-6)
    assert warning == (
        "Other editors know neither envelopes nor ducking: music 1 came out as one file a lane, "
        "as heard"
    )


@pytest.mark.parametrize("kind", ["missing", "stamped", "a film", "too loud"])
def test_what_cannot_be_referred_to_is_written(desk: Desk, kind: str) -> None:
    track = desk.folder / f"{kind}.wav"
    if kind == "stamped":
        write_sound(track, noise(3, 9000), RATE_HZ)
        stamp(track, 4000, "", datetime.now(UTC))
    if kind == "a film":
        track = make_video(desk.folder / "other.mkv", 4.0, noise(3, 4 * RATE_HZ), RATE_HZ)
    project = desk.place(1.0, Region(2.0, 5.0))
    if kind == "too loud":
        edits = change_clip_gain(1, 12.0), change_gain(LANE, 6.0)
        for edit in edits:
            project = edit.apply(project)
    else:
        clips = tuple(replace(clip, track=track) for clip in project.clips)
        project = replace(project, clips=clips)
    desk.export(project)
    url = (desk.folder / "out" / "film.placed 1.1.wav").as_uri()
    for suffix in (".otio", ".xml", ".fcpxml"):
        assert desk.clips(suffix) == [(url, 1.0, 0.0, 3.0)]
    assert not list(desk.final_cut().iter("adjust-volume"))


def test_nothing_lies_behind_the_film(desk: Desk) -> None:
    desk.export(desk.place(1.0, Region(2.0, 5.0), move_clip(1, 18.52)))
    assert desk.clips(".otio") == desk.clips(".fcpxml") == [(desk.song.as_uri(), 18.52, 2.0, 1.48)]
    faded = desk.place(1.0, Region(2.0, 5.0), fade_clip(1, "out", 2.0), move_clip(1, 18.52))
    desk.export(faded)
    np.testing.assert_allclose(
        desk.written("film.placed 1.1.wav"),
        desk.heard(faded)[:, -round(1.48 * RATE_HZ) :],
        atol=1e-6,
    )


def test_missing_tracks_are_named(desk: Desk) -> None:
    project = desk.place(1.0, Region(2.0, 5.0))
    gone = tuple(replace(clip, sound=None, track=Path("/gone.mp3")) for clip in project.clips)
    files, warnings = desk.export(replace(project, clips=gone))
    assert files == {"film.mix.wav", "film.otio", "film.xml", "film.fcpxml"}
    assert warnings == ("Not there any more, and left out: gone.mp3",)


times_s = st.floats(0.0, TRACK_S - 0.1)


@given(
    stretches=st.lists(
        st.tuples(st.floats(0.0, FILM_S - 0.1), times_s, st.floats(0.06, 9)), min_size=1, max_size=5
    ),
    rate_hz=st.sampled_from([24.0, 25.0, NTSC_HZ, 59.94]),
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_music_stays_where_it_is(
    desk: Desk, stretches: list[tuple[float, float, float]], rate_hz: float
) -> None:
    assert desk.film.media is not None
    media = replace(desk.film.media, frame_rate_hz=rate_hz)
    project = replace(desk.film, media=media)
    for start_s, track_start_s, duration_s in stretches:
        heard = Region(track_start_s, min(track_start_s + duration_s, TRACK_S))
        project = place_clip(desk.song, desk.sound, start_s, heard).apply(project)
    lanes = tuple(timeline_lanes(project, media, desk.folder))
    frame_s = 1 / float(grid_of(rate_hz).rate)
    for is_exact in (True, False):
        timeline = timeline_of(media, lanes, (), in_frames=not is_exact)
        for track in lanes_of(timeline)[2:]:
            clips = [clip for clip in project.clips if clip.lane_id == track.name]
            for clip, other in zip(clips, clips_of(track), strict=True):
                here_s = other.range_in_parent().start_time.to_seconds()
                source, whole = other.source_range, other.available_range()
                there_s = source.start_time.to_seconds()
                slip_s = (here_s - there_s) - (clip.start_s - clip.track_start_s)
                # Nothing of a track sounds before its start.
                slack_s = frame_s / 2 if there_s == 0 or not is_exact else 1e-6
                assert abs(slip_s) <= slack_s + 1e-6
                assert here_s == pytest.approx(clip.start_s, abs=frame_s / 2 + 1e-6)
                end_s = source.end_time_exclusive().to_seconds()
                assert end_s <= whole.end_time_exclusive().to_seconds() + 1e-6


def test_it_is_told_how_far_all_files_are(desk: Desk) -> None:
    seen: list[Progress] = []
    project = desk.place(1.0, Region(2.0, 5.0), *FADED)
    out = desk.folder / "out"
    out.mkdir(exist_ok=True)
    export_timeline(project, out, desk.cache, PlainContext(on_progress=seen.append))
    assert [each.done for each in seen] == sorted(each.done for each in seen)
    assert seen[-1].fraction == 1.0


def test_names_that_are_no_text_are_told_as_far_as_they_are(desk: Desk) -> None:
    odd = desk.song.rename(desk.folder / os.fsdecode(b"\xffsong.wav"))
    project = replace(desk, song=odd).place(2.0, Region(1.0, 4.0))
    project = add_marker(1.0, "a\x0bb").apply(project)
    names, _ = desk.export(project)
    assert {"film.otio", "film.xml", "film.fcpxml"} <= names
    for suffix in (".otio", ".xml", ".fcpxml"):
        ((url, start_s, skip_s, length_s),) = desk.clips(suffix)
        assert url.endswith("%FFsong.wav")
        assert (start_s, skip_s, length_s) == pytest.approx((2.0, 1.0, 3.0), abs=0.05)
    markers = desk.final_cut().iter("marker")
    assert [marker.get("value") for marker in markers] == ["a b"]
