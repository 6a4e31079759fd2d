"""Cuts are found to the frame, once, and given up when nobody wants them."""

from pathlib import Path

import numpy as np
import pytest

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.errors import CancelledError, InputNotFoundError
from engine.media.frames import Pixels
from engine.stages import picture_cuts
from engine.stages.picture_cuts import find_picture_cuts
from engine.types import PictureCutsRequest
from tests.helpers.pictures import write_film


def shots(*lengths: int) -> list[Pixels]:
    """Textures that last so many frames each."""
    rng = np.random.default_rng(1)
    shown = [rng.integers(0, 255, (6, 8, 3), np.uint8) for _ in lengths]
    large = [np.kron(shot, np.ones((18, 24, 1), np.uint8)) for shot in shown]
    return [shot for shot, length in zip(large, lengths, strict=True) for _ in range(length)]


@pytest.mark.parametrize("rate_hz", [24, 25, 30, 60])
def test_the_first_frame_behind_a_cut_is_named(tmp_path: Path, rate_hz: int) -> None:
    lengths = (rate_hz + 3, rate_hz * 2 - 7, rate_hz // 2 + 1, rate_hz)
    film = write_film(tmp_path / "film.mp4", shots(*lengths), rate_hz)
    store = ArtifactStore(tmp_path / "cache")
    found = find_picture_cuts(PictureCutsRequest(film), store, PlainContext())
    first_frames = np.cumsum(lengths)[:-1]
    np.testing.assert_allclose(found.cuts_s, first_frames / rate_hz, atol=1e-3)


def test_a_film_is_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film = write_film(tmp_path / "film.mp4", shots(20, 30), 25)
    store = ArtifactStore(tmp_path / "cache")
    first = find_picture_cuts(PictureCutsRequest(film), store, PlainContext())
    monkeypatch.delattr(picture_cuts, "read_picture")
    assert find_picture_cuts(PictureCutsRequest(film), store, PlainContext()) == first
    assert len(first.cuts_s) == 1


def test_a_film_without_cuts_has_none(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", shots(30), 25)
    store = ArtifactStore(tmp_path / "cache")
    assert find_picture_cuts(PictureCutsRequest(film), store, PlainContext()).cuts_s == ()


def test_it_can_be_given_up(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", shots(20, 30), 25)
    store = ArtifactStore(tmp_path / "cache")
    with pytest.raises(CancelledError):
        find_picture_cuts(PictureCutsRequest(film), store, PlainContext(is_cancelled=lambda: True))


def test_a_film_that_is_not_there_is_told(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path / "cache")
    with pytest.raises(InputNotFoundError):
        find_picture_cuts(PictureCutsRequest(tmp_path / "no.mp4"), store, PlainContext())
