"""What was tried is remembered once, and comes back as it was."""

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from app.document import Document
from app.history import MAX_ATTEMPTS, bring_back, is_current, made_as, renewed, restored
from app.lane_edits import choose_track, mute
from app.project import Media, Restore, opened
from app.restore_edits import take_out
from engine.types import AudioRef, Method, Quality, RestoreResult, StemName

MIX = AudioRef("mix", 1000, 2, 8000)
VIDEO = Path("/clip.mp4")


def result(number: int) -> RestoreResult:
    """A result with sounds of its own."""
    stems = {name: AudioRef(f"{name}-{number}", 1000, 2, 8000) for name in ("restored", "bgm")}
    named = {StemName(name): ref for name, ref in stems.items()}
    return RestoreResult(VIDEO, named | {StemName.MIX: MIX}, Method.KNOWN_BGM, (), None, (), (), ())


def document() -> Document:
    document = Document()
    document.open(opened(Media(VIDEO, MIX)))
    return document


@given(st.lists(st.integers(0, 30), max_size=60))
def test_each_restore_is_remembered_once_and_the_newest_first(numbers: list[int]) -> None:
    work = document()
    for made_s, number in enumerate(numbers):
        work.do(restored(result(number), Quality.STANDARD, float(made_s)))
    history = work.project.history
    wanted = list(dict.fromkeys(reversed(numbers)))[:MAX_ATTEMPTS]
    assert [attempt.result for attempt in history] == [result(number) for number in wanted]
    assert len({attempt.attempt_id for attempt in history}) == len(history)


def test_the_same_restore_again_is_no_edit() -> None:
    work = document()
    for made_s in (1.0, 2.0):
        work.do(restored(result(1), Quality.STANDARD, made_s))
    work.undo()
    assert work.project.restore is None
    assert work.project.history == ()


def test_an_earlier_one_comes_back_whole_and_is_taken_back() -> None:
    work = document()
    for number in (1, 2):
        work.do(restored(result(number), Quality.DRAFT, float(number)))
    newest, first = work.project.history
    work.do(take_out(0.5))
    assert is_current(newest, work.project)
    work.do(bring_back(first))
    assert work.project.restore is not None
    assert (work.project.restore.result, work.project.restore.amount) == (result(1), 1.0)
    assert is_current(first, work.project)
    assert not is_current(newest, work.project)
    assert work.project.history == (newest, first)
    work.undo()
    assert work.project.restore.amount == 0.5


def test_what_was_made_again_stays_whatever_is_undone() -> None:
    lost, work = Restore(result(1), amount=0.5), document()
    work.open(replace(work.project, lost=lost))
    # Muting the mix is nothing any more once there is a restore.
    for edit in (mute("mix", muted=True), choose_track(Path("/a.mp3")), choose_track(None)):
        work.do(edit)
    work.undo()
    work.bring_in(renewed(result(2), lost))
    last = work.project
    for step in (work.undo, work.redo, work.undo, work.undo):
        step()
        assert work.project.lost is None
        assert work.project.restore == Restore(result(2), amount=0.5)
        assert work.is_edited == bool(work.undo_name) == (work.project.track is not None)
    work.redo()
    assert work.project is last


def test_what_was_made_again_changes_nothing_where_nothing_is_missing() -> None:
    lost, work = Restore(result(1)), document()
    work.open(replace(work.project, lost=lost))
    work.do(restored(result(3), Quality.DRAFT, 1.0))
    before = work.project
    work.bring_in(renewed(result(2), lost))
    assert work.project is before


def test_speech_that_was_changed_does_not_make_it_another_attempt() -> None:
    work = document()
    for number in (1, 2):
        work.do(restored(result(number), Quality.DRAFT, float(number), "second"))
    before = work.project
    assert before.restore is not None
    # As when the sounds have followed what the user says is speech.
    edited = replace(before, restore=replace(before.restore, result=result(9)))
    assert [is_current(each, edited) for each in edited.history] == [True, False]
    attempt = made_as(edited.restore or before.restore, edited)
    assert attempt is not None
    assert attempt.ost == "second"
    lost = replace(edited, restore=None, lost=edited.restore)
    again = renewed(result(5), lost.lost or before.restore).apply(lost)
    assert [each.result for each in again.history] == [result(5), result(1)]
    assert is_current(again.history[0], again)


def test_what_is_not_numbered_is_known_by_its_sounds() -> None:
    work = document()
    work.do(restored(result(1), Quality.DRAFT, 1.0))
    (attempt,) = work.project.history
    old = replace(work.project, restore=Restore(result(1)))
    assert is_current(attempt, old)
    assert not is_current(attempt, replace(old, restore=Restore(result(2))))


def test_nothing_is_current_before_a_restore() -> None:
    work = document()
    work.do(restored(result(1), Quality.DRAFT, 1.0))
    (attempt,) = work.project.history
    assert not is_current(attempt, replace(work.project, restore=None))
