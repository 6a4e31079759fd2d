"""Cue sheets say what music is heard, when, and whose it is, as readers that are not ours find."""

import csv
import io
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clip_edits import move_clip, place_clip, split_clip
from app.envelope_edits import take_speech
from app.export.cue_sheet import COLUMNS, Cue, cue_sheet, export_cue_sheet
from app.export.frame_grid import FrameGrid
from app.lane_edits import mute
from app.project import Project
from engine.context import PlainContext
from engine.errors import CancelledError, EmptyMediaError, OutputError
from engine.media.tags import TrackTags
from engine.types import Region
from tests.helpers.media import Film, Track, make_film, noise
from tests.helpers.placing import TRACK, film_project

SEA = {
    "title": "Sea, “wide”",
    "artist": "Ännchen 안",
    "album": "Waters",
    "composer": "C. Omposer",
    "publisher": "Little Label",
    "ISRC": "USABC1234567",
    "license": "CC BY 4.0",
    "genre": "Instrumental",
}


def song(path: Path, **metadata: str) -> Path:
    return make_film(path, Film(0.0, [Track(noise(0.2), codec="flac")], metadata=metadata))


def place(project: Project, track: Path, start_s: float, heard: Region, lane: str = "") -> Project:
    return place_clip(track, TRACK, start_s, heard, lane).apply(project)


def export(project: Project, folder: Path) -> tuple[list[dict[str, str]], list[str], list[str]]:
    """The rows of the sheet, the lines of the credits, the warnings."""
    folder.mkdir(exist_ok=True)
    exported = export_cue_sheet(project, folder, folder, PlainContext())
    sheet, credit = exported.paths
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    return rows, credit.read_text("utf-8").splitlines(), list(exported.warnings)


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_a_track_is_told_with_its_place_and_its_tags(tmp_path: Path) -> None:
    project = place(film_project(), song(tmp_path / "a.flac", **SEA), 2.5, Region(10.0, 16.02))
    project = take_speech((Region(8.0, 9.0),)).apply(project)
    rows, lines, warnings = export(project, tmp_path)
    assert [tuple(row.values()) for row in rows] == [
        (
            *("1", "Sea, “wide”", "Ännchen 안", "Waters", "C. Omposer", "Little Label"),
            *("USABC1234567", "CC BY 4.0", "a.flac", "00:00:02:12", "00:00:08:13", "25"),
            *("2.500", "8.520", "10.000", "16.020", "6.020", "BI", "yes"),
        )
    ]
    assert tuple(rows[0]) == COLUMNS
    assert lines == ["“Sea, “wide”” by Ännchen 안, Composer: C. Omposer, CC BY 4.0"]
    assert warnings == []


def test_rows_are_in_the_order_of_the_film_and_credits_come_once(tmp_path: Path) -> None:
    sea, plain = song(tmp_path / "a.flac", **SEA), song(tmp_path / "no tags.flac")
    project = film_project()
    for track, start_s in ((sea, 12.0), (plain, 6.0), (sea, 0.0)):
        project = place(project, track, start_s, Region(0.0, 2.0))
    rows, lines, _ = export(project, tmp_path)
    assert [row["File"] for row in rows] == ["a.flac", "no tags.flac", "a.flac"]
    assert [row["Number"] for row in rows] == ["1", "2", "3"]
    assert rows[1]["Title"] == "no tags"
    assert rows[1]["Usage"] == "background"
    assert {row["Under dialogue"] for row in rows} == {"unknown"}
    assert lines == ["“Sea, “wide”” by Ännchen 안, Composer: C. Omposer, CC BY 4.0", "“no tags”"]


def test_a_split_clip_is_one_cue_until_it_is_moved(tmp_path: Path) -> None:
    project = place(film_project(), song(tmp_path / "a.flac"), 1.0, Region(0.0, 6.0))
    project = split_clip(1, 3.0).apply(project)
    (row,) = export(project, tmp_path)[0]
    assert (row["In (s)"], row["Out (s)"], row["Duration (s)"]) == ("1.000", "7.000", "6.000")
    assert len(export(move_clip(2, 3.5).apply(project), tmp_path)[0]) == 2


