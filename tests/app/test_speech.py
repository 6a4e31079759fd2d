"""Speech is changed where the user says, and nowhere else."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.project import Media, Project, Restore, opened
from app.restore_edits import accept_restore
from app.speech import (
    LEAST_S,
    Speech,
    add_speech,
    behind,
    edges,
    joined,
    move_edge,
    nearest_edge,
    remove_speech,
    speech_at,
    without,
)
from engine.types import AudioRef, Method, Region, RestoreResult, StemName

MIX = AudioRef("mix", 10_000, 2, 1000)
STEMS = (StemName.MIX, StemName.DIALOGUE, StemName.REST, StemName.RESTORED)
TIMES_S = np.arange(10_000) / 1000
places_s = st.integers(0, 100).map(lambda tenth: tenth / 10)
stretches = st.tuples(places_s, places_s).filter(lambda pair: pair[0] < pair[1])


@st.composite
def speech(draw: st.DrawFn) -> Speech:
    times_s = sorted(draw(st.lists(places_s, max_size=8, unique=True)))
    return tuple(Region(*pair) for pair in zip(times_s[::2], times_s[1::2], strict=False))


def project(spoken: Speech) -> Project:
    found = RestoreResult(
        Path("clip.mp4"), dict.fromkeys(STEMS, MIX), Method.BLIND, (), None, spoken, (), ()
    )
    return accept_restore(found).apply(opened(Media(found.video, MIX)))


def restore(spoken: Speech) -> Restore:
    made = project(spoken).restore
    assert made is not None
    return made


def covered(regions: Speech) -> NDArray[np.bool_]:
    """Whether there is speech at each millisecond."""
    inside = np.zeros(len(TIMES_S), np.bool_)
    for region in regions:
        inside[round(region.start_s * 1000) : round(region.end_s * 1000)] = True
    return inside


def is_in_order(regions: Speech) -> bool:
    return all(a.end_s < b.start_s for a, b in pairwise(regions))


@settings(max_examples=40)
@given(speech(), stretches)
def test_what_is_added_is_speech_and_the_rest_stays(
    spoken: Speech, pair: tuple[float, float]
) -> None:
    region = Region(*pair)
    after = joined(spoken, region)
    assert is_in_order(after)
    assert (covered(after) == (covered(spoken) | covered((region,)))).all()


@settings(max_examples=40)
@given(speech(), stretches)
def test_what_is_removed_is_none_and_the_rest_stays(
    spoken: Speech, pair: tuple[float, float]
) -> None:
    region = Region(*pair)
    after = without(spoken, region)
    assert is_in_order(after)
    assert (covered(after) == (covered(spoken) & ~covered((region,)))).all()


@settings(max_examples=40)
@given(speech(), stretches)
def test_where_sounds_are_behind_is_where_the_two_differ(
    spoken: Speech, pair: tuple[float, float]
) -> None:
    changed = add_speech(Region(*pair)).apply(project(spoken)).restore
    assert changed is not None
    difference = covered(spoken) ^ covered(changed.spoken)
    assert (covered(behind(changed)) == difference).all()
    assert changed.is_behind == difference.any()


@settings(max_examples=40)
@given(speech().filter(bool), st.data(), places_s, st.booleans())
def test_an_edge_goes_where_it_is_moved_as_far_as_its_own_other_end(
    spoken: Speech, data: st.DataObject, time_s: float, is_start: bool
) -> None:
    region = data.draw(st.sampled_from(spoken))
    moved = move_edge(region, time_s, is_start=is_start).apply(project(spoken)).restore
    assert moved is not None
    assert is_in_order(moved.spoken)
    if is_start:
        end_s, start_s = region.end_s, min(time_s, region.end_s - LEAST_S)
    else:
        start_s, end_s = region.start_s, max(time_s, region.start_s + LEAST_S)
    end_s = min(end_s, 10.0)
    others = tuple(each for each in spoken if each != region)
    assert (covered(moved.spoken) == (covered(others) | covered((Region(start_s, end_s),)))).all()


def test_speech_that_almost_touches_is_one() -> None:
    assert joined([Region(1.0, 2.0)], Region(2.03, 3.0)) == (Region(1.0, 3.0),)
    assert len(joined([Region(1.0, 2.0)], Region(2.05, 3.0))) == 2


def test_scraps_go_with_what_is_removed() -> None:
    assert without([Region(1.0, 2.0)], Region(1.04, 1.5)) == (Region(1.5, 2.0),)


@pytest.mark.parametrize("length_s", [0.0002, 0.03])
def test_what_is_left_on_both_sides_keeps_its_distance(length_s: float) -> None:
    before, behind = without([Region(0.0, 10.0)], Region(5.0, 5.0 + length_s))
    assert behind.start_s - before.end_s == pytest.approx(0.04)
    assert without([Region(0.0, 5.0)], Region(5.0001, 5.0003)) == (Region(0.0, 5.0),)


def test_nothing_reaches_beyond_the_film() -> None:
    edited = add_speech(Region(-5.0, 99.0)).apply(project(()))
    assert edited.restore is not None
    assert edited.restore.spoken == (Region(0.0, 10.0),)


def test_what_changes_nothing_is_no_edit() -> None:
    before = project((Region(1.0, 2.0),))
    for edit in (
        add_speech(Region(1.2, 1.5)),
        remove_speech(Region(3.0, 4.0)),
        move_edge(Region(5.0, 6.0), 1.0, is_start=True),
        move_edge(Region(1.0, 2.0), 2.0, is_start=False),
    ):
        assert edit.apply(before) is before
    assert add_speech(Region(1.0, 2.0)).apply(Project()) == Project()


def test_speech_is_found_by_time() -> None:
    spoken = restore((Region(1.0, 2.0), Region(4.0, 5.0)))
    assert speech_at(spoken, 1.0) == Region(1.0, 2.0)
    assert speech_at(spoken, 2.0) is None
    assert nearest_edge(spoken, 2.9, is_start=True) == Region(4.0, 5.0)
    assert nearest_edge(spoken, 2.9, is_start=False) == Region(1.0, 2.0)
    assert nearest_edge(restore(()), 2.9, is_start=False) is None
    assert edges(spoken) == [(1.0, True), (2.0, False), (4.0, True), (5.0, False)]


def test_speech_that_is_not_apart_cannot_be_changed() -> None:
    known = RestoreResult(Path("a"), {StemName.MIX: MIX}, Method.KNOWN_BGM, (), None, (), (), ())
    with pytest.raises(ValueError, match="not apart"):
        Restore(known, speech=())
