"""A passage that was warped before it was laid in is still heard after the removal."""

from pathlib import Path

import numpy as np
import pytest

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.dsp.align import Placement
from engine.evaluation.bgm_clips import SAMPLE_RATE_HZ, Clip, Laying, make_clip
from engine.stages.known_bgm import KnownBgmRequest, KnownBgmResult, remove_known_bgm
from engine.stages.leftovers import still_heard
from engine.stages.track_search import Find, Track
from engine.types import Audio, Region, Samples
from tests.helpers.library import SMALL_RATE_HZ, melody
from tests.helpers.trials import SURE
from tests.helpers.warping import WARPED_S, with_warped_passage


@pytest.fixture(scope="module")
def clip() -> Clip:
    return make_clip(24, Laying(), 3)


def removed(clip: Clip, bgm: Samples, folder: Path) -> KnownBgmResult:
    store = ArtifactStore(folder)
    track = store.put("track", Audio(clip.track, SAMPLE_RATE_HZ))
    mix = store.put("mix", Audio(clip.rest + bgm, SAMPLE_RATE_HZ))
    request = KnownBgmRequest(mix, (Track(Path("t.wav"), track),))
    return remove_known_bgm(request, store, PlainContext())


def test_a_track_that_was_taken_out_is_not_heard(clip: Clip, tmp_path: Path) -> None:
    result = removed(clip, clip.bgm, tmp_path)
    assert result.matches
    assert result.poor == ()


def test_a_warped_passage_is_still_heard(clip: Clip, tmp_path: Path) -> None:
    result = removed(clip, with_warped_passage(clip.bgm), tmp_path)
    (poor,) = result.poor
    assert poor.start_s == pytest.approx(WARPED_S[0], abs=2)
    assert poor.end_s == pytest.approx(WARPED_S[1], abs=2)


FIND = Region(5.0, 16.0)
TRACK_START_S = 3.0


@pytest.mark.parametrize(
    ("left", "start_s", "end_s"),
    [
        (Region(5.0, 16.0), 5.0, 16.0),
        (Region(12.8, 16.0), pytest.approx(12.8, abs=3), 16.0),
        (Region(5.0, 8.2), 5.0, pytest.approx(8.2, abs=3)),
        (Region(9.2, 11.8), pytest.approx(9.2, abs=3), pytest.approx(11.8, abs=3)),
    ],
    ids=["all", "the last seconds", "the first seconds", "the middle"],
)
def test_what_is_left_is_told_up_to_the_ends_of_the_find(
    tmp_path: Path, left: Region, start_s: float, end_s: float
) -> None:
    # Less than a window is enough to be told, so in between it is told of some seconds too much.
    assert heard_again(tmp_path, left, FIND) == (Region(start_s, end_s),)


@pytest.mark.parametrize("length_s", [2.0, 4.0, 5.0, 6.0])
def test_of_a_short_find_nothing_beyond_it_is_told(tmp_path: Path, length_s: float) -> None:
    find = Region(5.0, 5.0 + length_s)
    assert heard_again(tmp_path, Region(3.0, 16.0), find) == (find,)


def heard_again(folder: Path, left: Region, found: Region) -> tuple[Region, ...]:
    """What is told of a find if the track was left in a part of it."""
    store = ArtifactStore(folder)
    track, rest = melody(30, 1), 0.1 * melody(20, 2)
    inside = slice(*(round(second * SMALL_RATE_HZ) for second in (left.start_s, left.end_s)))
    later = round((FIND.start_s - TRACK_START_S) * SMALL_RATE_HZ)
    rest[:, inside] += np.roll(track, later, axis=1)[:, inside]
    known = Track(Path("t.wav"), store.put("track", Audio(track, SMALL_RATE_HZ)))
    placement = Placement(found.start_s, found.end_s, TRACK_START_S, 1.0, 30.0, found.start_s)
    find = Find(known, placement, SURE)
    return still_heard(store.put("rest", Audio(rest, SMALL_RATE_HZ)), [find], store, PlainContext())
