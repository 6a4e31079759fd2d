"""Timelines for other editors hold film, lanes and markers, as readers that are not ours find."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote

import av
import numpy as np
import opentimelineio as otio
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from app.export.frame_grid import grid_of
from app.export.other_editors import SUFFIXES, export_timeline
from app.gain_curves import linear_gain
from app.lane_edits import change_gain, mute
from app.marks import add_marker
from app.project import Media, Project, opened
from app.restore_edits import accept_restore
from engine.context import PlainContext
from engine.errors import OutputError
from engine.types import RestoreResult, StemName
from tests.helpers.projects import RATE_HZ, blind_result, known_result, media_of

RATES_HZ = [24.0, 25.0, 29.83, 30000 / 1001]
ADAPTERS = {".otio": "otio_json", ".xml": "fcp_xml", ".fcpxml": "fcpx_xml"}


def restored(result: RestoreResult, media: Media) -> Project:
    project = opened(media)
    edits = (
        accept_restore(result),
        change_gain(StemName.RESTORED, -6.0),
        mute(StemName.BGM, muted=True),
        add_marker(0.48, "the <door> & more"),
    )
    for edit in edits:
        project = edit.apply(project)
    return project


@pytest.fixture
def known(tmp_path: Path) -> tuple[Project, Path]:
    """A project with restored and bgm, and its cache."""
    cache = tmp_path / "cache"
    result = known_result(cache, tmp_path / "my film & more.mp4")
    return restored(result, media_of(result)), cache


def export(project: Project, cache: Path, folder: Path) -> dict[str, Path]:
    folder.mkdir(exist_ok=True)
    exported = export_timeline(project, folder, cache, PlainContext())
    assert all(path.exists() for path in exported.paths)
    return {path.name: path for path in exported.paths}


def read(path: Path) -> otio.schema.Timeline:
    """The one timeline of a file; an event of Final Cut Pro is a collection."""
    found = otio.adapters.read_from_string(path.read_text("utf-8"), ADAPTERS[path.suffix])
    if isinstance(found, otio.schema.SerializableCollection):
        (found,) = found
    return found


def clips(timeline: otio.schema.Timeline) -> Iterator[tuple[str, str, float]]:
    """Kind, file and length of each clip."""
    for track in timeline.tracks:
        for clip in track:
            assert isinstance(clip, otio.schema.Clip)
            duration_s = clip.source_range.duration.to_seconds()
            yield track.kind, clip.media_reference.target_url, duration_s


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_each_format_is_read_back_with_film_and_lanes(
    known: tuple[Project, Path], tmp_path: Path, suffix: str, rate_hz: float
) -> None:
    project, cache = known
    assert project.media is not None
    project = replace(project, media=replace(project.media, frame_rate_hz=rate_hz))
    files = export(project, cache, tmp_path / "out")
    found = list(clips(read(files[f"my film & more{suffix}"])))
    kinds = {unquote(Path(url).name): kind for kind, url, _ in found}
    lanes = [f"my film & more.{lane}.wav" for lane in ("mix", "restored", "bgm")]
    assert set(kinds) == {"my film & more.mp4", *lanes}
    # The reader of FCPXML takes every clip for a picture whose asset has no metadata.
    if suffix != ".fcpxml":
        assert [kinds[lane] for lane in lanes] == ["Audio"] * 3
    assert kinds["my film & more.mp4"] == "Video"
    assert all(duration_s == pytest.approx(1.0, abs=1 / rate_hz) for _, _, duration_s in found)


def test_the_film_and_the_files_are_named_where_they_lie(
    known: tuple[Project, Path], tmp_path: Path
) -> None:
    files = export(*known, tmp_path / "out")
    timeline = read(files["my film & more.otio"])
    urls = {url for _, url, _ in clips(timeline)}
    assert (tmp_path / "my film & more.mp4").as_uri() in urls
    assert (tmp_path / "out" / "my film & more.restored.wav").as_uri() in urls


def test_what_is_muted_and_marked_is_in_the_timeline(
    known: tuple[Project, Path], tmp_path: Path
) -> None:
    project, cache = known
    files = export(project, cache, tmp_path / "out")
    timeline = read(files["my film & more.otio"])
    heard = {track.name: track.enabled for track in timeline.tracks}
    assert heard == {"Video": True, "mix": False, "restored": True, "bgm": False}
    (marker,) = next(iter(next(iter(timeline.tracks)))).markers
    assert marker.name == "the <door> & more"
    assert marker.marked_range.start_time.to_seconds() == pytest.approx(0.48)


def test_what_is_muted_is_switched_off_in_the_xml_track_and_clips(
    known: tuple[Project, Path], tmp_path: Path
) -> None:
    files = export(*known, tmp_path / "out")
    path = files["my film & more.xml"]
    timeline = read(path)
    lanes = [each for each in timeline.tracks if each.kind == "Audio"]
    for track, is_off in zip(lanes, (True, False, True), strict=True):
        found = [track.metadata, *(clip.metadata for clip in track)]
        assert len(found) == 2
        assert all(
            (notes.get("fcp_xml", {}).get("enabled") == "FALSE") is is_off for notes in found
        )
    # As whoever reads the XML itself finds it.
    tracks = ET.parse(path).getroot().findall(".//media/audio/track")
    switches = [
        (track.findtext("enabled"), [each.findtext("enabled") for each in track.iter("clipitem")])
        for track in tracks
    ]
    assert switches == [("FALSE", ["FALSE"]), (None, [None]), ("FALSE", ["FALSE"])]
    assert all(
        each.findtext("enabled") is None
        for each in ET.parse(path).getroot().findall(".//media/video/track")
    )


def test_premiere_finds_the_marker_in_the_xml(known: tuple[Project, Path], tmp_path: Path) -> None:
    files = export(*known, tmp_path / "out")
    root = ET.parse(files["my film & more.xml"]).getroot()
    assert root.tag == "xmeml"
    assert [each.findtext("name") for each in root.iter("marker")] == ["the <door> & more"]
    assert [each.findtext("in") for each in root.iter("marker")] == ["12"]


def test_lanes_are_files_with_their_gain_and_a_time_stamp(
    known: tuple[Project, Path], tmp_path: Path
) -> None:
    project, cache = known
    files = export(project, cache, tmp_path / "out")
    path = files["my film & more.restored.wav"]
    result = known_result(cache)
    raw = np.fromfile(cache / f"{result.stems[StemName.RESTORED].key}.f32", np.float32)
    found, rate_hz = soundfile.read(path, dtype="float32")
    assert rate_hz == RATE_HZ
    expected = raw[-found.size :] * np.float32(linear_gain(-6.0))
    assert np.sort(found.ravel()) == pytest.approx(np.sort(expected), abs=1e-6)
    with av.open(str(path)) as container:
        assert container.metadata["time_reference"] == "0"
        assert container.metadata["comment"] == "restored of my film & more.mp4"


def test_sound_without_a_picture_has_a_timeline_too(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    result = blind_result(cache, tmp_path / "song.wav")
    media = replace(media_of(result), frame_rate_hz=0.0)
    files = export(restored(result, media), cache, tmp_path / "out")
    timeline = read(files["song.otio"])
    assert {kind for kind, _, _ in clips(timeline)} == {"Audio"}
    assert len(next(iter(next(iter(timeline.tracks)))).markers) == 1


def test_an_input_is_never_replaced(known: tuple[Project, Path], tmp_path: Path) -> None:
    project, cache = known
    assert project.media is not None
    video = tmp_path / "out" / "film.restored.wav"
    video.parent.mkdir()
    video.write_bytes(b"film")
    named = replace(project, track=video, media=replace(project.media, path=tmp_path / "film.mp4"))
    with pytest.raises(OutputError, match="is an input itself"):
        export_timeline(named, video.parent, cache, PlainContext())
    assert video.read_bytes() == b"film"


def test_final_cut_finds_whole_frames_and_what_is_switched_off(
    known: tuple[Project, Path], tmp_path: Path
) -> None:
    project, cache = known
    assert project.media is not None
    ntsc = replace(project, media=replace(project.media, frame_rate_hz=30000 / 1001))
    files = export(ntsc, cache, tmp_path / "out")
    root = ET.parse(files["my film & more.fcpxml"]).getroot()
    times = [each.get(name) for each in root.iter() for name in ("offset", "start", "duration")]
    frames = [Fraction(time.rstrip("s")) * Fraction(30000, 1001) for time in times if time]
    assert frames
    assert all(frame.denominator == 1 for frame in frames)
    pictures = [each.get("name") for each in root.iter("asset") if each.get("hasVideo")]
    assert pictures == ["my film & more"]
    (film,) = root.iterfind(".//spine/asset-clip")
    assert film.get("srcEnable") == "video"
    switched = {each.get("name"): each.get("enabled") for each in film.iterfind("asset-clip")}
    assert switched == {"mix": "0", "restored": "1", "bgm": "0"}
    assert [each.get("value") for each in film.iterfind("marker")] == ["the <door> & more"]


@given(st.floats(0, 240))
def test_any_rate_is_taken_to_one_that_editors_know(rate_hz: float) -> None:
    grid = grid_of(rate_hz)
    assert grid.rate.denominator in {1, 1001}
    assert grid.time(grid.frames(1.0) / float(grid.rate)) == grid.time(1.0)
