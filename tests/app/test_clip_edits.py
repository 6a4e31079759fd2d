"""Clips stay within their tracks, their lanes and the film, whatever is done to them."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.clip_edits import (
    change_clip_gain,
    clip_at,
    fade_clip,
    find_clip,
    move_clip,
    place_clip,
    relink_track,
    remove_clip,
    slip_clip,
    split_clip,
    trim_clip,
)
from app.clips import LEAST_CLIP_S, MAX_CLIPS, MAX_GAIN_DB, Clip, Fade, music_lane_number
from app.document import Document, Edit
from app.gain_curves import FadeShape
from app.lane_edits import mute
from app.project import Lane, Project, opened
from app.restore_edits import accept_restore
from engine.types import AudioRef, Region, StemName
from tests.helpers.placing import FILM_S, RATE_HZ, SONG, TRACK, TRACK_S, film_project, placed
from tests.helpers.projects import blind_result, media_of

TIMES_S = st.floats(-5, 40)
IDS = st.integers(1, 6)
HEARD = placed((2, 10))


def only(project: Project) -> Clip:
    (clip,) = project.clips
    return clip


def test_a_track_is_placed_in_a_lane_of_its_own() -> None:
    project = place_clip(SONG, TRACK, 4.0).apply(film_project())
    clip = only(project)
    assert (clip.start_s, clip.track_start_s, clip.end_s) == (4.0, 0.0, FILM_S)
    assert [lane.lane_id for lane in project.lanes] == [StemName.MIX, clip.lane_id]
    assert place_clip(SONG, TRACK, 4.0).name == "Place song"


def test_where_there_is_no_room_another_lane_is_taken() -> None:
    project = placed((1, 5), (6, 9), (4, 7))
    lanes = [clip.lane_id for clip in project.clips]
    assert lanes == ["placed 1", "placed 1", "placed 2"]


def test_behind_the_film_nothing_is_placed() -> None:
    project = film_project()
    assert place_clip(SONG, TRACK, FILM_S).apply(project) is project


def test_no_more_clips_than_a_file_may_hold() -> None:
    project = placed((1, 5))
    many = tuple(replace(only(project), clip_id=number) for number in range(1, MAX_CLIPS + 1))
    full = replace(project, clips=many)
    assert place_clip(SONG, TRACK, 6.0).apply(full) is full
    assert split_clip(1, 3.0).apply(full) is full


def test_moving_keeps_what_is_heard_of_the_track() -> None:
    project = move_clip(1, 7.5).apply(placed((1, 5)))
    assert (only(project).start_s, only(project).track_start_s) == (7.5, 5.0)
    assert only(move_clip(1, -3.0).apply(project)).start_s == 0.0
    assert only(move_clip(1, 99.0).apply(project)).start_s < FILM_S


def test_a_clip_is_moved_to_the_lane_that_is_wanted_if_there_is_room() -> None:
    project = placed((1, 5), (3, 7))
    wanted = move_clip(2, 6.0, "placed 1").apply(project)
    assert [clip.lane_id for clip in wanted.clips] == ["placed 1", "placed 1"]
    assert [lane.lane_id for lane in wanted.lanes] == [StemName.MIX, "placed 1"]
    blocked = move_clip(2, 4.0, "placed 1").apply(project)
    assert clip_at(blocked, "placed 2", 4.5) is not None


def test_trimming_leaves_the_music_where_it_is() -> None:
    project = trim_clip(1, "in", 3.0).apply(placed((2, 8)))
    assert (only(project).start_s, only(project).track_start_s, only(project).end_s) == (3, 6, 8)
    project = trim_clip(1, "out", 6.0).apply(project)
    assert (only(project).start_s, only(project).track_start_s, only(project).end_s) == (3, 6, 6)


def test_a_clip_reaches_as_far_as_its_track() -> None:
    early = trim_clip(1, "in", 0.0).apply(placed((8, 10), track_start_s=3.0))
    assert (only(early).start_s, only(early).track_start_s) == (5.0, 0.0)
    late = trim_clip(1, "out", 99.0).apply(placed((1, 3), track_start_s=20.0))
    assert only(late).track_end_s == TRACK_S


def test_a_clip_does_not_reach_into_its_neighbour() -> None:
    project = placed((1, 5), (6, 9))
    assert trim_clip(1, "out", 8.0).apply(project).clips[0].end_s == 6.0
    assert trim_clip(2, "in", 2.0).apply(project).clips[1].start_s == 5.0


def test_a_trim_leaves_something() -> None:
    for end, at_s in (("in", 99.0), ("out", 0.0)):
        project = trim_clip(1, "in" if end == "in" else "out", at_s).apply(placed((2, 8)))
        assert only(project).duration_s == pytest.approx(LEAST_CLIP_S)


def test_slipping_stays_in_place_and_in_the_track() -> None:
    project = slip_clip(1, 11.0).apply(placed((2, 8)))
    assert (only(project).start_s, only(project).track_start_s, only(project).end_s) == (2, 11, 8)
    assert only(slip_clip(1, 99.0).apply(project)).track_end_s == TRACK_S
    assert only(slip_clip(1, -9.0).apply(project)).track_start_s == 0.0


def test_the_halves_of_a_split_meet() -> None:
    faded = fade_clip(1, "out", 2.0).apply(fade_clip(1, "in", 1.0).apply(placed((2, 8))))
    project = split_clip(1, 5.0).apply(faded)
    left, right = project.clips
    assert left.end_s == right.start_s == 5.0
    assert left.track_end_s == right.track_start_s == 8.0
    assert (left.fade_in.duration_s, left.fade_out.duration_s) == (1.0, 0.0)
    assert (right.fade_in.duration_s, right.fade_out.duration_s) == (0.0, 2.0)
    assert left.lane_id == right.lane_id
    assert left.clip_id != right.clip_id


@pytest.mark.parametrize("at_s", [2.01, 1.0, 7.99, 9.0])
def test_a_split_that_leaves_nothing_on_one_side_changes_nothing(at_s: float) -> None:
    project = placed((2, 8))
    assert split_clip(1, at_s).apply(project) is project


def test_a_lane_goes_with_its_last_clip() -> None:
    project = mute("placed 2", muted=True).apply(placed((1, 5), (3, 7)))
    project = remove_clip(1).apply(project)
    assert [lane.lane_id for lane in project.lanes] == [StemName.MIX, "placed 2"]
    assert project.lanes[1].muted
    assert remove_clip(2).apply(project).lanes == (Lane(StemName.MIX),)


def test_fades_share_the_clip() -> None:
    project = fade_clip(1, "in", 4.0, FadeShape.LINEAR).apply(placed((2, 8)))
    project = fade_clip(1, "out", 4.0).apply(project)
    clip = only(project)
    assert clip.fade_in == Fade(4.0, FadeShape.LINEAR)
    assert clip.fade_out == Fade(2.0)
    assert only(trim_clip(1, "out", 4.0).apply(project)).fade_in.duration_s == 2.0
    assert only(fade_clip(1, "in", -1.0).apply(project)).fade_in == Fade(0.0, FadeShape.LINEAR)


def test_a_gain_has_limits() -> None:
    assert only(change_clip_gain(1, 99.0).apply(placed((2, 8)))).gain_db == MAX_GAIN_DB


def test_a_missing_track_is_found_for_all_its_clips() -> None:
    project = placed((1, 4), (5, 8))
    missing = replace(project, clips=tuple(replace(clip, sound=None) for clip in project.clips))
    other = AudioRef("other", TRACK.num_samples, 2, RATE_HZ)
    found = relink_track(SONG, Path("/there/song.flac"), other).apply(missing)
    assert {(clip.track, clip.sound) for clip in found.clips} == {(Path("/there/song.flac"), other)}


def test_placed_music_outlives_a_restore(tmp_path: Path) -> None:
    result = blind_result(tmp_path)
    project = place_clip(SONG, TRACK, 0.25).apply(opened(media_of(result)))
    restored = accept_restore(result).apply(project)
    assert restored.clips == project.clips
    assert restored.lanes[-1].lane_id == "placed 1"


@pytest.mark.parametrize(
    ("length_s", "stretch"), [(30.0, (15.0, 8.0)), (20.0, (12.0, 8.0)), (5.0, (0.0, 5.0))]
)
def test_a_clip_fits_into_a_shorter_track(length_s: float, stretch: tuple[float, float]) -> None:
    project = fade_clip(1, "out", 6.0).apply(placed((2, 10), track_start_s=15.0))
    shorter = AudioRef("other", round(length_s * RATE_HZ), 2, RATE_HZ)
    clip = only(relink_track(SONG, SONG, shorter).apply(project))
    assert (clip.track_start_s, clip.duration_s) == stretch
    assert clip.start_s == 2.0
    trim_clip(1, "out", 99.0).apply(relink_track(SONG, SONG, shorter).apply(project))


def test_a_fade_that_was_cut_comes_back_with_the_clip() -> None:
    whole = fade_clip(1, "out", 3.0).apply(fade_clip(1, "in", 4.0).apply(placed((2, 10))))
    early = remove_clip(2).apply(split_clip(1, 3.0).apply(whole))
    assert only(early).fade_in == Fade(1.0, inner_s=3.0)
    assert only(move_clip(1, 5.0).apply(early)).fade_in == Fade(1.0, inner_s=3.0)
    assert only(trim_clip(1, "out", 5.0).apply(early)).fade_in == Fade(3.0, inner_s=1.0)
    assert only(trim_clip(1, "out", 9.0).apply(early)).fade_in == Fade(4.0)
    late = remove_clip(1).apply(split_clip(1, 8.0).apply(whole))
    assert only(late).fade_out == Fade(2.0, inner_s=1.0)
    assert only(trim_clip(2, "in", 5.0).apply(late)).fade_out == Fade(3.0)


def test_a_fade_without_its_begin_is_short_or_whole() -> None:
    rest = remove_clip(1).apply(split_clip(1, 3.0).apply(fade_clip(1, "in", 4.0).apply(HEARD)))
    assert only(rest).fade_in == Fade(3.0, outer_s=1.0)
    assert only(trim_clip(2, "out", 4.5).apply(rest)).fade_in == Fade(1.5, outer_s=0.5)
    other = fade_clip(2, "in", 3.0, FadeShape.LINEAR).apply(rest)
    assert only(other).fade_in == Fade(3.0, FadeShape.LINEAR, outer_s=1.0)
    assert only(fade_clip(2, "in", 2.0).apply(rest)).fade_in == Fade(2.0)


def test_a_lane_that_comes_back_has_its_place_again() -> None:
    project = placed((1, 5), (1, 5), (1, 5))
    project = place_clip(SONG, TRACK, 6.0, Region(0.0, 2.0)).apply(remove_clip(1).apply(project))
    back = move_clip(4, 1.0).apply(project)
    numbers = [music_lane_number(lane.lane_id) for lane in back.lanes if lane.stem is None]
    assert numbers == [1, 2, 3]


class ClipMachine(RuleBasedStateMachine):
    """Whatever is done in whatever order, clips are where clips can be."""

    def __init__(self) -> None:
        super().__init__()
        self.document = Document()
        self.document.open(film_project())
        self.drag_id = 0

    @property
    def project(self) -> Project:
        return self.document.project

    def do(self, edit: Edit) -> None:
        self.document.do(edit)

    @rule(
        clip_id=IDS,
        steps=st.lists(st.tuples(TIMES_S, st.integers(0, 3)), min_size=1, max_size=4),
        is_given_up=st.booleans(),
    )
    def drag(self, clip_id: int, steps: list[tuple[float, int]], *, is_given_up: bool) -> None:
        """Only where a drag ends counts, and one that ends where it began was none."""
        document, before = self.document, self.project
        names, self.drag_id = (document.undo_name, document.redo_name), self.drag_id + 1
        for at_s, way in steps:
            edits = (
                move_clip(clip_id, at_s, f"placed {way + 1}"),
                trim_clip(clip_id, "in", at_s),
                trim_clip(clip_id, "out", at_s),
                slip_clip(clip_id, at_s),
            )
            document.do(replace(edits[way], drag_id=self.drag_id))
        assert self.project == edits[way].apply(before)
        if is_given_up:
            document.give_up(self.drag_id)
            assert self.project is before
        if self.project is before:
            assert (document.undo_name, document.redo_name) == names

    @rule()
    def undo(self) -> None:
        self.document.undo()

    @rule(start_s=st.floats(0, 25), track_start_s=st.floats(0, 20), length_s=st.floats(0.1, 9))
    def place(self, start_s: float, track_start_s: float, length_s: float) -> None:
        stretch = Region(track_start_s, track_start_s + length_s)
        self.do(place_clip(SONG, TRACK, start_s, stretch))

    @rule(clip_id=IDS, start_s=TIMES_S, lane=st.integers(0, 3))
    def move(self, clip_id: int, start_s: float, lane: int) -> None:
        self.do(move_clip(clip_id, start_s, f"placed {lane}" if lane else ""))

    @rule(clip_id=IDS, at_s=TIMES_S)
    def trim_start(self, clip_id: int, at_s: float) -> None:
        self.do(trim_clip(clip_id, "in", at_s))

    @rule(clip_id=IDS, at_s=TIMES_S)
    def trim_end(self, clip_id: int, at_s: float) -> None:
        self.do(trim_clip(clip_id, "out", at_s))

    @rule(clip_id=IDS, at_s=TIMES_S)
    def slip(self, clip_id: int, at_s: float) -> None:
        self.do(slip_clip(clip_id, at_s))

    @rule(clip_id=IDS, at_s=TIMES_S)
    def split(self, clip_id: int, at_s: float) -> None:
        self.do(split_clip(clip_id, at_s))

    @rule(clip_id=IDS, seconds=TIMES_S, shape=st.sampled_from(FadeShape))
    def fade(self, clip_id: int, seconds: float, shape: FadeShape) -> None:
        self.do(fade_clip(clip_id, "in", seconds, shape))
        self.do(fade_clip(clip_id, "out", seconds / 2))

    @rule(clip_id=IDS)
    def remove(self, clip_id: int) -> None:
        self.do(remove_clip(clip_id))

    @invariant()
    def clips_lie_in_film_and_track(self) -> None:
        for clip in self.project.clips:
            assert 0 <= clip.start_s < FILM_S
            assert clip.track_start_s >= 0
            assert clip.track_end_s <= TRACK_S + 1e-9
            assert clip.duration_s >= LEAST_CLIP_S - 1.5 / RATE_HZ

    @invariant()
    def clips_of_a_lane_do_not_meet(self) -> None:
        for left, right in zip(self.project.clips, self.project.clips[1:], strict=False):
            assert left.lane_id != right.lane_id or left.end_s <= right.start_s + 1e-9

    @invariant()
    def lanes_are_those_of_the_clips(self) -> None:
        lanes = [lane.lane_id for lane in self.project.lanes if music_lane_number(lane.lane_id)]
        assert sorted(set(lanes)) == sorted(lanes)
        assert set(lanes) == {clip.lane_id for clip in self.project.clips}

    @invariant()
    def edges_are_samples(self) -> None:
        for clip in self.project.clips:
            for time_s in (clip.start_s, clip.end_s, clip.track_start_s):
                assert time_s * RATE_HZ == pytest.approx(round(time_s * RATE_HZ), abs=1e-6)

    @invariant()
    def fades_lie_in_their_clips(self) -> None:
        for clip in self.project.clips:
            for fade in (clip.fade_in, clip.fade_out):
                first, last = fade.shares
                assert 0 <= first <= last <= 1 + 1e-9
                if fade.inner_s and fade.duration_s:
                    # A fade that is not over reaches as far as it can.
                    both_s = clip.fade_in.duration_s + clip.fade_out.duration_s
                    assert both_s == pytest.approx(clip.duration_s, abs=1e-6)


ClipMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestClips = ClipMachine.TestCase


@given(st.integers(1, 999))
def test_lanes_of_music_are_known_by_their_names(number: int) -> None:
    assert music_lane_number(f"placed {number}") == number


@pytest.mark.parametrize("name", ["mix", "placed 0", "placed", "placed 1000", "placed 1 "])
def test_other_lanes_are_not(name: str) -> None:
    assert music_lane_number(name) is None


@pytest.mark.parametrize(
    "times_s", [(-0.1, 0.0, 6.0), (1.0, float("nan"), 6.0), (1.0, 0.0, 0.0), (1.0, 0.0, math.inf)]
)
def test_a_clip_that_lies_nowhere_is_refused(times_s: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="no clip"):
        Clip(1, "placed 1", SONG, TRACK, *times_s)


def test_fades_that_are_longer_than_the_clip_are_refused() -> None:
    with pytest.raises(ValueError, match="fades"):
        replace(only(placed((2, 8))), fade_in=Fade(4.0), fade_out=Fade(3.0))


def test_who_is_not_there_is_not_found() -> None:
    project = placed((2, 8))
    assert find_clip(project, 7) is None
    assert find_clip(project, None) is None
    assert clip_at(project, "placed 1", 8.0) is None
    for edit in (move_clip(7, 1.0), remove_clip(7), split_clip(7, 3.0), fade_clip(7, "in", 1.0)):
        assert edit.apply(project) == project
