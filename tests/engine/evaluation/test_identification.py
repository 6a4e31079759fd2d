"""The benchmark of the library: what it counts as right, in a small library."""

from pathlib import Path

import pytest

from engine.context import PlainContext
from engine.dsp.landmarks import FRAME_S
from engine.evaluation import identification
from engine.evaluation.bgm_clips import SAMPLE_RATE_HZ, Laying, synthetic_music
from engine.library.database import Database
from engine.library.indexing import add_folder
from engine.media.wav import write_wav


@pytest.mark.long
def test_the_report_counts_what_was_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        identification, "TREATMENTS", {"laid in": Laying(), "fast": Laying(speed=1.03)}
    )
    *lines, tracks, query, clip = identification.report(identification.measure(20, (-6.0,)))
    assert lines == [
        "| track | -6 dB |\n",
        "| --- | --- |\n",
        "| laid in | yes |\n",
        "| fast | yes |\n",
        "| **all** | **2/2** |\n",
        "| another song, same drums | 0/6 named |\n",
    ]
    assert "28 tracks" in tracks
    assert "wrong tracks named: 0" in tracks
    assert "ms" in query
    assert "20 s" in clip


@pytest.mark.long
def test_simulated_tracks_are_as_dense_as_music(tmp_path: Path) -> None:
    music = synthetic_music(12, 0)
    (tmp_path / "music").mkdir()
    write_wav(tmp_path / "music" / "a.wav", iter([music]), music.shape[1], 2, SAMPLE_RATE_HZ)
    with Database(tmp_path / "library") as database:
        add_folder(tmp_path / "music", database, PlainContext())
        identification.simulate_tracks(database, 2, tmp_path / "simulated")
        own, *others = sorted(database.entries(), key=lambda entry: entry.id)
        sizes = [len(database.landmarks(entry.id)) / entry.duration_s for entry in (own, *others)]
    assert all(entry.duration_s > 200 - FRAME_S for entry in others)
    assert all(size == pytest.approx(sizes[0], rel=0.4) for size in sizes[1:])
