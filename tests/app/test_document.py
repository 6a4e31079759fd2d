"""Edits do what they are called, and undo brings the very same project back."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clip_edits import (
    change_clip_gain,
    fade_clip,
    move_clip,
    remove_clip,
    slip_clip,
    trim_clip,
)
from app.document import Change, Document, Edit, NestedEditError
from app.envelope_edits import duck_lane, set_gain_point, take_speech
from app.lane_edits import change_gain, choose_track, mute, show_spectrogram, solo, solo_only
from app.project import Lane, Media, Project, Restore, opened
from app.restore_edits import accept_restore, swap_music, take_out
from app.speech import add_speech, followed, remove_speech, taken_back
from engine.types import AudioRef, Decision, Method, Region, RestoreResult, StemName, Verdict
from tests.helpers.placing import placed

MIX = AudioRef("mix", 1000, 2, 8000)
MEDIA = Media(Path("/clip.mp4"), MIX, 25.0, 64, 48)
ALL = {stem: AudioRef(stem, 1000, 2, 8000) for stem in StemName}
DIVIDED: dict[StemName, AudioRef] = {
    stem: ref for stem, ref in ALL.items() if stem is not StemName.REST
}
BLIND = RestoreResult(
    MEDIA.path, DIVIDED, Method.BLIND, (), Decision("first", Verdict.FIRST, 0.9), (), (), ()
)
REST_STEMS = (StemName.MIX, StemName.RESTORED, StemName.DIALOGUE, StemName.REST)
UNDIVIDED = RestoreResult(
    MEDIA.path, {s: ALL[s] for s in REST_STEMS}, Method.BLIND, (), None, (), (), ()
)
KNOWN_STEMS = (StemName.MIX, StemName.RESTORED, StemName.BGM)
KNOWN = RestoreResult(
    MEDIA.path, {s: ALL[s] for s in KNOWN_STEMS}, Method.KNOWN_BGM, (), None, (), (), ()
)


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def document(clock: Clock) -> Document:
    document = Document(clock)
    document.open(opened(MEDIA))
    return document


def edits() -> st.SearchStrategy[Edit]:
    stems = st.sampled_from(StemName)
    return st.one_of(
        st.builds(change_gain, stems, st.floats(-60, 12)),
        st.builds(lambda stem, on: mute(stem, muted=on), stems, st.booleans()),
        st.builds(lambda stem, on: solo(stem, soloed=on), stems, st.booleans()),
        st.builds(solo_only, stems),
        st.just(choose_track(Path("/song.mp3"))),
        st.just(accept_restore(BLIND)),
        st.just(accept_restore(KNOWN)),
        st.just(swap_music()),
        st.builds(take_out, st.floats(0, 1), st.integers(0, 2)),
        st.just(add_speech(Region(0.02, 0.1))),
        st.just(remove_speech(Region(0.0, 0.05))),
    )


@given(st.lists(st.tuples(edits(), st.floats(0, 2)), max_size=20))
def test_undo_brings_back_every_project_and_redo_the_last(
    steps: list[tuple[Edit, float]],
) -> None:
    clock = Clock()
    document = Document(clock)
    document.open(opened(MEDIA))
    first = document.project
    for edit, wait_s in steps:
        clock.now_s += wait_s
        document.do(edit)
    last, names = document.project, []
    while document.undo_name:
        names.append(document.undo_name)
        document.undo()
    assert document.project is first
    while document.redo_name:
        assert document.redo_name == names.pop()
        document.redo()
    assert document.project is last


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.do(mute(StemName.MIX, muted=False)),
        lambda document: document.bring_in(mute(StemName.MIX, muted=False)),
        lambda document: document.open(Project()),
        Document.undo,
        Document.redo,
        Document.keep,
    ],
)
def test_who_listens_must_not_change_anything(
    document: Document, change: Callable[[Document], None]
) -> None:
    heard: list[Change] = []

    def meddle(told: Change) -> None:
        heard.append(told)
        with pytest.raises(NestedEditError):
            change(document)

    document.listen(meddle)
    document.do(mute(StemName.MIX, muted=True))
    assert len(heard) == 1
    assert document.project is heard[0].after
    assert document.undo_name == "Mute mix"


def test_a_listener_that_fails_leaves_a_document_that_works(document: Document) -> None:
    def fail(_: Change) -> None:
        raise ZeroDivisionError

    document.listen(fail)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            document.do(choose_track(Path(f"/{document.undo_name}.mp3")))


def test_a_drag_is_one_edit_however_long_the_hand_rests(document: Document, clock: Clock) -> None:
    document.do(accept_restore(BLIND))
    for drag_id in (1, 2):
        for amount in (0.9, 0.5, 0.3):
            document.do(take_out(amount - 0.01 * drag_id, drag_id))
            clock.now_s += 5.0
    clock.now_s -= 5.0
    # The same again, but by the keyboard.
    document.do(take_out(0.1))
    amounts = []
    while document.undo_name != "Restore":
        restore = document.project.restore
        assert restore is not None
        amounts.append(restore.amount)
        document.undo()
    assert amounts == [0.1, pytest.approx(0.28), pytest.approx(0.29)]


def test_each_step_of_a_drag_is_applied_to_what_was_before_it(document: Document) -> None:
    document.open(fade_clip(1, "out", 4.0).apply(fade_clip(1, "in", 4.0).apply(placed((0, 10)))))
    before = document.project
    for end_s in (6.0, 2.0, 9.0):
        document.do(replace(trim_clip(1, "out", end_s), drag_id=7))
    (clip,) = document.project.clips
    assert (clip.fade_in.duration_s, clip.fade_out.duration_s) == (4.0, 4.0)
    document.do(replace(move_clip(1, 3.0), drag_id=7))
    document.undo()
    assert (document.project, document.undo_name) == (before, "")
    document.redo()
    document.do(replace(move_clip(1, 5.0), drag_id=7))
    document.undo()
    assert document.project.clips[0].start_s == 3.0


@pytest.mark.parametrize("drag_id", [0, 3])
def test_what_leads_back_was_never_there(document: Document, drag_id: int) -> None:
    document.do(mute(StemName.MIX, muted=True))
    document.undo()
    document.keep()
    for gain_db in (-3.0, 2.0, 0.0):
        document.do(replace(change_gain(StemName.MIX, gain_db), drag_id=drag_id))
    assert (document.undo_name, document.redo_name) == ("", "Mute mix")
    assert not document.is_edited
    document.redo()
    assert document.project.lanes[0].muted


def test_a_drag_that_is_given_up_leaves_what_can_be_redone(document: Document) -> None:
    document.do(accept_restore(BLIND))
    document.do(mute(StemName.OST, muted=True))
    document.undo()
    muted = document._undone[0].after
    for gain_db in (-1.0, -2.0):
        document.do(replace(change_gain(StemName.OST, gain_db), drag_id=3))
    assert document.redo_name == ""
    assert muted in list(document.snapshots())
    document.bring_in(take_speech((Region(0.01, 0.02),)))
    document.give_up(3)
    assert (document.undo_name, document.redo_name) == ("Restore", "Mute OST")
    document.redo()
    assert document.project.heard_speech == (Region(0.01, 0.02),)
    document.do(replace(change_gain(StemName.OST, -1.0), drag_id=4))
    document.undo()
    assert document.redo_name == "Gain of OST"
    document.give_up(4)
    assert document.redo_name == "Gain of OST"


def spoken(document: Document) -> Restore:
    """A restore in a document, with other speech."""
    document.do(accept_restore(BLIND))
    document.do(add_speech(Region(0.0, 0.1)))
    restore = document.project.restore
    assert restore is not None
    assert restore.is_behind
    return restore


def test_what_is_found_out_later_becomes_part_of_the_edit(document: Document) -> None:
    waiting = spoken(document)
    document.do(mute(StemName.DIALOGUE, muted=True))
    document.do(mute(StemName.EFFECTS, muted=True))
    document.undo()
    document.keep()
    new = replace(BLIND, speech=waiting.spoken, stems={**DIVIDED, StemName.DIALOGUE: MIX})
    heard: list[Change] = []
    document.listen(heard.append)
    document.fill_in(followed(waiting, new))
    assert [change.sounds for change in heard] == [True]
    assert not document.is_edited
    results = []
    while document.redo_name:
        document.redo()
    while True:
        results.append(document.project.restore and document.project.restore.result)
        if not document.undo_name:
            break
        document.undo()
    assert results == [new, new, new, BLIND, None]


def test_what_does_not_come_is_taken_back_as_if_it_had_never_been(document: Document) -> None:
    waiting = spoken(document)
    before = [step.before for step in document._done]
    document.do(mute(StemName.DIALOGUE, muted=True))
    document.fill_in(taken_back(waiting, None))
    assert [step.name for step in document._done] == ["Restore", "Mute dialogue"]
    document.undo()
    assert document.project == before[1]


def test_a_result_for_other_speech_changes_nothing(document: Document) -> None:
    waiting = spoken(document)
    document.do(remove_speech(Region(0.0, 0.1)))
    before = document.project
    document.fill_in(followed(replace(waiting, speech=(Region(0.0, 0.05),)), KNOWN))
    assert document.project is before


def test_saying_what_is_speech_changes_no_sound(document: Document) -> None:
    heard: list[Change] = []
    document.listen(heard.append)
    spoken(document)
    assert [(change.restore, change.sounds) for change in heard] == [(True, True), (True, False)]


def test_edits_in_quick_succession_are_one_until_the_hand_rests(
    document: Document, clock: Clock
) -> None:
    for gain_db in (-1.0, -2.0, -3.0):
        document.do(change_gain(StemName.MIX, gain_db))
        clock.now_s += 0.2
    clock.now_s += 2.0
    document.do(change_gain(StemName.MIX, -9.0))
    document.undo()
    assert document.project.lanes[0].gain_db == -3.0
    document.undo()
    assert document.project.lanes[0].gain_db == 0.0
    assert document.undo_name == ""


def test_gains_of_two_lanes_do_not_merge(document: Document) -> None:
    document.do(accept_restore(BLIND))
    document.do(change_gain(StemName.OST, -1.0))
    document.do(change_gain(StemName.DIALOGUE, -1.0))
    document.undo()
    assert document.undo_name == "Gain of OST"


def test_an_edit_after_undo_forgets_what_was_undone(document: Document) -> None:
    document.do(mute(StemName.MIX, muted=True))
    document.undo()
    document.do(solo(StemName.MIX, soloed=True))
    assert document.redo_name == ""
    assert document.undo_name == "Solo mix"


def test_an_edit_that_changes_nothing_leaves_no_trace(document: Document) -> None:
    heard: list[Change] = []
    document.listen(heard.append)
    document.do(mute(StemName.MIX, muted=False))
    document.do(swap_music())
    assert document.undo_name == ""
    assert heard == []
    assert not document.is_edited


def test_listeners_hear_what_changed(document: Document) -> None:
    heard: list[Change] = []
    document.listen(heard.append)
    document.do(mute(StemName.MIX, muted=True))
    document.do(choose_track(Path("/song.mp3")))
    document.do(accept_restore(BLIND))
    document.do(swap_music())
    flags = [(c.media, c.lanes, c.track, c.restore, c.sounds) for c in heard]
    assert flags == [
        (False, True, False, False, False),
        (False, False, True, False, False),
        (False, True, False, True, True),
        (False, False, False, True, True),
    ]


def test_keeping_marks_the_project_as_not_edited(document: Document) -> None:
    document.do(mute(StemName.MIX, muted=True))
    document.keep()
    assert not document.is_edited
    document.undo()
    assert document.is_edited
    document.redo()
    assert not document.is_edited


def test_opening_forgets_the_past(document: Document) -> None:
    document.do(mute(StemName.MIX, muted=True))
    document.open(Project())
    assert document.undo_name == ""
    assert not document.is_edited


@pytest.mark.parametrize(
    ("result", "heard", "silent"),
    [
        (BLIND, ["dialogue", "effects", "ost"], ["mix", "bgm"]),
        (KNOWN, ["restored"], ["mix", "bgm"]),
        (UNDIVIDED, ["dialogue", "rest"], ["mix"]),
    ],
)
def test_after_a_restore_the_restored_sound_is_heard(
    document: Document, result: RestoreResult, heard: list[str], silent: list[str]
) -> None:
    document.do(accept_restore(result))
    lanes = document.project.lanes
    assert [lane.stem for lane in lanes if not lane.muted] == heard
    assert [lane.stem for lane in lanes if lane.muted] == silent


def test_a_second_restore_keeps_the_gains_of_the_first(document: Document) -> None:
    document.do(accept_restore(BLIND))
    document.do(change_gain(StemName.DIALOGUE, 3.0))
    document.do(mute(StemName.BGM, muted=False))
    document.do(accept_restore(BLIND))
    lanes = {lane.stem: lane for lane in document.project.lanes}
    assert lanes[StemName.DIALOGUE].gain_db == 3.0
    assert not lanes[StemName.BGM].muted


@pytest.mark.parametrize("result", [BLIND, UNDIVIDED, KNOWN])
def test_a_restore_keeps_how_lanes_are_shown(document: Document, result: RestoreResult) -> None:
    document.do(show_spectrogram("mix", shown=True))
    assert document.undo_name == "Show mix as spectrogram"
    document.do(accept_restore(result))
    document.do(accept_restore(result))
    shown = [lane.lane_id for lane in document.project.lanes if lane.as_spectrogram]
    assert shown == ["mix"]
    document.do(show_spectrogram("mix", shown=False))
    assert document.undo_name == "Show mix as waveform"
    assert not any(lane.as_spectrogram for lane in document.project.lanes)


def test_a_restore_leaves_lanes_that_play_no_stem_alone(document: Document) -> None:
    voice = Lane("voice-over", gain_db=-3.0)
    document.do(Edit("Add", lambda project: replace(project, lanes=(*project.lanes, voice))))
    document.do(accept_restore(BLIND))
    document.do(mute("voice-over", muted=True))
    lanes = {lane.lane_id: lane for lane in document.project.lanes}
    assert list(lanes) == ["mix", "dialogue", "effects", "ost", "bgm", "voice-over"]
    assert lanes["voice-over"] == replace(voice, muted=True)
    assert (lanes["ost"].stem, voice.stem) == (StemName.OST, None)


def test_solo_only_switches_over_and_off(document: Document) -> None:
    document.do(accept_restore(BLIND))

    def soloed() -> list[str]:
        return [lane.lane_id for lane in document.project.lanes if lane.soloed]

    document.do(solo_only(StemName.MIX))
    assert soloed() == ["mix"]
    document.do(solo_only(StemName.BGM))
    assert soloed() == ["bgm"]
    document.do(solo_only(StemName.BGM))
    assert soloed() == []


def test_swap_takes_the_opposite_of_what_is_kept(document: Document) -> None:
    document.do(accept_restore(BLIND))
    kept = []
    for _ in range(3):
        assert document.project.restore is not None
        kept.append((document.project.restore.choice, document.project.restore.kept))
        document.do(swap_music())
    assert kept == [(None, "first"), ("second", "second"), ("first", "first")]


def test_an_amount_that_is_dragged_is_one_edit(document: Document, clock: Clock) -> None:
    document.do(accept_restore(KNOWN))
    clock.now_s += 9.0
    for amount in (0.9, 0.7, 0.5):
        document.do(take_out(amount))
        clock.now_s += 0.2
    assert document.project.restore is not None
    assert (document.project.restore.amount, document.undo_name) == (0.5, "Take 50 % out")
    document.undo()
    assert document.project.restore.amount == 1.0


def test_an_amount_outlives_a_swap_and_not_a_new_restore(document: Document) -> None:
    document.do(accept_restore(BLIND))
    for edit, amount in ((take_out(0.3), 0.3), (swap_music(), 0.3), (accept_restore(BLIND), 1.0)):
        document.do(edit)
        assert document.project.restore is not None
        assert document.project.restore.amount == amount


def test_without_a_lane_for_the_rest_all_is_taken_out(document: Document) -> None:
    document.do(take_out(0.5))
    assert not document.undo_name
    stems = {stem: BLIND.stems[stem] for stem in (StemName.MIX, StemName.DIALOGUE, StemName.BGM)}
    stems[StemName.RESTORED] = stems[StemName.DIALOGUE]
    alone = replace(BLIND, stems=stems, decision=None)
    document.do(accept_restore(alone, amount=0.5))
    document.do(take_out(0.5))
    assert document.project.restore == Restore(alone)
    for amount in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="can be taken out"):
            Restore(KNOWN, amount=amount)


def test_there_is_nothing_to_swap_on_the_known_way(document: Document) -> None:
    document.do(accept_restore(KNOWN))
    document.do(swap_music())
    assert document.undo_name == "Restore"
    assert document.project.lanes == (
        Lane(StemName.MIX, muted=True),
        Lane(StemName.RESTORED),
        Lane(StemName.BGM, muted=True),
    )


@pytest.mark.parametrize(
    ("edit", "sounds", "curves"),
    [
        (change_gain("placed 1", -3.0), False, False),
        (duck_lane("placed 1", 6.0), False, True),
        (set_gain_point("placed 1", 2.0, -6.0), False, True),
        (take_speech((Region(1.0, 2.0),)), False, True),
        (fade_clip(1, "in", 0.5), False, True),
        (change_clip_gain(1, -3.0), False, True),
        (move_clip(1, 4.0), True, False),
        (slip_clip(1, 2.0), True, False),
        (trim_clip(1, "out", 2.0), True, False),
        (remove_clip(1), True, True),
        (accept_restore(KNOWN), True, True),
        (choose_track(Path("/song.mp3")), False, False),
    ],
    ids=lambda each: each.name if isinstance(each, Edit) else str(each),
)
def test_other_sounds_and_other_gains_over_time_are_told_apart(
    edit: Edit, *, sounds: bool, curves: bool
) -> None:
    before = placed((1.0, 3.0))
    change = Change(before, edit.apply(before))
    assert (change.sounds, change.curves) == (sounds, curves)
