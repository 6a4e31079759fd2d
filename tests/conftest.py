"""Set-up shared by all tests: no screen unless one is asked for, nothing left open."""

import os
from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import settings

_NUMBERS = count()


def pytest_configure(config: pytest.Config) -> None:
    """Keep Qt off the screen; `-m screen` on a machine with a display shows real windows."""
    # Workers run side by side; threads of each fighting for the cores only slow them down.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # Whoever runs them may speak another language.
    os.environ["REPRISE_LANGUAGE"] = "en"
    # A busy machine is no defect of what is tested, and the same commit must get the same answer;
    # `--hypothesis-profile search` looks for new examples.
    settings.register_profile("reprise", deadline=None, derandomize=True)
    settings.register_profile("search", deadline=None, max_examples=500)
    settings.load_profile("reprise")
    wants_screen = config.option.markexpr == "screen" and "DISPLAY" in os.environ
    if not wants_screen:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark whatever uses Qt's application as gui."""
    for item in items:
        if isinstance(item, pytest.Function) and "qapp" in item.fixturenames:
            item.add_marker(pytest.mark.gui)


@pytest.fixture(autouse=True)
def own_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Keep tests away from the library and the models of whoever runs them, and of each other."""
    folder = tmp_path_factory.getbasetemp() / f"data-{next(_NUMBERS)}"
    monkeypatch.setenv("REPRISE_DATA", str(folder))


@pytest.fixture
def german() -> Iterator[None]:
    """Speak German during a test; the tables of modules that were loaded before stay English."""
    from engine.translation import ENGLISH, use_language

    use_language("de")
    yield
    use_language(ENGLISH)


@pytest.fixture(autouse=True)
def nothing_left_open(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a window open for the next one to trip over."""
    yield
    if "qapp" not in request.fixturenames:
        return
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtWidgets import QApplication

    # Qt keeps what pytest-qt deletes until an event loop ends, and none ever runs here.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    windows = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
    for widget in windows:
        widget.close()
    assert not windows, f"left open: {windows}"
