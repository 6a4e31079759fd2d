"""A restore from top to bottom on small networks: what adds up, is decided, is refused."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from engine.artifacts import ArtifactStore
from engine.context import PlainContext, RunContext
from engine.errors import (
    BgmNotFoundError,
    DiskFullError,
    InputNotFoundError,
    NoAudioError,
    RegionError,
)
from engine.models.separation import SeparationModel
from engine.pipeline import decision_of, restore
from engine.stages.matcher import Matcher, MatchRequest, baseline_params
from engine.stages.mixed_music import MixedMusicSeparator
from engine.stages.separation import NetworkSeparation
from engine.stages.separator import BackgroundMusicSeparator
from engine.stages.speech import SpeechExtractor
from engine.types import (
    CERTAIN,
    Decision,
    MatchResult,
    Method,
    Region,
    RestoreRequest,
    RestoreResult,
    Samples,
    StemName,
    Verdict,
)
from tests.engine.stages.test_separation import Batches, LowAndHigh, separation
from tests.helpers.media import make_video, noise

RATE_HZ = 48_000
SECONDS = 3.0


class TalksInTheMiddle:
    """A voice detector that hears speech from second 1 to second 2."""

    name = "talks in the middle"
    sample_rate_hz = 16_000
    frame_samples = 512

    def activity(self, blocks: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
        """See `VoiceDetector`."""
        num_samples = sum(len(block) for block in blocks)
        times_s = np.arange(-(-num_samples // 512)) * 512 / 16_000
        yield ((times_s > 1) & (times_s < 2)).astype(np.float32)


class SaidBefore(Matcher):
    """A matcher that knows its answer."""

    def __init__(self, answer: MatchResult, store: ArtifactStore) -> None:
        super().__init__(baseline_params(), store)
        self.answer = answer

    def __call__(self, request: MatchRequest, context: RunContext) -> MatchResult:
        """Give the answer."""
        return self.answer


class SmallStages:
    """Stages on a moving mean instead of networks."""

    def __init__(self, store: ArtifactStore, answer: MatchResult | None) -> None:
        self._store = store
        self._answer = answer

    def separator(self) -> BackgroundMusicSeparator:
        """See `Stages`."""
        return BackgroundMusicSeparator(
            separation(self._store, names=("vocals", "other")), self._store
        )

    def notices(self, duration_s: float) -> tuple[str, ...]:
        """See `Stages`."""
        return (f"small networks for {duration_s:.0f} s",)

    def speech(self) -> SpeechExtractor:
        """See `Stages`."""
        return SpeechExtractor(TalksInTheMiddle(), self._store)

    def mixed_music(self) -> MixedMusicSeparator | None:
        """See `Stages`."""
        return MixedMusicSeparator(separation(self._store), self._store)

    def matcher(self) -> Matcher:
        """See `Stages`."""
        if self._answer is None:
            return Matcher(baseline_params(), self._store)
        return SaidBefore(self._answer, self._store)


class OneMusicStages(SmallStages):
    """The same where nothing tells two pieces of music apart."""

    def mixed_music(self) -> None:
        """See `Stages`."""


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "cache")


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return make_video(tmp_path / "film.mkv", SECONDS, noise(SECONDS, RATE_HZ), RATE_HZ)


def answer(choice: Verdict, confidence: float = 0.95) -> MatchResult:
    return MatchResult(choice, confidence, (1.0, 2.0), "said before")


def run(request: RestoreRequest, store: ArtifactStore, said: MatchResult) -> RestoreResult:
    return restore(request, SmallStages(store, said), store, PlainContext())


def total(result: RestoreResult, store: ArtifactStore, *names: StemName) -> Samples:
    stems = [store.map(result.stems[name]) for name in names]
    return np.asarray(np.sum(stems, axis=0, dtype=np.float64), np.float32)


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
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=9_000_000))
    run(RestoreRequest(video), store, answer(Verdict.FIRST))
    other = ArtifactStore(store.root.with_name("other"))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=6_000_000))
    with pytest.raises(DiskFullError, match=r"film\.mkv needs 9\.2 MB .* room for 7\.2 MB"):
        run(RestoreRequest(video), other, answer(Verdict.FIRST))
    assert [path.name.split("-")[0] for path in other.root.glob("*.f32")] == ["decode"]


def test_the_users_word_goes_before_the_matchers(video: Path, store: ArtifactStore) -> None:
    result = run(RestoreRequest(video, ost="second"), store, answer(Verdict.FIRST))
    assert result.decision is not None
    assert (result.decision.ost, result.decision.confidence) == ("second", 1.0)
    assert "matcher" not in [s.name for s in result.stages]


@pytest.mark.parametrize("verdict", [Verdict.BOTH, Verdict.NONE, Verdict.UNSURE])
def test_without_a_clear_answer_nothing_is_removed_and_that_is_said(
    video: Path, store: ArtifactStore, verdict: Verdict
) -> None:
    result = run(RestoreRequest(video), store, answer(verdict))
    assert not store.map(result.stems[StemName.BGM]).any()
    assert len(result.warnings) == 1
    assert "none was removed" in result.warnings[0]


def test_a_doubtful_answer_removes_a_part(video: Path, store: ArtifactStore) -> None:
    result = run(RestoreRequest(video), store, answer(Verdict.FIRST, 0.7))
    bgm, other = (store.map(result.stems[n]) for n in (StemName.BGM, StemName.MUSIC2))
    np.testing.assert_allclose(bgm, 0.5 * other, atol=1e-6)
    assert "only 50% was removed" in result.warnings[0]


def test_sound_without_picture_is_left_to_the_listener(
    tmp_path: Path, store: ArtifactStore
) -> None:
    sound = make_video(tmp_path / "song.wav", 0, noise(2, RATE_HZ), RATE_HZ)
    stages = SmallStages(store, None)
    result = restore(RestoreRequest(sound), stages, store, PlainContext())
    assert result.decision is not None
    assert result.decision.verdict is Verdict.UNSURE


def test_a_known_track_is_taken_out(tmp_path: Path, store: ArtifactStore) -> None:
    ost, bgm = noise(8, RATE_HZ, seed=1), noise(12, RATE_HZ, seed=2)
    laid = 0.5 * bgm[:, RATE_HZ : 9 * RATE_HZ]
    film = make_video(tmp_path / "film.mkv", 8, ost + laid, RATE_HZ)
    track = make_video(tmp_path / "track.flac", 0, bgm, RATE_HZ, codec="flac")
    result = run(RestoreRequest(film, bgm=(track,)), store, answer(Verdict.UNSURE))
    assert result.method is Method.KNOWN_BGM
    (match,) = result.bgm
    assert match.track == str(track)
    assert match.track_start_s - match.video_start_s == pytest.approx(1, abs=1e-3)
    left = store.map(result.stems[StemName.RESTORED]) - ost
    assert np.std(left) < 0.25 * np.std(laid)
    mix = store.map(result.stems[StemName.MIX])
    both = total(result, store, StemName.RESTORED, StemName.BGM)
    np.testing.assert_allclose(both, mix, atol=1e-6)


def test_of_several_tracks_the_missing_one_is_named(tmp_path: Path, store: ArtifactStore) -> None:
    bgm = noise(8, RATE_HZ, seed=2)
    film = make_video(tmp_path / "film.mkv", 8, noise(8, RATE_HZ, seed=1) + bgm, RATE_HZ)
    tracks = {"there": bgm, "missing": noise(8, RATE_HZ, seed=3)}
    paths = tuple(
        make_video(tmp_path / f"{name}.flac", 0, sound, RATE_HZ, codec="flac")
        for name, sound in tracks.items()
    )
    result = run(RestoreRequest(film, bgm=paths), store, answer(Verdict.UNSURE))
    assert [Path(match.track).stem for match in result.bgm] == ["there"]
    assert result.warnings == ("missing.flac was not found",)


def test_a_film_is_not_taken_out_of_itself(
    tmp_path: Path, video: Path, store: ArtifactStore
) -> None:
    copy = tmp_path / "copy.mkv"
    copy.write_bytes(video.read_bytes())
    with pytest.raises(BgmNotFoundError, match="very sound"):
        run(RestoreRequest(video, bgm=(copy,)), store, answer(Verdict.UNSURE))


def test_a_track_that_is_not_there_is_an_error(
    tmp_path: Path, video: Path, store: ArtifactStore
) -> None:
    other = make_video(tmp_path / "other.flac", 0, noise(5, RATE_HZ, seed=9), codec="flac")
    with pytest.raises(BgmNotFoundError, match=r"other\.flac was not found in film\.mkv"):
        run(RestoreRequest(video, bgm=(other,)), store, answer(Verdict.FIRST))


def test_a_library_without_the_track_leads_to_the_blind_way(
    tmp_path: Path, video: Path, store: ArtifactStore
) -> None:
    library = tmp_path / "library"
    library.mkdir()
    make_video(library / "other.flac", 0, noise(5, RATE_HZ, seed=9), codec="flac")
    for name in ("cover.txt", "a.mp3", "b.FLAC", "c.ogg", "d.wav", "e.wav"):
        (library / name).write_text("no music")
    request = RestoreRequest(video, libraries=(library,))
    result = run(request, store, answer(Verdict.FIRST))
    assert result.method is Method.BLIND
    left_out, blind = result.warnings
    assert left_out.endswith("could not be read as sound: a.mp3, b.FLAC, c.ogg and 2 more")
    assert "blind way" in blind


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


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_confidence_never_removes_less(a: float, b: float) -> None:
    gains = [Decision("first", Verdict.FIRST, c).removal_gain for c in (0.5, *sorted((a, b)), 1)]
    assert gains[0] == 0
    assert gains[1:] == sorted(gains[1:])
    assert gains[3] == Decision("first", Verdict.FIRST, CERTAIN).removal_gain == 1


@given(st.sampled_from(Verdict), st.floats(0.5, 1), st.floats(-9, 9), st.floats(-9, 9))
def test_only_a_clear_verdict_carries_its_confidence(
    verdict: Verdict, confidence: float, first: float, second: float
) -> None:
    decision = decision_of(MatchResult(verdict, confidence, (first, second), "m"))
    assert decision.verdict is verdict
    if verdict in (Verdict.FIRST, Verdict.SECOND):
        assert decision.ost == verdict.value
        assert decision.confidence == confidence
    else:
        assert decision.removal_gain == 0


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


def test_a_stretch_beyond_the_end_is_refused(video: Path, store: ArtifactStore) -> None:
    with pytest.raises(RegionError, match="no sound from"):
        run(RestoreRequest(video, region=Region(5.0, 6.0)), store, answer(Verdict.FIRST))


def test_the_choice_of_networks_is_told_with_the_result(video: Path, store: ArtifactStore) -> None:
    result = run(RestoreRequest(video), store, answer(Verdict.FIRST))
    assert result.notices == ("small networks for 3 s",)
