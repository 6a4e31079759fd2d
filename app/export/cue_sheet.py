"""What music a film uses, for those who have to be told: a cue sheet, and credits to be shown.

Imports PyAV: load it after the first paint, in a worker.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.clips import Clip
from app.export.frame_grid import FrameGrid, grid_of
from app.export.work import Exported, check_places
from app.project import Media, Project
from engine.context import Progress, RunContext
from engine.errors import EmptyMediaError, EngineError
from engine.media.atomic import atomic_output
from engine.media.tags import TrackTags, one_line, read_tags
from engine.translation import ntr, tr
from engine.types import Region

STAGE = "cue_sheet"
COLUMNS = (
    *("Number", "Title", "Artist", "Album", "Composer", "Publisher", "ISRC", "Licence", "File"),
    *("In", "Out", "Frame rate", "In (s)", "Out (s)", "Track in (s)", "Track out (s)"),
    *("Duration (s)", "Usage", "Under dialogue"),
)
INSTRUMENTAL, BACKGROUND = "BI", "background"
"""Usage: background instrumental, as broadcasters write it, or what is all that is known."""

_FORMULA = ("=", "+", "-", "@")
_SAME_TIME_S = 0.001


@dataclass(frozen=True, slots=True)
class Cue:
    """A stretch of a track that is heard in the film.

    Attributes:
        track: Its file.
        start_s: Where it begins in the film.
        end_s: Where it ends.
        track_start_s: What of the track is heard there.
    """

    track: Path
    start_s: float
    end_s: float
    track_start_s: float

    @property
    def duration_s(self) -> float:
        """How long it is."""
        return self.end_s - self.start_s

    @property
    def track_end_s(self) -> float:
        """Where it ends in the track."""
        return self.track_start_s + self.duration_s


def export_cue_sheet(project: Project, folder: Path, _cache: Path, context: RunContext) -> Exported:
    """Write a cue sheet as CSV, and credits as text.

    Args:
        project: With placed music.
        folder: Where to.
        _cache: Folder of the artifacts; none is needed.
        context: Of the job.

    Raises:
        EmptyMediaError: No music is placed, or all of it is muted.
        OutputError: Something cannot be written, or would replace an input.
    """
    media, cues = project.media, cues_of(project)
    if media is None or not cues:
        raise EmptyMediaError(
            tr("No placed music is heard."), tr("Place a track in the film first.")
        )
    sheet = folder / f"{media.path.stem}.cue-sheet.csv"
    credit = folder / f"{media.path.stem}.credits.txt"
    check_places(project, [sheet, credit])
    tags, warnings = _all_tags(cues, context)
    text = cue_sheet(media, cues, tags, project.speech)
    # With a mark, for spreadsheets take what has none for another encoding.
    _write(sheet, text, "utf-8-sig")
    _write(credit, credits_text(cues, tags), "utf-8")
    warnings = (*warnings, *_unheard(project))
    return Exported(project, (sheet, credit), warnings)


def cues_of(project: Project) -> tuple[Cue, ...]:
    """What is heard of placed music, in the order of the film.

    Parts of a clip that was cut in two are one cue, unless something was changed between them.
    """
    media = project.media
    if media is None:
        return ()
    cues: list[Cue] = []
    for clip in sorted(_heard(project), key=lambda clip: (clip.start_s, clip.end_s)):
        end_s = min(clip.end_s, media.mix.duration_s)
        cue = Cue(clip.track, clip.start_s, end_s, clip.track_start_s)
        before = next((i for i, each in enumerate(cues) if _goes_on(each, cue)), None)
        if before is None:
            cues.append(cue)
        else:
            cues[before] = replace(cues[before], end_s=end_s)
    return tuple(cues)


def cue_sheet(
    media: Media,
    cues: Sequence[Cue],
    tags: dict[Path, TrackTags],
    speech: tuple[Region, ...] | None,
) -> str:
    """A table of cues as CSV (RFC 4180).

    Args:
        media: The film.
        cues: In its order.
        tags: Of each track.
        speech: Where somebody speaks; None if nobody has listened.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    grid = grid_of(media.frame_rate_hz)
    for number, cue in enumerate(cues, 1):
        row = _row(cue, tags[cue.track], grid, speech)
        writer.writerow((str(number), *(_harmless(cell) for cell in row)))
    return out.getvalue()


