"""A process that dies while it makes material is told of in one line."""

import os
from pathlib import Path

import pytest

from engine.context import PlainContext
from engine.datasets.pool import make_all
from engine.errors import CorpusError


def make(path: Path) -> None:
    """Write a file, or die as what the system kills does."""
    if path.name == "deadly":
        os._exit(9)
    path.touch()


def test_a_process_that_dies_is_told(tmp_path: Path) -> None:
    items = [tmp_path / name for name in ("a", "deadly")]
    with pytest.raises(CorpusError, match="died") as caught:
        list(make_all(make, items, 2, PlainContext()))
    assert "run the same again" in caught.value.hint
    assert len(list(make_all(make, [tmp_path / "b", tmp_path / "c"], 2, PlainContext()))) == 2
