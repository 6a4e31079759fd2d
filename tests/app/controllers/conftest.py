"""An editor and a film for the tests of the controllers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.helpers.editor import RATE_HZ, WAIT_MS, Editor, running_editor
from tests.helpers.restore_workload import make_tone_film
from widgets.pages import Page


@pytest.fixture
def editor(
    qapp: object, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Editor]:
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path / "cache"))
    with running_editor(tmp_path, qtbot) as editor:
        yield editor


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Two seconds of picture and of one tone for each stem."""
    return make_tone_film(tmp_path / "film.mkv", 2.0, RATE_HZ)


@pytest.fixture
def review(editor: Editor, film: Path) -> Editor:
    """An editor that plays a restored film on the Review page, all measured."""
    editor.open(film)
    editor.restore()
    editor.app.window.show_page(Page.REVIEW)
    editor.qtbot.waitUntil(lambda: editor.app.compare.view().is_measured, timeout=WAIT_MS)
    editor.app.window.timeline.seek_requested.emit(0.5)
    editor.app.window.transport_bar.play_requested.emit()
    editor.hear(100)
    return editor
