"""A reviewer at the desk: versions by number, and an ABX test of ten trials decided by ear."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.project_io import read_project
from tests.e2e.test_window import (
    DIALOGUE,
    EFFECTS,
    MUSIC1,
    MUSIC2,
    SECONDS,
    Desk,
    desk_with,
    tone_levels,
)
from tests.helpers.desktop import SINK_RATE_HZ, wait_until
from tests.helpers.restore_workload import make_tone_film
from widgets.review_view import Question

pytestmark = [pytest.mark.screen, pytest.mark.sound, pytest.mark.slow]

TRIALS = 10
HEARD = 0.02
"""A tone that is there is louder than this at any gain of this test."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk on which a film of tones has been restored."""
    film = make_tone_film(tmp_path / "film.mkv", SECONDS, SINK_RATE_HZ)
    with desk_with(film, tmp_path) as desk:
        desk.press("ctrl+l", "space")
        desk.wait_for_tones(DIALOGUE, EFFECTS, MUSIC1, MUSIC2)
        desk.press("ctrl+r")
        desk.wait_for_tones(DIALOGUE, EFFECTS, MUSIC1)
        yield desk


def is_original(desk: Desk) -> bool:
    """Whether the added music is in what is heard just now, by the recorder."""
    answers: list[bool] = []

    def is_settled() -> bool:
        desk.recording.wait_for(SINK_RATE_HZ // 10)
        levels = tone_levels(desk.recording.samples[0, -SINK_RATE_HZ // 10 :])
        answers.append(levels[MUSIC2] > HEARD)
        return len(answers) >= 4 and len(set(answers[-3:])) == 1

    wait_until(is_settled, "a version that stays")
    return answers[-1]


def wait_for(desk: Desk, words: str) -> None:
    wait_until(lambda: words in desk.controls(), words)


def test_an_abx_test_of_ten_trials_is_decided_by_ear(desk: Desk) -> None:
    desk.press("ctrl+3", "0")
    assert is_original(desk)
    desk.press("1")
    assert not is_original(desk)
    desk.click("Number of trials")
    desk.press("ctrl+a", "1", "0", "Return")
    desk.click("Start the blind test")
    for number in range(1, TRIALS + 1):
        wait_for(desk, f"Trial {number} of {TRIALS}")
        desk.press("1", "2", "3")
        # A is the original, as it was set up.
        answer = "X is A" if is_original(desk) else "X is B"
        desk.click(answer)
    wait_for(desk, "Forget result 1")
    desk.press("ctrl+s")
    file = desk.folder / "film.reprise"
    wait_until(file.exists, "the project")
    (session,) = read_project(file).sessions
    assert session.plan.question is Question.ABX
    assert (session.plan.num_trials, session.num_right) == (TRIALS, TRIALS)
    assert json.loads(file.read_text())["sessions"][0]["finished_at"]
