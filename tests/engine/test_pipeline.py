"""A restore from top to bottom: inputs that are refused, stretches as they are of the whole."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.errors import InputNotFoundError, NoAudioError, RegionError
from engine.pipeline import restore
from engine.stages import excerpt
from engine.stages.separator import BackgroundMusicSeparator
from engine.stages.speech import SpeechExtractor
from engine.types import Method, Region, RestoreRequest, StemName, Verdict
from tests.helpers.media import make_video, noise
from tests.helpers.restores import (
    RATE_HZ,
    SECONDS,
    SmallStages,
    TalksInTheMiddle,
    answer,
    run,
)
from tests.helpers.separations import LowAndHigh, separation


def test_what_is_not_there_is_named(tmp_path: Path, video: Path, store: ArtifactStore) -> None:
    said = answer(Verdict.FIRST)
    with pytest.raises(InputNotFoundError):
        run(RestoreRequest(tmp_path / "nothing.mp4"), store, said)
    with pytest.raises(InputNotFoundError):
        run(RestoreRequest(video, libraries=(tmp_path / "nothing",)), store, said)
    with pytest.raises(InputNotFoundError):
        run(RestoreRequest(video, bgm=(tmp_path / "nothing.mp3",)), store, said)
    silent = make_video(tmp_path / "silent.mkv", 1)
    with pytest.raises(NoAudioError):
        run(RestoreRequest(silent), store, said)


@pytest.mark.parametrize("region", [Region(0.0, 1.0), Region(1.3, 1.9), Region(2.2, 9.0)])
def test_a_stretch_comes_out_as_it_does_of_the_whole(
    video: Path, store: ArtifactStore, region: Region
) -> None:
    whole = run(RestoreRequest(video), store, answer(Verdict.FIRST))
    part = run(RestoreRequest(video, region=region), store, answer(Verdict.FIRST))
    end_s = min(region.end_s, SECONDS)
    assert part.region == Region(region.start_s, end_s)
    span = slice(round(region.start_s * RATE_HZ), round(end_s * RATE_HZ))
    assert part.stems.keys() == whole.stems.keys()
    for name, ref in part.stems.items():
        expected = store.map(whole.stems[name])[:, span]
        np.testing.assert_allclose(store.map(ref), expected, atol=1e-4, err_msg=name)
    inside = [r for r in whole.speech if r.end_s > region.start_s and r.start_s < end_s]
    assert len(part.speech) == len(inside)


class OddChunkStages(SmallStages):
    """Stages whose chunks begin between the samples of a film."""

    def separator(self) -> BackgroundMusicSeparator:
        """See `Stages`."""
        network = separation(self._store, names=("vocals", "other"), chunk_samples=4_003)
        return BackgroundMusicSeparator(network, self._store)


@pytest.mark.parametrize("region", [Region(3.00003, 4.0), Region(4.20003, 5.0)])
def test_a_stretch_between_samples_is_not_shifted(
    tmp_path: Path, store: ArtifactStore, region: Region
) -> None:
    rate_hz = 44_100
    film = make_video(tmp_path / "film.mkv", 8, noise(8, rate_hz), rate_hz)
    stages = OddChunkStages(store, answer(Verdict.FIRST))
    whole = restore(RestoreRequest(film), stages, store, PlainContext())
    part = restore(RestoreRequest(film, region=region), stages, store, PlainContext())
    span = slice(round(region.start_s * rate_hz), round(region.end_s * rate_hz))
    for name in (StemName.MIX, StemName.RESTORED):
        expected = store.map(whole.stems[name])[:, span]
        found = store.map(part.stems[name])
        assert np.square(found - expected).mean() < 1e-3 * np.square(expected).mean(), name


class LoudestOfChunk(LowAndHigh):
    """Splits by a moving mean, as much of it as the loudest sample of the chunk tells."""

    def forward(self, x: Tensor) -> Tensor:
        low = super().forward(x)[:, 0] * x.abs().amax((1, 2), keepdim=True)
        return torch.stack([low, x - low], dim=1)


class AlwaysTalks(TalksInTheMiddle):
    """A voice detector that hears nothing but speech."""

    def activity(self, blocks: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
        """See `VoiceDetector`."""
        for part in super().activity(blocks):
            yield np.ones_like(part)


class ChunkwiseStages(SmallStages):
    """Stages whose dialogue tells into which chunks the sound was cut."""

    def separator(self) -> BackgroundMusicSeparator:
        """See `Stages`."""
        network = separation(self._store, LoudestOfChunk(), ("vocals", "other"))
        return BackgroundMusicSeparator(network, self._store)

    def speech(self) -> SpeechExtractor:
        """See `Stages`."""
        return SpeechExtractor(AlwaysTalks(), self._store)


def test_a_stretch_that_no_library_knows_comes_out_as_of_the_whole(
    tmp_path: Path, store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is looked through for tracks begins and ends within the separator's chunks.
    monkeypatch.setattr(excerpt, "CONTEXT_S", 3.1)
    rate_hz = 8_000
    film = make_video(tmp_path / "film.mkv", 20, noise(20, rate_hz), rate_hz)
    (tmp_path / "music").mkdir()
    make_video(tmp_path / "music" / "a.flac", 0, noise(5, rate_hz, seed=9), rate_hz, codec="flac")
    request = RestoreRequest(film, libraries=(tmp_path / "music",))
    stages = ChunkwiseStages(store, answer(Verdict.FIRST))
    whole = restore(request, stages, store, PlainContext())
    stretch = replace(request, region=Region(9.3, 11.1))
    part = restore(stretch, stages, store, PlainContext())
    assert part.method is Method.BLIND
    span = slice(round(9.3 * rate_hz), round(11.1 * rate_hz))
    for name, ref in part.stems.items():
        expected = store.map(whole.stems[name])[:, span]
        np.testing.assert_allclose(store.map(ref), expected, atol=1e-4, err_msg=name)


def test_a_stretch_of_a_film_with_a_known_track(tmp_path: Path, store: ArtifactStore) -> None:
    song, other = noise(30, RATE_HZ, seed=1), noise(30, RATE_HZ, seed=2)
    film = make_video(tmp_path / "film.mkv", 30, 0.5 * song + 0.1 * other, RATE_HZ)
    track = make_video(tmp_path / "song.flac", 0, song, RATE_HZ, codec="flac")
    request = RestoreRequest(film, bgm=(track,), region=Region(10.0, 14.0))
    result = run(request, store, answer(Verdict.FIRST))
    assert result.method is Method.KNOWN_BGM
    assert result.notices == ()
    (match,) = result.bgm
    assert match.video_start_s == pytest.approx(10.0, abs=0.1)
    assert match.track_start_s == pytest.approx(match.video_start_s, abs=1e-3)
    restored = store.map(result.stems[StemName.RESTORED])
    assert restored.shape == (2, 4 * RATE_HZ)
    left = restored - 0.1 * other[:, 10 * RATE_HZ : 14 * RATE_HZ]
    assert np.square(left).mean() < 0.01 * np.square(0.5 * song).mean()


def test_speech_beside_a_known_track(tmp_path: Path, store: ArtifactStore) -> None:
    song, other = noise(12, RATE_HZ, seed=1), noise(12, RATE_HZ, seed=2)
    film = make_video(tmp_path / "film.mkv", 12, 0.5 * song + 0.1 * other, RATE_HZ)
    track = make_video(tmp_path / "song.flac", 0, song, RATE_HZ, codec="flac")
    request = RestoreRequest(film, bgm=(track,), with_dialogue=True)
    whole = run(request, store, answer(Verdict.FIRST))
    assert whole.method is Method.KNOWN_BGM
    assert [s.name for s in whole.stages] == ["decode", "known_bgm", "separator", "speech"]
    assert whole.notices == ("small networks for 12 s",)
    (spoken,) = whole.speech
    assert (spoken.start_s, spoken.end_s) == pytest.approx((1, 2), abs=0.2)
    # Of the sound that is left, not of the mix.
    span = slice(round(1.3 * RATE_HZ), round(1.7 * RATE_HZ))
    dialogue = store.map(whole.stems[StemName.DIALOGUE])
    assert 0 < np.square(dialogue[:, span]).mean() < np.square(0.15 * other).mean()
    assert not dialogue[:, 3 * RATE_HZ :].any()
    part = run(replace(request, region=Region(1.0, 3.0)), store, answer(Verdict.FIRST))
    assert part.stems.keys() == whole.stems.keys()
    assert part.stems[StemName.DIALOGUE].num_samples == 2 * RATE_HZ
    assert len(part.speech) == 1


def test_a_stretch_beyond_the_end_is_refused(video: Path, store: ArtifactStore) -> None:
    with pytest.raises(RegionError, match="no sound from"):
        run(RestoreRequest(video, region=Region(5.0, 6.0)), store, answer(Verdict.FIRST))
