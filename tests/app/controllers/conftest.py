"""An editor and a film for the tests of the controllers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.helpers.editor import RATE_HZ, Editor, running_editor
from tests.helpers.restore_workload import make_tone_film


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
