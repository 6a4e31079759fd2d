"""The tour of the README is a film that other programs read; its pictures are taken by hand."""

from pathlib import Path

import av
import numpy as np

from app.tour import write_film


def test_the_tour_is_a_film_of_all_its_pictures(tmp_path: Path) -> None:
    path = tmp_path / "tour.webp"
    write_film([np.full((86, 144, 3), level, np.uint8) for level in (0, 120, 255)], path)
    content = path.read_bytes()
    assert (content[:4], content[8:12]) == (b"RIFF", b"WEBP")
    assert content.count(b"ANMF") == 3
    assert "libwebp_anim" in av.codecs_available
