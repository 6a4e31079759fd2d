"""What is drawn of stretches covers just the pixels that they cover."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QImage, QPainter

from engine.types import Region
from widgets.columns import paint_columns
from widgets.stretches import Stretches
from widgets.time_axis import TimeAxis

DURATION_S = 60.0
regions = st.lists(
    st.tuples(st.floats(0, DURATION_S), st.floats(0, 5)).map(lambda r: Region(r[0], r[0] + r[1])),
    max_size=12,
)
axes = st.builds(
    lambda factor, x: TimeAxis(width_px=300).with_duration(DURATION_S).zoomed(factor, x),
    st.floats(1, 1e4),
    st.floats(0, 300),
)


@given(regions, axes, st.tuples(st.integers(0, 300), st.integers(0, 300)))
def test_all_that_is_covered_is_drawn_once(
    known: list[Region], axis: TimeAxis, places: tuple[int, int]
) -> None:
    left, right = sorted(places)
    covered: set[int] = set()
    for region in known:
        edges = round(axis.x_at(region.start_s)), round(axis.x_at(region.end_s))
        covered.update(range(max(edges[0], left), min(edges[1], right)))
    spans = Stretches(known).spans_px(axis, left, right)
    assert {x for first, last in spans for x in range(first, last)} == covered
    assert all(before[1] < after[0] for before, after in pairwise(spans))
    assert all(first < last for first, last in spans)


def test_a_stretch_covers_those_that_lie_in_it() -> None:
    axis = TimeAxis(width_px=300).with_duration(DURATION_S)
    known = [Region(0.0, 50.0), Region(10.0, 12.0), Region(20.0, 22.0)]
    assert Stretches(known).spans_px(axis, 0, 300) == [(0, 250)]


def test_of_thousands_only_what_can_be_seen_is_drawn() -> None:
    known = [Region(index * 1e-3, index * 1e-3 + 5e-4) for index in range(50_000)]
    axis = TimeAxis(width_px=300).with_duration(DURATION_S)
    assert len(Stretches(known).spans_px(axis, 0, 300)) <= 150
    assert Stretches(known).spans_px(axis, 290, 300) == []
    assert Stretches().spans_px(axis, 0, 300) == []


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(0, 255))
def test_columns_are_filled_and_nothing_else(filled: list[bool], alpha: int) -> None:
    image = QImage(60, 8, QImage.Format.Format_RGB32)
    image.fill(QColor("#000000"))
    painter = QPainter(image)
    paint_columns(painter, np.array(filled), 5, 2, 4, QColor(200, 100, 50, alpha))
    painter.end()
    for y in range(8):
        for x in range(60):
            inside = 2 <= y < 6 and 5 <= x < 5 + len(filled) and filled[x - 5]
            wanted = 200 * alpha / 255 if inside else 0
            assert abs(image.pixelColor(x, y).red() - wanted) <= 1
