"""The pages of the window, and the switch between them."""

from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton

from widgets.styling import button


class Page(StrEnum):
    """What the window is used for just now."""

    RESTORE = "restore"
    MUSIC = "music"
    REVIEW = "review"


_WORDS = {
    Page.RESTORE: ("Restore", "Take the added music out (Ctrl+1)."),
    Page.MUSIC: ("Music", "Place music in the film (Ctrl+2)."),
    Page.REVIEW: ("Review", "Compare by ear, blind too, and sign a report (Ctrl+3)."),
}


class PageSwitch(QFrame):
    """A button for each page, one of them pressed.

    Signals:
        page_chosen: Value of the `Page` that the user wants.
    """

    page_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self._buttons = {page: _page_button(page) for page in Page}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for each in self._buttons.values():
            self._group.addButton(each)
            layout.addWidget(each)
        self._group.buttonClicked.connect(self._on_clicked)
        self.show_page(Page.RESTORE)

    def show_page(self, page: Page) -> None:
        """Show which page is open."""
        self._buttons[page].setChecked(True)

    def _on_clicked(self, clicked: QPushButton) -> None:
        chosen = next(page for page, each in self._buttons.items() if each is clicked)
        self.page_chosen.emit(chosen.value)


def _page_button(page: Page) -> QPushButton:
    word, description = _WORDS[page]
    result = button(word, "page", f"Page {word}", description)
    result.setCheckable(True)
    return result
