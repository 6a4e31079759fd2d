"""Versions of the sound, one of which is heard, equally loud."""

import math

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QRadioButton,
    QSizePolicy,
)

from engine.translation import tr
from widgets.accessibility import announce, describe
from widgets.cards import Card, row
from widgets.lane_header import badge
from widgets.review_view import CompareView, VersionView
from widgets.styling import button, discard, label, restyle
from widgets.wording import decibel, signed_decibel

_BEFORE_WORDS_PX = 22
_TITLE = tr("What you hear")
_LANES = tr("Press 0 to 9, or choose here, to hear one version alone; at once, at the same place.")
_ADD_HINT = tr("Another film or sound, such as the true original, or what another program made.")
_MATCH = tr("Equally loud")
_MATCH_HINT = tr(
    "Louder sounds better: compare at the same loudness. Nothing is changed in the film."
)


class CompareCard(Card):
    """A row for each version.

    Signals:
        version_chosen: version_id that is to be heard alone.
        matching_toggled: Whether all are to be equally loud.
        add_requested: Compare with another file.
        remove_requested: version_id of a file that is not to be compared any more.
    """

    version_chosen = Signal(str)
    matching_toggled = Signal(bool)
    add_requested = Signal()
    remove_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._view = CompareView()
        self._rows: dict[str, VersionRow] = {}
        self._group = QButtonGroup(self)
        self._match = QCheckBox(_MATCH)
        self._match.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        describe(self._match, _MATCH, _MATCH_HINT)
        self._match.clicked.connect(self.matching_toggled)
        self._stretch = label("", "dim", wrap=True)
        self._add = button(tr("Compare with a file…"), description=_ADD_HINT)
        self._add.clicked.connect(self.add_requested)
        self.column.addWidget(label(_TITLE, "strong"))
        self.column.addWidget(label(_LANES, "dim", wrap=True))
        self.column.addWidget(self._match)
        self.column.addWidget(self._stretch)
        self.column.addLayout(row(self._add, stretch_after=0))

    def show_view(self, view: CompareView) -> None:
        """Show versions, which one is heard, and how loud they are."""
        before, self._view = self._view, view
        self._set_rows([version.version_id for version in view.versions])
        self._add.setEnabled(bool(view.versions))
        for key, version in enumerate(view.versions):
            is_heard = version.version_id == view.heard
            line = self._rows[version.version_id]
            line.show_version(version, key, is_heard=is_heard, is_matched=view.is_matched)
            if is_heard and before.heard != view.heard:
                announce(self, tr("{version} is heard", version=version.name))
        self._match.setChecked(view.is_matched)
        self._stretch.setText(view.stretch)

    def version_at(self, key: int) -> str:
        """The version_id behind a key; empty if there is none."""
        ids = [version.version_id for version in self._view.versions]
        return ids[key] if key < len(ids) else ""

    def _set_rows(self, version_ids: list[str]) -> None:
        if list(self._rows) == version_ids:
            return
        for old in self._rows.values():
            self._group.removeButton(old.choice)
            discard(old)
        self._rows = {version_id: self._row(version_id) for version_id in version_ids}
        for index, fresh in enumerate(self._rows.values()):
            self.column.insertWidget(2 + index, fresh)

    def _row(self, version_id: str) -> "VersionRow":
        fresh = VersionRow()
        self._group.addButton(fresh.choice)
        fresh.choice.clicked.connect(lambda: self.version_chosen.emit(version_id))
        fresh.remove.clicked.connect(lambda: self.remove_requested.emit(version_id))
        return fresh


class VersionRow(QFrame):
    """Key, badge, name, loudness of a version.

    Attributes:
        choice: Checked when this version is heard.
        remove: Shown for other files.
    """

    def __init__(self) -> None:
        super().__init__()
        self.choice = NameChoice()
        self.choice.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._badge = badge()
        self._level = label("", "dim")
        self.remove = button("\N{MULTIPLICATION SIGN}", "tool")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._badge)
        layout.addWidget(self.choice, 1)
        layout.addWidget(self._level)
        layout.addWidget(self.remove)

    def show_version(
        self, version: VersionView, key: int, *, is_heard: bool, is_matched: bool
    ) -> None:
        """Show a version and its key."""
        self._badge.setText(version.letter)
        restyle(self._badge, "lane", version.color_token)
        self.choice.show_words(f"{key}  {version.name}")
        self._level.setText(level_in_words(version, is_matched=is_matched))
        self.remove.setVisible(version.can_be_removed)
        describe(
            self.remove,
            tr("Remove {version}", version=version.name),
            tr("Do not compare with this file any more."),
        )
        describe(
            self.choice,
            tr("Hear {version}", version=version.name),
            tr("Key {key}. {level}", key=key, level=self._level.text()),
        )
        if self.choice.isChecked() != is_heard:
            _check(self.choice, is_checked=is_heard)


class NameChoice(QRadioButton):
    """A choice whose words are cut in the middle where there is no room for all of them."""

    def __init__(self) -> None:
        super().__init__()
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_words(self, words: str) -> None:
        """Show words, as far as they fit."""
        self._words = words
        self.setToolTip(words)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room_px = self.width() - _BEFORE_WORDS_PX
        shown = self.fontMetrics().elidedText(
            self._words, Qt.TextElideMode.ElideMiddle, max(room_px, 0)
        )
        # An ampersand would be taken for the mark of a key.
        self.setText(shown.replace("&", "&&"))


def level_in_words(version: VersionView, *, is_matched: bool) -> str:
    """Say how loud a version is and what is done about it."""
    if version.loudness_lufs is None:
        return tr("measuring")
    if math.isinf(version.loudness_lufs):
        return tr("silence")
    loudness = decibel(version.loudness_lufs).replace("dB", "LUFS")
    return f"{loudness}, {signed_decibel(version.gain_db)}" if is_matched else loudness


def _check(choice: QRadioButton, *, is_checked: bool) -> None:
    """Check or uncheck without emitting; in a group none can be unchecked by itself."""
    group = choice.group()
    with QSignalBlocker(choice):
        if group is not None:
            group.setExclusive(is_checked)
        choice.setChecked(is_checked)
        if group is not None:
            group.setExclusive(True)
