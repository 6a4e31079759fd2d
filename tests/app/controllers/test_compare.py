"""On the Review page one version is heard alone, as loud as the others, at the same place."""

import math
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtWidgets import QLabel

from app.envelope_edits import set_gain_point
from app.marks import select
from app.opening import _missing_words
from app.project import Rival
from app.review.edits import MAX_RIVALS, add_rival
from engine.types import Samples, StemName
from tests.helpers.editor import RATE_HZ, WAIT_MS, Editor
from tests.helpers.library import write_sound
from tests.helpers.projects import noise
from tests.helpers.restore_workload import sum_of
from widgets.pages import Page
from widgets.review_view import CompareView

DIALOGUE, EFFECTS = StemName.DIALOGUE, StemName.EFFECTS
MUSIC1, MUSIC2 = StemName.MUSIC1, StemName.MUSIC2
LENGTH = 2 * RATE_HZ
ALL = (DIALOGUE, EFFECTS, MUSIC1, MUSIC2)


def shown(editor: Editor) -> CompareView:
    return editor.app.compare.view()


def heard(editor: Editor) -> Samples:
    """What plays half a second into the film, once all fades are over."""
    editor.app.window.timeline.seek_requested.emit(0.5)
    return editor.hear(1000)[:, 200:]


def expected(*stems: StemName) -> Samples:
    return sum_of(stems, LENGTH, RATE_HZ)[:, RATE_HZ // 2 + 200 : RATE_HZ // 2 + 1000]


def decibel(found: Samples, wanted: Samples) -> float:
    """The one gain, in dB, that takes `wanted` to `found`."""
    gain = float(np.vdot(found, wanted) / np.vdot(wanted, wanted))
    np.testing.assert_allclose(found, gain * wanted, atol=1e-4)
    return 20 * math.log10(gain)


def test_an_envelope_is_no_part_of_what_is_compared(review: Editor) -> None:
    review.app.document.do(set_gain_point("dialogue", 0.5, -20.0))
    review.app.document.do(set_gain_point("mix", 0.5, -20.0))
    for number, stems in ((0, ALL), (2, (DIALOGUE,))):
        review.app.window.version_requested.emit(number)
        version = shown(review).versions[number]
        gain_db = decibel(heard(review), expected(*stems))
        assert gain_db == pytest.approx(version.gain_db, abs=0.05)


def test_versions_are_switched_by_number_and_are_equally_loud(review: Editor) -> None:
    assert [v.name for v in shown(review).versions[:2]] == ["Original", "Restored"]
    assert shown(review).heard == StemName.RESTORED
    levels = {}
    for number, stems in enumerate([ALL, (DIALOGUE, EFFECTS, MUSIC1), (DIALOGUE,)]):
        review.app.window.version_requested.emit(number)
        version = shown(review).versions[number]
        assert shown(review).heard == version.version_id
        gain_db = decibel(heard(review), expected(*stems))
        assert gain_db == pytest.approx(version.gain_db, abs=0.05)
        assert version.loudness_lufs is not None
        levels[version.name] = version.loudness_lufs + version.gain_db
    assert max(levels.values()) - min(levels.values()) < 1e-6


def test_without_matching_versions_are_heard_as_they_are(review: Editor) -> None:
    review.app.window.review_panel.compare_card.matching_toggled.emit(False)
    review.app.window.version_requested.emit(2)
    np.testing.assert_allclose(heard(review), expected(DIALOGUE), atol=1e-5)


def test_the_lanes_are_heard_again_on_the_other_page_and_are_locked_here(review: Editor) -> None:
    assert not review.app.window.timeline.headers.isEnabled()
    review.app.window.show_page(Page.RESTORE)
    assert review.app.window.timeline.headers.isEnabled()
    np.testing.assert_allclose(heard(review), expected(DIALOGUE, EFFECTS, MUSIC1), atol=1e-5)
    review.app.window.timeline.mute_toggled.emit(EFFECTS.value, True)
    np.testing.assert_allclose(heard(review), expected(DIALOGUE, MUSIC1), atol=1e-5)


def test_numbers_solo_lanes_on_the_other_page(review: Editor) -> None:
    review.app.window.show_page(Page.RESTORE)
    review.app.window.timeline.solo_only(1)
    np.testing.assert_allclose(heard(review), expected(DIALOGUE), atol=1e-5)


def test_a_selection_is_measured_by_itself(review: Editor) -> None:
    before = shown(review).versions
    review.app.document.do(select(0.25, 1.25))
    assert "0:00.2 to 0:01.2" in shown(review).stretch
    assert not shown(review).is_measured
    review.qtbot.waitUntil(lambda: shown(review).is_measured, timeout=WAIT_MS)
    assert [v.version_id for v in shown(review).versions] == [v.version_id for v in before]


def test_before_a_restore_there_is_the_original_alone(editor: Editor, film: Path) -> None:
    editor.app.window.show_page(Page.REVIEW)
    assert shown(editor) == CompareView()
    editor.open(film)
    assert [v.name for v in shown(editor).versions] == ["Original"]
    assert shown(editor).heard == StemName.MIX


def test_switching_measures_nothing_twice(review: Editor) -> None:
    review.app.window.version_requested.emit(0)
    review.app.window.show_page(Page.RESTORE)
    review.app.window.show_page(Page.REVIEW)
    assert shown(review).is_measured
    assert not review.app.jobs.active_jobs


def add_file(editor: Editor, path: Path) -> None:
    editor.answers.rival = path
    editor.app.window.review_panel.compare_card.add_requested.emit()
    editor.settle()


def test_another_file_is_compared_like_the_rest(review: Editor, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.wav"
    soundfile.write(theirs, 0.5 * sum_of((MUSIC2,), LENGTH, RATE_HZ).T, RATE_HZ, subtype="FLOAT")
    add_file(review, theirs)
    review.qtbot.waitUntil(lambda: shown(review).is_measured, timeout=WAIT_MS)
    last = shown(review).versions[-1]
    assert (last.name, last.can_be_removed) == ("theirs.wav", True)
    review.app.window.version_requested.emit(len(shown(review).versions) - 1)
    gain_db = decibel(heard(review), 0.5 * expected(MUSIC2))
    assert gain_db == pytest.approx(last.gain_db, abs=0.05)
    review.app.window.review_panel.compare_card.remove_requested.emit(last.version_id)
    assert all(not v.can_be_removed for v in shown(review).versions)
    assert shown(review).heard == StemName.MIX
    review.app.window.undo_requested.emit()
    assert shown(review).versions[-1].name == "theirs.wav"


def test_a_file_of_another_rate_and_length_is_fitted(review: Editor, tmp_path: Path) -> None:
    theirs = tmp_path / "long.wav"
    soundfile.write(theirs, np.full((5 * 2 * RATE_HZ, 1), 0.25), 2 * RATE_HZ, subtype="FLOAT")
    add_file(review, theirs)
    (rival,) = review.app.document.project.rivals
    assert rival.sound.sample_rate_hz == RATE_HZ
    assert review.transport.mixer.num_samples == LENGTH


def test_a_mono_file_is_as_loud_as_the_same_in_both_channels(
    review: Editor, tmp_path: Path
) -> None:
    sound = sum_of((MUSIC2,), LENGTH, RATE_HZ)[:1]
    for name, channels in (("mono.wav", 1), ("stereo.wav", 2)):
        soundfile.write(tmp_path / name, np.repeat(sound, channels, axis=0).T, RATE_HZ)
        add_file(review, tmp_path / name)
    review.qtbot.waitUntil(lambda: shown(review).is_measured, timeout=WAIT_MS)
    mono, stereo = shown(review).versions[-2:]
    assert mono.gain_db == pytest.approx(stereo.gain_db, abs=0.02)


def test_no_more_files_are_compared_than_a_project_file_takes(
    review: Editor, tmp_path: Path
) -> None:
    sound = review.app.document.project.media
    assert sound is not None
    for number in range(MAX_RIVALS):
        review.app.document.do(add_rival(Rival(tmp_path / f"{number}.wav", sound.mix)))
    theirs = tmp_path / "theirs.wav"
    soundfile.write(theirs, np.full((RATE_HZ, 1), 0.25), RATE_HZ)
    add_file(review, theirs)
    assert len(review.app.document.project.rivals) == MAX_RIVALS
    assert "Remove one" in review.messages[-1].hint


def test_what_cannot_be_compared_is_said(review: Editor, tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    add_file(review, broken)
    assert not review.app.document.project.rivals
    assert "broken.wav" in review.messages[-1].text


def test_files_to_compare_with_come_back_with_the_project(review: Editor, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.wav"
    soundfile.write(theirs, 0.5 * sum_of((MUSIC2,), LENGTH, RATE_HZ).T, RATE_HZ, subtype="FLOAT")
    add_file(review, theirs)
    review.answers.project = tmp_path / "film.reprise"
    review.app.window.save_requested.emit()
    review.open(review.answers.project)
    assert [rival.path for rival in review.app.document.project.rivals] == [theirs]
    theirs.unlink()
    review.open(review.answers.project)
    assert not review.app.document.project.rivals
    assert "theirs.wav is not compared any more" in review.messages[-1].text


def test_many_files_that_are_gone_are_told_in_one_line() -> None:
    gone = [(f"{number}.wav", "it is damaged beyond use") for number in range(1, 6)]
    assert list(_missing_words([])) == []
    assert list(_missing_words(gone[:1])) == [
        "1.wav is not compared any more: it is damaged beyond use"
    ]
    assert list(_missing_words(gone[:2])) == [
        "1.wav and 2.wav cannot be read, and are not compared any more"
    ]
    (words,) = _missing_words(gone)
    assert words == "1.wav and 4 others cannot be read, and are not compared any more"


def test_a_film_with_placed_music_alone_is_told_how_it_can_be_compared(
    editor: Editor, film: Path, tmp_path: Path
) -> None:
    def why_not() -> str:
        labels = editor.app.window.review_panel.blind_card.findChildren(QLabel)
        return "\n".join(each.text() for each in labels)

    editor.open(film)
    editor.app.window.show_page(Page.REVIEW)
    assert "restore the video, or compare with a file" in why_not()
    editor.app.placer.add([write_sound(tmp_path / "song.wav", noise(3), RATE_HZ)], 0.5)
    editor.settle()
    assert "restore" not in why_not()
    assert "export the video, then compare with that file" in why_not()
    exported = tmp_path / "exported.wav"
    soundfile.write(exported, np.full((LENGTH, 1), 0.25), RATE_HZ)
    add_file(editor, exported)
    assert "At least two versions" not in why_not()
