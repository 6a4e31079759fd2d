"""The benchmark of the known-BGM removal, and with it the removal through a real codec."""

from pathlib import Path

import numpy as np
import pytest

from engine.datasets.codec import FORMATS
from engine.errors import CorpusError
from engine.evaluation.bgm_clips import TREATMENTS, Laying, make_clip, synthetic_music
from engine.evaluation.known_bgm import BenchmarkRow, measure, table
from engine.evaluation.rendered_clips import KINDS, rendered_clips
from tests.helpers.corpora import write_corpus

_TREATED = ((1.0, 1.0), (0.0, 1.0), (1.0, 1.1))


def test_within_one_decibel_of_what_aac_allows() -> None:
    laying = Laying(automation_db=6)
    row = measure(make_clip(12, laying, 0), "automated", (FORMATS[0], 128))
    assert (row.treatment, row.codec) == ("automated", "aac 128")
    assert row.found == 1
    assert row.level_db == pytest.approx(0, abs=0.1)
    assert row.mix_db == pytest.approx(0, abs=1)
    assert row.restored_db > row.bound_db - 1


@pytest.mark.long
def test_notes_of_the_rest_on_those_of_the_track_are_left_alone() -> None:
    # Both pieces are in one key here; narrow bands with gains of their own lost 2 dB.
    laying = TREATMENTS["limited"]
    row = measure(make_clip(20, laying, 4), "limited", (FORMATS[0], 128))
    assert row.restored_db > row.bound_db - 1


@pytest.mark.long
def test_the_speed_of_a_clip_is_found_without_being_told() -> None:
    laying = Laying(speed=0.96)
    row = measure(make_clip(12, laying, 2), "slow", (FORMATS[0], 128))
    assert row.found == 1
    assert row.restored_db > row.bound_db - 3


def test_treatments_are_in_the_clip() -> None:
    plain, mono, fast = (make_clip(2, Laying(width=w, speed=s), 3) for w, s in _TREATED)
    assert (
        np.abs(mono.bgm[0] - mono.bgm[1]).max() < 1e-6 < np.abs(plain.bgm[0] - plain.bgm[1]).max()
    )
    assert fast.track.shape[1] > plain.track.shape[1]


def test_clips_follow_their_seed_and_their_laying() -> None:
    laying = Laying(-6, begin_s=1, end_s=3, fade_s=0, duck_db=6)
    clip, again, other = (make_clip(4, laying, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(clip.mix, again.mix)
    assert not np.array_equal(clip.mix, other.mix)
    assert not clip.bgm[:, :44_000].any()
    assert clip.bgm[:, 50_000:130_000].any()
    assert not clip.bgm[:, 3 * 44_100 + 1 :].any()
    assert 20 * np.log10(np.std(clip.bgm) / np.std(clip.rest)) == pytest.approx(-6, abs=0.1)


def test_pieces_have_nothing_in_common() -> None:
    one, two = synthetic_music(3, 0)[0], synthetic_music(3, 1)[0]
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.05


def test_the_table_says_how_far_below_the_bound_each_part_is() -> None:
    rows = [
        BenchmarkRow("ducked", 0.0, "aac 128", 0.0, 15.0, 15.5, 1, 0.1),
        BenchmarkRow("ducked", -20.0, "aac 128", 20.0, 24.0, 25.5, 0, 0.1),
        BenchmarkRow("mono", 0.0, "aac 128", 0.0, 15.0, 14.0, 1, 0.1),
    ]
    *lines, codecs, treatments = table(rows)
    assert "codecs, 2 clips, 1 of them found: 1.00 dB on average, 1.50 dB at worst" in codecs
    assert (
        "treatments, 1 clips, 1 of them found: -1.00 dB on average, -1.00 dB at worst" in treatments
    )
    assert lines[2] == "| ducked | +0 | aac 128 | 1 | 0.00 | 15.00 | 15.50 | 0.100 |\n"
    assert len(lines) == 5


def test_rendered_clips_are_of_their_kind(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path, 6.0, music_pieces=8)
    clips = dict(rendered_clips(corpus, (-6.0,), duration_s=4.0, pieces=1))
    assert list(clips) == list(KINDS)
    for name, clip in clips.items():
        level_db = 20 * np.log10(np.std(clip.bgm) / np.std(clip.rest))
        assert level_db == pytest.approx(-6, abs=0.1)
        treble = np.abs(np.fft.rfft(clip.rest[0]))[40_000:].max()
        assert (treble < 1.0) == ("dull" in name)


def test_a_corpus_without_long_pieces_is_told(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="too little music"):
        next(rendered_clips(write_corpus(tmp_path, 3.0), (-6.0,)))


def test_the_table_counts_what_was_made_worse() -> None:
    rows = [BenchmarkRow("rendered", 0.0, "aac 64", 5.0, db, 9.0, 1, 0.1) for db in (4.0, 9.0)]
    summary = list(table(rows))[-1]
    assert "rendered music, 2 clips" in summary
    assert "worse than the mix: 1" in summary
