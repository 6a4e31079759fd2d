"""The bar of a restore only grows, and knows which stages are done."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.restore_progress import begin_queued, begin_restore, stage_words
from engine.catalog import DEFAULT_MODELS, find_card
from engine.context import Progress
from engine.library import indexing, shelves
from engine.media import decoded, mux
from engine.stages import (
    known_bgm,
    mixed_music,
    picture_features,
    separator,
    speech,
    track_search,
)
from engine.stages.mixed_music import UNDIVIDED

STAGES = ("decode", "separator", "speech")
REPORTED = (
    *(decoded.STAGE, indexing.STAGE, shelves.STAGE, track_search.STAGE, known_bgm.STAGE),
    *(separator.STAGE, speech.STAGE, mixed_music.STAGE, picture_features.STAGE, mux.STAGE),
)


def test_a_whole_restore_goes_from_nothing_to_all() -> None:
    progress, now_s = begin_restore(known=False), 0.0
    assert progress.view().stage == "Getting ready"
    fractions = [progress.fraction]
    for stage in STAGES:
        for done in range(11):
            progress = progress.advanced(Progress(stage, done, 10), now_s)
            fractions.append(progress.fraction)
            now_s += 1.0
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1.0)
    view = progress.view()
    assert [stage.name for stage in view.finished] == [stage_words(s) for s in STAGES[:-1]]
    assert all(stage.seconds == pytest.approx(11.0) for stage in view.finished)
    assert view.left_s is not None
    assert view.left_s < 5


@given(st.lists(st.tuples(st.sampled_from((*STAGES, "new")), st.floats(0, 1)), max_size=30))
def test_whatever_is_reported_the_bar_never_runs_back(reports: list[tuple[str, float]]) -> None:
    for known in (False, True):
        progress = begin_restore(known=known)
        for now_s, (stage, done) in enumerate(reports):
            before = progress.fraction
            progress = progress.advanced(Progress(stage, done, 1.0), now_s)
            assert before <= progress.fraction <= 1.0


def test_stages_skipped_count_as_done() -> None:
    progress = begin_restore(known=False)
    entered = progress.advanced(Progress("speech", 0, 1), 0.0)
    skipped = sum(progress.shares[stage] for stage in ("decode", "separator"))
    assert entered.fraction == pytest.approx(skipped)
    assert entered.finished == ()


@pytest.mark.parametrize("known", [False, True])
def test_the_shares_are_those_of_a_whole(known: bool) -> None:
    assert sum(begin_restore(known=known).shares.values()) == pytest.approx(1.0)


def test_the_stages_are_those_that_run_by_default() -> None:
    card = find_card(DEFAULT_MODELS["mixed_music"])
    divides = card.builder != UNDIVIDED
    shares = begin_restore(known=False).shares
    assert (("mixed_music" in shares), ("matcher" in shares)) == (divides, divides)


def test_unknown_stages_are_named_as_they_are() -> None:
    assert stage_words("some_new_stage") == "Some new stage"


WAYS = [
    ("separator", "speech"),
    ("known_bgm",),
    ("track_search", "separator"),
    ("library", "known_bgm"),
]


@pytest.mark.parametrize("way", WAYS)
def test_a_file_of_the_queue_gets_to_the_end_whichever_way_it_goes(way: tuple[str, ...]) -> None:
    progress = begin_queued()
    for now_s, stage in enumerate(("decode", *way, "mux")):
        before = progress.fraction
        for done in (0, 1):
            progress = progress.advanced(Progress(stage, done, 1), now_s + done / 2)
        assert progress.fraction > before
    assert progress.fraction == pytest.approx(1.0)


def test_writing_tells_its_own_time() -> None:
    progress = begin_queued()
    for second in range(9):
        progress = progress.advanced(Progress("separator", second, 8), second)
    for second in range(9, 14):
        progress = progress.advanced(Progress("mux", second - 9, 8), second)
    assert progress.view().left_s == pytest.approx(4.0)


def test_a_pause_is_no_slow_work() -> None:
    progress = begin_queued()
    for second in range(5):
        progress = progress.advanced(Progress("separator", second, 10), second)
    paused = progress.shifted(1000.0).advanced(Progress("separator", 5, 10), 1005.0)
    on = progress.advanced(Progress("separator", 5, 10), 5.0)
    assert paused.view() == on.view()
    assert on.view().left_s is not None


@pytest.mark.parametrize("stage", REPORTED)
def test_what_a_restore_is_at_is_told_in_words_of_its_own(stage: str) -> None:
    assert stage_words(stage) != stage.replace("_", " ").capitalize()
