"""A peak meter, lying on its side."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine.translation import tr
from widgets.accessibility import describe
from widgets.theme import Theme

FLOOR_DB = -60.0
_LOUD_DB = -6.0
_CLIPPED_DB = 0.0
_BAR_HEIGHT_PX = 6
_TICK_WIDTH_PX = 2


@dataclass(frozen=True, slots=True)
class LoudnessView:
    """What has been measured since play began; minus infinity where there is nothing to say.

    Attributes:
        momentary_lufs: Loudness of the last moment.
        integrated_lufs: Loudness of everything.
        true_peak_db: The loudest peak, between the samples too.
    """

    momentary_lufs: float = -math.inf
    integrated_lufs: float = -math.inf
    true_peak_db: float = -math.inf


def meter_fraction(peak_db: float) -> float:
    """Give the lit part of the meter; dB are spread evenly from the floor to full scale."""
    if math.isinf(peak_db):
        return 0.0
    return min(max(1 - peak_db / FLOOR_DB, 0.0), 1.0)


class LevelMeter(QWidget):
    """Shows the peak of now, and a tick at the loudest one; numbers beside it say how much."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._peak_db = self._loudest_db = -math.inf
        self.setFixedHeight(_BAR_HEIGHT_PX)
        self.setMinimumWidth(48)
        self.setMaximumWidth(160)
        describe(self, tr("Level meter"), tr("The number beside it says the same."))

    def sizeHint(self) -> QSize:
        """As in the mock-up."""
        return QSize(160, _BAR_HEIGHT_PX)

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._theme = theme
        self.update()

    def set_peak(self, peak_db: float) -> None:
        """Show a peak in dB full scale."""
        if peak_db != self._peak_db:
            self._peak_db = peak_db
            self.update()

    def set_loudest(self, peak_db: float) -> None:
        """Show the loudest peak in dB full scale; `-inf` shows none."""
        if peak_db != self._loudest_db:
            self._loudest_db = peak_db
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the groove, the lit part and the tick."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        groove = QRectF(self.rect())
        radius = groove.height() / 2
        painter.setPen(QColor(0, 0, 0, 0))
        painter.setBrush(QColor(self._theme.line))
        painter.drawRoundedRect(groove, radius, radius)
        lit, tick = QRectF(groove), QRectF(groove)
        lit.setWidth(groove.width() * meter_fraction(self._peak_db))
        painter.setBrush(self._color())
        painter.drawRoundedRect(lit, radius, radius)
        if meter_fraction(self._loudest_db) > 0:
            tick.setLeft((groove.width() - _TICK_WIDTH_PX) * meter_fraction(self._loudest_db))
            tick.setWidth(_TICK_WIDTH_PX)
            painter.fillRect(tick, QColor(self._theme.text))

    def _color(self) -> QColor:
        if self._peak_db >= _CLIPPED_DB:
            return QColor(self._theme.bad)
        return QColor(self._theme.warn if self._peak_db > _LOUD_DB else self._theme.ok)
