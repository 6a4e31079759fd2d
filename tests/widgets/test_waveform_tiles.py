"""Waveforms lie where the sound is, to the pixel."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor

from tests.widgets.samples import Clicks, Saw
from widgets.waveform_tiles import (
    TILE_WIDTH,
    TileCache,
    TileKey,
    joined,
    opacity,
    premultiplied,
    render_tile,
    waveform_image,
)

RED = QColor("#ff0000")


def key(index: int = 0, px_per_s: float = 100.0, lane_id: str = "mix") -> TileKey:
    return TileKey(lane_id, px_per_s, 44, RED.rgb(), index)


def peaks(*pairs: tuple[float, float]) -> np.ndarray:
    return np.array(pairs, np.float32)


def test_silence_is_a_thin_line_in_the_middle() -> None:
    column = opacity(peaks((0, 0)), 44)[:, 0].astype(int)
    assert column.sum() == pytest.approx(255, abs=3)
    assert column[21] > 0
    assert column[22] > 0


def test_full_scale_leaves_the_margin_free() -> None:
    column = opacity(peaks((-1, 1)), 44)[:, 0]
    assert column[0] == column[-1] == 0
    assert (column[2:-2] == 255).all()


def test_positive_is_up() -> None:
    column = opacity(peaks((0, 0.9)), 44)[:, 0]
    assert column[5] == 255
    assert column[35] == 0


@given(st.floats(-3, 3), st.floats(-3, 3), st.integers(20, 120))
def test_coverage_is_as_tall_as_the_peaks(first: float, second: float, height: int) -> None:
    low, high = sorted((first, second))
    covered = opacity(peaks((low, high)), height)[:, 0].astype(float).sum() / 255
    tall = (min(max(high, -1), 1) - min(max(low, -1), 1)) * height / 2 * 0.94
    assert covered == pytest.approx(max(tall, 1), abs=0.05)


def test_joining_leaves_no_gap_between_bins() -> None:
    line = joined(peaks((0.1, 0.1), (0.5, 0.5), (-0.3, -0.3)))
    assert (line[1:, 0] <= line[:-1, 1]).all()
    assert (line[1:, 1] >= line[:-1, 0]).all()
    np.testing.assert_array_equal(line[0], np.array([0.1, 0.1], np.float32))


@given(st.integers(0, 0xFFFFFF))
def test_premultiplied_colours_are_valid(rgb: int) -> None:
    table = premultiplied(rgb)
    alpha = table >> 24
    assert (alpha == np.arange(256)).all()
    for shift in (16, 8, 0):
        channel = table >> shift & 0xFF
        assert (channel <= alpha).all()
        assert channel[255] == rgb >> shift & 0xFF


def test_an_image_has_the_colour_where_the_sound_is() -> None:
    image = waveform_image(peaks((-1, 1), (0, 0)), 44, RED)
    assert (image.width(), image.height()) == (2, 44)
    assert image.pixelColor(0, 10) == RED
    assert image.pixelColor(1, 10).alpha() == 0


@pytest.mark.parametrize("px_per_s", [7.3, 14.84, 100.0, 333.3])
def test_a_click_shows_in_the_same_pixel_in_whichever_tile_it_falls(px_per_s: float) -> None:
    """Bins that drift along the tiles would put late clicks beside their place."""
    for second in (1, 400, 3599):
        pixel = int(second * px_per_s + 1e-6)
        index, column = divmod(pixel, TILE_WIDTH)
        image = render_tile(key(index, px_per_s), Clicks(), 3600.0)
        tall = [x for x in range(image.width()) if image.pixelColor(x, 6).alpha() == 255]
        assert column in tall
        assert len(tall) <= TILE_WIDTH / px_per_s * 2 + 2


def test_the_last_tile_ends_with_the_sound() -> None:
    source = Saw(0.5)
    image = render_tile(key(2), source, 11.0)
    assert image.width() == 1100 - 2 * TILE_WIDTH
    start_s, end_s, num_bins = source.asked[0]
    assert end_s == pytest.approx(11.0)
    assert num_bins == round((end_s - start_s) * 100)


@given(st.integers(0, 40), st.floats(1, 5000))
def test_the_source_is_never_asked_before_the_start(index: int, px_per_s: float) -> None:
    source = Saw(0.5)
    render_tile(key(index, px_per_s), source, 100_000.0)
    assert source.asked[0][0] >= 0


def test_the_cache_draws_a_tile_once() -> None:
    cache, source = TileCache(), Saw(0.5)
    cache.tile(key(0), source, 60.0)
    cache.tile(key(1), source, 60.0)
    cache.tile(key(0), source, 60.0)
    assert len(source.asked) == 2


def test_the_cache_forgets_one_lane_and_what_was_used_longest_ago() -> None:
    cache, mix, other = TileCache(capacity=2), Saw(0.5), Saw(0.5)
    cache.tile(key(0), mix, 60.0)
    cache.tile(key(0, lane_id="ost"), other, 60.0)
    cache.forget("mix")
    cache.tile(key(0, lane_id="ost"), other, 60.0)
    assert len(other.asked) == 1
    cache.tile(key(0), mix, 60.0)
    cache.tile(key(1), mix, 60.0)
    cache.tile(key(0, lane_id="ost"), other, 60.0)
    assert (len(mix.asked), len(other.asked)) == (3, 2)


def test_the_nearest_zoom_that_shows_most_of_it_stands_in() -> None:
    cache, source = TileCache(), Saw(0.5)
    for px_per_s, indices in ((10.0, (0, 1)), (100.0, (0, 1, 2)), (110.0, (0,))):
        for index in indices:
            cache.tile(key(index, px_per_s), source, 60.0)
    cache.tile(key(0, 120.0, "other"), source, 60.0)
    missing = key(1, 120.0)
    zooms = cache.zooms_near(missing)
    assert zooms == [110.0, 100.0, 10.0]
    assert cache.stand_ins(missing, zooms, 4.3, 8.5) == [key(0, 100.0), key(1, 100.0)]
    # A quarter of it may be missing, but no more.
    assert cache.stand_ins(missing, zooms, 10.0, 16.9) == [key(1, 100.0), key(2, 100.0)]
    assert cache.stand_ins(missing, zooms, 14.0, 20.0) == [key(0, 10.0)]
    assert cache.stand_ins(key(9, 4000.0), zooms, 200.0, 201.0) == []
    assert cache.stand_ins(key(0, 0.01), zooms, 0.0, 50_000.0) == []


def test_what_stands_in_for_others_is_not_the_next_to_go() -> None:
    cache, source = TileCache(capacity=2), Saw(0.5)
    for index in (0, 1):
        cache.tile(key(index), source, 60.0)
    cache.known(key(0))
    cache.tile(key(2), source, 60.0)
    assert key(0) in cache
    assert key(1) not in cache


def test_the_farthest_view_stays_while_others_come_and_go() -> None:
    cache, source = TileCache(capacity=3), Saw(0.5)
    cache.tile(key(0, 1.0), source, 60.0)
    for px_per_s in (10.0, 20.0, 30.0, 40.0):
        zooms = cache.zooms_near(key(0, px_per_s))
        assert cache.stand_ins(key(0, px_per_s), [1.0], 3.0, 9.0) == [key(0, 1.0)]
        assert zooms[-1] == 1.0
        cache.tile(key(0, px_per_s), source, 60.0)
    assert cache.zooms_near(key(0, 50.0)) == [40.0, 30.0, 1.0]
    cache.forget("mix")
    assert cache.zooms_near(key(0, 50.0)) == []
