"""Soundtrack against song: figures that can be told beforehand, and the ceilings in their order."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from app.cli.run import DONE, run_command
from engine.context import PlainContext
from engine.datasets.mixing import Mix
from engine.datasets.oasd import Oasd
from engine.datasets.oasd_making import make_oasd
from engine.dsp.metrics import LIMIT_DB
from engine.evaluation.roles import (
    CEILINGS,
    COLUMNS,
    PAPER,
    Row,
    Separation,
    by_ideal_mask,
    by_network,
    codec_bound,
    measure_roles,
    table,
    the_mix_itself,
)
from engine.models.separation import SeparationModel
from engine.training.publish import BEST
from engine.training.recipes import ROLES
from engine.training.start import open_network
from engine.training.trainer import save_half
from tests.helpers.measures import RATE_HZ, sine, stereo
from tests.helpers.media import noise
from tests.helpers.oasd import request_for, write_folders


def mix_of(number: int, bgm_gain: float = 1.0) -> Mix:
    """Two chords of tones, with nothing else."""
    ost, bgm = (stereo(sine(hz * (1 + number), 1.0)) for hz in (301, 1733))
    bgm = bgm * np.float32(bgm_gain)
    silence = np.zeros_like(ost)
    return Mix(silence, silence, ost, bgm, None, None, f"ost {number}", f"bgm {number}")


MIXES = [mix_of(number) for number in range(3)]


def measured(ways: dict[str, Separation], mixes: list[Mix] = MIXES) -> dict[str, Row]:
    return {row.name: row for row in measure_roles(ways, mixes, len(mixes), PlainContext())}


class Halves(nn.Module):
    """Low sounds first, or last."""

    def __init__(self, *, turned: bool) -> None:
        super().__init__()
        self.turned = turned

    def forward(self, x: Tensor) -> Tensor:
        """(1, channels, samples) -> (1, 2, channels, samples)."""
        spectrum = torch.fft.rfft(x)
        border = round(1000 * x.shape[-1] / RATE_HZ)
        low = spectrum.clone()
        low[..., border:] = 0
        stems = [torch.fft.irfft(s, x.shape[-1]) for s in (low, spectrum - low)]
        return torch.stack(stems[::-1] if self.turned else stems, dim=1)


def model(*, turned: bool) -> SeparationModel:
    return SeparationModel(Halves(turned=turned), "halves", "0", RATE_HZ, 2, ("a", "b"), 44_100)


def test_the_mix_of_two_equal_sounds_has_no_gain() -> None:
    row = measured({"mix": the_mix_itself})["mix"]
    for column in COLUMNS:
        assert row.figures[column].mean == pytest.approx(0, abs=0.05)
        assert row.figures[column].count == 3


def test_a_perfect_network_is_perfect_and_an_order_counts_where_there_is_one() -> None:
    ways = {
        "right": by_network(model(turned=False), ordered=True),
        "turned": by_network(model(turned=True), ordered=True),
        "free": by_network(model(turned=True), ordered=False),
    }
    rows = measured(ways)
    assert min(m.mean or 0 for m in rows["right"].figures.values()) > 60
    assert min(m.mean or 0 for m in rows["free"].figures.values()) > 60
    assert max(m.mean or 0 for m in rows["turned"].figures.values()) < 0.1


def test_a_network_of_another_rate_is_compared_at_full_rate() -> None:
    at_half = replace(model(turned=False), sample_rate_hz=22_050)
    found = by_network(at_half, ordered=False)(MIXES[0])
    assert found.shape == (2, 2, RATE_HZ)


def test_a_silent_side_is_not_counted() -> None:
    row = measured({"mix": the_mix_itself}, [mix_of(0), mix_of(1, bgm_gain=0.0)])["mix"]
    assert row.figures["bgm_sdr_db"].count == 1
    assert row.figures["ost_sdr_db"].count == 2
    assert row.figures["ost_sdr_db"].mean == pytest.approx(LIMIT_DB / 2, abs=1)


def test_a_silent_side_leaves_the_order_to_the_other() -> None:
    mix = mix_of(1, bgm_gain=0.0)
    for turned in (False, True):
        ost, bgm = by_network(model(turned=turned), ordered=False)(mix)
        np.testing.assert_allclose(ost, mix.ost, atol=1e-3)
        np.testing.assert_allclose(bgm, 0, atol=1e-3)


def test_the_ceilings_lie_over_the_mix() -> None:
    ost, bgm = (noise(1.0, RATE_HZ, seed=seed) for seed in (0, 1))
    swelling = np.linspace(0, 2, RATE_HZ, dtype=np.float32)  # what a mask can tell them by
    mix = Mix(0 * ost, 0 * ost, ost, bgm * swelling, ost_item=None, bgm_item=None)
    rows = measured(CEILINGS, [mix])
    mean = {name: row.figures["ost_si_sdr_db"].mean or 0 for name, row in rows.items()}
    assert mean["ideal ratio mask"] > mean["the mix itself"] + 3
    # A codec that keeps everything would be none.
    assert mean["the mix itself"] + 3 < mean["codec bound, AAC 128 kbit/s"] < 40
    # Tones far apart are nothing to a mask; and it leaves nothing over.
    masked = by_ideal_mask(MIXES[0])
    np.testing.assert_allclose(masked.sum(0), MIXES[0].mix, atol=1e-3)
    assert codec_bound(MIXES[0]).shape == (2, 2, RATE_HZ)


def test_the_ideal_mask_leaves_speech_and_effects_out() -> None:
    dialogue, effects = (stereo(sine(hz, 1.0)) for hz in (5003, 9001))
    stems = by_ideal_mask(replace(MIXES[0], dialogue=dialogue, effects=effects))
    # Where a tone begins abruptly it is everywhere.
    inner = slice(4096, -4096)
    for found, wanted in zip(stems, (MIXES[0].ost, MIXES[0].bgm), strict=True):
        np.testing.assert_allclose(found[:, inner], wanted[:, inner], atol=1e-2)


def test_the_papers_rows_stand_first_and_the_formula_is_noted() -> None:
    row = Row("ours", PAPER[0].figures)
    lines = list(table([row]))
    assert "| paper, fine-tuned |  | 11.45 | 11.06 | 8.23 | 7.53 |\n" in lines
    assert lines[4].startswith("| ours |")
    assert "formula printed in the paper" in lines[-1]


@pytest.fixture
def oasd(tmp_path: Path) -> Oasd:
    return make_oasd(request_for(tmp_path / "oasd", write_folders(tmp_path, 10)), PlainContext())


def test_a_run_is_measured_from_the_command_line(
    oasd: Oasd, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    tiny = replace(ROLES, config={**ROLES.config, "dim": 8, "depth": 1})
    run = tmp_path / "run"
    _, network, _ = open_network(tiny, run)
    save_half(dict(network.state_dict()), run / BEST)
    arguments = [ROLES.name, "--corpus", str(oasd.root), "--run", str(run), "--mixes", "3"]
    assert run_command("evaluate", ["separator", *arguments, "--json"]) == DONE
    told = json.loads(capfd.readouterr().out)
    names = [row["name"] for row in told["rows"]]
    assert names[:2] == ["starter-music, not tuned, better order", "starter-ost-bgm, tuned"]
    assert set(names[2:]) == set(CEILINGS)
    assert {line["group"] for line in told["groups"]} >= {"all", "stem ost", "stem bgm"}
    assert told["rows"][1]["figures"]["ost_sdr_db"]["count"] == 3
