"""The picture lane: thumbnails side by side, like a strip of film."""

from bisect import bisect_left

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPixmap

from widgets.lanes import Thumbnail

GAP_PX = 2
_CORNER_PX = 3.0
_WIDEST = 16 / 9


def nearest(times_s: list[float], time_s: float) -> int:
    """Give the index of the time that lies closest; `times_s` is sorted and not empty."""
    right = bisect_left(times_s, time_s)
    if right == 0:
        return 0
    if right == len(times_s):
        return right - 1
    return right if times_s[right] - time_s < time_s - times_s[right - 1] else right - 1


def slot_width(picture: QSize, height_px: int) -> int:
    """Give the width of a slot: the picture's own, between square and 16:9."""
    aspect = picture.width() / max(picture.height(), 1)
    return round(height_px * min(max(aspect, 1.0), _WIDEST))


class ThumbnailStrip:
    """Draws slots of equal width, each with the picture nearest to its middle.

    Attributes:
        pixel_ratio: Device pixels a logical pixel that the slots are made for.
    """

    def __init__(
        self, thumbnails: tuple[Thumbnail, ...], height_px: int, pixel_ratio: float
    ) -> None:
        self._times_s = [thumbnail.time_s for thumbnail in thumbnails]
        self._images = [thumbnail.image for thumbnail in thumbnails]
        self._pixmaps: dict[int, QPixmap] = {}
        self.pixel_ratio = pixel_ratio
        self._slot = QSize(slot_width(self._images[0].size(), height_px), height_px)

    def paint(self, painter: QPainter, visible: QRect, origin_px: float, px_per_s: float) -> None:
        """Draw the slots that meet a rectangle.

        Args:
            painter: On the lane, in logical pixels.
            visible: What has to be drawn; its top is the top of the slots.
            origin_px: Distance of the view's left edge from time 0.
            px_per_s: Zoom.
        """
        pitch = self._slot.width() + GAP_PX
        first = max(int((origin_px + visible.left()) // pitch), 0)
        last = int((origin_px + visible.right()) // pitch)
        for index in range(first, last + 1):
            middle_s = (index * pitch + self._slot.width() / 2) / px_per_s
            pixmap = self._pixmap(nearest(self._times_s, middle_s))
            painter.drawPixmap(round(index * pitch - origin_px), visible.top(), pixmap)

    def _pixmap(self, index: int) -> QPixmap:
        if index not in self._pixmaps:
            self._pixmaps[index] = rounded(self._images[index], self._slot, self.pixel_ratio)
        return self._pixmaps[index]


def rounded(image: QImage, size: QSize, pixel_ratio: float) -> QPixmap:
    """Fill a size with a picture, cropped in the middle, with round corners."""
    device_size = size * pixel_ratio
    scaled = image.scaled(
        device_size,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    pixmap = QPixmap(device_size)
    pixmap.fill(Qt.GlobalColor.transparent)
    path = QPainterPath()
    corner = _CORNER_PX * pixel_ratio
    path.addRoundedRect(QRectF(pixmap.rect()), corner, corner)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipPath(path)
    left = (device_size.width() - scaled.width()) // 2
    painter.drawImage(left, (device_size.height() - scaled.height()) // 2, scaled)
    painter.end()
    pixmap.setDevicePixelRatio(pixel_ratio)
    return pixmap
