"""One separation by a Demucs as a process of its own, by us or by the command `demucs`.

`python -m engine.evaluation.demucs_process WEIGHTS SOUND FOLDER` is our side: the stage as in a
restore, from a sound file to one WAV file a stem.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.artifacts import ArtifactStore
from engine.content import content_hash
from engine.context import PlainContext
from engine.devices import Runner, choose_device
from engine.evaluation.network_process import Timing, peak_bytes_of
from engine.media.decoded import decoded
from engine.media.wav import write_wav
from engine.models.demucs import load_demucs
from engine.models.separation import SeparationModel
from engine.stages.separation import NetworkSeparation, SeparationRequest
from engine.types import Quality

_LOOK_S = 0.02


@dataclass(frozen=True, slots=True)
class Run:
    """What a process took.

    Attributes:
        timing: From its start to its end.
        peak_bytes: Most memory that was resident, mapped files with it; 0 where nobody tells.
    """

    timing: Timing
    peak_bytes: int


def demucs_command(weights: Path, sound: Path, folder: Path) -> list[str]:
    """The real one, without random shifts; its stems go into a folder with the network's name."""
    command = [
        sys.executable,
        "-m",
        "demucs",
        "--name",
        weights.stem,
        "--repo",
        str(weights.parent),
    ]
    command += ["--device", "cpu", "--shifts", "0", "--float32", "--clip-mode", "none"]
    return [*command, "--out", str(folder), "--filename", "{stem}.{ext}", str(sound)]


def our_command(weights: Path, sound: Path, folder: Path) -> list[str]:
    """Our side; its stems go into the folder."""
    paths = map(str, (weights, sound, folder))
    return [sys.executable, "-m", "engine.evaluation.demucs_process", *paths]


def run(command: Sequence[str]) -> Run:
    """Run a command to its end, and watch its memory.

    Raises:
        RuntimeError: It failed; says what the command said.
    """
    before, started_s, most = os.times(), time.perf_counter(), 0
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        while process.poll() is None:
            most = max(most, peak_bytes_of(process.pid))
            time.sleep(_LOOK_S)
        said = process.communicate()[1]
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{said}")
    wall_s, after = time.perf_counter() - started_s, os.times()
    cpu_s = after.children_user - before.children_user
    cpu_s += after.children_system - before.children_system
    return Run(Timing(wall_s, cpu_s), most)


def separate(weights: Path, sound: Path, folder: Path) -> None:
    """Write the stems of a sound file, float32."""
    store, context = ArtifactStore(folder / "cache"), PlainContext()
    mix = decoded(sound, store, context).mix
    network = load_demucs(weights)
    model = SeparationModel(
        network=network,
        name=weights.stem,
        fingerprint=content_hash(weights),
        sample_rate_hz=network.sample_rate_hz,
        channels=network.channels,
        stem_names=network.stem_names,
        chunk_samples=network.chunk_samples,
    )
    separation = NetworkSeparation(model, Runner(network, choose_device("cpu")), store)
    request = SeparationRequest(mix, Quality.STANDARD, network.stem_names, "separator")
    for name, stem in separation(request, context).stems.items():
        shape = stem.num_samples, stem.channels, stem.sample_rate_hz
        write_wav(folder / f"{name}.wav", store.blocks(stem), *shape)


if __name__ == "__main__":
    separate(*map(Path, sys.argv[1:]))
