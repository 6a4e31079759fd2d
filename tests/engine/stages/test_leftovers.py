"""A passage that was warped before it was laid in is still heard after the removal."""

from pathlib import Path

import pytest

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.evaluation.bgm_clips import SAMPLE_RATE_HZ, Clip, Laying, make_clip
from engine.stages.known_bgm import KnownBgmRequest, KnownBgmResult, remove_known_bgm
from engine.stages.track_search import Track
from engine.types import Audio, Samples
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
