"""Where music makes room for speech, speech is looked for, once, and only if nobody knows."""

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.controllers.ducking import DuckingController
from app.envelope_edits import duck_lane, take_speech
from app.messages import Message, Messages
from app.project import Restore
from app.restore_edits import accept_restore
from engine.types import Region, SpeechRequest, SpeechResult
from engine.urgency import Urgency
from tests.helpers.asked_engine import AskedBench
from tests.helpers.placing import placed
from tests.helpers.projects import blind_result, known_result

pytestmark = pytest.mark.gui

FILM, LANE = Path("/films/film.mp4"), "placed 1"
SPEECH = (Region(1.0, 2.5), Region(4.0, 5.0))


class Bench(AskedBench):
    def __init__(self) -> None:
        super().__init__()
        messages = Messages()
        self.ducking = DuckingController(self.document, self.jobs, messages)
        self.said: list[Message] = []
        messages.listen(self.said.append)
        self.heard: list[bool] = []
        self.ducking.listening_changed.connect(self.heard.append)
        self.document.open(placed((0.0, 10.0)))

    def duck(self, duck_db: float = 12.0) -> None:
        self.document.do(duck_lane(LANE, duck_db))


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    return Bench()


def test_speech_is_looked_for_where_a_lane_ducks(bench: Bench) -> None:
    assert bench.asked == []
    bench.duck()
    bench.duck(9.0)
    assert bench.asked == [SpeechRequest(FILM)]
    assert bench.engine.asked[0].urgency is Urgency.INTERACTIVE
    assert bench.ducking.is_listening
    bench.engine.asked[0].answer(SpeechResult(FILM, SPEECH))
    assert bench.document.project.speech == SPEECH
    assert bench.heard == [True, False]
    assert bench.document.undo_name == "Duck music 1"
    bench.document.do(duck_lane("mix", 3.0))
    assert len(bench.asked) == 1


def test_a_film_without_speech_is_not_asked_about_again(bench: Bench) -> None:
    bench.duck()
    bench.engine.asked[0].answer(SpeechResult(FILM))
    bench.duck(3.0)
    assert bench.document.project.speech == ()
    assert len(bench.asked) == 1


def test_what_a_saved_project_knows_stays_saved(bench: Bench) -> None:
    bench.document.open(duck_lane(LANE, 6.0).apply(placed((0.0, 10.0))))
    bench.engine.asked[0].answer(SpeechResult(FILM, SPEECH))
    assert not bench.document.is_edited


def test_nobody_listens_any_more_once_ducking_is_off(bench: Bench) -> None:
    bench.duck()
    bench.document.undo()
    assert bench.engine.asked[0].is_cancelled
    assert bench.heard == [True, False]
    assert not bench.ducking.is_listening


def test_another_video_is_listened_to_anew(bench: Bench) -> None:
    bench.duck()
    project = bench.document.project
    assert project.media is not None
    bench.document.open(replace(project, media=replace(project.media, path=Path("/b.mp4"))))
    assert bench.engine.asked[0].is_cancelled
    assert bench.asked[1:] == [SpeechRequest(Path("/b.mp4"))]


def test_a_restore_that_has_speech_is_believed(bench: Bench, tmp_path: Path) -> None:
    bench.duck()
    bench.document.do(accept_restore(replace(blind_result(tmp_path), speech=SPEECH)))
    assert bench.engine.asked[0].is_cancelled
    assert bench.document.project.speech == SPEECH
    assert bench.asked == [SpeechRequest(FILM)]


def test_a_failure_is_told_once_and_tried_again_when_wanted(bench: Bench) -> None:
    bench.duck()
    bench.engine.asked[0].fail()
    bench.duck(9.0)
    (said,) = bench.said
    assert said.text == "The music does not make room for speech: The device is on fire."
    assert bench.heard == [True, False]
    assert len(bench.asked) == 1
    bench.duck(0.0)
    bench.duck(6.0)
    assert len(bench.asked) == 2


def test_what_a_project_knows_of_speech(tmp_path: Path) -> None:
    heard = take_speech(SPEECH).apply(placed((0.0, 10.0)))
    blind, known = blind_result(tmp_path), known_result(tmp_path)
    other = (Region(7.0, 8.0),)
    told = {
        "known track": Restore(known),
        "stretches of it blind": Restore(replace(known, speech=other)),
        "preview": Restore(replace(blind, region=Region(0, 1), speech=other)),
    }
    assert {
        name: replace(heard, restore=restore).speech for name, restore in told.items()
    } == dict.fromkeys(told, SPEECH)
    assert replace(heard, restore=Restore(replace(blind, speech=other))).speech == other
    assert replace(heard, restore=Restore(blind)).speech == ()
    assert replace(heard, lost=Restore(replace(blind, speech=other))).speech == other
    assert replace(heard, heard_speech=None, restore=Restore(known)).speech is None
