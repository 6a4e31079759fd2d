"""Waveforms and spectra of a report, before and after, as PNG files."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter

from app.document import Project
from app.sounds import Sound, stem_sound
from app.waveforms import make_waveform
from engine.context import RunContext
from engine.types import StemName
from widgets.theme import LIGHT, Theme
from widgets.waveform_tiles import waveform_image

_WIDTH_PX, _HEIGHT_PX = 1000, 90
_SHOWN = {
    StemName.MIX: ("Before", "mix"),
    StemName.RESTORED: ("After", "ost"),
    StemName.BGM: ("What was taken out", "bgm"),
}


def pictures(project: Project, cache: Path, context: RunContext) -> dict[str, bytes]:
    """PNG files by their captions: the sound before, after, and what was taken out.

    Raises:
        ArtifactMissingError: A sound is not there any more.
    """
    found = {}
    for stem, (caption, color) in _SHOWN.items():
        sound = stem_sound(project, stem)
        if sound is not None:
            found[caption] = _png(_waveform(sound, color, cache, context))
    return found


def _waveform(sound: Sound, color: str, cache: Path, context: RunContext) -> QImage:
    waveform = make_waveform(sound, cache, context)
    duration_s = sound.num_samples / sound.sample_rate_hz
    peaks = waveform.window(0.0, duration_s, _WIDTH_PX)
    return _on_paper(waveform_image(peaks, _HEIGHT_PX, LIGHT.lane_color(color)), LIGHT)


def _on_paper(drawing: QImage, theme: Theme) -> QImage:
    paper = QImage(drawing.size(), QImage.Format.Format_RGB32)
    paper.fill(QColor(theme.lane))
    painter = QPainter(paper)
    painter.drawImage(0, 0, drawing)
    painter.end()
    return paper


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())
