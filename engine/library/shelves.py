"""Keeps the postings in step with the list of tracks: new ones get in, dead ones out, few files."""

from contextlib import suppress
from pathlib import Path

from engine.dsp.landmarks import FRAME_S
from engine.library.database import Database, Placed, Segment
from engine.library.packing import unpack
from engine.library.postings import GAP_FRAMES, write_segment

_TRACKS = 2_000
"""Tracks in a full segment: some 30 million postings, which are sorted in memory."""
_LEAST_ALIVE = 0.75
"""A segment of which less still counts is made anew."""


def segment_path(folder: Path, number: int) -> Path:
    """Where the postings of a segment lie."""
    return folder / f"postings-{number}.u32"


def update_shelves(database: Database) -> None:
    """Put every track that is in no segment into one.

    Raises:
        OutputError: A segment cannot be written; everything is as before then.
    """
    with database.writing():
        old = _to_make_anew(database)
        waiting = len(database.placed(None))
        if not old and not waiting:
            return
        for number in old:
            database.drop_segment(number)
        tracks = database.placed(None)
        for start in range(0, len(tracks), _TRACKS):
            _shelve(database, tracks[start : start + _TRACKS])
    # What is old must not go before what is new counts. Nobody writes a segment meanwhile.
    with database.writing():
        _remove_strays(database)


def _to_make_anew(database: Database) -> list[int]:
    """Segments that hold too much that is gone, and those that what is new may swallow.

    A segment is swallowed by what is at least half as large: so each track is written some ten
    times at most, and there are few segments however the tracks came.
    """
    anew, whole = list[Segment](), list[Segment]()
    for segment in database.segments():
        (whole if _is_whole(database, segment) else anew).append(segment)
    pending = len(database.placed(None)) + sum(segment.tracks for segment in anew)
    for segment in sorted(whole, key=lambda segment: segment.tracks):
        if segment.tracks <= min(2 * pending, _TRACKS - 1):
            anew.append(segment)
            pending += segment.tracks
    return [segment.number for segment in anew]


def _is_whole(database: Database, segment: Segment) -> bool:
    """Whether its file is there and most of it counts."""
    there = segment_path(database.folder, segment.number).is_file()
    alive_frames = segment.duration_s / FRAME_S + (segment.tracks + 1) * GAP_FRAMES
    return there and alive_frames >= _LEAST_ALIVE * segment.num_frames


def _shelve(database: Database, tracks: tuple[Placed, ...]) -> None:
    """Make a segment of tracks; its file is there before anybody can read its number."""
    placed: list[Placed] = []
    landmarks = []
    frame = GAP_FRAMES
    for track in tracks:
        found = unpack(database.landmarks(track.id))
        placed.append(Placed(track.id, frame))
        landmarks.append((frame, found))
        frame += found.num_frames + GAP_FRAMES
    number = database.add_segment(placed, frame)
    write_segment(segment_path(database.folder, number), landmarks)


def _remove_strays(database: Database) -> None:
    """Remove files of segments that are no more, or that were never finished."""
    numbers = (segment.number for segment in database.segments())
    kept = {segment_path(database.folder, number) for number in numbers}
    for path in database.folder.glob("*.u32"):
        if path not in kept:
            # On Windows somebody may still read it; then it goes the next time.
            with suppress(OSError):
                path.unlink()
