"""The chosen device plays while it is there, another one while it is not, and the place is kept."""

from pathlib import Path

import pytest

from app.controllers import devices as devices_module
from tests.helpers.editor import RATE_HZ, WAIT_MS, Editor, running_editor
from tests.helpers.sound import StubOutput
from widgets.message_bar import MessageKind


@pytest.fixture(autouse=True)
def look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices_module, "LOOK_MS", 10)


def offered(editor: Editor) -> list[tuple[str, bool]]:
    """What the menu offers, and what is chosen."""
    return [(a.text(), a.isChecked()) for a in editor.app.window.sound_menu.actions()]


def wait_for_device(editor: Editor, device: str | None) -> None:
    def plays_there() -> bool:
        transport = editor.app.sound.transport
        return transport is not None and transport.output.device == device

    editor.qtbot.waitUntil(plays_there, timeout=WAIT_MS)


def choose(editor: Editor, name: str) -> None:
    """Choose a device in the menu."""
    menu = editor.app.window.sound_menu
    next(action for action in menu.actions() if action.text() == name).trigger()


def start(editor: Editor, film: Path, *names: str) -> None:
    """Play a film on a machine with more devices, the first of them chosen."""
    editor.devices.extend(names)
    editor.open(film)
    editor.app.window.sound_menu.aboutToShow.emit()
    editor.settle()
    choose(editor, names[0])
    wait_for_device(editor, names[0])
    editor.app.window.transport_bar.play_requested.emit()
    editor.hear(4000)


def unplug(editor: Editor, *names: str) -> None:
    for name in names:
        editor.devices.remove(name)
    editor.outputs[-1].is_lost = True


def test_the_menu_offers_what_is_there_and_the_default_first(editor: Editor, film: Path) -> None:
    assert offered(editor) == [("System default", True)]
    editor.devices.extend(["USB & more", "TV"])
    editor.app.window.sound_menu.aboutToShow.emit()
    editor.settle()
    names = ["System default", "USB && more", "TV"]
    assert offered(editor) == [(name, name == names[0]) for name in names]
    editor.open(film)
    choose(editor, "TV")
    wait_for_device(editor, "TV")
    assert offered(editor) == [(name, name == "TV") for name in names]
    assert editor.messages == []


def test_another_device_goes_on_at_the_same_place(editor: Editor, film: Path) -> None:
    start(editor, film, "USB")
    choose(editor, "System default")
    wait_for_device(editor, "")
    assert editor.transport.is_playing
    assert editor.transport.position_s() == pytest.approx(4000 / RATE_HZ)


def test_of_two_choices_at_once_the_last_one_counts(editor: Editor, film: Path) -> None:
    start(editor, film, "USB", "TV")
    choose(editor, "TV")
    choose(editor, "System default")
    choose(editor, "TV")
    editor.settle()
    assert editor.transport.output.device == "TV"
    assert editor.transport.is_playing
    assert editor.transport.position_s() == pytest.approx(4000 / RATE_HZ)
    assert [output.is_closed for output in editor.outputs].count(False) == 1


def test_the_choice_is_remembered_by_name(
    qtbot: object, editor: Editor, film: Path, tmp_path: Path
) -> None:
    start(editor, film, "USB")
    assert '"sound_device": "USB"' in (tmp_path / "settings.json").read_text()
    with running_editor(tmp_path, editor.qtbot) as again:
        assert offered(again) == [("System default", False), ("USB", True)]
        again.open(film)
        wait_for_device(again, "")
        assert offered(again)[1] == ("USB (not there)", True)


def test_a_chosen_device_that_vanishes_is_replaced_and_comes_back(
    editor: Editor, film: Path
) -> None:
    start(editor, film, "USB")
    gone = editor.outputs[-1]
    unplug(editor, "USB")
    wait_for_device(editor, "")
    assert gone.is_closed
    assert editor.transport.is_playing
    assert editor.transport.position_s() == pytest.approx(4000 / RATE_HZ)
    assert offered(editor)[-1] == ("USB (not there)", True)
    editor.hear(2000)
    editor.devices.append("USB")
    wait_for_device(editor, "USB")
    assert editor.transport.is_playing
    assert editor.transport.position_s() == pytest.approx(6000 / RATE_HZ)
    assert offered(editor)[-1] == ("USB", True)
    assert len(editor.messages) == 1
    assert editor.messages[0].kind is MessageKind.WARNING
    assert "USB" in editor.messages[0].text
    assert "until it is there again" in editor.messages[0].hint


def test_without_any_device_time_goes_on_and_sound_comes_back(editor: Editor, film: Path) -> None:
    start(editor, film, "USB")
    unplug(editor, "USB", "")
    wait_for_device(editor, None)
    assert editor.transport.is_playing
    assert "Nothing can be heard" in editor.messages[0].hint
    # Others are opened meanwhile, and closed again.
    silent = editor.transport.output
    assert isinstance(silent, StubOutput)
    silent.pull(800)
    editor.devices.append("")
    wait_for_device(editor, "")
    assert silent.is_closed
    assert editor.transport.is_playing
    # Time passes while it is looked for; what was heard in silence is not heard again.
    assert editor.transport.position_s() == pytest.approx(4800 / RATE_HZ)
    # What was said of the silence is not true any more.
    assert [message.kind for message in editor.messages] == [
        MessageKind.WARNING,
        MessageKind.NOTICE,
    ]
    assert "heard again" in editor.messages[-1].text


def test_the_same_device_opened_anew_is_not_worth_a_word(editor: Editor, film: Path) -> None:
    editor.open(film)
    old = editor.outputs[-1]
    old.is_lost = True
    editor.qtbot.waitUntil(lambda: editor.outputs[-1] is not old, timeout=WAIT_MS)
    wait_for_device(editor, "")
    assert editor.messages == []


def test_a_device_that_is_listed_but_does_not_open_leaves_the_sound_alone(
    editor: Editor, film: Path
) -> None:
    start(editor, film, "USB")
    unplug(editor, "USB")
    wait_for_device(editor, "")
    count = len(editor.outputs)
    # As the menu sees it, where nothing is tried out.
    editor.devices.append("USB")
    editor.app._devices._on_found("", ("USB",))
    editor.devices.remove("USB")
    editor.settle()
    assert len(editor.outputs) == count


@pytest.mark.parametrize("offset_ms", [250, -250])
def test_the_offset_is_the_chosen_device_s_own(editor: Editor, film: Path, offset_ms: int) -> None:
    start(editor, film, "USB")
    editor.app._devices.set_offset(offset_ms)
    assert editor.transport.offset_s == offset_ms / 1000
    choose(editor, "System default")
    wait_for_device(editor, "")
    assert editor.transport.offset_s == 0
    choose(editor, "USB")
    wait_for_device(editor, "USB")
    assert editor.app._devices.view.offset_ms == offset_ms
    unplug(editor, "USB")
    wait_for_device(editor, "")
    assert editor.transport.offset_s == 0


def test_an_offset_beyond_all_sense_in_the_file_is_bounded(
    qtbot: object, tmp_path: Path, editor: Editor
) -> None:
    editor.app._settings.change(sound_offsets_ms={"": 10**9})
    assert editor.app._devices.view.offset_ms == 1000
