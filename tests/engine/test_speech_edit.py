"""Other speech regions change what they have to, add up, and leave all else bit for bit."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from engine.artifacts import ArtifactStore
from engine.context import PlainContext, Progress
from engine.errors import ArtifactMissingError, CancelledError, ModelError, RegionError
from engine.media.raw_audio import raw_audio_path
from engine.pipeline import restore
from engine.speech_edit import Stretch, changed, edit_speech, request_of
from engine.stages.mixed_music import MixedMusicSeparator
from engine.stages.patching import FADE_S
from engine.stages.separator import BackgroundMusicSeparator
from engine.stages.speech import FADE_S as GATE_FADE_S
from engine.stages.speech import SpeechGate
from engine.types import (
    AudioRef,
    Method,
    Quality,
    Region,
    RestoreRequest,
    RestoreResult,
    Samples,
    SpeechEditRequest,
    StageReport,
    StemName,
    Verdict,
)
from tests.engine.test_pipeline import LoudestOfChunk
from tests.helpers.media import make_video, noise
from tests.helpers.restores import OneMusicStages, SmallStages, answer, total
from tests.helpers.separations import LowAndHigh, separation

RATE_HZ = 8_000
SECONDS = 12.0
FOUND = (Region(2.0, 3.0), Region(5.0, 6.5), Region(9.0, 9.5))
DIVIDED = StemName.DIALOGUE, StemName.EFFECTS, StemName.OST, StemName.BGM
MIX = AudioRef("mix", round(SECONDS * RATE_HZ), 2, RATE_HZ)
UNSHRUNK = [phase for phase in Phase if phase not in (Phase.shrink, Phase.explain)]
"""Where each example is many files, a failure must not take minutes."""

Regions = tuple[Region, ...]


class CountedStages(SmallStages):
    """Stages that have found `FOUND` and tell how often their networks were asked."""

    def __init__(self, store: ArtifactStore, music: LowAndHigh | None = None) -> None:
        super().__init__(store, answer(Verdict.SECOND, 0.8))
        self.voices_network, self.music_network = LowAndHigh(), music or LowAndHigh()

    def separator(self) -> BackgroundMusicSeparator:
        """See `Stages`."""
        names = "vocals", "other"
        return BackgroundMusicSeparator(
            separation(self._store, self.voices_network, names), self._store
        )

    def mixed_music(self) -> MixedMusicSeparator | None:
        """See `Stages`."""
        return MixedMusicSeparator(separation(self._store, self.music_network), self._store)


class Scene:
    """A restored film and its stages."""

    def __init__(self, folder: Path, music: LowAndHigh | None = None) -> None:
        self.store = ArtifactStore(folder / "cache")
        self.stages = CountedStages(self.store, music)
        sound = noise(SECONDS, RATE_HZ)
        film = make_video(folder / "film.mkv", SECONDS, sound, RATE_HZ)
        made = restore(RestoreRequest(film), self.stages, self.store, PlainContext())
        self.result = self.edit(FOUND, made)

    def edit(self, speech: Regions, result: RestoreResult | None = None) -> RestoreResult:
        request = SpeechEditRequest(result or self.result, speech)
        return edit_speech(request, self.stages, self.store, PlainContext())

    def stem(self, result: RestoreResult, name: StemName) -> Samples:
        return self.store.map(result.stems[name])

    def untouched(self, speech: Regions, around_s: float) -> NDArray[np.bool_]:
        """Samples that lie so far from where speech comes or goes."""
        mix = self.result.stems[StemName.MIX]
        far = np.ones(mix.num_samples, np.bool_)
        for each in changed(FOUND, speech, mix):
            around = round(around_s * RATE_HZ)
            far[max(each.start - around, 0) : each.stop + around] = False
        return far


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(tmp_path_factory.mktemp("scene"))


@st.composite
def regions(draw: st.DrawFn) -> Regions:
    """Regions in order; some of their edges are those that were found."""
    found = [edge_s for r in FOUND for edge_s in (r.start_s, r.end_s)]
    places = st.sampled_from([*found, 0.0, SECONDS]) | st.integers(0, 12_000).map(
        lambda i: i / 1000
    )
    edges_s = sorted(draw(st.lists(places, max_size=8, unique=True)))
    return tuple(Region(*pair) for pair in zip(edges_s[::2], edges_s[1::2], strict=False))


@settings(max_examples=12, deadline=None, phases=UNSHRUNK)
@given(speech=regions())
def test_whatever_is_speech_stems_add_up_and_the_rest_stays_as_it_was(
    scene: Scene, speech: Regions
) -> None:
    edited = scene.edit(speech)
    assert edited.speech == speech
    mix = scene.stem(edited, StemName.MIX)
    np.testing.assert_allclose(total(edited, scene.store, *DIVIDED), mix, atol=1e-6)
    both = StemName.RESTORED, StemName.BGM
    np.testing.assert_allclose(total(edited, scene.store, *both), mix, atol=1e-6)
    for name, ref in scene.result.stems.items():
        far = scene.untouched(speech, 0.0 if name is StemName.DIALOGUE else FADE_S)
        before, after = scene.store.map(ref)[:, far], scene.stem(edited, name)[:, far]
        assert np.array_equal(before, after), name
    gate = SpeechGate(speech, RATE_HZ)(0, mix.shape[1])
    assert not scene.stem(edited, StemName.DIALOGUE)[:, gate == 0].any()


@settings(max_examples=5, deadline=None, phases=UNSHRUNK)
@given(speech=regions(), then=regions())
def test_an_edit_gives_what_a_restore_would_have_given(
    scene: Scene, speech: Regions, then: Regions
) -> None:
    """The small networks look at nothing that is far, so the stretch alone tells them all."""
    edited = scene.edit(then, scene.edit(speech))
    mix = edited.stems[StemName.MIX]
    voices = scene.stages.separator()(mix, Quality.STANDARD, PlainContext())
    gate = SpeechGate(then, RATE_HZ)(0, mix.num_samples)
    dialogue = scene.stem(edited, StemName.DIALOGUE)
    np.testing.assert_allclose(dialogue, gate * scene.store.map(voices), atol=1e-6)
    without = (edited.stems[StemName.DIALOGUE],)
    mixed_music = scene.stages.mixed_music()
    assert mixed_music is not None
    music = mixed_music(mix, Quality.STANDARD, PlainContext(), without)
    for name, ref in ((StemName.MUSIC1, music.music1), (StemName.MUSIC2, music.music2)):
        np.testing.assert_allclose(scene.stem(edited, name), scene.store.map(ref), atol=1e-5)


@settings(max_examples=40)
@given(regions(), regions())
def test_what_changes_is_where_the_gates_differ(old: Regions, new: Regions) -> None:
    gates = [SpeechGate(each, RATE_HZ)(0, MIX.num_samples) for each in (old, new)]
    inside = np.zeros(MIX.num_samples, np.bool_)
    found = changed(old, new, MIX)
    for each in found:
        inside[each.start : each.stop] = True
        opens = (gates[1] > gates[0])[each.start : each.stop]
        assert each.opens or not opens.any()
    assert (gates[0] == gates[1])[~inside].all()
    assert all(a.stop < b.start for a, b in pairwise(found))


def test_an_edge_that_moves_changes_no_more_than_its_own_way() -> None:
    moved = (Region(1.5, 3.0), *FOUND[1:])
    fade = round(GATE_FADE_S * RATE_HZ) + 1
    assert changed(FOUND, moved, MIX) == [Stretch(12_000 - fade, 16_000 + fade, opens=True)]
    assert changed(moved, FOUND, MIX) == [Stretch(12_000 - fade, 16_000 + fade, opens=False)]
    assert changed(FOUND, FOUND, MIX) == []


def test_only_the_chunks_around_are_separated_again(scene: Scene) -> None:
    stages = scene.stages
    calls = stages.voices_network.calls, stages.music_network.calls
    scene.edit((Region(2.0, 3.2), *FOUND[1:]))
    # 1.2 s with 2 s around, in chunks of 0.5 s of which 3/8 s are new; the film has 32.
    assert stages.music_network.calls - calls[1] == pytest.approx(14, abs=2)
    assert stages.voices_network.calls == calls[0]
    assert scene.edit(FOUND).stems == scene.result.stems


def test_voices_that_have_gone_are_made_anew_for_the_stretch_alone(
    tmp_path: Path, scene: Scene
) -> None:
    own = Scene(tmp_path)
    speech = (Region(1.0, 3.0), *FOUND[1:])
    mix = own.result.stems[StemName.MIX]
    voices = own.stages.separator().finished(mix, Quality.STANDARD, PlainContext())
    assert voices is not None
    own.store.discard(voices)
    before = own.stages.voices_network.calls
    edited = own.edit(speech)
    # From the film's start to 2 s behind the stretch, of 32 chunks in all.
    assert own.stages.voices_network.calls - before == 11
    expected = scene.stem(scene.edit(speech), StemName.DIALOGUE)
    np.testing.assert_allclose(own.stem(edited, StemName.DIALOGUE), expected, atol=1e-6)


def test_less_speech_needs_no_voices(tmp_path: Path) -> None:
    own = Scene(tmp_path)
    before = own.stages.voices_network.calls
    raw_audio_path(own.store.root, own.result.stems[StemName.RESTORED].key).touch()
    edited = own.edit(FOUND[:1])
    assert own.stages.voices_network.calls == before
    dialogue = own.stem(edited, StemName.DIALOGUE)
    assert not dialogue[:, 4 * RATE_HZ :].any()
    assert dialogue[:, : 4 * RATE_HZ].any()


class Forgetful(LowAndHigh):
    """Gives its stems in the other order from some call on."""

    def __init__(self) -> None:
        super().__init__()
        self.is_turned = False

    def forward(self, x: Tensor) -> Tensor:
        """See `LowAndHigh`."""
        stems = super().forward(x)
        return stems.flip(1) if self.is_turned else stems


def test_each_music_stays_the_one_it_was(tmp_path: Path, scene: Scene) -> None:
    network = Forgetful()
    own = Scene(tmp_path, network)
    network.is_turned = True
    speech = (Region(1.0, 3.0), FOUND[2])
    edited, expected = own.edit(speech), scene.edit(speech)
    assert edited.decision == own.result.decision
    for name in (StemName.MUSIC1, StemName.BGM, StemName.OST, StemName.EFFECTS):
        np.testing.assert_allclose(
            own.stem(edited, name), scene.stem(expected, name), atol=1e-5, err_msg=name
        )


def test_old_music_becomes_new_music_without_a_click(tmp_path: Path) -> None:
    """The network is told by the loudest sample of a chunk, so other chunks sound different."""
    own = Scene(tmp_path, LoudestOfChunk())
    edited = own.edit((Region(2.0, 3.0), FOUND[2]))
    for name in (StemName.MUSIC1, StemName.MUSIC2):
        change = own.stem(edited, name) - own.stem(own.result, name)
        assert np.abs(change).max() > 0.01
        steps = np.abs(np.diff(change, axis=1)).max(0)
        stretch = changed(FOUND, edited.speech, MIX)[0]
        for edge in (stretch.start - 2_000, stretch.stop + 2_000):
            assert steps[edge - 20 : edge + 20].max() < 0.01 * np.abs(change).max()


def test_music_that_is_not_told_apart_stays_together(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path / "cache")
    film = make_video(tmp_path / "film.mkv", SECONDS, noise(SECONDS, RATE_HZ), RATE_HZ)
    stages = OneMusicStages(store, None)
    requests = RestoreRequest(film), RestoreRequest(film, ost="second")
    for request, other in zip(requests, (StemName.REST, StemName.BGM), strict=True):
        made = restore(request, stages, store, PlainContext())
        edit = SpeechEditRequest(made, (Region(0.0, 1.5),))
        edited = edit_speech(edit, stages, store, PlainContext())
        assert edited.stems.keys() == made.stems.keys()
        assert edited.warnings == made.warnings
        mix = store.map(edited.stems[StemName.MIX])
        summed = total(edited, store, StemName.DIALOGUE, other)
        np.testing.assert_allclose(summed, mix, atol=1e-6)
        if other is StemName.BGM:
            assert edited.stems[StemName.RESTORED] == edited.stems[StemName.DIALOGUE]


@pytest.mark.parametrize(
    "speech",
    [
        (Region(1.0, 2.0), Region(2.0, 3.0)),
        (Region(3.0, 2.0),),
        (Region(-1.0, 2.0),),
        (Region(1.0, 12.5),),
        (Region(5.0, 6.0), Region(1.0, 2.0)),
    ],
)
def test_regions_that_cannot_be_are_refused(scene: Scene, speech: Regions) -> None:
    with pytest.raises(RegionError, match="one after the other"):
        scene.edit(speech)


def test_what_has_no_speech_apart_is_refused(scene: Scene) -> None:
    for result in (
        replace(scene.result, region=Region(0.0, 12.0)),
        replace(scene.result, method=Method.KNOWN_BGM_AND_BLIND),
    ):
        assert not result.may_change_speech
        with pytest.raises(RegionError, match="not apart"):
            scene.edit(FOUND[:1], result)


def test_sounds_that_have_gone_are_an_error_that_is_known(tmp_path: Path) -> None:
    own = Scene(tmp_path)
    own.store.discard(own.result.stems[StemName.MUSIC1])
    with pytest.raises(ArtifactMissingError):
        own.edit(FOUND[:1])


def test_without_the_network_for_two_musics_that_is_said(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scene.stages, "mixed_music", lambda: None)
    with pytest.raises(ModelError, match="not there any more"):
        scene.edit((Region(0.5, 0.9),))


def test_it_tells_how_far_it_is_and_can_be_cancelled(scene: Scene) -> None:
    told: list[Progress] = []
    request = SpeechEditRequest(scene.result, (Region(7.0, 7.7),))
    context = PlainContext(told.append, lambda: len(told) > 3)
    with pytest.raises(CancelledError):
        edit_speech(request, scene.stages, scene.store, context)
    assert {each.stage for each in told} == {"mixed_music"}


def test_the_networks_are_those_that_made_the_restore(scene: Scene) -> None:
    reports = (
        StageReport("decode", None, 1.0),
        StageReport("separator", "starter-speech", 1.0),
        StageReport("speech", "silero-vad", 1.0),
        StageReport("mixed_music", "of a file that is gone", 1.0),
    )
    result = replace(scene.result, stages=reports, quality=Quality.BEST)
    request = request_of(SpeechEditRequest(result, (), "cpu"))
    assert (request.quality, request.device) == (Quality.BEST, "cpu")
    assert request.models == {"separator": "starter-speech"}
