"""The stage: shows the picture of the moment."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.translation import tr
from widgets.accessibility import describe
from widgets.file_drop import FileDrop
from widgets.styling import button, label
from widgets.theme import CARD_RADIUS_PX, Theme, ui_font

_MARGIN_PX = 12
_WELCOME = tr("Drop a video here")
_SAMPLE_HINT = tr("A clip of 16 seconds whose sound was covered, and the track that did it.")
_WELCOME_HINT = tr("or open one. It is only read: the result is a new file.")


def picture_rect(picture: QSize, stage: QRect) -> QRect:
    """Give the place of a picture: as large as it fits, in the middle, its aspect kept."""
    size = picture.scaled(stage.size(), Qt.AspectRatioMode.KeepAspectRatio)
    left = stage.left() + (stage.width() - size.width()) // 2
    return QRect(left, stage.top() + (stage.height() - size.height()) // 2, *size.toTuple())


class VideoView(QWidget):
    """The picture, as large as it fits, or words where there is none.

    Signals:
        files_dropped: list of pathlib.Path that the user dropped here.
        open_requested: The user wants to choose a video.
        sample_requested: The user wants to try it on the sample project.
    """

    files_dropped = Signal(list)
    open_requested = Signal()
    sample_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._image: QImage | None = None
        self._text = ""
        self._drop_hint = ""
        self._covered_px = 0
        self._welcome = self._make_welcome()
        self.setMinimumHeight(120)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.drop = FileDrop(self)
        self.drop.dropped.connect(self.files_dropped)
        layout = QVBoxLayout(self)
        layout.addWidget(self._welcome, 0, Qt.AlignmentFlag.AlignCenter)
        describe(self, tr("Picture"), _WELCOME)

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._theme = theme
        self.update()

    def show_frame(self, image: QImage | None) -> None:
        """Show a picture; None invites the user to open a video."""
        self._image = image
        self._text = ""
        self._welcome.setVisible(image is None)
        self.setAccessibleDescription("" if image is not None else _WELCOME)
        self.update()

    def show_text(self, text: str) -> None:
        """Say something where the picture would be; a later picture replaces it."""
        self._image = None
        self._text = text
        self._welcome.hide()
        self.setAccessibleDescription(text)
        self.update()

    def leave_free(self, top_px: int) -> None:
        """Show everything below so many pixels: something else lies there."""
        self._covered_px = top_px
        self.update()

    def show_drop_hint(self, text: str) -> None:
        """Say what a drop would do, over whatever is shown; empty when nothing is dragged."""
        self._drop_hint = text
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the stage, then the picture or the words, then the hint."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.stage))
        top_px = self._covered_px + _MARGIN_PX
        inside = self.rect().adjusted(_MARGIN_PX, top_px, -_MARGIN_PX, -_MARGIN_PX)
        if self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(picture_rect(self._image.size(), inside), self._image)
        elif self._text:
            painter.setPen(QColor(self._theme.on_stage))
            painter.drawText(inside, _CENTERED, self._text)
        if self._drop_hint:
            self._paint_drop_hint(painter, inside)

    def _paint_drop_hint(self, painter: QPainter, inside: QRect) -> None:
        veil = QColor(self._theme.stage)
        veil.setAlphaF(0.8)
        painter.fillRect(self.rect(), veil)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._theme.accent), 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(inside), CARD_RADIUS_PX, CARD_RADIUS_PX)
        painter.setFont(ui_font(bold=True))
        painter.setPen(QColor(self._theme.on_stage_strong))
        painter.drawText(inside, _CENTERED, self._drop_hint)

    def _make_welcome(self) -> QWidget:
        welcome = QWidget()
        layout = QVBoxLayout(welcome)
        layout.setSpacing(8)
        open_button = button(
            tr("Open a video…"), "main", description=tr("Choose a video to restore.")
        )
        open_button.clicked.connect(self.open_requested)
        for words, kind in ((_WELCOME, "stage-title"), (_WELCOME_HINT, "stage-hint")):
            layout.addWidget(label(words, kind), 0, Qt.AlignmentFlag.AlignCenter)
        layout.addSpacing(8)
        layout.addWidget(open_button, 0, Qt.AlignmentFlag.AlignCenter)
        sample_button = button(tr("Try the sample"), description=_SAMPLE_HINT)
        sample_button.clicked.connect(self.sample_requested)
        layout.addWidget(sample_button, 0, Qt.AlignmentFlag.AlignCenter)
        return welcome


_CENTERED = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