def credits_text(cues: Iterable[Cue], tags: dict[Path, TrackTags]) -> str:
    """A line for each piece, in the order of the film."""
    lines = dict.fromkeys(_credit(cue.track, tags[cue.track]) for cue in cues)
    return "".join(f"{line}\n" for line in lines)


def _row(
    cue: Cue, tags: TrackTags, grid: FrameGrid, speech: tuple[Region, ...] | None
) -> tuple[str, ...]:
    times_s = (cue.start_s, cue.end_s, cue.track_start_s, cue.track_end_s, cue.duration_s)
    return (
        _title(cue.track, tags),
        *(tags.artist, tags.album, tags.composer, tags.publisher, tags.isrc, tags.licence),
        one_line(cue.track.name),
        grid.timecode(cue.start_s),
        grid.timecode(cue.end_s),
        f"{float(grid.rate):.6g}",
        *(f"{time_s:.3f}" for time_s in times_s),
        INSTRUMENTAL if tags.is_instrumental else BACKGROUND,
        _under_dialogue(cue, speech),
    )


def _under_dialogue(cue: Cue, speech: tuple[Region, ...] | None) -> str:
    if speech is None:
        return "unknown"
    is_under = any(r.start_s < cue.end_s and cue.start_s < r.end_s for r in speech)
    return "yes" if is_under else "no"


def _credit(track: Path, tags: TrackTags) -> str:
    by = f" by {tags.artist}" if tags.artist else ""
    composer = f"Composer: {tags.composer}" if tags.composer not in ("", tags.artist) else ""
    return ", ".join(filter(None, (f"“{_title(track, tags)}”{by}", composer, tags.licence)))


def _title(track: Path, tags: TrackTags) -> str:
    return tags.title or one_line(track.stem)


def _harmless(cell: str) -> str:
    """What no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip().startswith(_FORMULA) else cell


def _all_tags(
    cues: Sequence[Cue], context: RunContext
) -> tuple[dict[Path, TrackTags], tuple[str, ...]]:
    """The tags of each track, and plain sentences about those that cannot be read."""
    tracks, warnings = list(dict.fromkeys(cue.track for cue in cues)), []
    tags: dict[Path, TrackTags] = {}
    for number, track in enumerate(tracks):
        context.raise_if_cancelled()
        context.report(Progress(STAGE, number, len(tracks)))
        try:
            tags[track] = read_tags(track)
        except EngineError as error:
            tags[track] = TrackTags()
            warnings.append(
                tr(
                    "Of {file} only the name is known: {message}",
                    file=track.name,
                    message=error.message,
                )
            )
    return tags, tuple(warnings)


def _heard(project: Project) -> list[Clip]:
    """Clips in lanes that an export has in it."""
    silent = {lane.lane_id for lane in project.lanes if lane.is_silent}
    return [clip for clip in project.clips if clip.lane_id not in silent]


def _unheard(project: Project) -> tuple[str, ...]:
    count = len(project.clips) - len(_heard(project))
    if not count:
        return ()
    return (
        ntr(
            "{count} clip in a muted lane is not listed",
            "{count} clips in muted lanes are not listed",
            count,
        ),
    )


def _goes_on(cue: Cue, other: Cue) -> bool:
    """Whether another cue is the same music without a gap."""
    is_next = abs(other.start_s - cue.end_s) < _SAME_TIME_S
    is_same = abs(other.track_start_s - cue.track_end_s) < _SAME_TIME_S
    return cue.track == other.track and is_next and is_same


def _write(path: Path, text: str, encoding: str) -> None:
    with atomic_output(path) as part:
        part.write_text(text, encoding, newline="")
