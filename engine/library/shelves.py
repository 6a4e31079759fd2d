"""Keeps the postings in step with the list of tracks: new ones get in, dead ones out, few files."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

from engine.context import Progress, RunContext
from engine.dsp.landmarks import FRAME_S, Landmarks
from engine.library.database import Database, Placed, Segment
from engine.library.packing import unpack
from engine.library.postings import GAP_FRAMES, write_segment
from engine.library.writing import library_errors
from engine.media.atomic import PART, is_abandoned, is_unfinished
from engine.media.file_lock import has_owner, try_lock

STAGE = "library_index"
_FULL_FRAMES = 20_000_000
"""Time line of a full segment: some 1,300 songs or 118 hours of mixes, which come to 32 million
postings at most; they are sorted in memory."""
_LEAST_ALIVE = 0.75
"""A segment of which less still counts is made anew."""
_SUFFIX = ".u32"


def segment_path(folder: Path, number: int) -> Path:
    """Where the postings of a segment lie."""
    return folder / f"postings-{number}{_SUFFIX}"


def length_frames(track: Placed) -> int:
    """How much of a segment's time line a track takes."""
    return round(track.duration_s / FRAME_S)


def update_shelves(database: Database, context: RunContext) -> None:
    """Put every track that is in no segment into one.

    Others may read and write meanwhile: a segment is made aside, and counts at once when it is
    whole. Two processes at it cost each other time, and nothing else.

    Raises:
        LibraryError: A segment cannot be written; those before it count.
    """
    with database.reading():
        old = _to_make_anew(database)
        tracks = [track for segment in (None, *old) for track in database.placed(segment)]
    if not old and not tracks:
        return
    tracks.sort(key=lambda track: track.id)
    for which in _shelves(tracks):
        _shelve(database, tracks, which, context)
    with database.writing():
        database.drop_empty_segments()
        _remove_strays(database)


def _to_make_anew(database: Database) -> list[int]:
    """Segments that hold too much that is gone, and those that what is new may swallow.

    A segment is swallowed by what is at least half as large: so each track is written some ten
    times at most, and there are few segments however the tracks came.
    """
    anew, whole = list[Segment](), list[Segment]()
    for segment in database.segments():
        (whole if _is_whole(database, segment) else anew).append(segment)
    pending = sum(map(_frames_with_gap, database.placed(None))) + sum(map(_alive_frames, anew))
    for segment in sorted(whole, key=_alive_frames):
        frames = _alive_frames(segment)
        if frames < _FULL_FRAMES and frames <= 2 * pending:
            anew.append(segment)
            pending += frames
    return [segment.number for segment in anew]


def _is_whole(database: Database, segment: Segment) -> bool:
    """Whether its file is there and most of it counts."""
    there = segment_path(database.folder, segment.number).is_file()
    return there and GAP_FRAMES + _alive_frames(segment) >= _LEAST_ALIVE * segment.num_frames


def _alive_frames(segment: Segment) -> int:
    """How much of a time line those of its tracks take that still count."""
    return round(segment.duration_s / FRAME_S) + segment.tracks * GAP_FRAMES


def _shelves(tracks: Sequence[Placed]) -> Iterator[range]:
    """Which tracks come together into a segment; all but the last one are full."""
    start, frames = 0, 0
    for number, track in enumerate(tracks, 1):
        frames += _frames_with_gap(track)
        if number == len(tracks) or frames >= _FULL_FRAMES:
            yield range(start, number)
            start, frames = number, 0


def _frames_with_gap(track: Placed) -> int:
    return length_frames(track) + GAP_FRAMES


def _shelve(
    database: Database, tracks: Sequence[Placed], which: range, context: RunContext
) -> None:
    """Make a segment of some of the tracks; its file is there before its number is."""

    def landmarks() -> Iterator[tuple[int, Landmarks]]:
        for number, track in zip(which, placed, strict=True):
            context.raise_if_cancelled()
            context.report(Progress(STAGE, number, len(tracks)))
            yield track.first_frame, unpack(database.landmarks(track.id))

    frame = GAP_FRAMES
    placed = list[Placed]()
    for track in tracks[which.start : which.stop]:
        placed.append(replace(track, first_frame=frame))
        frame += _frames_with_gap(track)
    with _private_file(database) as (path, file):
        write_segment(file, landmarks())
        context.raise_if_cancelled()
        with database.writing():
            # Windows renames only what is closed. Nobody takes strays away meanwhile.
            file.close()
            number = database.add_segment(placed, frame)
            database.drop_empty_segments()
            path.replace(segment_path(database.folder, number))


@contextmanager
def _private_file(database: Database) -> Iterator[tuple[Path, IO[bytes]]]:
    """A file beside the others that nobody reads; gone at the end unless it was renamed."""
    path = database.folder / f".{secrets.token_hex(6)}{PART}{_SUFFIX}"
    with library_errors(database.folder):
        try:
            # Whoever takes strays away finds it locked, or not at all.
            with database.writing():
                file = path.open("xb")
                try_lock(file)
            with file:
                yield path, file
        finally:
            with suppress(OSError):
                path.unlink()


def _remove_strays(database: Database) -> None:
    """Remove files of segments that are no more, or that were never finished."""
    numbers = (segment.number for segment in database.segments())
    kept = {segment_path(database.folder, number) for number in numbers}
    for path in database.folder.glob(f"*{_SUFFIX}"):
        # On Windows somebody may still read it; then it goes the next time.
        with suppress(OSError):
            if path not in kept and not _is_being_written(path):
                path.unlink()


def _is_being_written(path: Path) -> bool:
    return is_unfinished(path) and has_owner(path) and not is_abandoned(path.stat())
