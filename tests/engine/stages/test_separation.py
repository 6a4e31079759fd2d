"""Networks over sounds of any rate, length and number of channels."""

import itertools
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from engine.artifacts import ArtifactStore
from engine.context import PlainContext, Progress
from engine.devices import Device, Runner
from engine.dsp.overlap_add import Chunking
from engine.errors import BadCheckpointError, CancelledError
from engine.media.raw_audio import raw_audio_path
from engine.models.separation import SeparationModel
from engine.stages.mixed_music import MixedMusicSeparator
from engine.stages.separation import (
    NetworkSeparation,
    SeparationRequest,
    channel_pairs,
    most_alike,
)
from engine.stages.separator import BackgroundMusicSeparator
from engine.types import AudioRef, Quality
from tests.helpers.separations import (
    BOTH,
    RATE_HZ,
    Batches,
    LowAndHigh,
    low_and_high,
    put,
    separation,
)


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path)


@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8, 10])
@pytest.mark.parametrize("rate_hz", [RATE_HZ, 11_025, 48_000])
def test_stems_have_the_shape_of_the_mix_and_add_up_to_it(
    store: ArtifactStore, channels: int, rate_hz: int
) -> None:
    mix = put(store, low_and_high(rate_hz + 7, rate_hz, channels), rate_hz)
    request = SeparationRequest(mix, Quality.STANDARD, BOTH, "test")
    stems = separation(store)(request, PlainContext()).stems
    assert list(stems) == ["a", "b"]
    total = np.zeros((channels, mix.num_samples))
    for ref in stems.values():
        shape = ref.num_samples, ref.channels, ref.sample_rate_hz
        assert shape == (mix.num_samples, channels, rate_hz)
        total += store.map(ref)
    # Where a sound begins abruptly a change of rate rings.
    inner = slice(rate_hz // 50, -rate_hz // 50)
    np.testing.assert_allclose(total[:, inner], store.map(mix)[:, inner], atol=2e-3)


def test_a_second_request_is_answered_from_the_cache(store: ArtifactStore) -> None:
    network = LowAndHigh()
    mix = put(store, low_and_high(9_000, RATE_HZ), RATE_HZ)
    request = SeparationRequest(mix, Quality.STANDARD, BOTH, "test")
    first = separation(store, network)(request, PlainContext())
    calls = network.calls
    assert separation(store, network)(request, PlainContext()) == first
    assert network.calls == calls


def test_swapped_stems_are_put_in_order(store: ArtifactStore) -> None:
    mix = put(store, low_and_high(10 * RATE_HZ, RATE_HZ), RATE_HZ)
    request = SeparationRequest(mix, Quality.STANDARD, BOTH, "test")
    steady = separation(store)(request, PlainContext(), ordered=True).stems
    network = LowAndHigh(swaps=True)
    swapped = separation(store, network)(request, PlainContext(), ordered=False).stems
    # What another order put together is no answer to this question.
    assert network.calls > 1
    assert not {ref.key for ref in swapped.values()} & {ref.key for ref in steady.values()}
    for name, ref in steady.items():
        np.testing.assert_allclose(store.map(swapped[name]), store.map(ref), atol=1e-5)


def test_other_loudspeakers_follow_the_order_of_the_first(store: ArtifactStore) -> None:
    class SwapsByPair(LowAndHigh):
        def forward(self, x: Tensor) -> Tensor:
            stems = super().forward(x)
            return torch.cat([stems[:1], stems[1:].flip(1)])

    mix = put(store, low_and_high(4_000, RATE_HZ, channels=6), RATE_HZ)
    request = SeparationRequest(mix, Quality.STANDARD, BOTH, "test")
    stems = separation(store, SwapsByPair())(request, PlainContext(), ordered=False).stems
    levels = np.abs(store.map(stems["a"]) - store.map(mix)).mean(1)
    shares = levels / np.abs(store.map(mix)).mean(1)
    np.testing.assert_allclose(shares, shares[0], rtol=0.05)


def test_silence_stays_silence_and_costs_nothing(store: ArtifactStore) -> None:
    network = LowAndHigh()
    mix = put(store, np.zeros((2, 9_000), np.float32), RATE_HZ)
    request = SeparationRequest(mix, Quality.DRAFT, BOTH, "test")
    stems = separation(store, network)(request, PlainContext()).stems
    assert not any(store.map(ref).any() for ref in stems.values())
    assert network.calls == 0


def test_one_sample_goes_through(store: ArtifactStore) -> None:
    mix = put(store, np.ones((1, 1), np.float32), 48_000)
    request = SeparationRequest(mix, Quality.BEST, BOTH, "test")
    stems = separation(store)(request, PlainContext()).stems
    assert [ref.num_samples for ref in stems.values()] == [1, 1]


def test_progress_ends_at_all(store: ArtifactStore) -> None:
    mix = put(store, low_and_high(40_000, RATE_HZ), RATE_HZ)
    seen: list[Progress] = []
    separation(store)(SeparationRequest(mix, Quality.DRAFT, BOTH, "one"), PlainContext(seen.append))
    assert [p.done for p in seen] == list(range(1, len(seen) + 1))
    assert seen[-1].fraction == 1


def stems_of(store: ArtifactStore, stems: dict[str, AudioRef]) -> list[bytes]:
    return [raw_audio_path(store.root, ref.key).read_bytes() for ref in stems.values()]


class Whimsical(LowAndHigh):
    """Swaps its stems by a whim of the chunk, and hears what else is in the batch."""

    def forward(self, x: Tensor) -> Tensor:
        stems = super().forward(x) + 1e-6 * len(x)
        swapped = (x.abs().sum((1, 2)) * 1e3) % 2 > 1
        stems[swapped] = stems[swapped].flip(1)
        self.items += len(x)
        return stems

    items = 0


def whimsical(store: ArtifactStore, batch_size: int) -> tuple[NetworkSeparation, Whimsical]:
    network = Whimsical()
    model = SeparationModel(network, "whimsical", "0", RATE_HZ, 2, BOTH, 1_000)
    return NetworkSeparation(model, Batches(network, batch_size), store), network


def cancelled_at(question: int) -> PlainContext:
    asked = itertools.count()
    return PlainContext(is_cancelled=lambda: next(asked) >= question)


@settings(max_examples=40)
@given(
    num_samples=st.integers(1, 9_000),
    channels=st.sampled_from([1, 2, 3, 6]),
    rate_hz=st.sampled_from([RATE_HZ, 11_025]),
    quality=st.sampled_from(Quality),
    batch_size=st.integers(1, 7),
    stops=st.lists(st.integers(0, 60), min_size=1, max_size=3),
)
def test_whatever_stops_it_the_result_is_bit_for_bit_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    num_samples: int,
    channels: int,
    rate_hz: int,
    quality: Quality,
    batch_size: int,
    stops: list[int],
) -> None:
    whole, broken = (ArtifactStore(tmp_path_factory.mktemp("cache")) for _ in range(2))
    mix = put(whole, low_and_high(num_samples, rate_hz, channels), rate_hz)
    put(broken, low_and_high(num_samples, rate_hz, channels), rate_hz)
    request = SeparationRequest(mix, quality, BOTH, "test")
    separate, _ = whimsical(whole, batch_size)
    expected = stems_of(whole, separate(request, PlainContext(), ordered=False).stems)
    for stop in stops:
        with suppress(CancelledError):
            whimsical(broken, batch_size)[0](request, cancelled_at(stop), ordered=False)
    # The memory of today makes no difference to what was begun with that of yesterday.
    separate, _ = whimsical(broken, batch_size)
    result = separate(request, PlainContext(), ordered=False).stems
    assert stems_of(broken, result) == expected
    assert {path.suffix for path in broken.root.iterdir()} == {".f32"}


