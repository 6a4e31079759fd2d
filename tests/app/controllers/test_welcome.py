"""What works here: shown once by itself, and networks fetched only when somebody says so."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.engine_client import EngineState, EngineStatus
from app.settings import SettingsStore
from engine.catalog import CARD_NAME, ModelCard, WeightFile, card_to_json, models_folder
from tests.helpers.editor import WAIT_MS, Editor, running_editor
from tests.helpers.file_server import Exchange, FileServer, serving
from tests.helpers.full_disk import free_disk
from widgets.welcome_sheet import Offer, OfferView, WelcomeSheet

CONTENT = b"\x80weights" * 40_000


def card(server: FileServer, *, size_bytes: int = len(CONTENT), content: bytes = CONTENT) -> None:
    """Put the card of a network that can be fetched into the data folder."""
    file = WeightFile("w.bin", server.url, hashlib.sha256(content).hexdigest(), size_bytes)
    made = ModelCard("tiny", "Tiny network", "separator", "htdemucs", "MIT", (file,))
    folder = models_folder() / made.name
    folder.mkdir(parents=True)
    (folder / CARD_NAME).write_bytes(card_to_json(made))


def sheets(editor: Editor) -> list[WelcomeSheet]:
    return [sheet for sheet in editor.app.window.findChildren(WelcomeSheet) if sheet.isVisible()]


@pytest.fixture
def open_sheet(editor: Editor) -> Iterator[Callable[[], None]]:
    """Opens the sheet and waits until it knows everything."""

    def open_it() -> None:
        editor.app.window.welcome_requested.emit()
        editor.qtbot.waitUntil(lambda: bool(editor.app.offers.views), timeout=WAIT_MS)

    yield open_it
    for sheet in sheets(editor):
        sheet.close()


def offer(editor: Editor) -> OfferView | None:
    return next((each for each in editor.app.offers.views if each.name == "tiny"), None)


def wait_for(editor: Editor, state: Offer) -> OfferView:
    def is_so() -> bool:
        seen = offer(editor)
        return seen is not None and seen.state is state

    editor.qtbot.waitUntil(is_so, timeout=WAIT_MS)
    found = offer(editor)
    assert found is not None
    return found


def press(editor: Editor, name: str) -> None:
    (sheet,) = sheets(editor)
    (found,) = (b for b in sheet.findChildren(QPushButton) if b.accessibleName() == name)
    assert found.isEnabled()
    found.click()


def weights_path() -> Path:
    return models_folder() / "tiny" / "w.bin"


def test_a_first_start_shows_it_once_beside_the_window(
    qapp: object, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path / "cache"))
    with running_editor(tmp_path, qtbot, welcomes=True) as editor:
        assert sheets(editor) == []
        qtbot.waitUntil(lambda: len(sheets(editor)) == 1, timeout=WAIT_MS)
        (sheet,) = sheets(editor)
        assert not sheet.isModal()
        assert editor.app.window.isEnabled()
        # Left open at the end, it comes again.
        assert not SettingsStore(tmp_path / "settings.json").current.welcomed
        sheet.close()
        assert SettingsStore(tmp_path / "settings.json").current.welcomed
        editor.settle()
    with running_editor(tmp_path, qtbot, welcomes=True) as editor:
        qtbot.waitUntil(lambda: bool(editor.app.engine.state.device), timeout=WAIT_MS)
        editor.settle()
        assert sheets(editor) == []


def test_a_first_start_with_a_film_shows_it_too_and_opens_the_film(
    qapp: object, qtbot: QtBot, tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path / "cache"))
    with running_editor(tmp_path, qtbot, files=(film,), welcomes=True) as editor:
        qtbot.waitUntil(lambda: len(sheets(editor)) == 1, timeout=WAIT_MS)
        qtbot.waitUntil(lambda: editor.app.document.project.media is not None, timeout=WAIT_MS)
        assert len(sheets(editor)) == 1
        editor.settle()


@pytest.mark.parametrize(
    ("status", "sign"),
    [
        (EngineStatus.STARTING, "…"),
        (EngineStatus.READY, "✓"),
        (EngineStatus.RESTARTING, "…"),
        (EngineStatus.STOPPED, "✗"),
    ],
)
def test_the_engine_is_ticked_when_it_is_ready(
    editor: Editor, open_sheet: Callable[[], None], status: EngineStatus, sign: str
) -> None:
    open_sheet()
    editor.settle()
    editor.app.engine._change(EngineState(status))
    (sheet,) = sheets(editor)
    editor.qtbot.waitUntil(
        lambda: f"{sign} Engine" in {each.text() for each in sheet.findChildren(QLabel)}
    )


def test_the_help_menu_opens_one_and_only_one(
    editor: Editor, open_sheet: Callable[[], None]
) -> None:
    open_sheet()
    editor.app.window.welcome_requested.emit()
    assert len(sheets(editor)) == 1


def test_nothing_is_fetched_or_asked_without_a_press(
    editor: Editor, open_sheet: Callable[[], None]
) -> None:
    with serving(CONTENT) as server:
        card(server, size_bytes=0)
        open_sheet()
        editor.settle()
        seen = offer(editor)
        assert seen is not None
        assert "licence: MIT" in seen.detail
        assert "size is asked for first" in seen.detail
        assert server.requests == []


def test_a_network_is_fetched_checked_and_no_longer_offered(
    editor: Editor, open_sheet: Callable[[], None]
) -> None:
    with serving(CONTENT) as server:
        card(server)
        open_sheet()
        press(editor, "Get Tiny network")
        editor.qtbot.waitUntil(lambda: offer(editor) is None, timeout=WAIT_MS)
        editor.settle()
    assert weights_path().read_bytes() == CONTENT
    assert [message.text for message in editor.messages] == ["Tiny network is here."]


def test_a_size_that_nobody_published_is_asked_for_and_said_first(
    editor: Editor, open_sheet: Callable[[], None]
) -> None:
    with serving(CONTENT) as server:
        card(server, size_bytes=0)
        open_sheet()
        press(editor, "Get Tiny network")
        assert wait_for(editor, Offer.SIZED).words == "It is 1 MB large. Get it?"
        editor.settle()
        assert not weights_path().exists()
        press(editor, "Get Tiny network")
        editor.qtbot.waitUntil(lambda: offer(editor) is None, timeout=WAIT_MS)
    assert weights_path().read_bytes() == CONTENT


def test_what_was_stopped_goes_on_where_it_was(
    editor: Editor, open_sheet: Callable[[], None]
) -> None:
    half = len(CONTENT) // 2
    stalled = threading.Event()

    def stall(exchange: Exchange) -> None:
        exchange.head(200, len(CONTENT))
        exchange.send(CONTENT[:half])
        stalled.set()
        exchange.server.over.wait(10)

    with serving(CONTENT, stall) as server:
        card(server)
        open_sheet()
        press(editor, "Get Tiny network")
        editor.qtbot.waitUntil(stalled.is_set, timeout=WAIT_MS)
        part = weights_path().with_name("w.bin.part")
        editor.qtbot.waitUntil(lambda: part.exists() and part.stat().st_size > 0, timeout=WAIT_MS)
        press(editor, "Cancel Tiny network")
        assert "kept" in wait_for(editor, Offer.OFFERED).words
        editor.settle()
        begun = part.stat().st_size
        press(editor, "Get Tiny network")
        editor.qtbot.waitUntil(weights_path().exists, timeout=WAIT_MS)
        assert server.requests[-1]["range"] == f"bytes={begun}-"
    assert weights_path().read_bytes() == CONTENT


def test_what_is_not_on_the_card_is_not_taken(
    editor: Editor, open_sheet: Callable[[], None]
) -> None:
    with serving(CONTENT) as server:
        card(server, content=CONTENT[::-1])
        open_sheet()
        press(editor, "Get Tiny network")
        assert "SHA-256" in wait_for(editor, Offer.FAILED).words
    assert not weights_path().exists()


def test_a_full_disk_is_said_before_anything_comes(
    editor: Editor, open_sheet: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(CONTENT) as server:
        card(server)
        open_sheet()
        editor.settle()
        free_disk(monkeypatch, models_folder() / "tiny", 1000)
        press(editor, "Get Tiny network")
        assert "free" in wait_for(editor, Offer.FAILED).words
    assert not weights_path().exists()


def test_a_file_of_a_known_network_is_taken_to_it(
    editor: Editor, open_sheet: Callable[[], None], tmp_path: Path
) -> None:
    file = tmp_path / "downloaded elsewhere.bin"
    file.write_bytes(CONTENT)
    with serving(CONTENT) as server:
        card(server)
        open_sheet()
        editor.answers.network = file
        press(editor, "Import a network from a file")
        editor.qtbot.waitUntil(lambda: offer(editor) is None, timeout=WAIT_MS)
        editor.settle()
        assert server.requests == []
    assert weights_path().read_bytes() == CONTENT
    assert [message.text for message in editor.messages] == ["Tiny network is here."]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mine.ckpt", "mine is here. It serves as a separator."),
        ("broken.ckpt", "The file is no network."),
    ],
)
def test_any_other_file_is_looked_at_by_the_engine(
    editor: Editor, open_sheet: Callable[[], None], tmp_path: Path, name: str, said: str
) -> None:
    open_sheet()
    editor.answers.network = tmp_path / name
    editor.answers.network.write_bytes(b"something")
    press(editor, "Import a network from a file")
    editor.qtbot.waitUntil(lambda: bool(editor.messages), timeout=WAIT_MS)
    editor.settle()
    assert [message.text for message in editor.messages] == [said]
    assert not editor.app.offers.is_importing
