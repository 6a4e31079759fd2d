"""What is kept of the sound, in words, and how much of the added music goes."""

from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QSlider, QWidget

from engine.translation import in_sentence, tr
from widgets.accessibility import describe
from widgets.canvas_drags import new_drag_id
from widgets.cards import Card, row
from widgets.control_manners import mind_manners
from widgets.restore_view import KeptStem, RestoreView
from widgets.styling import button, label
from widgets.wording import amount_in_words

_COLUMNS = 2
_STEP, _PAGE = 5, 25
_AMOUNT = tr("How much of the added music is taken out")


class KeepCard(Card):
    """A switch for each stem, as its lane's mute, and the amount below.

    Signals:
        kept_changed: Lane id, and whether it is kept.
        amount_changed: Part of the added music that is taken out, from 0 to 1.

    Attributes:
        drag_id: Number of the drag by which the amount changes; 0 where it is none.
    """

    kept_changed = Signal(str, bool)
    amount_changed = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.drag_id = 0
        self._switches: dict[str, QPushButton] = {}
        self._grid = QGridLayout()
        self._grid.setSpacing(8)
        self._words = label("", "dim")
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, 100)
        self._slider.setSingleStep(_STEP)
        self._slider.setPageStep(_PAGE)
        self._slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._slider.valueChanged.connect(self._on_slid)
        self._slider.sliderPressed.connect(self._on_pressed)
        self._slider.sliderReleased.connect(self._on_released)
        describe(self._slider, _AMOUNT)
        mind_manners(self._slider)
        self._amount = QWidget()
        box = Card()
        box.setProperty("kind", "plain")
        box.column.setContentsMargins(0, 0, 0, 0)
        box.column.addLayout(row(label(tr("Added music taken out")), self._words, stretch_after=0))
        box.column.addWidget(self._slider)
        self._amount.setLayout(box.column)
        self.column.addWidget(label(tr("What is kept"), "strong"))
        self.column.addLayout(self._grid)
        self.column.addWidget(self._amount)

    def show_view(self, view: RestoreView) -> None:
        """Show the stems that there are; hidden before there are any."""
        self.setVisible(bool(view.kept))
        if list(self._switches) != [stem.lane_id for stem in view.kept]:
            self._make_switches(view.kept)
        for stem in view.kept:
            switch = self._switches[stem.lane_id]
            switch.setChecked(stem.kept)
            switch.setText(f"{'✓' if stem.kept else '✗'} {stem.name}")
        self._amount.setVisible(view.amount is not None)
        if view.amount is not None:
            self._show_amount(view.amount)

    def _make_switches(self, stems: tuple[KeptStem, ...]) -> None:
        for switch in self._switches.values():
            switch.hide()
            switch.deleteLater()
        self._switches = {stem.lane_id: self._switch(stem) for stem in stems}
        for index, switch in enumerate(self._switches.values()):
            self._grid.addWidget(switch, *divmod(index, _COLUMNS))

    def _switch(self, stem: KeptStem) -> QPushButton:
        description = tr("Heard and exported while it is kept; the same as its lane's mute.")
        switch = button("", "switch", tr("Keep {stem}", stem=in_sentence(stem.name)), description)
        switch.setCheckable(True)
        switch.clicked.connect(partial(self._on_switched, stem.lane_id))
        return switch

    def _show_amount(self, amount: float) -> None:
        blocker = QSignalBlocker(self._slider)
        self._slider.setValue(round(100 * amount))
        blocker.unblock()
        words = amount_in_words(amount)
        self._words.setText(words)
        self._slider.setAccessibleDescription(words)

    def _on_switched(self, lane_id: str) -> None:
        self.kept_changed.emit(lane_id, self._switches[lane_id].isChecked())

    def _on_pressed(self) -> None:
        self.drag_id = new_drag_id()

    def _on_released(self) -> None:
        self.drag_id = 0

    def _on_slid(self, percent: int) -> None:
        self.amount_changed.emit(round(percent / _STEP) * _STEP / 100)
