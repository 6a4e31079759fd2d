"""What a separating network costs: its work for a second of sound, and how fast this machine is."""

import logging
import time
from pathlib import Path

import msgspec
import torch
from demucs.htdemucs import HTDemucs
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from engine.devices import Device
from engine.errors import BadCheckpointError, OutputError
from engine.media.atomic import atomic_output, make_folder
from engine.models.separation import SeparationModel
from engine.models.tile_threads import undivided
from engine.translation import tr

log = logging.getLogger(__name__)

_TRIAL_S = 1.0
_PROBE_SIZE = 1024
_PROBE_ROUNDS = 8
_SUSTAINED_SHARE = 0.5
"""Part of the speed of one big product that whole networks reach; about right within a factor 2."""


def work_gflop_per_s(model: SeparationModel) -> float:
    """Run a network on a little noise and count its work.

    Products and convolutions are counted, as torch does it; the few percent more that attention
    costs in chunks longer than the trial are not.

    Returns:
        GFLOP for a second of sound.

    Raises:
        BadCheckpointError: What comes out is no sound.
    """
    trial_s = model.chunk_samples / model.sample_rate_hz
    if not _fills_up(model.network):
        trial_s = min(trial_s, _TRIAL_S)
    num_samples = round(trial_s * model.sample_rate_hz)
    noise = 0.1 * torch.randn(1, model.channels, num_samples, generator=_seed())
    counter = FlopCounterMode(display=False)
    # Of all kernels of attention only this one is counted on every device.
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), undivided(), counter:
        stems = model.network.eval()(noise)
    if stems.shape != (1, len(model.stem_names), *noise.shape[1:]):
        raise BadCheckpointError(
            tr(
                "{model} gives sound of the shape {shape}",
                model=model.name,
                shape=tuple(stems.shape),
            )
        )
    if not bool(torch.isfinite(stems).all()):
        raise BadCheckpointError(
            tr("{model} gives sound that is not finite", model=model.name),
            tr("its weights are damaged"),
        )
    return float(counter.get_total_flops()) / 1e9 / trial_s


def _fills_up(network: nn.Module) -> bool:
    """Whether whatever is shorter than a chunk takes as much work as a whole one."""
    return any(isinstance(module, HTDemucs) for module in network.modules())


def speed_gflop_per_s(device: Device, memory: Path) -> float:
    """About how much work networks get done here in a second; measured once a machine.

    Args:
        device: Where they run.
        memory: File that keeps what was measured.
    """
    key = f"{device.words}, {device.dtype}, torch {torch.__version__}"
    speeds = _remembered(memory)
    if key not in speeds:
        speeds[key] = _SUSTAINED_SHARE * _product_gflop_per_s(device)
        _remember(speeds, memory)
    return speeds[key]


def _remembered(memory: Path) -> dict[str, float]:
    try:
        return msgspec.json.decode(memory.read_bytes(), type=dict[str, float])
    except (OSError, msgspec.MsgspecError):
        return {}


def _remember(speeds: dict[str, float], memory: Path) -> None:
    try:
        make_folder(memory.parent)
        with atomic_output(memory) as part:
            part.write_bytes(msgspec.json.encode(speeds))
    except OutputError as error:
        # Then it is measured again next time.
        log.warning("the speed of this machine is not kept: %s", error)


def _product_gflop_per_s(device: Device) -> float:
    """Speed of one product of square matrices, the best of some."""
    factor = torch.ones(_PROBE_SIZE, _PROBE_SIZE, device=device.kind, dtype=device.dtype)
    times_s = []
    for _ in range(_PROBE_ROUNDS):
        started_s = time.perf_counter()
        # Reading a number back waits for the device.
        (factor @ factor)[0, 0].item()
        times_s.append(time.perf_counter() - started_s)
    return 2 * _PROBE_SIZE**3 / min(times_s) / 1e9


def _seed() -> torch.Generator:
    return torch.Generator().manual_seed(0)
