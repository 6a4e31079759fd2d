"""Versions are what a project can play, and matching gains make them equally loud."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.project import Project, opened
from app.restore_edits import accept_restore
from app.review.versions import CEILING_DBTP, matching_gains_db, versions
from engine.media.loudness import Loudness
from engine.types import StemName
from tests.helpers.projects import blind_result, media_of

LEVELS = st.builds(
    lambda lufs, crest_db: loud(lufs, lufs + crest_db), st.floats(-60, 0), st.floats(0, 30)
)


def loud(lufs: float, true_peak_db: float) -> Loudness:
    return Loudness(integrated_lufs=lufs, true_peak_db=true_peak_db)


def test_before_a_restore_there_is_the_original_alone(tmp_path: Path) -> None:
    assert versions(Project()) == ()
    project = opened(media_of(blind_result(tmp_path)))
    assert [each.version_id for each in versions(project)] == [StemName.MIX]


def test_after_a_restore_the_original_comes_first_and_the_result_next(tmp_path: Path) -> None:
    result = blind_result(tmp_path)
    project = accept_restore(result).apply(opened(media_of(result)))
    names = [each.version_id for each in versions(project)]
    assert names[:2] == [StemName.MIX, StemName.RESTORED]
    assert set(names[2:]) == {StemName.DIALOGUE, StemName.EFFECTS, StemName.OST, StemName.BGM}


@given(st.dictionaries(st.sampled_from("abcdef"), LEVELS, min_size=1))
def test_all_become_equally_loud_and_none_clips(levels: dict[str, Loudness]) -> None:
    gains_db = matching_gains_db(levels)
    after = [levels[name].integrated_lufs + gain_db for name, gain_db in gains_db.items()]
    assert max(after) - min(after) < 1e-9
    peaks = (levels[name].true_peak_db + gain_db for name, gain_db in gains_db.items())
    assert max(peaks) <= CEILING_DBTP + 1e-9
    assert max(after) <= max(level.integrated_lufs for level in levels.values()) + 1e-9


def test_where_nothing_would_clip_the_loudest_stays_as_it_is() -> None:
    gains_db = matching_gains_db({"loud": loud(-14, -3), "quiet": loud(-20, -12)})
    assert gains_db == {"loud": 0.0, "quiet": pytest.approx(6.0)}


def test_silence_is_left_alone() -> None:
    levels = {"loud": loud(-14, -3), "silent": loud(-math.inf, -math.inf)}
    assert matching_gains_db(levels) == {"loud": 0.0, "silent": 0.0}
    assert matching_gains_db({"silent": loud(-math.inf, -math.inf)}) == {"silent": 0.0}
