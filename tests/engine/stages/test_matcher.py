"""The baseline matcher: its arithmetic as properties, its answers on generated films."""

import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.artifacts import ArtifactStore
from engine.catalog import find_card
from engine.context import PlainContext
from engine.datasets.linked_pairs import Case, Link
from engine.dsp.coincidence import NO_EVIDENCE, Evidence
from engine.errors import CancelledError
from engine.models.matcher import LINKS, DecisionRule, LinkParams
from engine.stages.matcher import (
    BASELINE,
    Matcher,
    MatchRequest,
    baseline_params,
    decide,
    link_log_ratio,
    log_ratio,
    units,
)
from engine.stages.picture_features import STAGE
from engine.types import Audio, MatchResult, Verdict
from tests.helpers.pictures import clear_case, match_request, still, write_film

RULE = DecisionRule()
PARAMS = baseline_params()
SCORE = st.floats(-10, 10)
EVIDENCE = st.builds(Evidence, st.floats(-3, 3), st.just(0.0) | st.floats(0.01, 500))
LINK = st.builds(LinkParams, st.floats(0, 2), st.floats(0.02, 2), st.floats(0, 1))


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    return Matcher(PARAMS, ArtifactStore(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def case() -> Case:
    return clear_case(Link.BOTH)


@pytest.fixture(scope="module")
def request_both(case: Case, matcher: Matcher) -> MatchRequest:
    return match_request(case, matcher.store)


@pytest.fixture(scope="module")
def plain(matcher: Matcher, request_both: MatchRequest) -> MatchResult:
    return matcher(request_both, PlainContext())


def scaled(audio: Audio, gain_db: float) -> Audio:
    return replace(audio, samples=np.float32(10 ** (gain_db / 20)) * audio.samples)


@pytest.mark.parametrize(
    ("first", "second", "choice"),
    [
        (4.0, -1.0, Verdict.FIRST),
        (-1.0, 4.0, Verdict.SECOND),
        (4.0, 4.0, Verdict.BOTH),
        (-4.0, -4.0, Verdict.NONE),
        (0.0, 0.0, Verdict.UNSURE),
        (0.5, 0.0, Verdict.UNSURE),
        (1.5, 1.5, Verdict.UNSURE),
    ],
)
def test_verdicts(first: float, second: float, choice: Verdict) -> None:
    assert decide(first, second, RULE)[0] is choice


@given(SCORE, SCORE)
def test_swapping_the_scores_swaps_the_verdict(first: float, second: float) -> None:
    swapped = {Verdict.FIRST: Verdict.SECOND, Verdict.SECOND: Verdict.FIRST}
    choice, confidence = decide(first, second, RULE)
    assert decide(second, first, RULE) == (swapped.get(choice, choice), confidence)


@given(SCORE)
def test_equal_scores_never_prefer_one(score: float) -> None:
    assert decide(score, score, RULE)[0] not in (Verdict.FIRST, Verdict.SECOND)


@given(SCORE, SCORE)
def test_an_answer_is_as_sure_as_the_rule_asks(first: float, second: float) -> None:
    choice, confidence = decide(first, second, RULE)
    assert 0 < confidence <= 1
    assert (choice is Verdict.UNSURE) == (confidence < RULE.min_confidence)


@given(SCORE, SCORE, st.floats(0, 5))
def test_a_foreign_second_makes_the_first_surer(first: float, second: float, drop: float) -> None:
    choice, confidence = decide(first, second, RULE)
    if choice is Verdict.FIRST:
        less = decide(first + drop, second, RULE)
        assert less[0] in (Verdict.FIRST, Verdict.BOTH)
        assert decide(first, second - drop, RULE)[1] >= confidence - 1e-12


@given(LINK, st.floats(0.01, 500), st.floats(-3, 3), st.floats(0, 3))
def test_a_stronger_link_never_scores_less(
    link: LinkParams, precision: float, effect: float, more: float
) -> None:
    weak = link_log_ratio(Evidence(effect, precision), link)
    assert link_log_ratio(Evidence(effect + more, precision), link) >= weak - 1e-9


@given(st.lists(EVIDENCE, min_size=len(LINKS), max_size=len(LINKS)))
def test_scores_are_bounded_by_the_doubt(evidence: list[Evidence]) -> None:
    assert log_ratio(tuple(evidence), PARAMS) <= -math.log(PARAMS.doubt) + 1e-9


def test_nothing_to_go_by_scores_zero() -> None:
    assert log_ratio((NO_EVIDENCE,) * len(LINKS), PARAMS) == 0.0


def test_the_shipped_card_tells_how_good_the_numbers_are() -> None:
    card = find_card(BASELINE)
    assert card.stage == STAGE
    assert card.trained_on
    assert min(card.measured[f"accuracy_{link}"] for link in ("cuts", "movement", "both")) > 0.75
    assert card.measured["calibration_error"] < 0.1


def test_numbers_for_other_links_are_refused() -> None:
    with pytest.raises(ValueError, match="need 6 links"):
        replace(PARAMS, links=PARAMS.links[1:])


@pytest.mark.parametrize(
    "rule", [{"prior_one": 0.5}, {"min_confidence": 0.5}, {"min_confidence": 1.1}]
)
def test_impossible_rules_are_refused(rule: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"must|need"):
        DecisionRule(**rule)


@given(st.floats(0, 10_000))
def test_units_cover_the_time_and_are_short_enough(duration_s: float) -> None:
    cut = list(units(duration_s))
    if cut:
        assert cut[0][0] == 0.0
        assert cut[-1][1] == pytest.approx(duration_s, abs=0.051)
        assert all(one[1] == two[0] for one, two in pairwise(cut))
        assert all(0 < end - start <= 28.11 for start, end in cut)
    else:
        assert duration_s < 4


@pytest.mark.parametrize("link", [Link.CUTS, Link.MOVEMENT])
def test_one_kind_of_link_is_enough(link: Link, matcher: Matcher) -> None:
    result = matcher(match_request(clear_case(link), matcher.store), PlainContext())
    assert result.choice is Verdict.FIRST
    assert result.scores[0] > result.scores[1]


def test_the_linked_sound_is_chosen(plain: MatchResult) -> None:
    assert plain.choice is Verdict.FIRST
    assert plain.scores[0] > 1 > plain.scores[1]
    assert plain.model == BASELINE


def test_swapping_the_sounds_swaps_everything(
    matcher: Matcher, request_both: MatchRequest, plain: MatchResult
) -> None:
    swapped = replace(request_both, first=request_both.second, second=request_both.first)
    crossed = matcher(swapped, PlainContext())
    assert crossed == replace(plain, choice=Verdict.SECOND, scores=plain.scores[::-1])


def test_level_decides_nothing(
    matcher: Matcher, case: Case, request_both: MatchRequest, plain: MatchResult
) -> None:
    quieter = matcher.store.put("first-quieter", scaled(case.first, -20))
    louder = matcher.store.put("second-louder", scaled(case.second, 20))
    result = matcher(MatchRequest(request_both.video, quieter, louder), PlainContext())
    assert result.choice is plain.choice
    assert result.scores == pytest.approx(plain.scores, abs=1e-3)


def test_the_same_sound_twice_is_no_choice(matcher: Matcher, request_both: MatchRequest) -> None:
    result = matcher(replace(request_both, second=request_both.first), PlainContext())
    assert result.choice in (Verdict.BOTH, Verdict.UNSURE)
    assert result.scores[0] == result.scores[1] > 0


def test_a_still_picture_is_unsure(
    matcher: Matcher, request_both: MatchRequest, tmp_path: Path
) -> None:
    film = write_film(tmp_path / "still.mp4", still(20))
    result = matcher(replace(request_both, video=film), PlainContext())
    assert result.choice is Verdict.UNSURE
    assert result.scores == (0.0, 0.0)


def test_silence_has_nothing_to_say(matcher: Matcher, request_both: MatchRequest) -> None:
    silence = matcher.store.put("silence", Audio(np.zeros((2, 48_000 * 30), np.float32), 48_000))
    both = matcher(MatchRequest(request_both.video, silence, silence), PlainContext())
    assert both.choice is Verdict.UNSURE
    assert both.scores == (0.0, 0.0)
    one = matcher(replace(request_both, first=silence, second=request_both.first), PlainContext())
    assert one.choice is Verdict.SECOND


@pytest.mark.parametrize(("video_s", "sound_s"), [(1.0, 1.0), (1.0, 30.0), (12.0, 0.0), (0.1, 5.0)])
def test_too_little_of_either_is_unsure(
    video_s: float, sound_s: float, matcher: Matcher, tmp_path: Path
) -> None:
    film = write_film(tmp_path / "film.mp4", still(video_s))
    noise = np.random.default_rng(0).standard_normal((1, round(sound_s * 16_000)))
    sound = matcher.store.put("noise", Audio(noise.astype(np.float32), 16_000))
    assert matcher(MatchRequest(film, sound, sound), PlainContext()).choice is Verdict.UNSURE


def test_cancelling_stops_it(matcher: Matcher, tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", still(1))
    sound = matcher.store.put("sound", Audio(np.ones((1, 16_000), np.float32), 16_000))
    with pytest.raises(CancelledError):
        matcher(MatchRequest(film, sound, sound), PlainContext(is_cancelled=lambda: True))


def test_progress_runs_to_the_end(matcher: Matcher, tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", still(3))
    sound = matcher.store.put("sound", Audio(np.ones((1, 16_000), np.float32), 16_000))
    fractions: list[float] = []
    context = PlainContext(on_progress=lambda progress: fractions.append(progress.fraction))
    matcher(MatchRequest(film, sound, sound), context)
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert len(fractions) == 4
