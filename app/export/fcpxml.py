"""Timelines in Apple's FCPXML 1.8, which Final Cut Pro and DaVinci Resolve read.

The film lies on the primary storyline without its own sound; lanes are connected under it. All
times are whole frames as fractions of a second, for off the grid Final Cut Pro complains.
"""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from app.document import Marker, Media
from app.export.frame_grid import FrameGrid, grid_of
from engine.types import StemName

_ROLES: dict[str, str] = {
    StemName.DIALOGUE: "dialogue",
    StemName.EFFECTS: "effects",
    StemName.OST: "music",
    StemName.BGM: "music.added",
}
_RATES = {32_000: "32k", 44_100: "44.1k", 48_000: "48k", 88_200: "88.2k", 96_000: "96k"}
_VIDEO_ID = "r2"


@dataclass(frozen=True, slots=True)
class SoundClip:
    """A sound file under the film, as long as it.

    Attributes:
        name: What the editor calls it: the lane.
        path: The file.
        is_heard: Whether it is switched on.
    """

    name: str
    path: Path
    is_heard: bool


def fcpxml(media: Media, clips: Sequence[SoundClip], markers: Sequence[Marker]) -> str:
    """The timeline of a film.

    Args:
        media: The film.
        clips: From top to bottom.
        markers: In the time of the film.
    """
    grid = grid_of(media.frame_rate_hz)
    length = seconds(grid.time(media.mix.duration_s))
    root = ET.Element("fcpxml", version="1.8")
    resources = ET.SubElement(root, "resources")
    _add_resources(resources, media, clips, grid, length)
    event = ET.SubElement(ET.SubElement(root, "library"), "event", name=media.path.stem)
    project = ET.SubElement(event, "project", name=media.path.stem)
    sequence = ET.SubElement(
        project,
        "sequence",
        format="r1",
        duration=length,
        tcStart="0s",
        tcFormat="NDF",
        audioRate=_RATES.get(media.mix.sample_rate_hz, "48k"),
    )
    storyline = _add_storyline(ET.SubElement(sequence, "spine"), media, length)
    for number, clip in enumerate(clips, 1):
        _add_clip(storyline, clip, number, length)
    for marker in markers:
        start = seconds(grid.time(marker.time_s))
        duration = seconds(1 / grid.rate)
        ET.SubElement(storyline, "marker", start=start, duration=duration, value=marker.text)
    ET.indent(root)
    text = ET.tostring(root, "unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{text}\n'


def seconds(time: Fraction) -> str:
    """A time as FCPXML writes it: 1001/30000s, 4s."""
    fraction = f"{time.numerator}/{time.denominator}" if time.denominator > 1 else time.numerator
    return f"{fraction}s"


def _add_resources(
    resources: ET.Element,
    media: Media,
    clips: Sequence[SoundClip],
    grid: FrameGrid,
    length: str,
) -> None:
    sound = {
        "hasAudio": "1",
        "audioSources": "1",
        "audioChannels": str(media.mix.channels),
        "audioRate": str(media.mix.sample_rate_hz),
    }
    shape = {"width": str(media.width), "height": str(media.height)} if media.has_picture else {}
    frame = seconds(1 / grid.rate)
    ET.SubElement(resources, "format", {"id": "r1", "frameDuration": frame, **shape})
    both = {"hasVideo": "1", "format": "r1", **sound}
    if media.has_picture:
        _add_asset(resources, _VIDEO_ID, media.path, length, both)
    for number, clip in enumerate(clips, 1):
        _add_asset(resources, _sound_id(number), clip.path, length, sound)


def _add_asset(
    resources: ET.Element, asset_id: str, path: Path, length: str, more: dict[str, str]
) -> None:
    about = {
        "id": asset_id,
        "name": path.stem,
        "src": path.absolute().as_uri(),
        "start": "0s",
        "duration": length,
    }
    ET.SubElement(resources, "asset", about | more)


def _add_storyline(spine: ET.Element, media: Media, length: str) -> ET.Element:
    about = {"offset": "0s", "start": "0s", "duration": length}
    if not media.has_picture:
        return ET.SubElement(spine, "gap", about | {"name": "Gap"})
    return ET.SubElement(
        spine,
        "asset-clip",
        about | {"name": media.path.stem, "ref": _VIDEO_ID, "format": "r1", "srcEnable": "video"},
    )


def _add_clip(storyline: ET.Element, clip: SoundClip, number: int, length: str) -> None:
    ET.SubElement(
        storyline,
        "asset-clip",
        name=clip.name,
        ref=_sound_id(number),
        lane=str(-number),
        offset="0s",
        start="0s",
        duration=length,
        srcEnable="audio",
        audioRole=_ROLES.get(clip.name, "music"),
        enabled="1" if clip.is_heard else "0",
    )


def _sound_id(number: int) -> str:
    return f"r{number + 2}"
