"""Curves of drawn pictures whose cuts, speed and light are known."""

from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.datasets.linked_pairs import Edit, draw, make_texture
from engine.dsp.onsets import Curve
from engine.errors import CancelledError, InputNotFoundError, NotMediaError
from engine.stages.picture_features import (
    FRAME_RATE_HZ,
    PICTURE_RATE_HZ,
    PictureCurves,
    find_cuts,
    picture_curves,
    read_picture,
)
from tests.helpers.pictures import still, write_film


def store_in(folder: Path) -> ArtifactStore:
    return ArtifactStore(folder / "cache")


def drawn(cuts_s: list[float], speed_px: Curve, light: Curve | None = None) -> PictureCurves:
    plain = np.ones_like(speed_px) if light is None else light
    edit = Edit(np.array(cuts_s), speed_px, plain)
    return picture_curves(draw(edit, np.random.default_rng(0)))


def test_cuts_are_found_where_they_are() -> None:
    cuts_s = [1.0, 2.33, 2.9, 5.12]
    found = drawn(cuts_s, np.full(7 * FRAME_RATE_HZ, 1.0))
    assert found.cuts_s.size == len(cuts_s)
    np.testing.assert_allclose(found.cuts_s, cuts_s, atol=1 / FRAME_RATE_HZ)


def test_fast_movement_is_no_cut() -> None:
    assert drawn([], np.repeat([0.2, 6.0, 0.2], 40)).cuts_s.size == 0


@pytest.mark.parametrize("num_frames", [0, 1, 30])
def test_no_change_has_no_cuts(num_frames: int) -> None:
    assert find_cuts(np.zeros(num_frames)).size == 0


def test_motion_follows_the_speed() -> None:
    motion = drawn([], np.repeat([0.2, 1.0, 4.0], 40)).motion
    assert motion.size == 119 // 2
    slow, middle, fast = motion[2:18], motion[22:38], motion[42:58]
    assert slow.max() < middle.min()
    assert middle.max() < fast.min()


def test_cuts_leave_no_mark_on_motion_and_light() -> None:
    cut_frame = 3 * PICTURE_RATE_HZ
    found = drawn([3.0], np.full(120, 1.0))
    for curve in (found.motion, found.light):
        around = np.delete(curve, slice(cut_frame - 2, cut_frame + 3))
        assert curve[cut_frame - 2 : cut_frame + 3].max() <= around.max() + 0.3


def test_exposure_is_light_and_not_motion() -> None:
    light = 1 + 0.2 * np.sin(np.arange(120) / 5)
    flicker, steady = drawn([], np.zeros(120), light), drawn([], np.zeros(120))
    assert flicker.light.mean() > 5 * steady.light.mean()
    assert flicker.motion.max() < 1.0


def test_a_still_picture_has_nothing() -> None:
    found = picture_curves(still(3))
    assert not found.cuts_s.size
    assert not found.motion.any()
    assert not found.light.any()


@pytest.mark.parametrize("num_frames", [0, 1, 2, 3])
def test_a_few_frames_are_no_error(num_frames: int) -> None:
    found = picture_curves(still(1)[:num_frames])
    assert found.motion.size == found.light.size == max(num_frames - 1, 0) // 2
    assert found.cuts_s.size == 0


def test_a_stretch_counts_from_its_start() -> None:
    whole = drawn([1.0, 4.0, 5.0], np.full(140, 1.0))
    part = whole.between(3.5, 5.5)
    np.testing.assert_allclose(part.cuts_s, whole.cuts_s[1:] - 3.5)
    np.testing.assert_array_equal(part.motion, whole.motion[35:55])
    assert part.duration_s == pytest.approx(2.0)


def test_a_file_gives_what_its_frames_give(tmp_path: Path) -> None:
    edit = Edit(np.array([1.52, 3.02]), np.full(100, 1.0), np.ones(100))
    frames = list(draw(edit, np.random.default_rng(0)))
    direct = picture_curves(frames)
    read = read_picture(
        write_film(tmp_path / "film.mp4", frames), store_in(tmp_path), PlainContext()
    )
    np.testing.assert_allclose(read.cuts_s, direct.cuts_s, atol=1e-6)
    assert read.motion.size == direct.motion.size
    assert np.corrcoef(read.motion, direct.motion)[0, 1] > 0.5
    assert abs(float(np.median(read.motion - direct.motion))) < 0.5


def test_time_is_time_whatever_the_frame_rate(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    shots = [make_texture(rng)[:54, :96] for _ in range(3)]
    frames = [shots[index // 45] for index in range(135)]
    found = read_picture(
        write_film(tmp_path / "film.mp4", frames, 30), store_in(tmp_path), PlainContext()
    )
    np.testing.assert_allclose(found.cuts_s, [1.5, 3.0], atol=0.051)


def test_a_picture_is_read_once(tmp_path: Path) -> None:
    edit = Edit(np.array([1.52]), np.full(60, 1.0), np.ones(60))
    film = write_film(tmp_path / "film.mp4", draw(edit, np.random.default_rng(0)))
    first = read_picture(film, store_in(tmp_path), PlainContext())
    seen: list[object] = []
    again = read_picture(film, store_in(tmp_path), PlainContext(seen.append))
    for one, other in zip(astuple(first), astuple(again), strict=True):
        np.testing.assert_array_equal(one, other)
    assert first.cuts_s.size
    assert not seen


def test_bad_files_are_known_errors(tmp_path: Path) -> None:
    with pytest.raises(InputNotFoundError):
        read_picture(tmp_path / "none.mp4", store_in(tmp_path), PlainContext())
    text = tmp_path / "text.mp4"
    text.write_text("not a film")
    with pytest.raises(NotMediaError):
        read_picture(text, store_in(tmp_path), PlainContext())


def test_cancelling_stops_reading(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", still(2))
    with pytest.raises(CancelledError):
        read_picture(film, store_in(tmp_path), PlainContext(is_cancelled=lambda: True))
