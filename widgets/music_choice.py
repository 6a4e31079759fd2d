"""Which of two musics belongs to the picture."""

import numpy as np
from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine.translation import tr
from widgets.accessibility import announce, describe
from widgets.cards import Card, row
from widgets.icons import icon
from widgets.lanes import WaveformSource
from widgets.restore_view import RestoreView
from widgets.styling import button, label
from widgets.theme import Theme
from widgets.waveform_tiles import waveform_image
from widgets.wording import verdict_in_words

_WAVE_HEIGHT_PX = 36
_SIDES = ("first", "second")


class MiniWaveform(QWidget):
    """A whole sound in the width of a card."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._lane_color = "ost"
        self._source: WaveformSource | None = None
        self._duration_s = 0.0
        self._image: QImage | None = None
        self.setFixedHeight(_WAVE_HEIGHT_PX)

    def sizeHint(self) -> QSize:
        """As wide as the card."""
        return QSize(120, _WAVE_HEIGHT_PX)

    def set_colors(self, theme: Theme, color_token: str) -> None:
        """Show the colour of a lane."""
        self._theme, self._lane_color = theme, color_token
        self._redraw()

    def set_source(self, source: WaveformSource | None, duration_s: float) -> None:
        """Show a sound."""
        self._source, self._duration_s = source, duration_s
        self._redraw()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the waveform, drawn once for each size."""
        ratio = self.devicePixelRatioF()
        size = self.size() * ratio
        if self._image is None or self._image.size() != size:
            self._image = self._draw(size)
            self._image.setDevicePixelRatio(ratio)
        QPainter(self).drawImage(0, 0, self._image)

    def _draw(self, size: QSize) -> QImage:
        if self._source is None or self._duration_s <= 0:
            peaks = np.zeros((size.width(), 2), np.float32)
        else:
            peaks = self._source.window(0.0, self._duration_s, size.width())
        return waveform_image(peaks, size.height(), self._theme.lane_color(self._lane_color))

    def _redraw(self) -> None:
        self._image = None
        self.update()


class MusicCard(Card):
    """One of the two musics."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._name = name
        self._title = label(name, "strong", wrap=True)
        self.waveform = MiniWaveform(theme)
        self._reason = label("", "dim", wrap=True)
        self.column.addWidget(self._title)
        self.column.addWidget(self.waveform)
        self.column.addWidget(self._reason)
        self.column.addStretch(1)

    def show_fate(self, theme: Theme, reason: str, *, kept: bool) -> None:
        """Show whether this music stays, and why."""
        fate = tr("keep") if kept else tr("take out")
        self._title.setText(f"{self._name} → {fate}")
        self._reason.setText(reason)
        self._reason.setVisible(bool(reason))
        self.waveform.set_colors(theme, "ost" if kept else "bgm")
        describe(self.waveform, tr("Waveform of {name}", name=self._name), fate)
        self.set_chosen(chosen=kept)


class MusicChoice(QWidget):
    """Both musics, the matcher's word, and Swap.

    Signals:
        swap_requested: Keep the other music.
    """

    swap_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._view = RestoreView()
        self._cards = (MusicCard(theme, tr("Music 1")), MusicCard(theme, tr("Music 2")))
        self._verdict = label("", wrap=True)
        self._swap = button(
            tr("Swap"), description=tr("Keep the other music and take this one out.")
        )
        self._swap.clicked.connect(self.swap_requested)
        box = Card()
        box.setProperty("kind", "plain")
        box.column.setContentsMargins(0, 0, 0, 0)
        box.column.addWidget(label(tr("Which music belongs to the picture?"), "title"))
        pair = row(*self._cards)
        box.column.addLayout(pair)
        box.column.addWidget(self._verdict)
        box.column.addLayout(row(self._swap, stretch_after=0))
        pair.setStretch(0, 1)
        pair.setStretch(1, 1)
        self.setLayout(box.column)

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._theme = theme
        self._swap.setIcon(icon("swap", theme.text, theme.off_sign))
        self._show()

    def set_waveforms(
        self, first: WaveformSource | None, second: WaveformSource | None, duration_s: float
    ) -> None:
        """Show the two sounds."""
        for card, source in zip(self._cards, (first, second), strict=True):
            card.waveform.set_source(source, duration_s)

    def show_view(self, view: RestoreView) -> None:
        """Show what is kept; hidden when there is nothing to choose."""
        changed = view.decision is not None and view.decision != self._view.decision
        self._view = view
        self._show()
        if changed:
            announce(self, self._verdict.text())

    def _show(self) -> None:
        decision = self._view.decision
        self.setVisible(decision is not None)
        if decision is None:
            return
        for card, side, reason in zip(self._cards, _SIDES, self._view.reasons, strict=True):
            card.show_fate(self._theme, reason, kept=decision.ost == side)
        self._verdict.setText(verdict_in_words(decision))
        self._swap.setEnabled(self._view.progress is None)
