"""Demucs checkpoints against demucs' own inference."""

import hashlib
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import torch
from demucs.apply import BagOfModels, apply_model
from demucs.demucs import Demucs
from demucs.hdemucs import HDemucs
from demucs.htdemucs import HTDemucs
from safetensors.torch import save_file
from torch import Tensor

from engine.errors import (
    BadCheckpointError,
    ChecksumError,
    HostileCheckpointError,
    InputNotFoundError,
)
from engine.models.demucs import DemucsModel, build_htdemucs, load_demucs, load_htdemucs
from tests.helpers.checkpoints import (
    STEMS,
    TINY,
    package_of,
    save_safetensors,
    save_th,
    tiny_htdemucs,
)

BAG = "models: [aaaa0001, bbbb0002]\nweights: [[1., 0., 0., 2.], [0., 1., 1., 1.]]\n"


def sound(num_samples: int, batch: int = 2) -> Tensor:
    """Noise that is not centred, so that a lost mean shows."""
    generator = torch.Generator().manual_seed(1)
    return 0.1 * torch.randn(batch, 2, num_samples, generator=generator) + 0.05


def expected(network: Any, mix: Tensor) -> Tensor:
    """What demucs itself makes of one chunk: its way to normalise, then `apply_model`."""
    items = []
    for item in mix:
        mono = item.mean(0)
        normalised = (item - mono.mean()) / (mono.std() + 1e-8)
        stems = apply_model(network, normalised[None], shifts=0, split=False)[0]
        items.append(stems * (mono.std() + 1e-8) + mono.mean())
    return torch.stack(items)


def run(model: DemucsModel, mix: Tensor) -> Tensor:
    with torch.inference_mode():
        out: Tensor = model(mix)
    return out


def test_a_published_file_describes_itself(tmp_path: Path) -> None:
    model = load_demucs(save_th(tiny_htdemucs(), tmp_path, "aaaa0001"))
    assert model.sample_rate_hz == 44_100
    assert model.channels == 2
    assert model.stem_names == STEMS
    assert model.chunk_samples == 44_100
    assert not model.training
    assert all(p.dtype == torch.float32 for p in model.parameters())


@pytest.mark.parametrize("num_samples", [2, 1000, 30_001, 44_099, 44_100])
def test_equals_demucs(tmp_path: Path, num_samples: int) -> None:
    model = load_demucs(save_th(tiny_htdemucs(), tmp_path, "aaaa0001"))
    reference = tiny_htdemucs().half().float()
    mix = sound(num_samples)
    torch.testing.assert_close(run(model, mix), expected(reference, mix), rtol=1e-5, atol=1e-6)


def test_attention_is_not_written_down_and_torch_is_left_as_it_was() -> None:
    model, seen = DemucsModel([tiny_htdemucs()]), list[bool]()
    before = torch.backends.mha.get_fastpath_enabled()

    def look(*_: object) -> None:
        seen.append(torch.backends.mha.get_fastpath_enabled())
        if len(seen) == 2:
            raise KeyboardInterrupt

    model.networks[0].register_forward_pre_hook(look)
    run(model, sound(1000))
    assert torch.backends.mha.get_fastpath_enabled() == before
    with pytest.raises(KeyboardInterrupt):
        run(model, sound(1000))
    assert torch.backends.mha.get_fastpath_enabled() == before
    assert seen == [False, False]


@pytest.mark.parametrize("mix", [torch.zeros(1, 2, 5000), torch.full((1, 2, 1), 0.5)])
def test_silence_and_one_sample_stay_finite(mix: Tensor) -> None:
    model = DemucsModel([tiny_htdemucs()]).eval()
    assert torch.isfinite(run(model, mix)).all()


