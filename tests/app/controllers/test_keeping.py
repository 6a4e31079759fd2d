"""What is kept of a restored sound is heard at once, exported, and taken back."""

from pathlib import Path

import numpy as np
import pytest

from engine.media.decode import AudioReader
from engine.types import Samples, StemName
from tests.helpers.editor import RATE_HZ, Editor
from tests.helpers.restore_workload import film_sound, make_tone_film, tone_of
from widgets.restore_view import KeptStem, RestoreView

LENGTH = 2 * RATE_HZ


@pytest.fixture
def restored(editor: Editor, film: Path) -> Editor:
    editor.open(film)
    editor.restore()
    return editor


def view(editor: Editor) -> RestoreView:
    return editor.app.window.restore_panel._view


def take_out(editor: Editor, amount: float) -> None:
    editor.app.window.restore_panel.amount_changed.emit(amount)


def with_out(amount: float) -> Samples:
    """The film without so much of its second music."""
    return film_sound(LENGTH, RATE_HZ) - np.float32(amount) * tone_of(
        StemName.MUSIC2, LENGTH, RATE_HZ
    )


def heard(editor: Editor) -> Samples:
    """What plays from the middle on, once it has settled."""
    editor.app.window.timeline.seek_requested.emit(1.0)
    if not editor.transport.is_playing:
        editor.app.window.transport_bar.play_requested.emit()
    return editor.hear(1000)[:, 200:]


def test_half_of_it_is_heard_at_once(restored: Editor) -> None:
    for amount in (1.0, 0.5, 0.0):
        take_out(restored, amount)
        wanted = with_out(amount)[:, RATE_HZ + 200 : RATE_HZ + 1000]
        np.testing.assert_allclose(heard(restored), wanted, atol=1e-5)
        assert view(restored).amount == amount
    restored.settle()
    assert restored.app.document.undo_name == "Take 0 % out"
    restored.app.window.undo_requested.emit()
    assert view(restored).amount == 1.0


def test_what_is_left_is_told_and_exported(restored: Editor, tmp_path: Path) -> None:
    take_out(restored, 0.25)
    outcome = view(restored).outcome
    assert outcome is not None
    assert outcome.text.endswith("You set that 25 % of it goes.")
    restored.answers.output = tmp_path / "out.mkv"
    restored.app.window.export_video_requested.emit()
    restored.settle()
    with AudioReader(tmp_path / "out.mkv") as reader:
        written = np.concatenate(list(reader.blocks()), axis=1)
    np.testing.assert_allclose(written, with_out(0.25), atol=2e-4)


def test_switches_and_lanes_never_disagree(restored: Editor) -> None:
    kept = view(restored).kept
    assert [(stem.name, stem.kept) for stem in kept] == [
        ("Speech", True),
        ("Effects", True),
        ("Original music", True),
        ("Added music", False),
    ]
    restored.app.window.restore_panel.kept_changed.emit("effects", False)
    assert restored.heard_lanes() == ["dialogue", "ost"]
    restored.app.window.timeline.mute_toggled.emit("bgm", False)
    restored.app.window.timeline.mute_toggled.emit("dialogue", True)
    assert [stem.kept for stem in view(restored).kept] == [False, False, True, True]
    restored.app.window.undo_requested.emit()
    assert [stem.kept for stem in view(restored).kept] == [True, False, True, True]


def test_music_that_stays_together_has_no_amount(editor: Editor, tmp_path: Path) -> None:
    editor.open(make_tone_film(tmp_path / "undivided.mkv", 0.5, RATE_HZ))
    assert view(editor).kept == ()
    editor.restore()
    assert view(editor).amount is None
    assert view(editor).kept == (
        KeptStem("dialogue", "Speech", kept=True),
        KeptStem("rest", "Music and effects", kept=True),
    )
