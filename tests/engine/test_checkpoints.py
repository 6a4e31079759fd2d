"""Checkpoints: good, damaged and hostile ones."""

import builtins
import io
import json
import os
import pickle
import struct
import subprocess
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from demucs.htdemucs import HTDemucs
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import Tensor, nn

from engine.checkpoints import (
    checked_state,
    load_into,
    load_pickle,
    load_state_dict,
    plain_fraction,
)
from engine.errors import BadCheckpointError, HostileCheckpointError, InputNotFoundError
from engine.models.demucs import load_demucs
from engine.weights import choose
from tests.helpers.checkpoints import package_of, save_safetensors, tiny_htdemucs


def linear_state() -> dict[str, Tensor]:
    torch.manual_seed(0)
    return dict(nn.Linear(3, 2).state_dict())


@cache
def package() -> dict[str, Any]:
    return package_of(tiny_htdemucs())


class Trap:
    """Runs a call when it is unpickled."""

    def __init__(self, function: Callable[..., Any], *args: object) -> None:
        self.call = function, args

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[object, ...]]:
        return self.call


def shell(marker: Path) -> Trap:
    return Trap(os.system, f"touch {marker}")


def executed(marker: Path) -> Trap:
    return Trap(builtins.exec, f"open({str(marker)!r}, 'w').close()")


def evaluated(marker: Path) -> Trap:
    return Trap(builtins.eval, f"open({str(marker)!r}, 'w').close()")


def child(marker: Path) -> Trap:
    return Trap(subprocess.Popen, ["touch", str(marker)])


def path_method(marker: Path) -> Trap:
    return Trap(Path.touch, marker)


def torch_loader(marker: Path) -> Trap:
    """A function of a trusted package that itself unpickles without care."""
    nested = marker.with_suffix(".inner")
    nested.write_bytes(pickle.dumps(shell(marker), protocol=2))
    return Trap(torch.load, str(nested), None, None)


def demucs_loader(marker: Path) -> Trap:
    from demucs.states import load_model

    nested = marker.with_suffix(".inner")
    torch.save(shell(marker), nested)
    return Trap(load_model, str(nested))


def built_network(marker: Path) -> Trap:
    """The allowed class, called instead of named."""
    del marker
    return Trap(HTDemucs, ["vocals"])


TRAPS = [
    shell,
    executed,
    evaluated,
    child,
    path_method,
    torch_loader,
    demucs_loader,
]


def save_zip(content: object, path: Path) -> None:
    torch.save(content, path)


def save_legacy(content: object, path: Path) -> None:
    torch.save(content, path, _use_new_zipfile_serialization=False)


def save_plain_pickle(content: object, path: Path) -> None:
    path.write_bytes(pickle.dumps(content, protocol=2))


def save_new_pickle(content: object, path: Path) -> None:
    path.write_bytes(pickle.dumps(content, protocol=5))


@pytest.mark.parametrize("save", [save_zip, save_legacy, save_plain_pickle, save_new_pickle])
@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_is_not_sprung(
    tmp_path: Path,
    trap: Callable[[Path], Trap],
    save: Callable[[object, Path], None],
) -> None:
    path, marker = tmp_path / "evil.th", tmp_path / "marker"
    for content in (
        trap(marker),
        {"state": {**linear_state(), "x": trap(marker)}},
        {**package(), "training_args": [{"deep": (trap(marker),)}]},
    ):
        save(content, path)
        for load in (load_state_dict, load_demucs):
            with pytest.raises(BadCheckpointError):
                load(path)
    assert not marker.exists()


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_is_called_by_its_name(tmp_path: Path, trap: Callable[[Path], Trap]) -> None:
    torch.save({"state": trap(tmp_path / "marker")}, tmp_path / "evil.ckpt")
    with pytest.raises(HostileCheckpointError, match="asks for") as caught:
        load_state_dict(tmp_path / "evil.ckpt")
    name = trap(tmp_path / "marker").call[0].__name__
    # A method is fetched by name from its class.
    assert ("getattr" if name == "touch" else name) in caught.value.message


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_a_trap_in_a_bare_pickle_is_called_by_its_name(tmp_path: Path, protocol: int) -> None:
    path = tmp_path / "evil.th"
    path.write_bytes(pickle.dumps({"a": shell(tmp_path / "marker")}, protocol=protocol))
    with pytest.raises(BadCheckpointError) as caught:
        load_state_dict(path)
    # The oldest pickles do not begin like anything that torch writes.
    assert ("system" in caught.value.message) == (protocol > 0)
    assert "PyTorch" not in caught.value.message


def test_the_traps_work(tmp_path: Path) -> None:
    """Without the safe reader the payload would run; otherwise the tests above prove nothing."""
    marker = tmp_path / "marker"
    pickle.loads(pickle.dumps(executed(marker)))
    assert marker.exists()


