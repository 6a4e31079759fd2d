from pathlib import Path

import pytest

from engine.datasets import scores
from engine.datasets.scores import GLOBS, list_works, load_score

CHORALE = "bach/bwv66.6.mxl"


@pytest.mark.parametrize("family", GLOBS)
def test_every_family_has_works_in_a_fixed_order(family: str) -> None:
    works = list_works(family)
    assert len(works) >= 25
    assert len(set(works)) == len(works)
    assert works == tuple(sorted(works))


def test_collections_with_reserved_rights_are_left_out() -> None:
    works = [work for family in GLOBS for work in list_works(family)]
    assert not [w for w in works if w.startswith(("palestrina", "essenFolksong", "josquin"))]


def test_a_chorale_is_read_with_its_parts_from_high_to_low(tmp_path: Path) -> None:
    score = load_score(CHORALE, tmp_path)
    assert score is not None
    means = [sum(note.pitch for note in part) / len(part) for part in score.parts]
    assert len(means) == 4
    assert means == sorted(means, reverse=True)
    assert (score.beats_per_bar, score.length_beats) == (4.0, 36.0)
    # The first sounding harmony of this chorale is A major, in its second half bar f sharp minor.
    assert {chord.root for chord in score.chords} >= {9, 6}
    assert score.parts[0][0].pitch == 73


def test_a_cached_score_equals_the_one_that_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_score(CHORALE, tmp_path)
    monkeypatch.setattr(scores, "_read_score", lambda _: pytest.fail("was read again"))
    assert load_score(CHORALE, tmp_path) == first


def test_a_work_with_too_few_notes_is_refused_and_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores, "MIN_NOTES", 10_000)
    assert load_score(CHORALE, tmp_path) is None
    monkeypatch.setattr(scores, "_read_score", lambda _: pytest.fail("was read again"))
    assert load_score(CHORALE, tmp_path) is None


def test_a_tune_has_one_part_and_no_chord_symbols_as_notes(tmp_path: Path) -> None:
    score = load_score("ryansMammoth/7thRegimentReel.abc", tmp_path)
    assert score is not None
    (tune,) = score.parts
    starts = [note.start_beats for note in tune]
    assert starts == sorted(starts)
    assert len(set(starts)) == len(starts)
