"""The race against the published network, on one small enough for a test; and its roofline."""

from pathlib import Path

import pytest

from engine.evaluation.network_process import Duel, Job, Size, Timing
from engine.evaluation.network_speed import HEAD, Comparison, compare, weights_of
from engine.evaluation.roofline import HEAD as ROOFLINE_HEAD
from engine.evaluation.roofline import (
    Machine,
    Operators,
    flop_of,
    kind_of,
    numbers_of,
    roofline,
)


def comparison(theirs_s: list[float], ours_s: list[float], device: str = "cpu") -> Comparison:
    theirs = tuple(Timing(s, 2 * s) for s in theirs_s)
    ours = tuple(Timing(s, s) for s in ours_s)
    duel = Duel(theirs, ours, 1e-7, (2_000_000, 1_000_000))
    return Comparison(Size(8, 1, 1, 1.0), device, "float32", duel)


def test_the_ratio_is_that_of_the_middle_turn() -> None:
    # In one turn something else kept the machine busy.
    found = comparison([3.0, 30.0, 2.0], [1.0, 1.0, 1.0])
    assert (found.duel.ratio, found.duel.cpu_ratio) == (3.0, 6.0)
    assert found.cells() == (
        *("8 x 1, 1 s", "cpu float32", "2.000 s", "1.000 s", "3.00", "6.00", "1.0e-07"),
        "1 of 2 MB",
    )


@pytest.mark.parametrize(
    ("ratio", "device", "enough"),
    [(1.49, "cpu", False), (1.5, "cpu", True), (1.9, "cuda", False), (2.0, "cuda", True)],
)
def test_what_is_fast_enough(ratio: float, device: str, enough: bool) -> None:
    assert comparison([ratio], [1.0], device).is_fast_enough is enough


@pytest.mark.long
def test_both_run_in_turns_and_agree(tmp_path: Path) -> None:
    size = Size(dim=8, depth=1, stems=1, seconds=0.3)
    found = compare(size, tmp_path, rounds=2)
    assert len(found.duel.theirs) == len(found.duel.ours) == 2
    assert all(t.wall_s > 0 and t.cpu_s > 0 for t in (*found.duel.theirs, *found.duel.ours))
    assert 0 < found.duel.difference < 1e-5
    assert min(found.duel.memory) > 0
    assert len(found.cells()) == len(HEAD)


@pytest.mark.long
def test_a_roofline_names_what_takes_the_time(tmp_path: Path) -> None:
    size = Size(dim=8, depth=1, stems=1, seconds=0.3)
    text = "".join(roofline(Job("ours", size, weights_of(size, tmp_path))))
    head, _, *rows, _, end = text.splitlines()
    assert len(head.split("|")) - 2 == len(ROOFLINE_HEAD)
    kinds = [row.split("|")[1].strip() for row in rows]
    assert {"matrix products", "attention", "element by element"} <= set(kinds)
    shares = [float(row.split("|")[2].strip(" %")) for row in rows]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(100, abs=0.5)
    assert "are the least that this work can take" in end


@pytest.mark.parametrize(
    ("operator", "kind", "shapes", "flop", "numbers"),
    [
        ("aten::mm", "matrix products", [[3, 4], [4, 5]], 120, 12 + 20 + 15),
        ("aten::addmm", "matrix products", [[5], [3, 4], [4, 5], [], []], 120, 5 + 12 + 20 + 15),
        ("aten::bmm", "matrix products", [[2, 3, 4], [2, 4, 5]], 240, 24 + 40 + 30),
        (
            "aten::_scaled_dot_product_flash_attention_for_cpu",
            "attention",
            [[1, 2, 6, 4], [1, 2, 7, 4], [1, 2, 7, 4], []],
            4 * 48 * 7,
            48 + 56 + 56 + 56,
        ),
        ("aten::_softmax", "attention", [[2, 3], [], []], 0, 12),
        ("aten::copy_", "copies", [[2, 3], [2, 3], []], 0, 12),
        ("aten::add", "element by element", [[2, 3], [3], []], 0, 6 + 3 + 6),
        ("aten::view", "calls and the rest", [[2, 3], []], 0, 0),
    ],
)
def test_work_of_operators(
    operator: str, kind: str, shapes: list[list[int]], flop: float, numbers: float
) -> None:
    assert kind_of(operator) == kind
    assert (flop_of(operator, shapes), numbers_of(operator, shapes)) == (flop, numbers)


def test_no_operator_is_booked_faster_than_it_was() -> None:
    machine, seen = Machine(flop_per_s=100.0, bytes_per_s=10.0), Operators()
    seen.add(3.0, flop=200.0, num_bytes=5.0, machine=machine)  # Its arithmetic takes 2 s.
    seen.add(1.0, flop=0.0, num_bytes=20.0, machine=machine)  # From the cache: a copy takes 2 s.
    assert (seen.seconds, seen.floor_s) == (4.0, 3.0)
    assert seen.cells("both", 8.0) == ("both", "50.0%", "0", "0.0", "37.5%")
