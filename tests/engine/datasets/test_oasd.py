"""The set of pairs: split by track, equally loud, resumable, and plain about files at fault."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.context import PlainContext
from engine.datasets.corpus import Split, works_of
from engine.datasets.mixing import PLAIN, Mix, MixOdds
from engine.datasets.music import FAMILIES
from engine.datasets.oasd import MANIFEST, Oasd
from engine.datasets.oasd_export import export_oasd
from engine.datasets.oasd_making import OasdRequest, make_oasd
from engine.datasets.pair_sampling import PairSampler
from engine.datasets.processing import active_level_db
from engine.datasets.tracks import LONGEST_S, read_stereo, rendered_sources
from engine.dsp.loudness import integrated_loudness_lufs
from engine.errors import CancelledError, CorpusError, InputNotFoundError
from tests.helpers.measures import RATE_HZ
from tests.helpers.oasd import request_for, write_folders, write_track

SPLITS: tuple[Split, ...] = ("train", "valid", "test")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_folders(tmp_path_factory.mktemp("music"), 10)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, folders: tuple[Path, Path]) -> Oasd:
    return make_oasd(request_for(tmp_path_factory.mktemp("oasd"), folders), PlainContext())


def test_no_track_is_in_two_splits(made: Oasd) -> None:
    """In the set of the paper the same clips are mixed for training and for the test."""
    used: dict[str, set[str]] = {split: set() for split in SPLITS}
    for pair in made.manifest.mixes:
        used[pair.split] |= {made.track_of[clip].name for clip in (pair.ost, pair.bgm)}
        for clip, role in ((pair.ost, "ost"), (pair.bgm, "bgm")):
            track = made.track_of[clip]
            assert (track.role, track.split) == (role, pair.split)
    assert not used["train"] & used["test"]
    assert not used["train"] & used["valid"]
    assert not used["valid"] & used["test"]
    assert all(used.values())


def test_eight_of_ten_tracks_and_mixes_are_for_training_and_no_mix_comes_twice(made: Oasd) -> None:
    tracks = [track.split for track in made.manifest.tracks]
    assert [tracks.count(split) for split in SPLITS] == [16, 2, 2]
    assert [len(made.pairs(split)) for split in SPLITS] == [32, 4, 4]
    assert len({(pair.ost, pair.bgm) for pair in made.manifest.mixes}) == 40


def test_every_clip_has_the_loudness_of_the_paper_and_lies_beside_the_others(made: Oasd) -> None:
    for clip in made.track_of:
        sound = made.read(clip)
        assert sound.shape == (2, RATE_HZ)
        assert integrated_loudness_lufs(sound, RATE_HZ) == pytest.approx(-23, abs=0.1)
    for track in made.manifest.tracks:
        starts = [clip.start_s for clip in track.clips]
        assert min(np.diff(starts)) >= 1.0
        assert max(starts) <= 2.0


def test_a_mix_is_the_sum_of_its_clips(made: Oasd) -> None:
    pair = made.pairs("test")[0]
    mix = made.mix(pair)
    assert np.array_equal(mix.mix, made.read(pair.ost) + made.read(pair.bgm))
    assert mix.tracks == (made.track_of[pair.ost].id, made.track_of[pair.bgm].id)


def test_a_run_that_was_stopped_goes_on(tmp_path: Path, folders: tuple[Path, Path]) -> None:
    request = request_for(tmp_path / "stopped", folders)
    records = request.root / "tracks"

    def enough() -> bool:
        return records.is_dir() and len(list(records.iterdir())) >= 12

    with pytest.raises(CancelledError):
        make_oasd(request, PlainContext(is_cancelled=enough))
    assert not (request.root / MANIFEST).exists()
    before = {path: path.stat().st_mtime_ns for path in records.iterdir()}
    resumed = make_oasd(request, PlainContext())
    assert all(path.stat().st_mtime_ns == time for path, time in before.items())
    whole = make_oasd(request_for(tmp_path / "whole", folders), PlainContext())
    assert resumed.manifest == whole.manifest
    clip = next(iter(whole.track_of))
    assert np.array_equal(resumed.read(clip), whole.read(clip))


def test_a_run_that_was_stopped_leaves_nothing_to_one_of_another_seed(
    tmp_path: Path, folders: tuple[Path, Path]
) -> None:
    request = request_for(tmp_path / "stopped", folders)
    with pytest.raises(CorpusError, match="mixes"):
        make_oasd(replace(request, mixes=10**6), PlainContext())
    other = make_oasd(replace(request, seed=1), PlainContext())
    root = tmp_path / "whole"
    whole = make_oasd(replace(request_for(root, folders), seed=1), PlainContext())
    assert other.manifest == whole.manifest


def test_more_tracks_later_leave_the_others_in_their_splits(
    tmp_path: Path, folders: tuple[Path, Path]
) -> None:
    request = replace(request_for(tmp_path, folders), tracks=5, mixes=10)
    before = make_oasd(request, PlainContext()).manifest.tracks
    after = {
        t.id: t for t in make_oasd(replace(request, tracks=10), PlainContext()).manifest.tracks
    }
    assert len(after) == 20
    assert all(after[track.id].split == track.split for track in before)


def test_files_at_fault_are_left_out_by_name(tmp_path: Path) -> None:
    ost, bgm = write_folders(tmp_path, 4)
    (ost / "zero.mp3").touch()
    (ost / "notes.txt").write_text("nothing to hear")
    (ost / ".hidden").write_text("not looked at")
    write_track(ost / "short.wav", 7, 0.5)
    soundfile.write(ost / "silent.wav", np.zeros((3 * RATE_HZ, 2)), RATE_HZ)
    shutil.copy(ost / "a" / "0.wav", bgm / "the same.wav")
    request = replace(request_for(tmp_path / "out", (ost, bgm)), mixes=10)
    left_out = {
        each.name: each.reason for each in make_oasd(request, PlainContext()).manifest.left_out
    }
    assert left_out.keys() == {"zero.mp3", "notes.txt", "short.wav", "silent.wav", "the same.wav"}
    assert "0.5 s" in left_out["short.wav"]
    assert "silent" in left_out["silent.wav"]
    assert "twice" in left_out["the same.wav"]


def test_too_little_is_said_with_what_would_do(tmp_path: Path, folders: tuple[Path, Path]) -> None:
    few = write_folders(tmp_path / "few", 3)
    with pytest.raises(CorpusError, match="3 usable tracks"):
        make_oasd(request_for(tmp_path / "a", few), PlainContext())
    many = replace(request_for(tmp_path / "b", folders), mixes=400)
    with pytest.raises(CorpusError, match="make 256 different mixes, not 320") as told:
        make_oasd(many, PlainContext())
    # What the hint names is possible.
    most = int(told.value.hint.split("--mixes ")[1].split()[0])
    assert make_oasd(replace(many, mixes=most), PlainContext()).manifest.mixes
    with pytest.raises(CorpusError, match="gives 0 usable"):
        make_oasd(replace(many, root=tmp_path / "c", clips=40), PlainContext())


def test_missing_folders_and_other_sets_are_refused(
    tmp_path: Path, made: Oasd, folders: tuple[Path, Path]
) -> None:
    with pytest.raises(InputNotFoundError, match="no folder"):
        make_oasd(request_for(tmp_path, (tmp_path / "x", tmp_path / "y")), PlainContext())
    with pytest.raises(CorpusError, match="seed 0"):
        make_oasd(replace(request_for(made.root, folders), seed=1), PlainContext())
    with pytest.raises(CorpusError, match="no OASD set"):
        Oasd.load(tmp_path)
    (tmp_path / MANIFEST).write_text("{")
    with pytest.raises(CorpusError, match="damaged"):
        Oasd.load(tmp_path)


def test_what_is_written_is_what_is_read(made: Oasd) -> None:
    assert Oasd.load(made.root).manifest == made.manifest


def test_the_export_holds_every_mix_with_its_parts(tmp_path: Path, made: Oasd) -> None:
    export_oasd(made, tmp_path, PlainContext())
    with (tmp_path / "mixes.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 40
    for row in rows[:5]:
        mix, ost, bgm = (soundfile.read(tmp_path / row[n])[0] for n in ("mix", "ost", "bgm"))
        assert np.allclose(mix, ost + bgm, atol=1e-6)


@pytest.mark.parametrize("odds", [PLAIN, MixOdds().for_training()])
def test_training_mixes_are_of_the_split_and_vary(made: Oasd, odds: MixOdds) -> None:
    first, again = (PairSampler(made, "valid", seed=3, odds=odds) for _ in range(2))
    mixes = [first.sample() for _ in range(6)]
    for mix in mixes:
        assert np.array_equal(mix.mix, again.sample().mix)
        assert mix.mix.shape == (2, RATE_HZ)
    gaps_db = [active_level_db(mix.bgm) - active_level_db(mix.ost) for mix in mixes]
    assert np.std(gaps_db) > 1


BARE = MixOdds(0, 0, 0, 0, 0, 0, 0, 0, shape=0, limit=0, fade=0)


def drawn(made: Oasd, odds: MixOdds) -> Mix:
    return PairSampler(made, "test", seed=1, odds=odds).sample()


def test_plain_training_mixes_are_made_of_the_splits_clips(made: Oasd) -> None:
    sounds = [made.read(clip) for clip in made.clips("ost", "test")]
    sampler = PairSampler(made, "test", seed=1, odds=BARE)
    for _ in range(4):
        ost = sampler.sample().ost
        assert any(np.array_equal(ost, s) or np.array_equal(ost, s[::-1]) for s in sounds)


@pytest.mark.parametrize("odds", [replace(BARE, shape=1), replace(BARE, limit=1)])
def test_the_song_of_a_training_mix_is_shaped_as_often_as_asked(made: Oasd, odds: MixOdds) -> None:
    """The same clips at the same level, but for what is asked for."""
    plain, changed = drawn(made, BARE), drawn(made, odds)
    assert np.array_equal(changed.ost, plain.ost)
    assert np.abs(changed.bgm - plain.bgm).max() > 0.1 * np.abs(plain.bgm).max()


def test_a_training_mix_is_coded_as_often_as_asked(made: Oasd) -> None:
    plain, coded = drawn(made, BARE), drawn(made, replace(BARE, coded_mix=1))
    assert np.array_equal(coded.ost, plain.ost)
    assert np.array_equal(coded.bgm, plain.bgm)
    assert not plain.effects.any()
    assert -60 < active_level_db(coded.effects) < active_level_db(plain.mix)


@given(st.integers(1, 200))
@settings(max_examples=20)
def test_rendered_tracks_take_works_of_their_own_split(count: int) -> None:
    """So that a network trained on a synthetic corpus has not heard the ones for the test."""
    for role in ("ost", "bgm"):
        *_, last = rendered_sources(role, count)
        works = {split: set(works_of(FAMILIES[last.family], split)) for split in SPLITS}
        assert not works["train"] & works["test"]
        assert last.split in SPLITS


def test_a_set_is_rendered_when_there_are_no_files(tmp_path: Path) -> None:
    request = OasdRequest(tmp_path, tracks=4, clips=1, clip_s=1.0, mixes=4, workers=1)
    rendered = make_oasd(replace(request, mixes=3), PlainContext())
    assert [track.split for track in rendered.manifest.tracks] == 2 * [
        "train",
        "valid",
        "train",
        "test",
    ]
    assert len({track.name for track in rendered.manifest.tracks}) == 8


def test_a_file_of_any_rate_is_read_as_stereo_and_not_endlessly(tmp_path: Path) -> None:
    mono = np.random.default_rng(0).normal(0, 0.1, 2 * 48_000).astype(np.float32)
    soundfile.write(tmp_path / "mono.wav", mono, 48_000)
    sound = read_stereo(tmp_path / "mono.wav", LONGEST_S)
    assert sound.shape == (2, 2 * RATE_HZ)
    assert np.array_equal(sound[0], sound[1])
    assert read_stereo(tmp_path / "mono.wav", 0.5).shape == (2, RATE_HZ // 2)
