"""A whole restore of a film whose truth is known, with and without a network for two musics."""

import json
from pathlib import Path

import pytest
import soundfile

from app.cli.run import DONE, run_command
from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.datasets.osvar import Film, Osvar, OsvarRequest, make_osvar
from engine.evaluation.intervals import Mean
from engine.evaluation.restores import (
    BOUND,
    DIALOGUE,
    MIX,
    NOTE,
    ORACLE,
    OURS,
    PAPER,
    Choices,
    Report,
    Row,
    _compare,
    table,
)
from engine.types import Audio, Decision, Method, RestoreResult, StemName, Verdict
from tests.helpers.measures import RATE_HZ
from tests.helpers.media import make_video, quiet


@pytest.fixture(scope="module")
def osvar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("films")
    for name in ("videos", "music"):
        (root / name).mkdir()
    make_video(root / "videos" / "film.mp4", 8.5, quiet(8.5), RATE_HZ)
    soundfile.write(root / "music" / "song.wav", quiet(9.0, seed=3).T, RATE_HZ)
    request = OsvarRequest(root / "out", root / "videos", root / "music", workers=1)
    return make_osvar(request, PlainContext()).root


def evaluate(osvar: Path, capfd: pytest.CaptureFixture[str], *options: str) -> dict[str, object]:
    assert run_command("evaluate", ["pipeline", str(osvar), "--json", *options]) == DONE
    told: dict[str, object] = json.loads(capfd.readouterr().out)["report"]
    return told


def means(report: dict[str, object]) -> dict[str, float]:
    rows = report["rows"]
    assert isinstance(rows, list)
    assert [row["name"] for row in rows] == [OURS, ORACLE, MIX, DIALOGUE, BOUND]
    assert all(row["sdr_db"]["count"] == 2 for row in rows)
    return {row["name"]: row["sdr_db"]["mean"] for row in rows}


def test_without_a_network_for_two_musics_ours_is_the_film(
    osvar: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    report = evaluate(osvar, capfd)
    figures = means(report)
    assert figures[OURS] == figures[MIX] == figures[ORACLE]
    assert figures[BOUND] > figures[MIX] + 3
    assert report["choices"] == {"right": 0, "wrong": 0, "unsure": 0, "none": 1}


def test_with_a_network_the_choice_is_judged(
    osvar: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    report = evaluate(osvar, capfd, "--model", "mixed_music=starter-music")
    figures = means(report)
    assert figures[ORACLE] != figures[MIX]
    choices = report["choices"]
    assert isinstance(choices, dict)
    assert sum(choices.values()) == 1
    assert choices["none"] == 0


@pytest.mark.parametrize("is_first", [True, False])
def test_the_truth_chooses_the_music_and_judges_the_matcher(tmp_path: Path, is_first: bool) -> None:
    """The film's own music comes as the first of two perfect stems, or as the second."""
    store = ArtifactStore(tmp_path / "cache")
    dialogue, ost, bgm = (quiet(4.0, seed=seed) for seed in range(3))
    mix = dialogue + ost + bgm
    soundfile.write(tmp_path / "original.wav", (dialogue + ost).T, RATE_HZ, "FLOAT")
    soundfile.write(tmp_path / "bgm.wav", bgm.T, RATE_HZ, "FLOAT")
    film = Film("film", "film.mp4", "original.wav", "bgm.wav", {}, "film", "song")
    sounds = {StemName.MIX: mix, StemName.DIALOGUE: dialogue, StemName.RESTORED: mix}
    sounds[StemName.MUSIC1], sounds[StemName.MUSIC2] = (ost, bgm) if is_first else (bgm, ost)
    stems = {name: store.put(name, Audio(sound, RATE_HZ)) for name, sound in sounds.items()}
    told = {}
    for verdict in (None, *Verdict):
        decision = Decision("first", verdict, 0.9) if verdict else None
        video = tmp_path / film.video
        result = RestoreResult(video, stems, Method.BLIND, (), decision, (), (), ())
        found = _compare(Osvar(tmp_path, (film,), ()), film, result, store)
        ((sdr_db, si_sdr_db),) = found.figures[ORACLE]
        assert min(sdr_db, si_sdr_db) > 60
        told[verdict] = found.verdict
    right, wrong = Verdict.FIRST, Verdict.SECOND
    if not is_first:
        right, wrong = wrong, right
    unsure = dict.fromkeys((None, *Verdict), "unsure")
    assert told == unsure | {right: "right", wrong: "wrong"}


def test_the_table_has_the_papers_rows_first_and_says_what_they_are() -> None:
    row = Row(OURS, Mean(1.0, 0.5, 1.5, 15), Mean(2.0, 1.0, 3.0, 15))
    lines = list(table(Report((row,), Choices(right=3, unsure=1), 4)))
    assert "| paper, mixed |  | 129.51 | 8.65 |\n" in lines
    assert "| ours | 15 | 1.00 (0.50 .. 1.50) | 2.00 (1.00 .. 3.00) |\n" in lines
    assert lines.index("| paper, mixed |  | 129.51 | 8.65 |\n") < 2 + len(PAPER)
    assert "original music 3 times" in lines[-2]
    assert NOTE in lines[-1]
    assert not any("\n" in line.strip("\n") for line in lines)
    (said,) = [t for t in table(Report((row,), Choices(none=4), 4)) if "nothing was removed" in t]
    assert "matcher" not in said.replace(NOTE, "")