def test_what_is_not_heard_is_not_listed(tmp_path: Path) -> None:
    track = song(tmp_path / "a.flac")
    project = place(film_project(), track, 0.0, Region(0.0, 4.0))
    project = place(project, track, 2.0, Region(10.0, 14.0))
    project = move_clip(2, 18.0, "placed 2").apply(project)
    muted = mute("placed 1", muted=True).apply(project)
    rows, _, warnings = export(muted, tmp_path)
    assert [(row["In (s)"], row["Out (s)"], row["Track out (s)"]) for row in rows] == [
        ("18.000", "20.000", "12.000")
    ]
    assert warnings == ["1 clip in a muted lane is not listed"]
    with pytest.raises(EmptyMediaError):
        export(mute("placed 2", muted=True).apply(muted), tmp_path)
    with pytest.raises(EmptyMediaError):
        export(film_project(), tmp_path)


def test_a_track_that_has_gone_is_told_by_its_name(tmp_path: Path) -> None:
    project = place(film_project(), tmp_path / "gone.mp3", 0.0, Region(0.0, 4.0))
    rows, lines, (warning,) = export(project, tmp_path)
    assert rows[0]["Title"] == "gone"
    assert lines == ["“gone”"]
    assert warning.startswith("Of gone.mp3 only the name is known: ")


@pytest.mark.parametrize(
    "evil", ["=1+1", "+a", "-2+3", "@SUM(A1)", '\t="x"', "\r\n=cmd|' C calc'!A0"]
)
def test_no_tag_becomes_a_formula(tmp_path: Path, evil: str) -> None:
    cue, tags = Cue(Path(f"{evil}.mp3"), 0.0, 1.0, 0.0), TrackTags(title=evil.strip(), artist=evil)
    media = film_project().media
    assert media is not None
    _, row = read(cue_sheet(media, [cue], {cue.track: tags}, None))
    assert row[1] == f"'{evil.strip()}"
    assert row[8].startswith("'")
    assert not any(cell.strip().startswith(("=", "+", "-", "@")) for cell in row)


cells = st.text(st.characters(codec="utf-8"), max_size=30)


@given(st.builds(TrackTags, *[cells] * 9))
def test_any_tags_survive_the_table(tags: TrackTags) -> None:
    cue = Cue(Path("a.mp3"), 1.0, 2.0, 0.5)
    media = film_project().media
    assert media is not None
    text = cue_sheet(media, [cue, cue], {cue.track: tags}, ())
    _, first, second = read(text)
    assert first[1:] == second[1:]
    assert first[2].removeprefix("'") == tags.artist.removeprefix("'")


def test_long_and_many_lined_tags_stay_in_their_cell(tmp_path: Path) -> None:
    track = song(tmp_path / "a.flac", title='two\nlines, "quoted"', artist="x" * 5000)
    (row,) = export(place(film_project(), track, 0.0, Region(0.0, 1.0)), tmp_path)[0]
    assert row["Title"] == 'two lines, "quoted"'
    assert len(row["Artist"]) == 300
    text = (tmp_path / "film.cue-sheet.csv").read_bytes()
    assert text.count(b"\r\n") == text.count(b"\n") == 2


@given(st.integers(0, 10**6), st.sampled_from([Fraction(25), Fraction(30000, 1001), Fraction(24)]))
def test_timecode_counts_frames(frame: int, rate: Fraction) -> None:
    hours, minutes, seconds, rest = map(
        int, FrameGrid(rate).timecode(float(frame / rate)).split(":")
    )
    assert ((hours * 60 + minutes) * 60 + seconds) * round(rate) + rest == frame
    assert minutes < 60
    assert seconds < 60
    assert rest < round(rate)


def test_no_input_is_replaced_and_it_can_be_given_up(tmp_path: Path) -> None:
    track = song(tmp_path / "a.flac")
    named = place(film_project(), tmp_path / "film.credits.txt", 0.0, Region(0.0, 1.0))
    with pytest.raises(OutputError, match="is an input itself"):
        export_cue_sheet(named, tmp_path, tmp_path, PlainContext())
    project = place(film_project(), track, 0.0, Region(0.0, 1.0))
    with pytest.raises(CancelledError):
        export_cue_sheet(project, tmp_path, tmp_path, PlainContext(is_cancelled=lambda: True))
    assert not list(tmp_path.glob("film.*"))
