"""Numbers as people say them."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication, QLabel

from engine.types import BgmMatch, Decision, Quality, StageReport, Verdict
from widgets import wording
from widgets.styling import label


@pytest.mark.parametrize(
    ("position_s", "text"),
    [
        (0, "00:00.000"),
        (21.84, "00:21.840"),
        (59.9996, "01:00.000"),
        (3723.004, "1:02:03.004"),
        (-0.2, "00:00.000"),
    ],
)
def test_clock(position_s: float, text: str) -> None:
    assert wording.clock(position_s) == text


@given(st.floats(0, 90_000))
def test_clock_never_shows_sixty(position_s: float) -> None:
    assert ":60" not in wording.clock(position_s)


@pytest.mark.parametrize(
    ("time_s", "step_s", "text"),
    [
        (5, 5, "0:05"),
        (65.5, 0.5, "1:05.5"),
        (0.05, 0.05, "0:00.05"),
        (59.9999, 0.001, "1:00.000"),
        (3600, 600, "1:00:00"),
    ],
)
def test_tick_label(time_s: float, step_s: float, text: str) -> None:
    assert wording.tick_label(time_s, step_s) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.41, "0.4 s"), (9.96, "10 s"), (59.7, "1 min 0 s"), (125, "2 min 5 s")]
)
def test_seconds_in_words(seconds: float, text: str) -> None:
    assert wording.seconds_in_words(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "1 s"), (13.2, "14 s"), (41, "45 s"), (90, "90 s"), (91, "2 min"), (4140, "1 h 9 min")],
)
def test_about_never_promises_too_little(seconds: float, text: str) -> None:
    assert wording.about(seconds) == text


def test_time_left_says_when_it_does_not_know() -> None:
    assert wording.time_left(None) == "estimating"
    assert wording.time_left(14) == "about 14 s left"


@pytest.mark.parametrize(
    ("fraction", "text"), [(0, "0 %"), (0.29, "29 %"), (0.999, "99 %"), (1, "100 %")]
)
def test_percent_is_full_only_at_the_end(fraction: float, text: str) -> None:
    assert wording.percent(fraction) == text


@pytest.mark.parametrize(
    ("value_db", "text"), [(-6, "\N{MINUS SIGN}6.0 dB"), (1.25, "1.2 dB"), (-math.inf, "silence")]
)
def test_decibel(value_db: float, text: str) -> None:
    assert wording.decibel(value_db) == text


@pytest.mark.parametrize(
    ("confidence", "text"),
    [(0.99, "sure, 99 %"), (0.87, "fairly sure, 87 %"), (0.5, "not sure, 50 %")],
)
def test_sureness(confidence: float, text: str) -> None:
    assert wording.sureness(confidence) == text


@pytest.mark.parametrize(
    ("num_bytes", "text"),
    [
        (0, "0 MB"),
        (1, "1 MB"),
        (45_000_001, "46 MB"),
        (1_000_000_000, "1.0 GB"),
        (2**45, "35184.4 GB"),
    ],
)
def test_a_size_is_never_told_as_nothing_while_there_is_something(
    num_bytes: int, text: str
) -> None:
    assert wording.file_size(num_bytes) == text


def test_a_found_track_says_where_and_how_sure() -> None:
    match = BgmMatch(Path("/a.mp3"), 31.24, -0.02, 58.2, gain_db=-3, speed=1.0, confidence=0.99)
    words = wording.match_in_words(match)
    assert words == "Under 0:00.0 to 0:58.2, from 0:31.2 of the track; sure, 99 %."


def test_of_a_loop_not_every_turn_is_listed() -> None:
    turns = [
        BgmMatch(Path("/a.mp3"), 2.0, start_s, start_s + 8, -3.0, 1.0, 0.95)
        for start_s in (0.0, 8.0, 16.0, 24.0)
    ]
    assert len(wording.matches_in_words(turns[:3]).splitlines()) == 3
    first, more = wording.matches_in_words(turns).splitlines()
    assert first == wording.match_in_words(turns[0])
    assert more == "And at 3 more places, up to 0:32.0."
    assert wording.matches_in_words([]) == ""


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_names_the_music_that_is_kept(verdict: Verdict) -> None:
    second = verdict is Verdict.SECOND
    decision = Decision("second" if second else "first", verdict, 0.6)
    assert ("Music 2" if second else "Music 1") in wording.verdict_in_words(decision)


def test_the_users_choice_is_not_told_as_a_finding() -> None:
    words = wording.verdict_in_words(Decision("second", Verdict.SECOND, 1.0))
    assert words == "Music 2 is kept, as you chose."


def test_an_unsure_verdict_says_that_nothing_is_taken_out() -> None:
    words = wording.verdict_in_words(Decision("second", Verdict.UNSURE, 0.5))
    assert "Music 2 is kept and nothing taken out" in words


def test_where_the_network_chose_that_is_said() -> None:
    words = wording.verdict_in_words(Decision("first", Verdict.UNSURE, 0.8))
    assert "picture does not tell" in words
    assert "to the network Music 1 sounds like the original" in words
    assert "nothing taken out" not in words


@pytest.mark.parametrize("quality", Quality)
def test_every_quality_is_explained_with_its_time(quality: Quality) -> None:
    assert wording.quality_in_words(quality, None)
    assert wording.quality_in_words(quality, 38).endswith("About 40 s.")


def test_stages_are_listed_with_their_times() -> None:
    stages = (StageReport("Speech", "silero", 0.4), StageReport("Music", None, 24.0))
    assert wording.stages_in_words(stages) == "Speech ✓ 0.4 s\nMusic ✓ 24 s"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0.0, "0 %, nothing"),
        (0.1, "10 %, less than half of it"),
        (0.25, "25 %, a quarter of it"),
        (0.5, "50 %, half of it"),
        (0.8, "80 %, most of it"),
        (1.0, "100 %, all of it"),
    ],
)
def test_amounts_come_with_words(amount: float, text: str) -> None:
    assert wording.amount_in_words(amount) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("sure, 98 % (2 min 5 s)", "sure, 98~% (2~min 5~s)"),
        ("at 44.1 kHz, \N{MINUS SIGN}6.0 dB, 20 GB.", "at 44.1~kHz, \N{MINUS SIGN}6.0~dB, 20~GB."),
        ("1 second, 2 hours, 3 songs, 4 minutes", "1 second, 2 hours, 3 songs, 4 minutes"),
        ("song 3 s.wav", "song 3~s.wav"),
    ],
)
def test_numbers_stay_with_their_units(text: str, kept: str) -> None:
    assert wording.unbroken(text) == kept.replace("~", "\N{NO-BREAK SPACE}")


def test_labels_that_wrap_keep_numbers_with_their_units(themed: QApplication) -> None:
    for shown in (label("12 % is new", wrap=True), label("", wrap=True)):
        shown.setText("98 % of it")
        assert shown.text() == "98 % of it"
        assert QLabel.text(shown) == "98\N{NO-BREAK SPACE}% of it"
    assert QLabel.text(label("12 % is new", wrap=True)) == "12\N{NO-BREAK SPACE}% is new"


def test_sentences_are_told_apart_by_their_stops() -> None:
    assert wording.sentences("Written: a.mp4", "Level 3 dB.") == "Written: a.mp4. Level 3 dB."
    assert wording.sentences("Written: a.mp4") == "Written: a.mp4"
    assert wording.sentences() == ""