def stopped_after(chunks: int, store: ArtifactStore, request: SeparationRequest) -> Whimsical:
    """Stop when so many chunks are there; the network is that of the run."""
    seen: list[Progress] = []
    context = PlainContext(seen.append, lambda: bool(seen) and seen[-1].done >= chunks)
    separate, network = whimsical(store, 2)
    with pytest.raises(CancelledError):
        separate(request, context, ordered=False)
    return network


def test_what_is_finished_is_not_done_again(store: ArtifactStore) -> None:
    mix = put(store, low_and_high(30_000, RATE_HZ), RATE_HZ)
    request = SeparationRequest(mix, Quality.STANDARD, BOTH, "test")
    before = stopped_after(30, store, request)
    seen: list[Progress] = []
    # A batch size of its own would end the equality: that of the first run is kept.
    separate, after = whimsical(store, 5)
    separate(request, PlainContext(seen.append), ordered=False)
    total = int(seen[-1].total)
    assert before.items == 30
    assert total - 30 < after.items <= total - 30 + 4
    assert seen[0].done >= 30


def test_what_was_begun_on_another_device_is_left_alone(store: ArtifactStore) -> None:
    mix = put(store, low_and_high(9_000, RATE_HZ), RATE_HZ)
    request = SeparationRequest(mix, Quality.STANDARD, BOTH, "test")
    stopped_after(4, store, request)
    network = Whimsical()
    model = SeparationModel(network, "whimsical", "0", RATE_HZ, 2, BOTH, 1_000)
    runner = Runner(network, Device("cpu", "processor", torch.bfloat16))
    NetworkSeparation(model, runner, store)(request, PlainContext(), ordered=False)
    assert network.items == len(Chunking(1_000, 750).starts(9_000))
    assert len(list(store.root.glob("*.chunks"))) == 1


