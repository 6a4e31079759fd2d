import importlib.util
import multiprocessing
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from engine.context import PlainContext, Progress
from engine.datasets import corpus as corpus_module
from engine.datasets.corpus import (
    MANIFEST,
    Corpus,
    CorpusRequest,
    make_corpus,
    make_item,
    plan_items,
)
from engine.datasets.music import FAMILIES
from engine.errors import CancelledError, CorpusError, DiskFullError, ToolMissingError
from tests.helpers.corpora import write_corpus
from tests.helpers.measures import RATE_HZ

ITEM_S = 2.0


def request_for(root: Path, hours: float = 0.001) -> CorpusRequest:
    """One item a family, three of speech and three of effects."""
    return CorpusRequest(root, hours=hours, workers=1, item_s=ITEM_S)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    reports: list[Progress] = []
    request = request_for(tmp_path_factory.mktemp("corpus"))
    corpus = make_corpus(request, PlainContext(reports.append))
    assert [report.done for report in reports] == list(range(len(corpus.items) + 1))
    return corpus


def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a plan hold only what is quick to make."""
    real = corpus_module.plan_items
    quick = ("speech", "effects")
    monkeypatch.setattr(
        corpus_module,
        "plan_items",
        lambda request: tuple(i for i in real(request) if i.kind in quick),
    )


@pytest.mark.slow
def test_every_family_is_there_in_the_promised_form(made: Corpus) -> None:
    assert {item.family for item in made.items if item.kind == "music"} == set(FAMILIES)
    for item in made.items:
        frames = np.load(made.root / item.path)
        assert frames.dtype == np.int16
        assert frames.shape == (round(ITEM_S * RATE_HZ), 2)
        assert item.duration_s == ITEM_S
        assert np.abs(frames).max() > 300
        assert np.abs(frames).max() < 32767
        assert item.sung == (item.kind == "music" and FAMILIES[item.family].sung)
        assert (item.coded_path is not None) == (item.kind == "music")


@pytest.mark.slow
def test_the_coded_twin_is_the_same_music(made: Corpus) -> None:
    for item in made.items:
        if item.kind == "music":
            clean, coded = made.read(item), made.read(item, coded=True)
            assert clean.shape == coded.shape
            cosine = (clean * coded).sum() / np.sqrt((clean**2).sum() * (coded**2).sum())
            assert 0.8 < cosine < 0.999999


@pytest.mark.slow
def test_an_item_is_made_the_same_again(made: Corpus, tmp_path: Path) -> None:
    request = request_for(tmp_path)
    for planned in plan_items(request)[:6]:
        make_item(planned, request)
        path = f"{planned.kind}/{planned.id}.npy"
        assert (tmp_path / path).read_bytes() == (made.root / path).read_bytes()


@pytest.mark.parametrize("hours", [0.01, 4.0, 60.0])
def test_no_piece_is_in_two_splits(hours: float) -> None:
    splits = defaultdict(set)
    for item in plan_items(CorpusRequest(Path("x"), hours=hours)):
        splits[item.kind, item.piece].add(item.split)
    assert all(len(found) == 1 for found in splits.values())


def test_the_plan_is_large_mixed_and_split_as_promised() -> None:
    plan = plan_items(CorpusRequest(Path("x"), hours=4.0))
    assert len({item.id for item in plan}) == len(plan)
    music = [item for item in plan if item.kind == "music"]
    assert len(music) == pytest.approx(400, abs=4)
    assert len({item.piece for item in music}) >= 380
    for name, family in FAMILIES.items():
        own = [item.split for item in music if item.family == name]
        train = own.count("train") / len(own)
        assert train == pytest.approx(0 if family.test_only else 0.8, abs=0.08)
    voices = {item.piece: item.split for item in plan if item.kind == "speech"}
    assert len(voices) >= 30
    assert set(voices.values()) == {"train", "valid", "test"}
    # A training may start on the first part: it holds everything already.
    early = plan[: len(plan) // 8]
    assert {item.kind for item in early} == {"music", "speech", "effects"}
    assert len({item.family for item in early if item.kind == "music"}) >= len(FAMILIES) - 2


def test_more_hours_only_add() -> None:
    small, large = (set(plan_items(CorpusRequest(Path("x"), hours=hours))) for hours in (1.0, 5.0))
    assert small < large


def test_what_is_there_is_kept_and_what_is_missing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few(monkeypatch)
    request = request_for(tmp_path)
    first = make_corpus(request, PlainContext())
    gone, kept = first.items[0], first.items[1]
    before = (tmp_path / kept.path).stat().st_mtime_ns
    content = (tmp_path / gone.path).read_bytes()
    (tmp_path / gone.path).unlink()
    assert make_corpus(request, PlainContext()) == first
    assert (tmp_path / kept.path).stat().st_mtime_ns == before
    assert (tmp_path / gone.path).read_bytes() == content


def test_cancelling_keeps_what_is_ready_and_a_second_run_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few(monkeypatch)
    request = request_for(tmp_path)
    context = PlainContext(is_cancelled=lambda: len(list(tmp_path.glob("*/*.npy"))) >= 2)
    with pytest.raises(CancelledError):
        make_corpus(request, context)
    assert len(list(tmp_path.glob("*/*.npy"))) == 2
    assert len(make_corpus(request, PlainContext()).items) == 6


@pytest.mark.slow
def test_several_processes_make_the_same_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few(monkeypatch)
    one, two = request_for(tmp_path / "one"), request_for(tmp_path / "two")
    first = make_corpus(one, PlainContext())
    second = make_corpus(replace(two, workers=2), PlainContext())
    assert first.items == second.items
    for item in first.items:
        assert (first.root / item.path).read_bytes() == (second.root / item.path).read_bytes()


def _make_for_ever(root: Path) -> None:
    make_corpus(CorpusRequest(root, hours=0.5, workers=2, item_s=1.0), PlainContext())


@pytest.mark.kill
def test_a_killed_run_leaves_no_half_item_and_nobody_working(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=_make_for_ever, args=(tmp_path,))
    process.start()
    assert process.pid
    try:
        while process.is_alive() and len(list(tmp_path.glob("*/*.npy"))) < 3:
            process.join(0.02)
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(children) >= 2
    finally:
        process.kill()
        process.join()
    _, alive = psutil.wait_procs(children, timeout=60)
    assert not alive
    made = [path for path in tmp_path.glob("*/*.npy") if not path.name.startswith(".")]
    assert made
    for path in made:
        assert np.load(path).shape == (RATE_HZ, 2)
    assert all((tmp_path / item.path).is_file() for item in Corpus.load(tmp_path).items)


def test_another_seed_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    write_corpus(tmp_path)
    with pytest.raises(CorpusError, match="made from seed 0"):
        make_corpus(replace(request_for(tmp_path), seed=1), PlainContext())


def test_another_recipe_in_the_same_folder_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_corpus(tmp_path)
    monkeypatch.setattr(corpus_module, "RECIPE_VERSION", 2)
    with pytest.raises(CorpusError, match="by version 1"):
        make_corpus(request_for(tmp_path), PlainContext())


def test_a_corpus_that_does_not_fit_is_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(DiskFullError, match="GB more"):
        make_corpus(replace(request_for(tmp_path), item_s=1e7), PlainContext())
    assert not list(tmp_path.glob("*/*"))


def test_a_missing_program_is_named_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissingError, match="fluidsynth"):
        make_corpus(request_for(tmp_path / "corpus"), PlainContext())
    assert not (tmp_path / "corpus").exists()


@pytest.mark.parametrize("package", ["mido", "music21"])
def test_a_missing_package_is_named(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == package else real(name)
    )
    with pytest.raises(ToolMissingError, match=f"{package} is not installed") as caught:
        make_corpus(request_for(tmp_path / "corpus"), PlainContext())
    assert "reprise[train]" in caught.value.hint


def test_loading_nothing_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no corpus") as caught:
        Corpus.load(tmp_path)
    assert "reprise dataset synthetic" in caught.value.hint


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"version": 1}'])
def test_a_damaged_manifest_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / MANIFEST).write_bytes(content)
    with pytest.raises(CorpusError, match="damaged"):
        Corpus.load(tmp_path)


def test_reading_gives_the_wanted_stretch(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path)
    item = corpus.select("music", "valid")[0]
    frames = np.load(tmp_path / item.path)
    cut = corpus.read(item, 1000, 500)
    assert cut.shape == (2, 500)
    assert cut.dtype == np.float32
    assert cut.flags.c_contiguous
    assert np.allclose(cut * 32767, frames[1000:1500].T, atol=1e-2)
    assert np.allclose(corpus.read(item, 1000, 500, coded=True), -cut)
    assert corpus.read(item).shape == (2, 3 * RATE_HZ)
    speech = corpus.select("speech", "valid")[0]
    assert np.array_equal(corpus.read(speech, 0, 10, coded=True), corpus.read(speech, 0, 10))
