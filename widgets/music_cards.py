"""The cards of the Music page: add, what is placed, one clip, room for speech."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QSlider, QWidget

from engine.translation import in_sentence, tr
from widgets.accessibility import describe
from widgets.cards import Card, row
from widgets.clips import ClipSpec
from widgets.control_manners import mind_manners
from widgets.file_chip import PromisedChip
from widgets.lane_header import GainField
from widgets.music_view import DuckView, Listening, MusicView
from widgets.number_field import NumberField
from widgets.queue_list import QueueList
from widgets.queue_view import QueueRow, RowKind
from widgets.styling import button, label
from widgets.theme import Theme
from widgets.wording import tick_label

_MOST_S = 999_999.0
_FIELD_PX = 110
FADE_SHAPES = {
    "equal_power": tr("Equal power"),
    "linear": tr("Linear"),
    "s_curve": tr("S-curve"),
    "exponential": tr("Exponential"),
}
_SPEECH_WORDS = {
    Listening.UNKNOWN: tr("Where somebody speaks is looked for as soon as music is to make room."),
    Listening.LISTENING: tr("Listening for speech…"),
    Listening.KNOWN: tr("It goes down a moment before somebody speaks, and comes up again after."),
    Listening.SILENT: tr("No speech was found in this film."),
}


class AddMusicCard(Card):
    """How music gets into the film.

    Signals:
        add_requested: The user wants to choose a track.
    """

    add_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        description = tr("Choose a track; it is placed at the play head.")
        self._add = button(tr("Add music…"), "main", description=description)
        self._add.clicked.connect(self.add_requested)
        self.column.addWidget(label(tr("Place music"), "strong"))
        self.column.addWidget(
            label(
                tr("Drop a track onto the timeline, or add one at the play head."), "dim", wrap=True
            )
        )
        self.column.addLayout(row(self._add, stretch_after=0))

    def show_view(self, view: MusicView) -> None:
        """Allow it where there is a film."""
        self._add.setEnabled(view.has_media)


class PlacedCard(Card):
    """All clips, one of them selected.

    Signals:
        clip_chosen: clip_id.
        go_requested: clip_id to whose begin the play head is to go.
        moment_requested: clip_id to be saved as a sound file.
        find_requested: clip_id of which the track is missing.
        remove_requested: clip_id.
        drag_requested: clip_id whose moment is being dragged out; see `hand_over`.
    """

    clip_chosen = Signal(int)
    go_requested = Signal(int)
    moment_requested = Signal(int)
    find_requested = Signal(int)
    remove_requested = Signal(int)
    drag_requested = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._list = QueueList(theme, tr("Placed music"), tr("Up and down choose one."))
        self._list.current_changed.connect(self._on_current)
        self._go = button(tr("Go to"), description=tr("Move the play head to where it begins."))
        self._save = button(
            tr("Save moment…"), description=tr("As a sound file, with what is around it.")
        )
        self._find = button(tr("Find track…"), description=tr("Its file is not where it was."))
        self._remove = button(
            tr("Remove"), description=tr("Take it out of the film; Undo brings it back.")
        )
        self._buttons = {
            self._go: self.go_requested,
            self._save: self.moment_requested,
            self._find: self.find_requested,
            self._remove: self.remove_requested,
        }
        for each, wish in self._buttons.items():
            each.clicked.connect(partial(self._tell, wish.emit))
        self.column.addWidget(label(tr("In this film"), "strong"))
        self.column.addWidget(self._list)
        self._chip = PromisedChip(theme)
        self._chip.wanted.connect(partial(self._tell, self.drag_requested.emit))
        self.column.addLayout(row(*self._buttons, stretch_after=3))
        self.column.addWidget(self._chip)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._list.set_theme(theme)
        self._chip.set_theme(theme)

    def hand_over(self, path: Path) -> None:
        """Go on with the drag of a moment, which has been written."""
        self._chip.hand_over(path)

    def show_view(self, view: MusicView) -> None:
        """Show what is placed; hidden while nothing is."""
        self.setVisible(bool(view.clips))
        with QSignalBlocker(self._list):
            self._list.show_rows([_row_of(clip) for clip in view.clips])
            if view.selected is not None:
                ids = [clip.clip_id for clip in view.clips]
                self._list.setCurrentRow(ids.index(view.selected.clip_id))
        clip = view.selected
        name = clip.name if clip is not None else ""
        for each in self._buttons:
            each.setEnabled(clip is not None)
            describe(each, f"{each.text().rstrip('…')}: {name}", each.toolTip())
        is_missing = clip is not None and not clip.sound_id
        self._find.setVisible(is_missing)
        self._save.setVisible(not is_missing)
        self._chip.setVisible(clip is not None and not is_missing)
        if clip is not None:
            self._chip.show_files((Path(f"{clip.name}.wav"),))

    def _on_current(self) -> None:
        if self._list.current is not None:
            self.clip_chosen.emit(self._list.current.file_id)

    def _tell(self, tell: Callable[[int], object]) -> None:
        if self._list.current is not None:
            tell(self._list.current.file_id)


class ClipCard(Card):
    """The selected clip in numbers.

    Signals:
        start_edited: Where in the film it begins, in seconds.
        track_start_edited: What of the track is heard there.
        length_edited: How long it is.
        gain_edited: Its gain in dB.
        fade_edited: "in" or "out", seconds, and the name of the shape.
        split_requested: Cut it at the play head.
    """

    start_edited = Signal(float)
    track_start_edited = Signal(float)
    length_edited = Signal(float)
    gain_edited = Signal(float)
    fade_edited = Signal(str, float, str)
    split_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._clip_id: int | None = None
        self._name = label("", "strong", wrap=True)
        self._start, self._track_start, self._length = (_seconds() for _ in range(3))
        self._gain = GainField()
        self._fades = {"in": _seconds(), "out": _seconds()}
        self._shapes = {end: _shape_box() for end in self._fades}
        self._start.edited.connect(self.start_edited)
        self._track_start.edited.connect(self.track_start_edited)
        self._length.edited.connect(self.length_edited)
        self._gain.edited.connect(self.gain_edited)
        for end in self._fades:
            self._fades[end].edited.connect(partial(self._on_fade, end))
            self._shapes[end].activated.connect(partial(self._on_fade, end))
        split = button(tr("Split at the play head"), description=tr("Cut it in two there."))
        split.clicked.connect(self.split_requested)
        self.column.addWidget(self._name)
        self.column.addLayout(self._grid())
        self.column.addLayout(row(split, stretch_after=0))
        self.hide()

    def show_clip(self, clip: ClipSpec | None) -> None:
        """Show a clip; hidden while none is selected."""
        self.setVisible(clip is not None)
        if clip is None:
            return
        # What is being typed is meant for the clip that it was begun for.
        is_other, self._clip_id = clip.clip_id != self._clip_id, clip.clip_id
        self._name.setText(clip.name)
        self._start.set_number(clip.start_s, even_typed=is_other)
        self._track_start.set_number(clip.track_start_s, even_typed=is_other)
        self._length.set_number(clip.duration_s, even_typed=is_other)
        self._gain.set_gain(clip.gain_db, even_typed=is_other)
        for end, fade in (("in", clip.fade_in), ("out", clip.fade_out)):
            self._fades[end].set_number(fade.duration_s, even_typed=is_other)
            self._shapes[end].setCurrentIndex(self._shapes[end].findData(fade.shape))

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(8)
        rows: tuple[tuple[str, str, QWidget, QWidget | None], ...] = (
            (tr("Begins at"), tr("Begins in the film at"), self._start, None),
            (tr("Track from"), tr("What of the track is heard there"), self._track_start, None),
            (tr("Length"), tr("Length of the clip"), self._length, None),
            (tr("Gain"), tr("Gain of the clip"), self._gain, None),
            (tr("Fade in"), tr("Length of the fade in"), self._fades["in"], self._shapes["in"]),
            (tr("Fade out"), tr("Length of the fade out"), self._fades["out"], self._shapes["out"]),
        )
        for number, (words, name, field, box) in enumerate(rows):
            describe(field, name)
            field.setProperty("kind", "number")
            field.setFixedWidth(_FIELD_PX)
            grid.addWidget(label(words), number, 0)
            grid.addWidget(field, number, 1)
            if box is not None:
                describe(box, tr("Shape of the {fade}", fade=in_sentence(words)))
                grid.addWidget(box, number, 2)
        grid.setColumnStretch(2, 1)
        return grid

    def _on_fade(self, end: str, _value: object = None) -> None:
        self.fade_edited.emit(end, self._fades[end].value(), self._shapes[end].currentData())


class DuckCard(Card):
    """How much softer the lane of the clip is while somebody speaks.

    Signals:
        duck_changed: lane_id and dB.
    """

    duck_changed = Signal(str, float)

    def __init__(self) -> None:
        super().__init__()
        self._lane_id = ""
        self._amount, self._words = label("", "dim"), label("", "dim", wrap=True)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setPageStep(6)
        self._slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._slider.valueChanged.connect(self._on_slid)
        mind_manners(self._slider)
        self._title = label("", "strong")
        self.column.addLayout(row(self._title, self._amount, stretch_after=0))
        self.column.addWidget(self._slider)
        self.column.addWidget(self._words)
        self.hide()

    def show_view(self, view: DuckView | None) -> None:
        """Show a lane; hidden while no clip is selected."""
        self.setVisible(view is not None)
        if view is None:
            return
        self._lane_id = view.lane_id
        with QSignalBlocker(self._slider):
            self._slider.setRange(0, round(view.most_db))
            self._slider.setValue(round(view.duck_db))
        amount = tr("{duck_db:.0f} dB softer", duck_db=view.duck_db) if view.duck_db else tr("off")
        self._title.setText(tr("Room for speech: {lane}", lane=view.lane_name))
        self._amount.setText(amount)
        self._words.setText(_SPEECH_WORDS[view.listening])
        describe(self._slider, tr("Softer under speech"), f"{view.lane_name}: {amount}")

    def _on_slid(self, duck_db: int) -> None:
        self.duck_changed.emit(self._lane_id, float(duck_db))


def _row_of(clip: ClipSpec) -> QueueRow:
    step_s = 0.1 if clip.duration_s >= 1 else 0.001
    start, end = (tick_label(at_s, step_s) for at_s in (clip.start_s, clip.end_s))
    begins = tick_label(clip.track_start_s, 0.1)
    words = tr("{start} to {end} · from {origin} of the track", start=start, end=end, origin=begins)
    kind = RowKind.RUNNING
    if not clip.sound_id:
        kind, words = (
            RowKind.FAILED,
            tr("{start} to {end} · its file is missing", start=start, end=end),
        )
    return QueueRow(clip.clip_id, clip.name, kind, words)


def _seconds() -> NumberField:
    return NumberField(0.0, _MOST_S, 0.1, 3, "s")


def _shape_box() -> QComboBox:
    box = QComboBox()
    for shape, words in FADE_SHAPES.items():
        box.addItem(words, shape)
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    mind_manners(box)
    return box