class Greedy(LowAndHigh):
    """Has memory for one short chunk, as long as `is_full`; asks on its way."""

    def __init__(self) -> None:
        super().__init__()
        self.is_full, self.is_inside, self.refused = True, False, 0
        self.part = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        if self.is_full and x.shape[0] * x.shape[-1] > 2**16:
            self.refused += 1
            raise torch.OutOfMemoryError("CUDA out of memory")
        self.is_inside = True
        stems = super().forward(self.part(x))
        self.is_inside = False
        return stems


def greedy(store: ArtifactStore, *, is_full: bool = True) -> NetworkSeparation:
    network = Greedy()
    network.is_full = is_full
    model = SeparationModel(network, "greedy", "0", RATE_HZ, 2, BOTH, 160_000)
    return NetworkSeparation(model, Batches(network, 3), store)


def test_too_little_memory_is_survived_and_told(store: ArtifactStore) -> None:
    mix = put(store, low_and_high(500_000, RATE_HZ), RATE_HZ)
    request = SeparationRequest(mix, Quality.STANDARD, BOTH, "test")
    separated = greedy(store)(request, PlainContext())
    total = sum(store.map(ref).astype(np.float64) for ref in separated.stems.values())
    np.testing.assert_allclose(total, store.map(mix), atol=1e-5)
    fewer, shorter = separated.shortages
    assert "less was worked on at once" in fewer
    assert "shorter ones" in shorter


def test_what_short_memory_made_worse_is_told_from_the_cache_until_it_is_made_anew(
    store: ArtifactStore,
) -> None:
    mix = put(store, low_and_high(500_000, RATE_HZ), RATE_HZ)
    request = SeparationRequest(mix, Quality.STANDARD, BOTH, "test")
    stems = greedy(store)(request, PlainContext()).stems
    # That it was slow is over; that it sounds worse is not.
    (told,) = greedy(store, is_full=False)(request, PlainContext()).shortages
    assert "may sound a little worse" in told
    for stem in stems.values():
        store.discard(stem)
    assert greedy(store, is_full=False)(request, PlainContext()).shortages == ()
    assert greedy(store, is_full=False)(request, PlainContext()).shortages == ()


