"""Switches are found in what was mixed, and every click and gap is told."""

import numpy as np
import pytest

from app.playback.mixer import Block
from app.switch_measuring import (
    EQUAL_DB,
    Mixed,
    Switch,
    difference_db,
    expected,
    find_switches,
    percentiles_ms,
    played,
)

RATE_HZ, BLOCK = 8000, 80
RAMP = 80
SWITCHES = (Switch(10.024, 1), Switch(10.065, 0))


def noise(seed: int) -> Block:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, (1200, 2)).astype(np.float32)


VERSIONS = (noise(1), noise(2))


def switched(*, is_hard: bool = False) -> Mixed:
    """Two switches, mixed in the blocks that begin at samples 240 and 560; ready every 10 ms."""
    sound = VERSIONS[0].copy()
    for start, old, new in ((240, 0, 1), (560, 1, 0)):
        weight = np.ones((len(sound) - start, 1), np.float32)
        if not is_hard:
            weight[:RAMP, 0] = np.arange(1, RAMP + 1) / RAMP
        sound[start:] = VERSIONS[old][start:] * (1 - weight) + VERSIONS[new][start:] * weight
    silence = np.zeros((BLOCK, 2), np.float32)
    blocks = [silence, *(sound[at : at + BLOCK] for at in range(0, len(sound), BLOCK))]
    return played([(9.99 + 0.01 * number, block) for number, block in enumerate(blocks)])


def clicks_db(mixed: Mixed) -> float:
    found = find_switches(mixed, VERSIONS, SWITCHES)
    return difference_db(mixed.sound, expected(VERSIONS, found, len(mixed.sound), RATE_HZ))


def test_switches_are_found_where_they_were_mixed() -> None:
    mixed = switched()
    found = find_switches(mixed, VERSIONS, SWITCHES)
    assert [each.sample for each in found] == [240, 560]
    assert [each.mixed_s for each in found] == pytest.approx([0.006, 0.005])
    assert clicks_db(mixed) < EQUAL_DB


def test_a_switch_without_a_ramp_is_a_click() -> None:
    assert clicks_db(switched(is_hard=True)) > -20


def test_a_gap_is_told() -> None:
    mixed = switched()
    late = np.concatenate([mixed.sound[:400], np.zeros((5, 2)), mixed.sound[400:-5]])
    assert difference_db(late, mixed.sound) > -20
    assert difference_db(mixed.sound, mixed.sound) == -np.inf


def test_what_was_never_heard_is_an_error() -> None:
    with pytest.raises(ValueError, match="version 1 was never heard"):
        find_switches(switched(), VERSIONS, (Switch(99.0, 1),))
    with pytest.raises(ValueError, match="nothing was played"):
        played([(0.0, np.zeros((10, 2), np.float32))])


def test_percentiles_are_in_milliseconds() -> None:
    assert percentiles_ms([0.001 * number for number in range(101)]) == pytest.approx(
        (50, 95, 99, 100)
    )
