"""The blind way on small networks: what adds up, is removed, is told."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.errors import DiskFullError
from engine.models.separation import SeparationModel
from engine.pipeline import restore
from engine.stages.mixed_music import MixedMusicSeparator
from engine.stages.separation import NetworkSeparation
from engine.stages.separator import BackgroundMusicSeparator
from engine.types import Method, RestoreRequest, StemName, Verdict
from tests.helpers.restores import RATE_HZ, SECONDS, OneMusicStages, SmallStages, answer, run, total
from tests.helpers.separations import Batches, LowAndHigh


def test_blind_stems_add_up(video: Path, store: ArtifactStore) -> None:
    result = run(RestoreRequest(video), store, answer(Verdict.FIRST))
    mix = store.map(result.stems[StemName.MIX])
    assert result.method is Method.BLIND
    assert mix.shape == (2, round(SECONDS * RATE_HZ))
    assert {ref.num_samples for ref in result.stems.values()} == {mix.shape[1]}
    four = StemName.DIALOGUE, StemName.EFFECTS, StemName.OST, StemName.BGM
    np.testing.assert_allclose(total(result, store, *four), mix, atol=1e-6)
    both = StemName.RESTORED, StemName.BGM
    np.testing.assert_allclose(total(result, store, *both), mix, atol=1e-6)
    assert [s.name for s in result.stages] == [
        "decode",
        "separator",
        "speech",
        "mixed_music",
        "matcher",
    ]


def test_dialogue_sounds_where_somebody_speaks(video: Path, store: ArtifactStore) -> None:
    result = run(RestoreRequest(video), store, answer(Verdict.FIRST))
    dialogue = np.abs(store.map(result.stems[StemName.DIALOGUE])).mean(0)
    assert dialogue[: RATE_HZ // 2].max() == 0
    assert dialogue[round(1.4 * RATE_HZ) : round(1.6 * RATE_HZ)].mean() > 0
    (region,) = result.speech
    assert region.start_s == pytest.approx(1, abs=0.2)
    assert region.end_s == pytest.approx(2, abs=0.2)


def test_music_that_is_not_told_apart_stays_and_that_is_said(
    video: Path, store: ArtifactStore
) -> None:
    result = restore(RestoreRequest(video), OneMusicStages(store, None), store, PlainContext())
    assert result.decision is None
    assert [stage.name for stage in result.stages] == ["decode", "separator", "speech"]
    (warning,) = result.warnings
    assert "no music was taken out" in warning
    assert result.stems[StemName.RESTORED] == result.stems[StemName.MIX]
    assert StemName.BGM not in result.stems
    np.testing.assert_allclose(
        total(result, store, StemName.DIALOGUE, StemName.REST),
        total(result, store, StemName.MIX),
        atol=1e-6,
    )


def test_music_that_is_not_told_apart_goes_on_request(video: Path, store: ArtifactStore) -> None:
    request = RestoreRequest(video, ost="second")
    result = restore(request, OneMusicStages(store, None), store, PlainContext())
    assert result.decision is None
    assert "only speech is left" in result.warnings[0]
    assert result.stems[StemName.RESTORED] == result.stems[StemName.DIALOGUE]
    np.testing.assert_allclose(
        total(result, store, StemName.RESTORED, StemName.BGM),
        total(result, store, StemName.MIX),
        atol=1e-6,
    )


@pytest.mark.parametrize(("verdict", "removed"), [("first", "music2"), ("second", "music1")])
def test_the_other_music_is_removed(
    video: Path, store: ArtifactStore, verdict: str, removed: str
) -> None:
    result = run(RestoreRequest(video), store, answer(Verdict(verdict)))
    assert result.decision is not None
    assert (result.decision.ost, result.warnings) == (verdict, ())
    bgm = store.map(result.stems[StemName.BGM])
    np.testing.assert_allclose(bgm, store.map(result.stems[StemName(removed)]), atol=1e-7)


def test_every_sound_in_the_cache_is_used(video: Path, store: ArtifactStore) -> None:
    result = run(RestoreRequest(video), store, answer(Verdict.FIRST))
    assert result.stems[StemName.BGM] == result.stems[StemName.MUSIC2]
    assert result.stems[StemName.OST] == result.stems[StemName.MUSIC1]
    stems = {ref.key for ref in result.stems.values()}
    others = {path.stem for path in store.root.glob("*.f32")} - stems
    # The vocals, and what the voice detector found.
    assert sorted(key.rsplit("-", 1)[0] for key in others) == [
        "separation",
        "speech-activity",
    ]


class ShortOfMemoryStages(SmallStages):
    """The same on a device without memory for more than one chunk."""

    def mixed_music(self) -> MixedMusicSeparator:
        """See `Stages`."""
        return MixedMusicSeparator(self._greedy(("a", "b")), self._store)

    def separator(self) -> BackgroundMusicSeparator:
        """See `Stages`."""
        return BackgroundMusicSeparator(self._greedy(("vocals", "other")), self._store)

    def _greedy(self, names: tuple[str, ...]) -> NetworkSeparation:
        model = SeparationModel(Greedy(), "greedy", "0", 8_000, 2, names, 4_000)
        return NetworkSeparation(model, Batches(model.network, 3), self._store)


class Greedy(LowAndHigh):
    """Has memory for one chunk."""

    def forward(self, x: Tensor) -> Tensor:
        """See `Runner`."""
        if len(x) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return super().forward(x)


def test_memory_that_was_short_is_told_once(video: Path, store: ArtifactStore) -> None:
    stages = ShortOfMemoryStages(store, answer(Verdict.FIRST))
    result = restore(RestoreRequest(video), stages, store, PlainContext())
    (warning,) = result.warnings
    assert "less was worked on at once" in warning
    four = StemName.DIALOGUE, StemName.EFFECTS, StemName.OST, StemName.BGM
    mix = store.map(result.stems[StemName.MIX])
    np.testing.assert_allclose(total(result, store, *four), mix, atol=1e-6)


def test_too_small_a_disk_is_told_before_the_networks_run(
    video: Path, store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=9_300_000))
    run(RestoreRequest(video), store, answer(Verdict.FIRST))
    other = ArtifactStore(store.root.with_name("other"))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=6_000_000))
    with pytest.raises(DiskFullError, match=r"film\.mkv needs 9\.2 MB .* room for 6\.0 MB"):
        run(RestoreRequest(video), other, answer(Verdict.FIRST))
    assert [path.name.split("-")[0] for path in other.root.glob("*.f32")] == ["decode"]


def test_the_choice_of_networks_is_told_with_the_result(video: Path, store: ArtifactStore) -> None:
    result = run(RestoreRequest(video), store, answer(Verdict.FIRST))
    assert result.notices == ("small networks for 3 s",)
