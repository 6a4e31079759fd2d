"""The two ways to take the music out: by its file, or blind."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QLabel, QPushButton, QRadioButton, QWidget

from engine.translation import tr
from engine.types import Quality
from widgets.accessibility import describe
from widgets.cards import Card, row
from widgets.file_drop import FileDrop
from widgets.icons import icon
from widgets.restore_view import RestoreView
from widgets.styling import button, label, restyle
from widgets.theme import Theme
from widgets.wording import QUALITY_NAMES, quality_in_words

_ASK = tr("Do you have the added track?")
_ASK_DETAIL = tr(
    "Choose its file, or drop it here: it is found in the mix, aligned and taken out exactly. "
    "This is the cleanest way."
)
_SEARCHING = tr("Your library is being searched for it.")
_FOUND = tr("Found in your library")
_KEPT = tr("Separates speech from music and effects")
_TAKEN = tr("Takes no music out: that needs the track")
_SILENT = tr(
    "This video has no sound track: there is nothing to take out. Music can be placed in it."
)
_MARK_PX = 16
_CLEAR_PX = 22


class KnownTrackCard(Card):
    """The sure way: the file of the added music is at hand.

    Signals:
        restore_requested: Remove exactly the chosen track, or those found in the library.
        preview_requested: The same for some seconds.
        choose_requested: Choose the track's file.
        clear_requested: Forget the chosen track.
        files_dropped: list of pathlib.Path.
    """

    restore_requested = Signal()
    preview_requested = Signal()
    choose_requested = Signal()
    clear_requested = Signal()
    files_dropped = Signal(list)

    def __init__(self) -> None:
        super().__init__()
        self._title = label(_ASK, "strong", wrap=True)
        self._detail = label(_ASK_DETAIL, "dim", wrap=True)
        self._clear = button("", "tool", tr("Forget this track"), tr("Forget this track"))
        self._clear.setProperty("compact", "yes")
        self._clear.setFixedSize(_CLEAR_PX, _CLEAR_PX)
        self._clear.clicked.connect(self.clear_requested)
        self._restore = button(tr("Remove exactly this track"), "main")
        self._restore.clicked.connect(self.restore_requested)
        self._preview = _preview_button(tr("Hear some seconds without the track"))
        self._preview.clicked.connect(self.preview_requested)
        self._choose = button(
            tr("Choose a file…"), description=tr("Choose the file of the added music.")
        )
        self._choose.clicked.connect(self.choose_requested)
        self.drop = FileDrop(self)
        self.drop.dropped.connect(self.files_dropped)
        top = row(self._title, self._clear)
        top.setStretch(0, 1)
        self.column.addLayout(top)
        self.column.addWidget(self._detail)
        self.column.addLayout(row(self._restore, self._preview, stretch_after=1))
        self.column.addLayout(row(self._choose, stretch_after=0))

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._clear.setIcon(icon("close", theme.dim))

    def show_view(self, view: RestoreView) -> None:
        """Show the chosen track, or what the library knows, or ask for one."""
        track = view.track
        idle = view.progress is None
        self._title.setText(_title(view))
        self._title.setToolTip(track.name if track else "")
        self._detail.setText(_detail(view))
        self._detail.setVisible(bool(self._detail.text()))
        self._clear.setVisible(track is not None)
        self._clear.setEnabled(idle)
        self._choose.setText(_choose_words(view))
        restyle(self._choose, "kind", "main" if view.has_sound and not view.is_known else "quiet")
        self._choose.setAccessibleName(self._choose.text())
        self._choose.setEnabled(idle)
        several = track is None and len(view.found) > 1
        self._restore.setText(
            tr("Remove these tracks") if several else tr("Remove exactly this track")
        )
        self._restore.setVisible(view.is_known)
        self._preview.setText(_preview_words(view))
        self._preview.setVisible(view.is_known)
        for action in (self._restore, self._preview):
            action.setEnabled(view.can_restore)
        self.set_chosen(chosen=view.is_known)

    def show_drop_hint(self, *, shown: bool) -> None:
        """Show that a track can be dropped here."""
        restyle(self, "drop", "yes" if shown else "no")


class BlindCard(Card):
    """The other way: networks separate everything.

    Signals:
        restore_requested: Separate without knowing the track.
        preview_requested: The same for some seconds.
        quality_changed: Value of `engine.types.Quality`.
    """

    restore_requested = Signal()
    preview_requested = Signal()
    quality_changed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._title = label(tr("Or separate blind"), "strong")
        self._words = label("", "dim", wrap=True)
        self._restore = button(tr("Separate blind"))
        self._restore.clicked.connect(self.restore_requested)
        self._preview = _preview_button(tr("Hear some seconds separated blind"))
        self._preview.clicked.connect(self.preview_requested)
        self._choices = {quality: _choice(quality) for quality in Quality}
        self._group = QButtonGroup(self)
        for choice in self._choices.values():
            self._group.addButton(choice)
        self._group.buttonClicked.connect(self._on_choice)
        self._kept = QLabel()
        self._taken = QLabel()
        self.column.addWidget(self._title)
        for sign, words in ((self._kept, _KEPT), (self._taken, _TAKEN)):
            line = row(sign, label(words, wrap=True))
            line.setStretch(1, 1)
            self.column.addLayout(line)
        self.column.addLayout(row(*self._choices.values(), stretch_after=2, spacing_px=16))
        self.column.addWidget(self._words)
        self.column.addLayout(row(self._restore, self._preview, stretch_after=1))

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._kept.setPixmap(icon("check", theme.ok).pixmap(_MARK_PX, _MARK_PX))
        self._taken.setPixmap(icon("close", theme.bad).pixmap(_MARK_PX, _MARK_PX))

    def show_view(self, view: RestoreView) -> None:
        """Show the chosen quality and whether the way is open."""
        idle = view.progress is None
        self._title.setText(tr("Or separate blind") if view.is_known else tr("Separate blind"))
        self._choices[view.quality].setChecked(True)
        for choice in self._choices.values():
            choice.setEnabled(idle)
            # One stop for Tab, at the chosen one; arrows go on from there.
            policy = Qt.FocusPolicy.TabFocus if choice.isChecked() else Qt.FocusPolicy.NoFocus
            choice.setFocusPolicy(policy)
        words = quality_in_words(view.quality, view.estimate_s)
        self._words.setText(words if view.has_sound else _SILENT)
        self._preview.setText(_preview_words(view))
        for action in (self._restore, self._preview):
            action.setEnabled(view.can_restore)

    def _on_choice(self, chosen: QWidget) -> None:
        for quality, choice in self._choices.items():
            if choice is chosen:
                self.quality_changed.emit(quality.value)


def _preview_button(name: str) -> QPushButton:
    description = tr("Try it from the play head on, or where in and out are set.")
    return button(tr("Hear"), name=name, description=description)


def _preview_words(view: RestoreView) -> str:
    return tr("Hear {seconds} s", seconds=max(1, round(view.preview_s)))


def _title(view: RestoreView) -> str:
    if view.track is not None:
        return view.track.name
    return _FOUND if view.found else _ASK


def _detail(view: RestoreView) -> str:
    if view.track is not None:
        return view.track.detail
    if view.found:
        return "\n".join(f"{track.name}\n{track.detail}" for track in view.found)
    return f"{_ASK_DETAIL}\n{_SEARCHING}" if view.is_searching else _ASK_DETAIL


def _choose_words(view: RestoreView) -> str:
    if view.track is not None:
        return tr("Change…")
    return tr("Another file…") if view.found else tr("Choose a file…")


def _choice(quality: Quality) -> QRadioButton:
    choice = QRadioButton(QUALITY_NAMES[quality])
    description = quality_in_words(quality, None)
    choice.setToolTip(description)
    describe(
        choice,
        tr("Quality: {quality}", quality=QUALITY_NAMES[quality]),
        description,
    )
    return choice