def test_what_short_memory_made_worse_is_told_of_chunks_from_before(store: ArtifactStore) -> None:
    mix = put(store, low_and_high(500_000, RATE_HZ), RATE_HZ)
    request = SeparationRequest(mix, Quality.STANDARD, BOTH, "test")
    seen: list[Progress] = []
    with pytest.raises(CancelledError):
        greedy(store)(request, PlainContext(seen.append, lambda: bool(seen)))
    for _ in range(2):
        (told,) = greedy(store, is_full=False)(request, PlainContext()).shortages
        assert "may sound a little worse" in told
    assert not list(store.root.glob("chunks-*"))


def test_a_preview_in_the_middle_of_a_chunk_changes_nothing_for_the_restore(
    tmp_path: Path,
) -> None:
    alone, disturbed = (ArtifactStore(tmp_path / name) for name in ("alone", "disturbed"))
    long, short = low_and_high(500_000, RATE_HZ), low_and_high(9_000, RATE_HZ)
    request = SeparationRequest(put(alone, long, RATE_HZ), Quality.STANDARD, BOTH, "restore")
    put(disturbed, long, RATE_HZ)
    preview = SeparationRequest(put(disturbed, short, RATE_HZ), Quality.DRAFT, BOTH, "preview")
    expected = greedy(alone)(request, PlainContext())

    network = Greedy()
    model = SeparationModel(network, "greedy", "0", RATE_HZ, 2, BOTH, 160_000)
    separate = NetworkSeparation(model, Batches(network, 3), disturbed)
    told: list[tuple[str, ...]] = []

    def preview_within_the_second_chunk() -> bool:
        if not told and network.is_inside and network.calls > 4:
            network.is_full = False
            told.append(separate(preview, PlainContext()).shortages)
            network.is_full = True
        return False

    context = PlainContext(is_cancelled=preview_within_the_second_chunk)
    separated = separate(request, context)
    assert told == [()]
    assert separated.shortages == expected.shortages
    assert stems_of(disturbed, separated.stems) == stems_of(alone, expected.stems)
    # What did not fit was tried once, not again after the preview.
    assert network.refused == 3


def test_background_music_separator_writes_the_voice_alone(store: ArtifactStore) -> None:
    mix = put(store, low_and_high(9_000, RATE_HZ), RATE_HZ)
    network = separation(store, names=("other", "vocals"))
    vocals = BackgroundMusicSeparator(network, store)(mix, Quality.STANDARD, PlainContext())
    assert {path.stem for path in store.root.iterdir()} == {mix.key, vocals.key}
    request = SeparationRequest(mix, Quality.STANDARD, ("other", "vocals"), "test")
    stems = network(request, PlainContext()).stems
    np.testing.assert_array_equal(store.map(vocals), store.map(stems["vocals"]))
    with pytest.raises(BadCheckpointError, match="no stem for voices"):
        BackgroundMusicSeparator(separation(store), store)


def test_mixed_music_adds_up(store: ArtifactStore) -> None:
    mix = put(store, low_and_high(9_000, 11_025), 11_025)
    stage = MixedMusicSeparator(separation(store), store)
    result = stage(mix, Quality.STANDARD, PlainContext())
    refs = result.music1, result.music2, result.effects
    total = sum(store.map(ref).astype(np.float64) for ref in refs)
    np.testing.assert_allclose(total, store.map(mix), atol=1e-6)
    with pytest.raises(BadCheckpointError, match="two pieces"):
        MixedMusicSeparator(separation(store, names=("a",)), store)


@pytest.mark.parametrize("channels", range(1, 13))
def test_every_channel_is_in_one_pair(channels: int) -> None:
    pairs = channel_pairs(channels)
    assert sorted(c for pair in pairs for c in pair) == list(range(channels))
    assert all(1 <= len(pair) <= 2 for pair in pairs)


def test_most_alike_finds_any_order() -> None:
    random = np.random.default_rng(0)
    stems = random.standard_normal((3, 2, 5_000)).astype(np.float32)
    for order in ([0, 1, 2], [2, 0, 1], [1, 0, 2]):
        found = most_alike(stems, stems[order])
        np.testing.assert_array_equal(stems[order][list(found)], stems)