def test_an_allowed_class_may_be_named_but_not_called(tmp_path: Path) -> None:
    content = {**package(), "training_args": built_network(tmp_path)}
    torch.save(content, tmp_path / "evil.th")
    with pytest.raises(HostileCheckpointError, match=r"build a demucs\.htdemucs\.HTDemucs"):
        load_demucs(tmp_path / "evil.th")


@pytest.mark.parametrize(
    "klass", ["os.system", "demucs.repo.LocalRepo", "demucs.htdemucs.load_model", "HTDemucs", ""]
)
def test_metadata_may_name_only_networks(tmp_path: Path, klass: str) -> None:
    path = save_safetensors(tiny_htdemucs(), tmp_path / "net.safetensors", klass=klass)
    with pytest.raises(HostileCheckpointError, match="no demucs network"):
        load_demucs(path)


@pytest.mark.parametrize("klass", [os.system, "os.system", nn.Linear, None, 3])
def test_a_package_may_name_only_networks(tmp_path: Path, klass: object) -> None:
    torch.save({**package(), "klass": klass}, tmp_path / "net.th")
    with pytest.raises(HostileCheckpointError):
        load_demucs(tmp_path / "net.th")


def test_torchscript_is_a_program(tmp_path: Path) -> None:
    weights = choose("silero-vad")
    (tmp_path / "net.pt").write_bytes(weights.paths[0].read_bytes())
    with pytest.raises(HostileCheckpointError, match="TorchScript"):
        load_state_dict(tmp_path / "net.pt")


def repacked(path: Path, change: Callable[[dict[str, bytes]], None], packing: int) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def test_extra_members_of_an_archive_are_not_read(tmp_path: Path) -> None:
    path, marker = tmp_path / "net.pt", tmp_path / "marker"
    torch.save(linear_state(), path)

    def add(members: dict[str, bytes]) -> None:
        members["net/evil.py"] = f"open({str(marker)!r}, 'w')".encode()
        members["net/evil.pkl"] = pickle.dumps(executed(marker))

    repacked(path, add, zipfile.ZIP_STORED)
    assert load_state_dict(path).keys() == linear_state().keys()
    assert not marker.exists()


def second_pickle(members: dict[str, bytes]) -> None:
    members["other/data.pkl"] = pickle.dumps(1)


@pytest.mark.parametrize(
    ("change", "packing"),
    [(second_pickle, zipfile.ZIP_STORED), (dict.copy, zipfile.ZIP_DEFLATED)],
)
def test_archives_that_torch_never_writes(
    tmp_path: Path, change: Callable[[dict[str, bytes]], None], packing: int
) -> None:
    torch.save(linear_state(), tmp_path / "net.pt")
    repacked(tmp_path / "net.pt", change, packing)
    with pytest.raises(BadCheckpointError, match="torch"):
        load_state_dict(tmp_path / "net.pt")


@pytest.mark.parametrize("length", [0, 2, 2**31, 2**63, 2**64 - 1])
def test_safetensors_with_a_wrong_header(tmp_path: Path, length: int) -> None:
    (tmp_path / "net.safetensors").write_bytes(struct.pack("<Q", length) + b'{"a":1}' + bytes(99))
    with pytest.raises(BadCheckpointError):
        load_state_dict(tmp_path / "net.safetensors")


@pytest.mark.parametrize(
    "header",
    [
        {"a": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 8]}},
        {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 2**50]}},
        {"a": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}},
        {"__metadata__": 3},
        [],
    ],
)
def test_safetensors_with_lies_in_the_header(tmp_path: Path, header: object) -> None:
    text = json.dumps(header).encode()
    path = tmp_path / "net.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(8))
    with pytest.raises(BadCheckpointError):
        load_state_dict(path)


@pytest.mark.parametrize("wrapper", ["", "state", "state_dict", "model_state_dict"])
@pytest.mark.parametrize("save", [save_zip, save_legacy])
def test_reads_weights_wrapped_or_not(
    tmp_path: Path, wrapper: str, save: Callable[[object, Path], None]
) -> None:
    state = linear_state()
    save({wrapper: state, "epoch": 3} if wrapper else state, tmp_path / "net.ckpt")
    read = load_state_dict(tmp_path / "net.ckpt")
    assert read.keys() == state.keys()
    assert all(torch.equal(read[key], state[key]) for key in state)


def test_reads_safetensors(tmp_path: Path) -> None:
    save_file(linear_state(), tmp_path / "net.safetensors")
    read = load_state_dict(tmp_path / "net.safetensors")
    assert torch.equal(read["weight"], linear_state()["weight"])


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_refuses_numbers_that_are_not_finite(
    tmp_path: Path, number: float, dtype: torch.dtype
) -> None:
    state = {key: value.to(dtype) for key, value in linear_state().items()}
    state["weight"][1, 2] = number
    torch.save(state, tmp_path / "net.ckpt")
    with pytest.raises(BadCheckpointError, match=r"weight .* not finite"):
        load_state_dict(tmp_path / "net.ckpt")


