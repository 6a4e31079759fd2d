"""Presets set the level, never more than peaks allow, and say what came of it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.export.presets import AS_IT_IS, PRESETS, level_for, preset_views
from engine.media.loudness import Loudness


def loud(lufs: float, true_peak_db: float) -> Loudness:
    return Loudness(integrated_lufs=lufs, true_peak_db=true_peak_db)


def test_a_quiet_sound_gets_louder_up_to_the_target() -> None:
    level = level_for("shorts", loud(-20.0, -12.0))
    assert level.gain_db == pytest.approx(6.0)
    assert level.words == (
        "Level +6.0 dB: \N{MINUS SIGN}14.0 LUFS, true peak \N{MINUS SIGN}6.0 dBTP."
    )


def test_peaks_are_not_clipped_for_it_and_that_is_said() -> None:
    level = level_for("tiktok", loud(-20.0, -3.0))
    assert level.gain_db == pytest.approx(2.0)
    assert "More would have clipped: TikTok wants \N{MINUS SIGN}14 LUFS." in level.words


def test_what_is_too_loud_gets_quieter() -> None:
    assert level_for("reels", loud(-8.0, 0.5)).gain_db == pytest.approx(-6.0)


def test_silence_stays_as_it_is() -> None:
    level = level_for("podcast", loud(-math.inf, -math.inf))
    assert level.gain_db == 0.0
    assert "silent" in level.words


@given(st.floats(-60, 0), st.floats(0, 30))
def test_neither_target_nor_ceiling_is_ever_passed(lufs: float, crest_db: float) -> None:
    for each in PRESETS:
        level = level_for(each.name, loud(lufs, lufs + crest_db))
        assert lufs + level.gain_db <= each.target_lufs + 1e-9
        assert lufs + crest_db + level.gain_db <= each.ceiling_dbtp + 1e-9


def test_the_first_choice_changes_nothing() -> None:
    views = preset_views()
    assert views[0].name == AS_IT_IS
    assert [view.title for view in views[1:]] == [preset.title for preset in PRESETS]
