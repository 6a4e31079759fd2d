"""Walks through every page of the window and says which words do not fit where they stand.

In a language: settle it before this module is loaded, which loads the window.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QListWidget,
    QMenu,
    QWidget,
)

from app.bootstrap import Application, Arguments, build
from app.controllers.export import export_view
from app.engine_client import EngineStatus
from app.lane_edits import choose_track, show_spectrogram, solo
from app.language import translate_qt
from app.marks import add_marker, select
from app.paths import find_paths
from app.restore_edits import swap_music
from engine.errors import OutputError
from engine.types import StemName
from tests.helpers.editor import Answers
from tests.helpers.restore_workload import make_tone_film
from widgets.export_sheet import ExportSheet
from widgets.pages import Page
from widgets.questions import Unfinished
from widgets.review_view import BlindTestWish, Question

PATIENCE_S = 20
# Room that letters do not fill; a name of one word may lose so much and look whole.
BEARING_PX = 2
WORDS = (QLabel, QAbstractButton, QComboBox)


def unfit(root: QWidget) -> Iterator[str]:
    """The texts of visible widgets that are cut off, or reach beyond what holds them."""
    for widget in root.findChildren(QWidget):
        if not isinstance(widget, WORDS) or not widget.isVisible():
            continue
        text = widget.currentText() if isinstance(widget, QComboBox) else widget.text()
        # Folders may be of any length.
        if (
            text
            and not Path(text).is_absolute()
            and (_is_cut(widget, text) or _is_beyond(widget, root))
        ):
            yield f"{type(widget).__name__} {text!r} in {widget.width()} x {widget.height()}"


def _is_cut(widget: QWidget, text: str) -> bool:
    wanted = widget.sizeHint()
    if isinstance(widget, QLabel) and widget.wordWrap():
        longest = max(map(widget.fontMetrics().horizontalAdvance, text.split()))
        is_long = longest > widget.width() + BEARING_PX
        return is_long or widget.heightForWidth(widget.width()) > widget.height() + 1
    if isinstance(widget, QComboBox):
        return widget.minimumSizeHint().width() > widget.width()
    return wanted.width() > widget.width() + 1 or wanted.height() > widget.height() + 1


def _is_beyond(widget: QWidget, root: QWidget) -> bool:
    outer = widget.parentWidget()
    while outer is not None:
        left_px = widget.mapTo(outer, QPoint(0, 0)).x()
        if left_px < 0 or left_px + widget.width() > outer.width() + 1:
            return True
        outer = outer.parentWidget() if outer is not root else None
    return False


def _discard(*_: object, **__: object) -> Unfinished:
    return Unfinished.DISCARD


class Walk:
    """One way through the window.

    Attributes:
        unfit: What did not fit, and where.
    """

    def __init__(self, program: QApplication, folder: Path, pictures: Path | None) -> None:
        self._program, self._pictures = program, pictures
        self._film = make_tone_film(folder / "film.mkv", 2.0, 8000)
        self._undivided = make_tone_film(folder / "undivided.mkv", 1.0, 8000)
        self.unfit: dict[str, str] = {}
        self.app: Application = build(
            Arguments(
                find_paths(),
                engine_in_thread=True,
                workload="tests.helpers.restore_workload:load",
                look_for_outputs=lambda _: ("Loud speaker",),
                dialogs=replace(Answers().dialogs(), unfinished=_discard),
                desktop=Answers().desktop(),
            )
        )

    def wait(self, condition: Callable[[], bool]) -> None:
        """Let the program work until something is so."""
        until_s = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > until_s:
                raise TimeoutError("the walk does not go on")
            self._program.processEvents()
            time.sleep(0.005)

    def settle(self) -> None:
        """Wait until nothing is going on, and everything is painted."""
        self.wait(lambda: not self.app.jobs.active_jobs)
        for _ in range(5):
            self._program.processEvents()

    def look(self, name: str, root: QWidget | None = None) -> None:
        """Look at what is shown now."""
        for _ in range(5):
            self._program.processEvents()
        shown = root if root is not None else self.app.window
        if self._pictures is not None:
            shown.grab().save(str(self._pictures / f"{name}.png"))
        for words in unfit(shown):
            self.unfit.setdefault(words, name)

    def look_at_dialog(self, name: str, ask: Callable[[], object]) -> None:
        """Look at a dialog that has to be closed before anything else can be done."""
        looked: list[bool] = []

        def look() -> None:
            dialog = self._program.activeModalWidget()
            if isinstance(dialog, QDialog):
                self.look(name, dialog)
                dialog.reject()
            looked.append(True)

        QTimer.singleShot(100, look)
        ask()
        # Not all of them hold everything up themselves.
        self.wait(lambda: bool(looked))

    def go(self) -> None:
        """Go everywhere."""
        app, window = self.app, self.app.window
        self.wait(lambda: app.engine.state.status is EngineStatus.READY)
        self.settle()
        self.look("start")
        app.media.open(self._undivided)
        self.wait(lambda: app.sound.transport is not None)
        self.settle()
        window.restore_panel.restore_blind_requested.emit()
        self.wait(lambda: app.document.project.restore is not None)
        self.settle()
        self.look("undivided")
        app.media.open(self._film)
        self.wait(lambda: app.document.project.restore is None)
        self.settle()
        self.look("opened")
        app.document.do(choose_track(Path("song.mp3")))
        self.look("track")
        app.document.undo()
        window.restore_panel.restore_blind_requested.emit()
        self.wait(lambda: app.document.project.restore is not None)
        self.settle()
        app.document.do(swap_music())
        app.document.do(show_spectrogram(StemName.BGM, shown=True))
        self.look("restored")
        app.messages.error(OutputError("X", "Y"))
        self.look("message")

    def go_to_dialogs(self) -> None:
        """Settings, keys, licences, export, menus."""
        app, window = self.app, self.app.window
        window.settings_requested.emit()
        self.settle()
        (settings,) = (each for each in window.findChildren(QDialog) if each.isVisible())
        (pages,) = settings.findChildren(QListWidget)
        for number in range(pages.count()):
            pages.setCurrentRow(number)
            self.look(f"settings-{number}", settings)
        settings.close()
        window.about_requested.emit()
        self.settle()
        (about,) = (each for each in window.findChildren(QDialog) if each.isVisible())
        self.look("about", about)
        about.close()
        window.welcome_requested.emit()
        self.settle()
        (welcome,) = (each for each in window.findChildren(QDialog) if each.isVisible())
        self.look("welcome", welcome)
        welcome.close()
        self.look_at_dialog("keys", window.show_keys)
        app.document.do(solo(StemName.OST, soloed=True))
        sheet = ExportSheet(export_view(app.document.project), window)
        sheet.show()
        self.look("export", sheet)
        sheet.close()
        for number, menu in enumerate(window.findChildren(QMenu)):
            if self._pictures is not None and menu.actions():
                menu.popup(QPoint(0, 0))
                self.look(f"menu-{number}", menu)
                menu.close()

    def go_to_music(self) -> None:
        """The Music page, with something placed."""
        app, window = self.app, self.app.window
        window.show_page(Page.MUSIC)
        self.look("music")
        app.placer.add([self._undivided], 0.2)
        self.wait(lambda: bool(app.document.project.clips))
        self.settle()
        self.look("music-placed")

    def go_to_review(self) -> None:
        """The Review page and its tests."""
        app, window = self.app, self.app.window
        app.document.do(add_marker(0.5, "A note"))
        app.document.do(select(0.2, 1.5))
        window.show_page(Page.REVIEW)
        self.wait(lambda: app.compare.view().is_measured)
        for question in Question:
            versions = (StemName.MIX, StemName.RESTORED)
            app.blind_test.start(BlindTestWish(question, versions, 1, ""))
            for number in range(3):
                window.version_requested.emit(number)
            self.look(f"test-{question.value}")
            if question is Question.RATING:
                app.blind_test.stop()
            else:
                window.review_panel.trial_card.chosen.emit(0)
            self.settle()
        self.look("review")


def main(folder: Path, pictures: Path | None = None, theme: str = "dark") -> dict[str, str]:
    """Walk.

    Args:
        folder: For files that are needed.
        pictures: Where a picture of each page goes; None takes none.
        theme: Name of the theme.

    Returns:
        What did not fit, and where.
    """
    program = QApplication([])
    translate_qt(program)
    walk = Walk(program, folder, pictures)
    walk.app.window.resize(1440, 860)
    walk.app.window.choose_theme(theme)
    walk.app.window.show()
    walk.go()
    walk.go_to_dialogs()
    walk.go_to_music()
    walk.go_to_review()
    walk.app.close()
    return walk.unfit
