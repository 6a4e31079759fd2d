"""Checkpoints as they are published and passed on, good and bad, looked at before they are kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from engine.checkpoint_files import Wishes
from engine.context import PlainContext
from engine.errors import BadCheckpointError, InputNotFoundError
from engine.models.bs_roformer import PUBLISHED_BANDS
from engine.models.demucs import build_htdemucs
from engine.models.importing import CLAIMED_FIGURE, examine
from engine.models.loading import load_separation_model
from engine.weights import Weights, choose, keep
from tests.helpers.checkpoints import (
    ROFORMER,
    STEMS,
    TINY,
    roformer_state,
    save_safetensors,
    save_th,
    tiny_htdemucs,
    write_config,
)

State = dict[str, Tensor]


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path / "data"))


def plain(state: State) -> object:
    return state


def parallel(state: State) -> object:
    return {f"module.{key}": tensor for key, tensor in state.items()}


def compiled(state: State) -> object:
    return {"state_dict": {f"model._orig_mod.{key}": tensor for key, tensor in state.items()}}


def demucs_like(state: State) -> object:
    return {"state": state, "training_args": {"lr": 1e-4}}


def whole_training(state: State) -> object:
    """As newer MSST saves: with optimizer, scores as numpy numbers and arrays."""
    return {
        "epoch": 3,
        "model_state_dict": parallel(state),
        "optimizer_state_dict": {"state": {0: {"exp_avg": torch.zeros(3)}}, "param_groups": []},
        "scheduler_state_dict": {"best": np.float64(9.5), "mode_worse": float("inf")},
        "all_losses": np.array([0.5, 0.25]),
        "best_metric": np.float32(9.5),
    }


WRAPPED = [plain, parallel, compiled, demucs_like, whole_training]


@pytest.mark.parametrize("wrapped", WRAPPED)
@pytest.mark.parametrize("zipped", [True, False])
def test_every_form_of_the_file_gives_the_same_network(
    tmp_path: Path, wrapped: Callable[[State], object], zipped: bool
) -> None:
    state = roformer_state()
    path = tmp_path / "net.ckpt"
    torch.save(wrapped(state), path, _use_new_zipfile_serialization=zipped)
    write_config(tmp_path / "net.yaml", ("vocals", "other"), "vocals")
    described = examine(path).described
    model = load_separation_model(Weights(described.card, described.paths, "user"))
    for key, tensor in model.network.state_dict().items():
        assert torch.equal(tensor, state[key])


def test_the_older_names_of_numpy_are_numbers_too(tmp_path: Path) -> None:
    path = tmp_path / "net.ckpt"
    torch.save(whole_training(roformer_state()), path, _use_new_zipfile_serialization=False)
    content = path.read_bytes()
    assert b"numpy._core.multiarray" in content
    path.write_bytes(content.replace(b"numpy._core.multiarray", b"numpy.core.multiarray"))
    write_config(tmp_path / "net.yaml", ("vocals", "other"), "vocals")
    assert examine(path).described.card.stems == ("vocals",)


def saved(folder: Path, name: str = "net.ckpt", **changes: object) -> Path:
    builder = "mel_band_roformer" if "num_bands" in changes else "bs_roformer"
    torch.save(roformer_state(builder, 0, **{"num_stems": 4, **changes}), folder / name)
    return folder / name


@pytest.mark.parametrize(
    ("instruments", "target", "stage", "stems", "remainder"),
    [
        (("vocals", "other"), "vocals", "separator", ("vocals",), "other"),
        (("vocals", "other"), "other", "separator", ("other",), "vocals"),
        (("instrumental",), "", "separator", ("instrumental",), ""),
        (("vocals", "instrumental"), "", "separator", ("vocals", "instrumental"), ""),
        (("ost", "bgm"), "", "mixed_music", ("ost", "bgm"), ""),
        (("speech", "music", "effects"), "", "separator", ("speech", "music", "effects"), ""),
        (STEMS, "", "separator", STEMS, ""),
        ((*STEMS, "guitar", "piano"), "", "separator", (*STEMS, "guitar", "piano"), ""),
    ],
)
def test_the_stems_decide_what_it_serves(
    tmp_path: Path,
    instruments: tuple[str, ...],
    target: str,
    stage: str,
    stems: tuple[str, ...],
    remainder: str,
) -> None:
    path = saved(tmp_path, num_stems=1 if target else len(instruments))
    config = write_config(tmp_path / "x.yaml", instruments, target)
    examined = examine(path, Wishes(config=config))
    card = keep(examined.described, PlainContext())
    assert (card.stage, card.stems, card.remainder) == (stage, stems, remainder)
    assert card.gflop_per_s > 0
    assert "stem" in examined.notes[0]
    assert choose(card.name).card == card


def test_the_user_goes_before_the_stems(tmp_path: Path) -> None:
    path = saved(tmp_path, num_stems=2)
    write_config(tmp_path / "net.yaml", ("vocals", "other"))
    card = examine(path, Wishes(stage="mixed_music")).described.card
    assert card.stage == "mixed_music"
    named = examine(path, Wishes(stems=("music", "dialogue"))).described.card
    assert (named.stage, named.stems) == ("separator", ("music", "dialogue"))
    with pytest.raises(BadCheckpointError, match="no voice"):
        examine(path, Wishes(stage="separator", stems=("a", "b")))
    with pytest.raises(BadCheckpointError, match="gives 2 stems, but 3 are named: a, b, c"):
        examine(path, Wishes(stems=("a", "b", "c")))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"stereo": False, "mlp_expansion_factor": 2},
        {"dim": 8, "depth": 1, "heads": 1, "dim_head": 4, "mask_estimator_depth": 3},
        {"time_transformer_depth": 2, "freq_transformer_depth": 3},
        {
            "stft_n_fft": 512,
            "stft_win_length": 512,
            "dim_freqs_in": 257,
            "freqs_per_bands": (1, 64, 192),
        },
    ],
)
def test_without_a_configuration_the_shapes_tell(tmp_path: Path, changes: dict[str, Any]) -> None:
    path = saved(tmp_path, **{**changes, "num_stems": 1})
    examined = examine(path)
    bands = {"stft_n_fft": 2048, "stft_win_length": 2048, "dim_freqs_in": 1025}
    expected = {**bands, "freqs_per_bands": PUBLISHED_BANDS, **ROFORMER, **changes}
    found = {**examined.described.card.config}
    assert tuple(found.pop("freqs_per_bands")) == expected.pop("freqs_per_bands")
    assert found == expected
    assert any("441 samples" in note for note in examined.notes)
    assert any("taken for vocals" in note for note in examined.notes)


def test_names_of_many_stems_are_not_guessed(tmp_path: Path) -> None:
    path = saved(tmp_path)
    with pytest.raises(BadCheckpointError, match="4 stems and nothing names them"):
        examine(path)
    assert examine(path, Wishes(stems=STEMS)).described.card.stems == STEMS
    assert examine(saved(tmp_path, num_stems=2)).described.card.stems == ("music1", "music2")


def test_zero_dc_is_off_unless_the_configuration_says_so(tmp_path: Path) -> None:
    """As in the code by which published checkpoints were trained, not as in newer MSST."""
    path = saved(tmp_path, num_stems=1)
    write_config(tmp_path / "net.yaml", ("vocals", "other"), "vocals")
    write_config(tmp_path / "zero.yaml", ("vocals", "other"), "vocals", zero_dc=True)
    stems = []
    for config in (None, tmp_path / "zero.yaml"):
        described = examine(path, Wishes(config=config)).described
        model = load_separation_model(Weights(described.card, described.paths, "user"))
        with torch.inference_mode():
            stems.append(model.network.eval()(torch.full((1, 2, 44_100), 0.25)))
    # The lost bin holds what is below 11 Hz; its two neighbours share a constant with it.
    lost = stems[0] - stems[1]
    assert float(lost.abs().max()) > 1e-4
    spectrum = torch.fft.rfft(lost[0, 0, 0, 10_000:30_000]).abs()
    assert float(spectrum[:5].sum()) > 0.9 * float(spectrum.sum())


def test_the_figure_of_the_author_is_kept(tmp_path: Path) -> None:
    path = saved(tmp_path, "model_bs_roformer_ep_17_sdr_9.6568.ckpt", num_stems=1)
    assert examine(path).described.card.measured == {CLAIMED_FIGURE: 9.6568}
    assert examine(path, Wishes(sdr_db=8.5)).described.card.measured == {CLAIMED_FIGURE: 8.5}
    assert not examine(saved(tmp_path, num_stems=1)).described.card.measured


@pytest.mark.parametrize("stems", [1, 2])
def test_a_mel_band_roformer_is_told_by_its_keys(tmp_path: Path, stems: int) -> None:
    path = saved(tmp_path, num_bands=60, num_stems=stems, mask_estimator_depth=2)
    by_shapes = examine(path).described.card
    assert by_shapes.builder == "mel_band_roformer"
    names = ("vocals", "other")[:stems]
    write_config(tmp_path / "net.yaml", names, num_bands=60, sample_rate=44_100)
    by_config = examine(path).described.card
    assert by_config.config.items() <= {**by_shapes.config, "sample_rate": 44_100}.items()
    write_config(tmp_path / "net.yaml", names)
    with pytest.raises(BadCheckpointError, match="the file is a Mel-band RoFormer"):
        examine(path)


VARIANTS = {
    "layers.1.0.layers.0.0.to_value_residual_mix.weight": "value residual",
    "layers.0.0.layers.0.0.branch.norm.gamma": "hyper-connections",
    "layers.0.0.layers.0.0.pope_embed.bias": "PoPE",
    "mask_estimators.0.segm.backbone.stem.dwconv.weight": "HyperACE",
    "layers.0.0.layers.0.0.temperature": "linear attention",
    "layers.0.0.layers.0.0.to_qkv.lora_A": "LoRA",
    "layers.0.0.layers.0.ff1.ff.net.0.gamma": "Conformer",
}


@pytest.mark.parametrize(("key", "words"), VARIANTS.items())
@pytest.mark.parametrize("with_config", [True, False])
def test_a_newer_variant_is_called_by_its_name(
    tmp_path: Path, key: str, words: str, with_config: bool
) -> None:
    torch.save({**roformer_state(), key: torch.zeros(2)}, tmp_path / "net.ckpt")
    if with_config:
        write_config(tmp_path / "net.yaml", ("vocals", "other"), "vocals")
    with pytest.raises(BadCheckpointError, match=f"newer variant of the network: {words}"):
        examine(tmp_path / "net.ckpt")


def without_some(state: State) -> State:
    kept = dict(list(state.items())[:5] + list(state.items())[14:])
    return {**kept, "extra.weight": torch.zeros(3)}


def of_another_shape(state: State) -> State:
    return {**state, "band_split.to_features.3.1.bias": torch.zeros(17)}


def with_nan(state: State) -> State:
    state["final_norm.gamma"] = state["final_norm.gamma"].clone()
    state["final_norm.gamma"][2:4] = torch.tensor([float("nan"), float("inf")])
    return state


def beheaded(state: State) -> State:
    return {k: v for k, v in state.items() if k != "layers.0.0.layers.0.0.to_gates.bias"}


def riddled(state: State) -> State:
    block, kept = "layers.0.0.layers.0.", ("gamma", "freqs")
    return {k: v for k, v in state.items() if not k.startswith(block) or k.endswith(kept)}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without_some, r"9 missing: (layers\S+, ){4}layers\S+ and 4 more; 1 unexpected: extra"),
        (
            of_another_shape,
            r"1 of another shape: band_split\S+3\.1\.bias \(found 17, expected 16\)",
        ),
        (with_nan, r"final_norm\.gamma in net\.ckpt is not finite: 2 of its 16 numbers"),
        (beheaded, r"no whole RoFormer: 1 missing: layers\.0\.0\.layers\.0\.0\.to_gates\.bias"),
        (riddled, r"8 missing: (layers\.0\.0\.\S+, ){4}layers\S+ and 3 more"),
        (lambda _: {"a.weight": torch.zeros(2)}, r"1 unexpected: a\.weight"),
    ],
)
def test_bad_weights_are_told_in_one_line(
    tmp_path: Path, change: Callable[[State], State], words: str
) -> None:
    torch.save(change(roformer_state()), tmp_path / "net.ckpt")
    write_config(tmp_path / "net.yaml", ("vocals", "other"), "vocals")
    with pytest.raises(BadCheckpointError, match=words) as caught:
        examine(tmp_path / "net.ckpt")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dim": 32, "depth": 1}, r"the file has dim 16 instead of 32, depth 2 instead of 1"),
        ({"num_stems": 2}, r"num_stems 4 instead of 2"),
        ({"heads": 4}, r"heads 2 instead of 4"),
        ({"mlp_expansion_factor": 4}, r"mlp_expansion_factor 1 instead of 4"),
        ({"freqs_per_bands": [25, 1000]}, r"\d+ unexpected: band_split.*expected 100"),
        ({"num_bands": 60}, r"the file is a BS-RoFormer"),
        ({"stft_n_fft": 512}, r"builds no network"),
    ],
)
def test_a_configuration_of_another_network_is_told(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    path = saved(tmp_path)
    write_config(tmp_path / "net.yaml", STEMS, **changes)
    with pytest.raises(BadCheckpointError, match=words):
        examine(path)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.999])
@pytest.mark.parametrize("kind", ["ckpt", "safetensors", "legacy"])
def test_a_cut_off_file_is_called_so(tmp_path: Path, kind: str, share: float) -> None:
    path = tmp_path / "net.ckpt"
    state = {key: tensor.clone() for key, tensor in roformer_state().items()}
    if kind == "safetensors":
        save_file(state, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=kind == "ckpt")
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    write_config(tmp_path / "net.yaml", ("vocals", "other"), "vocals")
    with pytest.raises(BadCheckpointError, match=r"net\.ckpt is cut off"):
        examine(path)


def test_what_is_of_no_known_network_is_told(tmp_path: Path) -> None:
    torch.save({"encoder.weight": torch.zeros(2, 2)}, tmp_path / "net.ckpt")
    with pytest.raises(BadCheckpointError, match=r"no network that is known .*encoder\.weight"):
        examine(tmp_path / "net.ckpt")
    with pytest.raises(InputNotFoundError, match=r"gone\.yaml"):
        examine(tmp_path / "net.ckpt", Wishes(config=tmp_path / "gone.yaml"))


def test_demucs_describes_itself(tmp_path: Path) -> None:
    network = tiny_htdemucs()
    for path in (
        save_th(network, tmp_path, "aaaa0001"),
        save_safetensors(network, tmp_path / "bbbb0002.safetensors"),
    ):
        card = examine(path).described.card
        assert (card.stage, card.builder, card.stems) == ("separator", "demucs", STEMS)
        assert (card.sample_rate_hz, card.chunk_samples) == (44_100, 44_100)


def test_a_demucs_that_was_trained_by_others(tmp_path: Path) -> None:
    """A raw state dict with MSST's YAML: the arguments in a section of the network's name."""
    torch.manual_seed(0)
    network = build_htdemucs(sources=["vocals", "other"], segment=1, **TINY).networks[0]
    torch.save(network.state_dict(), tmp_path / "net.ckpt")
    (tmp_path / "net.yaml").write_text(
        "training:\n  samplerate: 44100\n  channels: 2\n  segment: 1\n"
        "  instruments: ['vocals', 'other']\nmodel: htdemucs\nhtdemucs:\n  num_subbands: 1\n"
        "  channels_time:\n" + "".join(f"  {key}: {value}\n" for key, value in TINY.items())
    )
    card = examine(tmp_path / "net.ckpt").described.card
    assert (card.stage, card.builder, card.stems) == ("separator", "htdemucs", ("vocals", "other"))
    (tmp_path / "net.yaml").write_text("model: htdemucs\ntraining: {instruments: [a]}\n")
    with pytest.raises(BadCheckpointError, match="of another network"):
        examine(tmp_path / "net.ckpt")


@pytest.mark.parametrize(
    ("field", "old", "new"),
    [
        ("stft_hop_length", "stft_hop_length: 441", "stft_hop_length: 0"),
        ("stft_hop_length", "stft_hop_length: 441", "stft_hop_length: -441"),
        ("chunk_size", "chunk_size: 44100", "chunk_size: 99999999999999"),
        ("sample_rate", "sample_rate: 44100", "sample_rate: 99999999999"),
    ],
)
def test_absurd_sizes_are_refused_by_name(tmp_path: Path, field: str, old: str, new: str) -> None:
    config = write_config(tmp_path / "net.yaml", STEMS)
    config.write_text(config.read_text().replace(old, new))
    with pytest.raises(BadCheckpointError, match=field):
        examine(saved(tmp_path))


def test_frames_with_gaps_between_them_are_told_in_one_line(tmp_path: Path) -> None:
    write_config(tmp_path / "net.yaml", STEMS, stft_win_length=441)
    with pytest.raises(BadCheckpointError, match="cannot be run") as caught:
        examine(saved(tmp_path))
    assert "\n" not in str(caught.value)


def test_names_of_stems_lead_nowhere(tmp_path: Path) -> None:
    write_config(tmp_path / "net.yaml", ("../../../../tmp/x", "b"))
    path = saved(tmp_path, num_stems=2)
    with pytest.raises(BadCheckpointError, match="no plain name"):
        examine(path)
    assert examine(path, Wishes(stems=("ost", "bgm"))).described.card.stems == ("ost", "bgm")


@pytest.mark.parametrize("kind", [torch.int32, torch.complex64])
def test_numbers_of_another_kind_are_refused(tmp_path: Path, kind: torch.dtype) -> None:
    write_config(tmp_path / "net.yaml", STEMS)
    state = {key: tensor.to(kind) for key, tensor in roformer_state(num_stems=4).items()}
    torch.save(state, tmp_path / "net.ckpt")
    with pytest.raises(BadCheckpointError, match=f"found {str(kind)[6:]}, expected float32"):
        examine(tmp_path / "net.ckpt")
