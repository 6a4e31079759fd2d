"""What an exported video is to hold, asked before its place."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QDialog, QRadioButton, QVBoxLayout, QWidget

from engine.translation import tr
from widgets.accessibility import describe
from widgets.cards import row
from widgets.sheet import Scroll, Sheet
from widgets.styling import button, label

_WIDTH_PX = 460
_Name = TypeVar("_Name", bound=str)


class Content(StrEnum):
    """Which sound the video gets."""

    HEARD = "heard"
    SPEECH = "speech"


@dataclass(frozen=True, slots=True)
class PresetView:
    """A loudness that may be chosen.

    Attributes:
        name: In the wish.
        title: What the user reads.
        detail: What it does.
    """

    name: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class ExportView:
    """What the sheet offers.

    Attributes:
        presets: The first one is chosen.
        has_speech: Speech was separated.
        warnings: Plain sentences about what is to be exported.
    """

    presets: tuple[PresetView, ...]
    has_speech: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportWish:
    """What the user wants."""

    content: Content = Content.HEARD
    preset: str = ""


_CONTENTS = {
    Content.HEARD: (
        tr("What you hear"),
        tr("The lanes with their gains; what is muted is left out."),
    ),
    Content.SPEECH: (tr("Speech alone"), tr("Only the dialogue; music and effects are left out.")),
}
_NO_SPEECH = tr(
    "Speech has not been separated: choose Separate blind on the Restore page first, then export."
)


class ExportSheet(Sheet):
    """Content and loudness; Export asks for the place."""

    def __init__(self, view: ExportView, parent: QWidget) -> None:
        super().__init__(tr("Export the video"), parent)
        words = _content_words(has_speech=view.has_speech)
        self._contents = {content: _choice(*words[content]) for content in Content}
        self._presets = {each.name: _choice(each.title, each.detail) for each in view.presets}
        self._contents[Content.SPEECH].setEnabled(view.has_speech)
        body = QWidget()
        body.setMinimumWidth(_WIDTH_PX)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        for warning in view.warnings:
            column.addWidget(label(f"\N{BULLET} {warning}", wrap=True))
        if view.warnings:
            column.addSpacing(8)
        _add_choices(self, column, tr("Sound"), self._contents, [w for _, w in words.values()])
        details = [each.detail for each in view.presets]
        _add_choices(self, column, tr("Loudness: only the level changes"), self._presets, details)
        column.addStretch(1)
        go = button(
            tr("Export…"), "main", tr("Choose the place"), tr("Choose where the video goes.")
        )
        go.clicked.connect(self.accept)
        cancel = button(
            tr("Cancel"), name=tr("Cancel the export"), description=tr("Esc does the same.")
        )
        cancel.clicked.connect(self.reject)
        go.setDefault(True)
        scroll = Scroll(body)
        describe(scroll.verticalScrollBar(), tr("Scroll what can be exported"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(scroll, 1)
        layout.addLayout(row(cancel, go, stretch_after=0))

    def wish(self) -> ExportWish:
        """What is chosen now."""
        return ExportWish(_checked(self._contents), _checked(self._presets))


def ask_export(parent: QWidget, view: ExportView) -> ExportWish | None:
    """Ask what is to be exported; None when the user thinks better of it."""
    sheet = ExportSheet(view, parent)
    is_wanted = bool(sheet.exec())
    sheet.deleteLater()
    return sheet.wish() if is_wanted else None


def _content_words(*, has_speech: bool) -> dict[Content, tuple[str, str]]:
    """Title and meaning of each content; of one that cannot be had, what to do about it."""
    if has_speech:
        return _CONTENTS
    return _CONTENTS | {Content.SPEECH: (_CONTENTS[Content.SPEECH][0], _NO_SPEECH)}


def _add_choices(
    sheet: QDialog,
    column: QVBoxLayout,
    title: str,
    choices: Mapping[_Name, QRadioButton],
    details: list[str],
) -> None:
    group = QButtonGroup(sheet)
    column.addWidget(label(title, "strong"))
    for choice, detail in zip(choices.values(), details, strict=True):
        group.addButton(choice)
        column.addWidget(choice)
        column.addWidget(label(detail, "dim", wrap=True))
    next(iter(choices.values())).setChecked(True)
    column.addSpacing(8)


def _choice(title: str, detail: str) -> QRadioButton:
    choice = QRadioButton(title)
    choice.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    describe(choice, title, detail)
    return choice


def _checked(choices: dict[_Name, QRadioButton]) -> _Name:
    return next(name for name, choice in choices.items() if choice.isChecked())
