"""Who decides which music is kept, and how much of the other goes."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.decision import decision_of, doubt
from engine.pipeline import restore
from engine.stages.mixed_music import MixedMusicSeparator
from engine.types import (
    CERTAIN,
    Decision,
    MatchResult,
    RestoreRequest,
    RestoreResult,
    StemName,
    Verdict,
)
from tests.helpers.media import make_video, noise
from tests.helpers.restores import RATE_HZ, SmallStages, answer, run
from tests.helpers.separations import separation


class OrderedStages(SmallStages):
    """The same with a network whose stems are called by what they are."""

    def __init__(
        self, store: ArtifactStore, answer: MatchResult | None, order_accuracy: float
    ) -> None:
        super().__init__(store, answer)
        self._order_accuracy = order_accuracy

    def mixed_music(self) -> MixedMusicSeparator:
        """See `Stages`."""
        network = separation(self._store, names=("ost", "bgm"))
        network.model = replace(network.model, order_accuracy=self._order_accuracy)
        return MixedMusicSeparator(network, self._store)


def run_ordered(
    request: RestoreRequest, store: ArtifactStore, said: MatchResult | None, order_accuracy: float
) -> RestoreResult:
    stages = OrderedStages(store, said, order_accuracy)
    return restore(request, stages, store, PlainContext())


def test_the_users_word_goes_before_the_matchers(video: Path, store: ArtifactStore) -> None:
    result = run(RestoreRequest(video, ost="second"), store, answer(Verdict.FIRST))
    assert result.decision is not None
    assert (result.decision.ost, result.decision.confidence) == ("second", 1.0)
    assert "matcher" not in [s.name for s in result.stages]


@pytest.mark.parametrize("verdict", [Verdict.BOTH, Verdict.NONE, Verdict.UNSURE])
def test_without_a_clear_answer_nothing_is_removed_and_that_is_said(
    video: Path, store: ArtifactStore, verdict: Verdict
) -> None:
    result = run(RestoreRequest(video), store, answer(verdict))
    assert not store.map(result.stems[StemName.BGM]).any()
    assert len(result.warnings) == 1
    assert "none was removed" in result.warnings[0]


def test_a_doubtful_answer_removes_a_part(video: Path, store: ArtifactStore) -> None:
    result = run(RestoreRequest(video), store, answer(Verdict.FIRST, 0.7))
    bgm, other = (store.map(result.stems[n]) for n in (StemName.BGM, StemName.MUSIC2))
    np.testing.assert_allclose(bgm, 0.5 * other, atol=1e-6)
    assert "only 50% was removed" in result.warnings[0]


def test_sound_without_picture_is_left_to_the_listener(
    tmp_path: Path, store: ArtifactStore
) -> None:
    sound = make_video(tmp_path / "song.wav", 0, noise(2, RATE_HZ), RATE_HZ)
    stages = SmallStages(store, None)
    result = restore(RestoreRequest(sound), stages, store, PlainContext())
    assert result.decision is not None
    assert result.decision.verdict is Verdict.UNSURE


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_confidence_never_removes_less(a: float, b: float) -> None:
    gains = [Decision("first", Verdict.FIRST, c).removal_gain for c in (0.5, *sorted((a, b)), 1)]
    assert gains[0] == 0
    assert gains[1:] == sorted(gains[1:])
    assert gains[3] == Decision("first", Verdict.FIRST, CERTAIN).removal_gain == 1


@given(st.sampled_from(Verdict), st.floats(0.5, 1), st.floats(-9, 9), st.floats(-9, 9))
def test_only_a_clear_verdict_carries_its_confidence(
    verdict: Verdict, confidence: float, first: float, second: float
) -> None:
    decision = decision_of(MatchResult(verdict, confidence, (first, second), "m"))
    assert decision.verdict is verdict
    if verdict in (Verdict.FIRST, Verdict.SECOND):
        assert decision.ost == verdict.value
        assert decision.confidence == confidence
    else:
        assert decision.removal_gain == 0


def test_an_unsure_matcher_leaves_the_word_to_the_networks_order(
    video: Path, store: ArtifactStore
) -> None:
    result = run_ordered(RestoreRequest(video), store, answer(Verdict.UNSURE, 0.55), 0.8)
    assert result.decision == Decision("first", Verdict.UNSURE, 0.8)
    bgm, other = (store.map(result.stems[n]) for n in (StemName.BGM, StemName.MUSIC2))
    np.testing.assert_allclose(bgm, 0.75 * other, atol=1e-6)
    (warning,) = result.warnings
    assert "right in about 80% of the mixes" in warning
    assert "75% of music2 was removed" in warning


def test_an_order_that_nobody_measured_removes_nothing(video: Path, store: ArtifactStore) -> None:
    result = run_ordered(RestoreRequest(video), store, answer(Verdict.UNSURE), 0)
    assert result.decision == decision_of(answer(Verdict.UNSURE))
    assert not store.map(result.stems[StemName.BGM]).any()
    assert "none was removed" in result.warnings[0]


def test_without_a_picture_the_networks_order_speaks(tmp_path: Path, store: ArtifactStore) -> None:
    sound = make_video(tmp_path / "song.wav", 0, noise(2, RATE_HZ), RATE_HZ)
    result = run_ordered(RestoreRequest(sound), store, None, 0.95)
    assert result.decision == Decision("first", Verdict.UNSURE, 0.95)
    assert result.stems[StemName.BGM] == result.stems[StemName.MUSIC2]
    # All of it is gone, and still that is said: no picture bears it out.
    assert "100% of music2 was removed" in result.warnings[0]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [("auto", Verdict.SECOND), ("second", Verdict.UNSURE)],
)
def test_user_and_sure_matcher_go_before_the_networks_order(
    video: Path, store: ArtifactStore, wanted: Literal["auto", "second"], said: Verdict
) -> None:
    result = run_ordered(RestoreRequest(video, ost=wanted), store, answer(said), 0.98)
    assert result.decision is not None
    assert (result.decision.ost, result.decision.verdict) == ("second", Verdict.SECOND)
    assert result.stems[StemName.BGM] == result.stems[StemName.MUSIC1]
    assert result.warnings == ()


@given(
    st.sampled_from(Verdict),
    st.floats(0.5, 1),
    st.tuples(st.floats(-9, 9), st.floats(-9, 9)),
    st.floats(0.5, 1),
)
def test_the_networks_order_changes_only_what_is_unsure(
    verdict: Verdict, confidence: float, scores: tuple[float, float], order_confidence: float
) -> None:
    found = MatchResult(verdict, confidence, scores, "m")
    decision = decision_of(found, order_confidence)
    if verdict is Verdict.UNSURE and order_confidence > 0.5:
        assert decision == Decision("first", Verdict.UNSURE, order_confidence)
    else:
        assert decision == decision_of(found)
    is_sure = verdict in (Verdict.FIRST, Verdict.SECOND) and decision.removal_gain == 1
    assert (doubt(decision) == "") is is_sure
