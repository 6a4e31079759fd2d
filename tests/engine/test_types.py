"""Values that cannot be, and are refused."""

from pathlib import Path

import pytest

from engine.types import AudioRef, Decision, Method, RestoreResult, StemName, Verdict


def test_a_decision_is_about_two_musics_that_are_there() -> None:
    ref = AudioRef("key", 10, 2, 8_000)
    decision = Decision("first", Verdict.FIRST, 0.9)

    def result(*stems: StemName) -> RestoreResult:
        there = dict.fromkeys(stems, ref)
        method = Method.KNOWN_BGM_AND_BLIND
        return RestoreResult(Path("film"), there, method, (), decision, (), (), ())

    assert result(StemName.MUSIC1, StemName.MUSIC2).decision == decision
    with pytest.raises(ValueError, match="music1 and music2"):
        result(StemName.MIX, StemName.RESTORED, StemName.MUSIC1)