@pytest.mark.parametrize(
    "content",
    [
        {},
        [],
        {"a": 1},
        {1: torch.zeros(1)},
        {"a": torch.zeros(1).expand(10**12)},
    ],
)
def test_refuses_what_is_no_weight(tmp_path: Path, content: object) -> None:
    torch.save(content, tmp_path / "net.ckpt")
    with pytest.raises(BadCheckpointError):
        load_state_dict(tmp_path / "net.ckpt")


@pytest.mark.filterwarnings("ignore:Sparse invariant checks:UserWarning")
def test_refuses_tensors_of_other_kinds() -> None:
    sparse = torch.eye(3).to_sparse()
    with pytest.raises(BadCheckpointError, match="plain tensor"):
        checked_state({"a": sparse}, Path("net.ckpt"))


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"\x80\x02", b"<!DOCTYPE html>", b"RIFF1234WAVE", bytes(999)]
)
def test_refuses_what_is_no_checkpoint(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "net.ckpt").write_bytes(content)
    with pytest.raises(BadCheckpointError):
        load_state_dict(tmp_path / "net.ckpt")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputNotFoundError, match="gone"):
        load_state_dict(tmp_path / "gone.ckpt")


def saved_bytes(legacy: bool) -> bytes:
    out = io.BytesIO()
    torch.save(linear_state(), out, _use_new_zipfile_serialization=not legacy)
    return out.getvalue()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    legacy=st.booleans(),
    where=st.floats(0, 1, exclude_max=True),
    byte=st.integers(0, 255),
    cut=st.booleans(),
)
@example(legacy=False, where=0.987, byte=1, cut=False)  # More than one disk, says the archive.
def test_a_damaged_file_never_gives_another_error(
    tmp_path: Path, legacy: bool, where: float, byte: int, cut: bool
) -> None:
    data = bytearray(saved_bytes(legacy))
    position = int(where * len(data))
    data[position] = byte
    path = tmp_path / "net.ckpt"
    path.write_bytes(data[: position + 1] if cut else data)
    try:
        state = load_state_dict(path)
    except BadCheckpointError:
        return
    assert all(isinstance(tensor, Tensor) for tensor in state.values())


def test_says_what_does_not_agree() -> None:
    state = {f"extra{i}": torch.zeros(1) for i in range(9)}
    state["weight"] = torch.zeros(4, 4)
    with pytest.raises(BadCheckpointError) as caught:
        load_into(nn.Linear(3, 2), state, "net.ckpt")
    message = caught.value.message
    assert "net.ckpt is of another network" in message
    assert "1 missing: bias" in message
    assert "unexpected: extra0, extra1, extra2, extra3, extra4 and 4 more" in message
    assert "weight (found 4x4, expected 2x3)" in message


def test_keeps_the_precision_of_the_network() -> None:
    network = nn.Linear(3, 2)
    load_into(network, {key: value.half() for key, value in linear_state().items()}, "half.ckpt")
    assert network.weight.dtype == torch.float32
    assert torch.allclose(network.weight, linear_state()["weight"], atol=1e-3)


@pytest.mark.parametrize("parts", [("39/5",), (39, 5), ("-3",), ("1/1",)])
def test_small_fractions_are_read(parts: tuple[object, ...]) -> None:
    assert float(plain_fraction(*parts)) == pytest.approx(eval("/".join(map(str, parts))))


@pytest.mark.parametrize("parts", [("1e999999999",), ("1/0",), (1, 2, 3), ("x",), (10**12, 1)])
def test_odd_fractions_are_not(parts: tuple[object, ...]) -> None:
    with pytest.raises(BadCheckpointError, match="fraction"):
        plain_fraction(*parts)


def test_names_that_were_allowed_once_are_forgotten(tmp_path: Path) -> None:
    torch.save({"klass": HTDemucs}, tmp_path / "net.th")
    load_pickle(tmp_path / "net.th", {"demucs.htdemucs.HTDemucs": print})
    with pytest.raises(HostileCheckpointError):
        load_pickle(tmp_path / "net.th", {})


def test_a_network_without_memory_takes_over_what_was_read() -> None:
    state = linear_state()
    with torch.device("meta"):
        network, of_halves = nn.Linear(3, 2), nn.Linear(3, 2)
    load_into(network, state, "net.ckpt")
    assert network.weight.data_ptr() == state["weight"].data_ptr()
    load_into(of_halves, {key: value.half() for key, value in state.items()}, "half.ckpt")
    assert torch.equal(of_halves.weight, state["weight"].half().float())
