"""Configurations beside checkpoints, read without running what is in them."""

from pathlib import Path

import pytest

from engine.errors import BadCheckpointError
from engine.published_configs import read_config
from tests.helpers.checkpoints import STEMS, write_config


def test_what_is_published_is_read(tmp_path: Path) -> None:
    config = read_config(write_config(tmp_path / "x.yaml", STEMS, num_bands=60))
    assert config.builder == "mel_band_roformer"
    assert (config.stems, config.sample_rate_hz, config.chunk_samples) == (STEMS, 44_100, 44_100)
    assert config.options["stft_hop_length"] == 441
    assert not any(key.startswith(("multi_stft", "use_torch", "flash")) for key in config.options)


def test_the_length_for_inference_goes_first(tmp_path: Path) -> None:
    path = write_config(tmp_path / "x.yaml", STEMS)
    path.write_text(path.read_text() + "  chunk_size: 88200\n")
    assert read_config(path).chunk_samples == 88_200


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("use_pope: true", "PoPE"),
        ("num_residual_streams: 4", "hyper-connections"),
        ("use_value_residual_learning: true", "value residual"),
        ("linear_transformer_depth: 1", "linear attention"),
    ],
)
def test_newer_variants_are_called_by_their_names(tmp_path: Path, option: str, words: str) -> None:
    (tmp_path / "x.yaml").write_text(f"model: {{dim: 8, depth: 1, {option}}}\n")
    with pytest.raises(BadCheckpointError, match=words):
        read_config(tmp_path / "x.yaml")


def test_variants_that_are_switched_off_are_none(tmp_path: Path) -> None:
    off = "use_pope: false, num_residual_streams: 1, linear_transformer_depth: 0"
    (tmp_path / "x.yaml").write_text(f"model: {{dim: 8, depth: 1, {off}}}\n")
    assert read_config(tmp_path / "x.yaml").options == {"dim": 8, "depth": 1}


@pytest.mark.parametrize(
    "text",
    [
        "model: {dim: 3}",
        "[]",
        "model: [",
        "model: 5",
        "model: {act: gelu, num_channels: 128}",
        "- !!int x",
        "model: {dim: 1, depth: 1}\ntraining:",
        "model: {dim: 1, depth: 1}\ntraining: [1, 2]",
        "model: {dim: 1, depth: 1}\ntraining: {instruments: 5}",
        "model: {dim: 1, depth: 1}\ntraining: {instruments: [a, a]}",
        "model: {dim: 1, depth: 1}\naudio: {sample_rate: abc}",
        "model: {dim: 1, depth: 1}\naudio: {chunk_size: -1}",
        "model: !!python/object/apply:os.system ['touch marker']",
        "model: !!python/tuple {a: 1}",
        "&a [*a]",
    ],
)
def test_configurations_of_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(BadCheckpointError):
        read_config(tmp_path / "x.yaml")
    assert not (tmp_path / "marker").exists()