@pytest.mark.parametrize("shape", [(1, 2, 0), (1, 2, 44_101), (1, 1, 100)])
def test_refuses_what_does_not_fit(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected 2 channels"):
        run(DemucsModel([tiny_htdemucs()]).eval(), torch.zeros(shape))


def test_safetensors_give_the_same(tmp_path: Path) -> None:
    network = tiny_htdemucs()
    model = load_demucs(save_safetensors(network, tmp_path / "net.safetensors"))
    mix = sound(20_000)
    torch.testing.assert_close(run(model, mix), run(DemucsModel([network]).eval(), mix))


@pytest.mark.parametrize("kind", ["th", "safetensors"])
def test_a_bag_averages_by_weight(tmp_path: Path, kind: str) -> None:
    networks = [tiny_htdemucs(seed) for seed in (1, 2)]
    for network, signature in zip(networks, ("aaaa0001", "bbbb0002"), strict=True):
        if kind == "th":
            save_th(network, tmp_path, signature)
        else:
            save_safetensors(network, tmp_path / f"{signature}.safetensors")
    (tmp_path / "bag.yaml").write_text(BAG)
    model = load_demucs(tmp_path / "bag.yaml")
    members: list[Any] = list(model.networks)
    bag = BagOfModels(members, [[1.0, 0.0, 0.0, 2.0], [0.0, 1.0, 1.0, 1.0]])
    mix = sound(20_000)
    torch.testing.assert_close(run(model, mix), expected(bag, mix), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("weights", ["", "weights: [[1, 2, 0, 1], [0, 1, 1, 1], [3, 0, 0, 1]]\n"])
def test_a_network_may_be_in_a_bag_twice(tmp_path: Path, weights: str) -> None:
    """As in the published repro_mdx_a bags; it is run once and counts as often as it is named."""
    networks = [tiny_htdemucs(seed) for seed in (1, 2)]
    for network, signature in zip(networks, ("aaaa0001", "bbbb0002"), strict=True):
        save_safetensors(network, tmp_path / f"{signature}.safetensors")
    (tmp_path / "bag.yaml").write_text("models: [bbbb0002, aaaa0001, bbbb0002]\n" + weights)
    model = load_demucs(tmp_path / "bag.yaml")
    assert len(model.networks) == 2
    table = [[1.0, 2.0, 0.0, 1.0], [0.0, 1.0, 1.0, 1.0], [3.0, 0.0, 0.0, 1.0]] if weights else None
    bag = BagOfModels([networks[1], networks[0], networks[1]], table)
    mix = sound(20_000)
    torch.testing.assert_close(run(model, mix), expected(bag, mix), rtol=1e-5, atol=1e-6)


def test_the_first_versions_are_told_from_hostile_ones(tmp_path: Path) -> None:
    path = save_safetensors(
        tiny_htdemucs(), tmp_path / "a.safetensors", klass="demucs.model.Demucs"
    )
    with pytest.raises(BadCheckpointError, match="version 1 or 2") as caught:
        load_demucs(path)
    assert not isinstance(caught.value, HostileCheckpointError)


@pytest.mark.parametrize(("segment", "chunk_samples"), [(0.5, 22_050), (7.8, 44_100), (3, 44_100)])
def test_the_segment_of_a_bag_never_exceeds_the_networks(
    tmp_path: Path, segment: float, chunk_samples: int
) -> None:
    save_th(tiny_htdemucs(), tmp_path, "aaaa0001")
    (tmp_path / "bag.yaml").write_text(f"models: [aaaa0001]\nsegment: {segment}\n")
    assert load_demucs(tmp_path / "bag.yaml").chunk_samples == chunk_samples


def test_a_fraction_of_a_second_is_exact() -> None:
    assert DemucsModel([tiny_htdemucs(segment=Fraction(39, 5))]).chunk_samples == 343_980
    assert build_htdemucs(sources=["a", "b"], segment=7.8, **TINY).chunk_samples == 343_980


@pytest.mark.parametrize("kind", [HDemucs, Demucs])
def test_older_networks_equal_demucs_too(tmp_path: Path, kind: type[HDemucs | Demucs]) -> None:
    torch.manual_seed(0)
    network = kind(["speech", "rest"], channels=8, segment=2)
    network.eval()
    args, kwargs = vars(network)["_init_args_kwargs"]
    state = network.state_dict()
    package = {"klass": kind, "args": args, "kwargs": kwargs, "state": state}
    torch.save(package, tmp_path / "old.th")
    model = load_demucs(tmp_path / "old.th")
    mix = sound(30_001, batch=1)
    assert model.chunk_samples == 88_200
    torch.testing.assert_close(run(model, mix), expected(network, mix), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("whole_model", [False, True])
def test_our_own_network_comes_back(tmp_path: Path, whole_model: bool) -> None:
    config = {"sources": ["speech", "rest"], "segment": 1.5, **TINY}
    model = build_htdemucs(**config).eval()
    module = model if whole_model else model.networks[0]
    save_file(dict(module.state_dict()), tmp_path / "starter.safetensors")
    again = load_htdemucs(tmp_path / "starter.safetensors", **json.loads(json.dumps(config)))
    mix = sound(10_000)
    torch.testing.assert_close(run(again, mix), run(model, mix))
    assert again.stem_names == ("speech", "rest")


def test_a_file_that_is_not_what_its_name_says(tmp_path: Path) -> None:
    path = save_th(tiny_htdemucs(), tmp_path, "aaaa0001")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(ChecksumError, match="name"):
        load_demucs(path)


def test_the_checksum_in_a_name_is_that_of_the_file(tmp_path: Path) -> None:
    path = save_th(tiny_htdemucs(), tmp_path, "aaaa0001")
    assert hashlib.sha256(path.read_bytes()).hexdigest()[:8] in path.name


def without(key: str) -> Callable[[dict[str, Any]], object]:
    return lambda package: package.pop(key)


def changed(**kwargs: object) -> Callable[[dict[str, Any]], object]:
    return lambda package: package.update(kwargs=package["kwargs"] | kwargs)


def quantised(package: dict[str, Any]) -> None:
    package["state"]["__quantized"] = True


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without("klass"), "no demucs package"),
        (without("kwargs"), "no demucs package"),
        (without("state"), "no demucs package"),
        (changed(channels=16), "another network"),
        (changed(channels="x"), "build no network"),
        (changed(depth=-1), "depth is -1"),
        (changed(segment="1e999999999"), "no length"),
        (changed(segment=-1), "no length"),
        (changed(segment=float("nan")), "no length"),
        (lambda package: package.update(args=3), "damaged"),
        (quantised, "quantised"),
    ],
)
def test_says_what_is_wrong(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    package = package_of(tiny_htdemucs())
    change(package)
    torch.save(package, tmp_path / "net.th")
    with pytest.raises(BadCheckpointError, match=words):
        load_demucs(tmp_path / "net.th")


def test_arguments_of_older_versions_are_left_out(tmp_path: Path) -> None:
    package = package_of(tiny_htdemucs())
    package["kwargs"] = {**package["kwargs"], "no_longer_known": 3}
    torch.save(package, tmp_path / "net.th")
    assert load_demucs(tmp_path / "net.th").stem_names == STEMS


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("models: [cccc0003]", InputNotFoundError),
        ("models: ['../aaaa0001']", BadCheckpointError),
        ("models: []", BadCheckpointError),
        ("models: 3", BadCheckpointError),
        ("[1, 2", BadCheckpointError),
        ("just words", BadCheckpointError),
        ("models: !!python/object/apply:os.getcwd []", BadCheckpointError),
        ("models: [aaaa0001]\nweights: [[1, 2]]", BadCheckpointError),
        ("models: [aaaa0001]\nweights: [[0, 0, 0, 0]]", BadCheckpointError),
        ("models: [aaaa0001]\nweights: words", BadCheckpointError),
    ],
)
def test_odd_bags(tmp_path: Path, text: str, error: type[Exception]) -> None:
    save_th(tiny_htdemucs(), tmp_path, "aaaa0001")
    (tmp_path / "bag.yaml").write_text(text)
    with pytest.raises(error):
        load_demucs(tmp_path / "bag.yaml")


def test_a_bag_of_different_kinds(tmp_path: Path) -> None:
    other = HTDemucs(["speech", "rest"], segment=Fraction(1), **TINY)
    paths = save_th(tiny_htdemucs(), tmp_path, "aaaa0001"), save_th(other, tmp_path, "bbbb0002")
    with pytest.raises(BadCheckpointError, match="same stems"):
        load_demucs(*paths)
