"""Waveforms and spectrograms of a report, before and after, as PNG files."""

import math
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter

from app.project import Project
from app.sounds import Sound, stem_sound
from app.spectrogram import spectrogram_tile
from app.waveforms import make_waveform
from engine.context import RunContext
from engine.translation import tr
from engine.types import StemName
from widgets.frequency_axis import FrequencyAxis, top_hz
from widgets.lanes import SpectrogramTile
from widgets.spectrogram_tiles import level_image, paint_frequencies
from widgets.theme import LIGHT
from widgets.waveform_tiles import TILE_WIDTH, waveform_image

_WIDTH_PX, _WAVEFORM_PX, _SPECTROGRAM_PX = 1000, 80, 140
_GAP_PX = 4
_SHOWN = {
    StemName.MIX: (tr("Before"), "mix"),
    StemName.RESTORED: (tr("After"), "ost"),
    StemName.BGM: (tr("What was taken out"), "bgm"),
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
            found[caption] = _png(_picture(sound, color, cache, context))
    return found


def _picture(sound: Sound, color: str, cache: Path, context: RunContext) -> QImage:
    """The waveform, and under it the spectrogram, over the whole length."""
    top_px = _WAVEFORM_PX + _GAP_PX
    paper = QImage(_WIDTH_PX, top_px + _SPECTROGRAM_PX, QImage.Format.Format_RGB32)
    paper.fill(QColor(LIGHT.lane))
    duration_s = sound.num_samples / sound.sample_rate_hz
    peaks = make_waveform(sound, cache, context).window(0.0, duration_s, _WIDTH_PX)
    painter = QPainter(paper)
    painter.drawImage(0, 0, waveform_image(peaks, _WAVEFORM_PX, LIGHT.lane_color(color)))
    for index in range(math.ceil(_WIDTH_PX / TILE_WIDTH)):
        tile = SpectrogramTile("", _WIDTH_PX / duration_s, _SPECTROGRAM_PX, index)
        levels = spectrogram_tile(sound, tile, cache, context)
        painter.drawImage(index * TILE_WIDTH, top_px, level_image(levels, LIGHT, color))
    row = QRect(0, top_px, _WIDTH_PX, _SPECTROGRAM_PX)
    paint_frequencies(painter, FrequencyAxis(top_hz(sound.sample_rate_hz)), LIGHT, row, row)
    painter.end()
    return paper


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())
