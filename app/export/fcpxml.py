"""Timelines in Apple's FCPXML 1.8, which Final Cut Pro and DaVinci Resolve read.

The film lies on the primary storyline without its own sound; lanes are connected under it. All
times are whole frames as fractions of a second, for off the grid Final Cut Pro complains.
"""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from app.export.frame_grid import FrameGrid, grid_of
from app.export.timeline_lanes import MediaFile, Piece, TimelineLane
from app.gain_curves import FadeShape
from app.project import Marker, Media
from engine.media.tags import one_line
from engine.types import StemName

_ROLES: dict[str, str] = {
    StemName.DIALOGUE: "dialogue",
    StemName.EFFECTS: "effects",
    StemName.OST: "music",
    StemName.BGM: "music.added",
}
_RATES = {32_000: "32k", 44_100: "44.1k", 48_000: "48k", 88_200: "88.2k", 96_000: "96k"}
_VIDEO_ID = "r2"
_FIRST_SOUND = 3
_FADES = {
    FadeShape.LINEAR: ("linear", "linear"),
    FadeShape.EQUAL_POWER: ("easeIn", "easeOut"),
    FadeShape.S_CURVE: ("easeInOut", "easeInOut"),
    FadeShape.EXPONENTIAL: ("easeOut", "easeIn"),
}
"""What a shape is called in a fade in and in a fade out: +3 dB there is equal power."""


def fcpxml(media: Media, lanes: Sequence[TimelineLane], markers: Sequence[Marker]) -> str:
    """The timeline of a film.

    Args:
        media: The film.
        lanes: From top to bottom.
        markers: In the time of the film.
    """
    grid = grid_of(media.frame_rate_hz)
    length = seconds(grid.time(media.mix.duration_s))
    root = ET.Element("fcpxml", version="1.8")
    resources = ET.SubElement(root, "resources")
    files = dict.fromkeys(clip.own.file for lane in lanes for clip in lane.clips)
    asset_ids = {file: f"r{number}" for number, file in enumerate(files, _FIRST_SOUND)}
    _add_resources(resources, media, asset_ids, grid, length)
    event = ET.SubElement(ET.SubElement(root, "library"), "event", name=one_line(media.path.stem))
    project = ET.SubElement(event, "project", name=one_line(media.path.stem))
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
    for number, lane in enumerate(lanes, 1):
        for clip in lane.clips:
            _add_clip(storyline, lane, clip.own, number, asset_ids[clip.own.file], grid)
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
    asset_ids: dict[MediaFile, str],
    grid: FrameGrid,
    length: str,
) -> None:
    shape = {"width": str(media.width), "height": str(media.height)} if media.has_picture else {}
    frame = seconds(1 / grid.rate)
    ET.SubElement(resources, "format", {"id": "r1", "frameDuration": frame, **shape})
    if media.has_picture:
        sound = _sound(media.mix.channels, media.mix.sample_rate_hz) if media.has_sound else {}
        both = {"hasVideo": "1", "format": "r1", **sound}
        _add_asset(resources, _VIDEO_ID, media.path, length, both)
    for file, asset_id in asset_ids.items():
        sound = _sound(file.channels, file.sample_rate_hz)
        duration = seconds(grid.time(file.duration_s))
        _add_asset(resources, asset_id, file.path, duration, sound)


def _sound(channels: int, sample_rate_hz: int) -> dict[str, str]:
    return {
        "hasAudio": "1",
        "audioSources": "1",
        "audioChannels": str(channels),
        "audioRate": str(sample_rate_hz),
    }


def _add_asset(
    resources: ET.Element, asset_id: str, path: Path, length: str, more: dict[str, str]
) -> None:
    about = {
        "id": asset_id,
        "name": one_line(path.stem),
        "src": path.absolute().as_uri(),
        "start": "0s",
        "duration": length,
    }
    ET.SubElement(resources, "asset", about | more)


def _add_storyline(spine: ET.Element, media: Media, length: str) -> ET.Element:
    about = {"offset": "0s", "start": "0s", "duration": length}
    name = one_line(media.path.stem)
    if not media.has_picture:
        return ET.SubElement(spine, "gap", about | {"name": "Gap"})
    return ET.SubElement(
        spine,
        "asset-clip",
        about | {"name": name, "ref": _VIDEO_ID, "format": "r1", "srcEnable": "video"},
    )


def _add_clip(
    storyline: ET.Element,
    lane: TimelineLane,
    piece: Piece,
    number: int,
    asset_id: str,
    grid: FrameGrid,
) -> None:
    lane_id = lane.lane.lane_id
    clip = ET.SubElement(
        storyline,
        "asset-clip",
        name=lane_id if lane.lane.stem is not None else piece.name,
        ref=asset_id,
        lane=str(-number),
        offset=seconds(piece.start / grid.rate),
        start=seconds(grid.time(piece.skip_s)),
        duration=seconds(piece.num_frames / grid.rate),
        srcEnable="audio",
        audioRole=_ROLES.get(lane_id, "music"),
        enabled="1" if lane.is_heard else "0",
    )
    if not piece.is_plain:
        _add_volume(clip, piece, grid)


def _add_volume(clip: ET.Element, piece: Piece, grid: FrameGrid) -> None:
    """Gain and fades; a time that is no whole frame is taken to the nearest one."""
    volume = ET.SubElement(clip, "adjust-volume", amount=f"{piece.gain_db:.6g}dB")
    frames_in = min(grid.frames(piece.fade_in.duration_s), piece.num_frames)
    frames_out = min(grid.frames(piece.fade_out.duration_s), piece.num_frames - frames_in)
    if not frames_in and not frames_out:
        return
    amount = ET.SubElement(volume, "param", name="amount")
    kinds = _FADES[piece.fade_in.shape][0], _FADES[piece.fade_out.shape][1]
    for name, kind, frames in zip(
        ("fadeIn", "fadeOut"), kinds, (frames_in, frames_out), strict=True
    ):
        if frames:
            ET.SubElement(amount, name, type=kind, duration=seconds(frames / grid.rate))
