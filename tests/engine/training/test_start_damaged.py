"""A run whose record was cut short is told of in one line, whoever reads it."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import TrainingError
from engine.training.recipes import ROLES, Recipe
from engine.training.start import RECORD, open_network, read_record, recipe_of

TINY: Recipe = replace(ROLES, config={**ROLES.config, "dim": 8, "depth": 1})


@pytest.mark.parametrize("keep", [0, 40, -3])
def test_a_record_that_was_cut_short(tmp_path: Path, keep: int) -> None:
    open_network(TINY, tmp_path)
    record = tmp_path / RECORD
    record.write_bytes(record.read_bytes()[:keep])
    for read in (
        lambda: read_record(tmp_path),
        lambda: recipe_of(TINY, tmp_path),
        lambda: open_network(TINY, tmp_path),
    ):
        with pytest.raises(TrainingError, match="is damaged") as caught:
            read()
        assert "choose another --run" in caught.value.hint


def test_a_record_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / RECORD).write_text('{"recipe": 7}')
    with pytest.raises(TrainingError, match="is damaged"):
        read_record(tmp_path)
    (tmp_path / RECORD).write_bytes(b"\xff\xfe")
    with pytest.raises(TrainingError, match="is damaged"):
        read_record(tmp_path)
