"""The race against the package `demucs`, with a network small enough for a test."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dsp.overlap_add import Chunking
from engine.evaluation import demucs_speed
from engine.evaluation.demucs_process import run
from engine.evaluation.demucs_speed import HEAD, Contest, Race, main, same_chunk
from engine.evaluation.network_process import Duel, Timing
from tests.helpers.checkpoints import tiny_htdemucs

SOUND_S = 3.2


def test_cells_of_a_race() -> None:
    theirs, ours = (Timing(6.0, 3.0), Timing(4.0, 3.0)), (Timing(2.0, 1.0), Timing(2.0, 2.0))
    duel = Duel(theirs, ours, 0.5, (2_000_000, 1_000_000))
    race = Race("tiny", "command", 4.0, duel, 1e-6)
    assert race.cells() == (
        *("tiny", "command", "1.000 x real time", "0.500 x real time", "2.50", "2.25"),
        *("5.0e-01", "1.0e-06", "1 of 2 MB"),
    )
    assert Race("tiny", "in one process", 4.0, Duel(theirs, ours, 0.5), 1e-6).cells()[-1] == ""
    assert len(race.cells()) == len(HEAD)


@given(st.integers(1, 60), st.integers(2, 12), st.data())
def test_the_same_chunk_is_one_that_nobody_fades_or_pads(
    num_samples: int, chunk: int, data: st.DataObject
) -> None:
    chunking = Chunking(chunk, data.draw(st.integers(1, chunk)))
    theirs = range(0, num_samples, chunking.hop_samples)
    ours = chunking.starts(num_samples)
    for place, is_same in enumerate(same_chunk(num_samples, chunking)):
        over = [[s for s in starts if s <= place < s + chunk] for starts in (theirs, ours)]
        whole = [s for s in over[0] if s + chunk <= num_samples]
        assert is_same == (over[0] == over[1] == whole and len(whole) == 1)


@pytest.mark.long
def test_both_sides_agree_where_they_ran_the_same(tmp_path: Path) -> None:
    contest = Contest("tiny", tiny_htdemucs(), tmp_path, SOUND_S)
    command, inside = contest.as_commands(rounds=1), contest.in_one_process(rounds=2)
    assert [len(race.duel.theirs) for race in (command, inside)] == [1, 2]
    assert [len(race.duel.ours) for race in (command, inside)] == [1, 2]
    for race in (command, inside):
        assert all(turn.wall_s > 0 for turn in (*race.duel.theirs, *race.duel.ours))
        assert 0 < race.same_chunk < 1e-3
        assert race.same_chunk < race.duel.difference < 2
    # Files and processes change nothing.
    assert command.duel.difference == pytest.approx(inside.duel.difference, rel=0.01)
    assert not inside.duel.memory
    if sys.platform == "linux":
        assert all(most > 50e6 for most in command.duel.memory)


def test_the_table_has_two_rows_a_network(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    turns = (Timing(1.0, 1.0),)

    def raced(contest: Contest, rounds: int) -> Race:
        assert rounds == 4
        return Race(contest.weights.stem, "somehow", SOUND_S, Duel(turns, turns, 0.1), 0.01)

    monkeypatch.setattr(demucs_speed, "networks", lambda: iter([("tiny", tiny_htdemucs())]))
    monkeypatch.setattr(Contest, "as_commands", raced)
    monkeypatch.setattr(Contest, "in_one_process", raced)
    main(["--seconds", str(SOUND_S), "--rounds", "4"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert {len(line.split("|")) - 2 for line in lines} == {len(HEAD)}


def test_the_networks_are_those_that_are_named() -> None:
    found = dict(demucs_speed.networks())
    weights = {name: sum(p.numel() for p in net.parameters()) for name, net in found.items()}
    assert list(found) == ["starter_speech", "htdemucs_size"]
    assert 0.5e6 < weights["starter_speech"] < 2e6
    assert 41e6 < weights["htdemucs_size"] < 42e6


def test_the_sound_has_the_wanted_length(tmp_path: Path) -> None:
    sound = demucs_speed.write_sound(tmp_path / "sound.wav", 20.0, 22_050)
    assert sound.shape == (2, 20 * 22_050)
    assert 0.1 < np.abs(sound).max() < 1


def test_a_command_that_fails_says_why() -> None:
    with pytest.raises(RuntimeError, match="no such network"):
        run([sys.executable, "-c", "raise SystemExit('no such network')"])
