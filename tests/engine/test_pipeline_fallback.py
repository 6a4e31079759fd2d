"""Where a track was warped before it was laid in the blind way helps out, and only there."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.evaluation.bgm_clips import SAMPLE_RATE_HZ, Laying, make_clip
from engine.pipeline import _with_blind_stretches, restore
from engine.restore_job import Job, Stages
from engine.stages import excerpt
from engine.stages.excerpt import cut
from engine.stages.known_bgm import KnownBgmResult
from engine.stages.separator import BackgroundMusicSeparator
from engine.types import Audio, Method, Region, RestoreRequest, RestoreResult, StemName, Verdict
from tests.helpers.media import make_video
from tests.helpers.restores import OneMusicStages, SmallStages, answer
from tests.helpers.separations import separation
from tests.helpers.warping import WARPED_S, with_warped_passage


@pytest.fixture(scope="module")
def film_and_track(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A film over which a track was laid, part of it warped."""
    folder = tmp_path_factory.mktemp("film")
    clip = make_clip(24, Laying(), 3)
    bgm = with_warped_passage(clip.bgm)
    film = make_video(folder / "film.mkv", 24, clip.rest + bgm, SAMPLE_RATE_HZ)
    return film, make_video(folder / "track.flac", 0, clip.track, SAMPLE_RATE_HZ, codec="flac")


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path)


def restored(
    files: tuple[Path, Path],
    stages: Stages,
    store: ArtifactStore,
    ost: Literal["auto", "first"] = "auto",
) -> RestoreResult:
    request = RestoreRequest(files[0], bgm=(files[1],), ost=ost)
    return restore(request, stages, store, PlainContext())


def test_the_blind_way_takes_over_where_the_track_was_warped(
    film_and_track: tuple[Path, Path], store: ArtifactStore
) -> None:
    both = restored(film_and_track, SmallStages(store, None), store, ost="first")
    alone = restored(film_and_track, OneMusicStages(store, None), store)
    assert both.method is Method.KNOWN_BGM_AND_BLIND
    assert both.decision is None
    (poor,) = both.poor
    assert poor.start_s == pytest.approx(WARPED_S[0], abs=2)
    assert poor.end_s == pytest.approx(WARPED_S[1], abs=2)
    assert both.stems.keys() == {StemName.MIX, StemName.RESTORED, StemName.BGM}
    (warning,) = both.warnings
    assert "blind way was taken: the first of two musics was kept there (as you chose)" in warning
    mix, bgm = store.map(both.stems[StemName.MIX]), store.map(both.stems[StemName.BGM])
    result = store.map(both.stems[StemName.RESTORED])
    np.testing.assert_allclose(result + bgm, mix, atol=1e-6)
    differs = np.abs(result - store.map(alone.stems[StemName.RESTORED])).max(0) > 0
    seconds = np.flatnonzero(differs) / SAMPLE_RATE_HZ
    assert WARPED_S[0] - 2 < seconds.min() < seconds.max() < WARPED_S[1] + 2


def test_without_a_network_for_two_musics_that_is_only_said(
    film_and_track: tuple[Path, Path], store: ArtifactStore
) -> None:
    result = restored(film_and_track, OneMusicStages(store, None), store)
    assert len(result.poor) == 1
    assert result.method is Method.KNOWN_BGM
    assert [stage.name for stage in result.stages] == ["decode", "known_bgm"]
    (warning,) = result.warnings
    assert "something of it is still heard" in warning


def test_a_blind_way_that_is_not_sure_puts_nothing_back(
    film_and_track: tuple[Path, Path], store: ArtifactStore
) -> None:
    alone = restored(film_and_track, OneMusicStages(store, None), store)
    unsure = SmallStages(store, answer(Verdict.UNSURE))
    both = restored(film_and_track, unsure, store)
    assert both.method is Method.KNOWN_BGM
    assert both.stems == alone.stems
    (warning,) = both.warnings
    assert "it is still heard: it is not clear which music" in warning


def test_a_stretch_of_it_is_told_in_the_time_of_the_film(
    film_and_track: tuple[Path, Path], store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excerpt, "CONTEXT_S", 4.0)
    stages = SmallStages(store, answer(Verdict.FIRST))
    request = RestoreRequest(
        film_and_track[0], bgm=(film_and_track[1],), ost="first", region=Region(10.0, 14.0)
    )
    result = restore(request, stages, store, PlainContext())
    assert result.method is Method.KNOWN_BGM_AND_BLIND
    (warning,) = result.warnings
    start_s, end_s = re.findall(r"(\d+) - (\d+) s", warning)[0]
    assert WARPED_S[0] - 2 <= int(start_s) < int(end_s) <= WARPED_S[1] + 2
    quiet = replace(request, region=Region(19.0, 23.0))
    assert restore(quiet, stages, store, PlainContext()).method is Method.KNOWN_BGM


class OddChunkStages(SmallStages):
    """Stages whose chunks begin between the samples of a film."""

    def separator(self) -> BackgroundMusicSeparator:
        """See `Stages`."""
        network = separation(self._store, names=("vocals", "other"), chunk_samples=4_003)
        return BackgroundMusicSeparator(network, self._store)


@pytest.mark.parametrize("start_s", [0.0, 3.00003])
def test_what_is_patched_in_is_not_shifted(store: ArtifactStore, start_s: float) -> None:
    """The networks go up to 4 kHz, so nothing above it may change."""
    white = np.random.default_rng(0).standard_normal((2, 16 * SAMPLE_RATE_HZ)) / 10
    film = store.put("film", Audio(white.astype(np.float32), SAMPLE_RATE_HZ))
    request = RestoreRequest(Path("film.mkv"), ost="first")
    job = Job(request, OddChunkStages(store, None), store, PlainContext())
    around = Region(start_s, 13.0)
    mix = cut(film, around, store, PlainContext())
    silence = store.put("silence", Audio(np.zeros_like(store.map(mix)), SAMPLE_RATE_HZ))
    poor = tuple(Region(at, at + 0.7) for at in (0.50001, 2.40003, 4.30005, 6.20002, 8.10004))
    known = KnownBgmResult(silence, mix, (), poor, frozenset())
    result = _with_blind_stretches(job.on(around), mix, known, film)
    assert result is not None
    taken = store.map(mix) - store.map(result.stems[StemName.RESTORED])
    power = np.square(np.abs(np.fft.rfft(taken))).sum(0)
    above = np.fft.rfftfreq(taken.shape[1], 1 / SAMPLE_RATE_HZ) > 5_000
    assert power[above].sum() < 1e-3 * power.sum()


@pytest.mark.long
def test_two_tracks_of_a_library_at_once_are_named(tmp_path: Path, store: ArtifactStore) -> None:
    # The library holds the film's own music as well; whoever wants it kept must be told.
    clip = make_clip(16, Laying(), 5)
    library = tmp_path / "library"
    library.mkdir()
    make_video(library / "bgm.flac", 0, clip.track, SAMPLE_RATE_HZ, codec="flac")
    make_video(library / "own.flac", 0, clip.rest, SAMPLE_RATE_HZ, codec="flac")
    film = make_video(tmp_path / "film.mkv", 16, clip.mix, SAMPLE_RATE_HZ)
    request = RestoreRequest(film, libraries=(library,))
    result = restore(request, OneMusicStages(store, None), store, PlainContext())
    assert {match.track.name for match in result.bgm} == {"bgm.flac", "own.flac"}
    assert any("sound at once" in warning for warning in result.warnings)
