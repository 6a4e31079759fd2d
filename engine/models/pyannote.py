"""pyannote's speaker segmentation, used as a voice detector.

Source: Bredin, Laurent, "End-to-end speaker segmentation for overlap-aware resegmentation"
(arXiv 2104.04045); Plaquet, Bredin, "Powerset multi-class cross entropy loss for neural speaker
diarization" (Interspeech 2023). The network class is that of `pyannote.audio`; its file loader is
never called, since it runs what a file contains, and its telemetry is off before it is imported.
"""

import importlib
import math
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.torch_version import TorchVersion

from engine.checkpoints import checked_state, load_into, load_pickle
from engine.content import content_hash
from engine.errors import BadCheckpointError
from engine.models.voice import MonoBlock
from engine.translation import tr

MAX_WINDOW_S = 60.0
"""Longer windows than any published network has."""

_TASK = "pyannote.audio.core.task"
_TASK_CLASSES = ("Specifications", "Problem", "Resolution")


class PyannoteVad(nn.Module):
    """A segmentation network, run over overlapping windows.

    Attributes:
        name: Name and hash of the weights.
        sample_rate_hz: Rate of the sound it hears.
        frame_samples: Step between two answers.
        network: The `PyanNet`.
        window_samples: Length of a window.
        window_frames: Answers of a window.
    """

    def __init__(self, network: nn.Module, *, window_s: float, powerset: bool, name: str) -> None:
        super().__init__()
        parts: Any = network
        self.name = name
        self.network = network
        self.powerset = powerset
        self.sample_rate_hz = int(parts.hparams.sample_rate)
        self.window_samples = round(window_s * self.sample_rate_hz)
        self.window_frames = int(parts.num_frames(self.window_samples))
        self.frame_samples = int(parts.receptive_field_size(2) - parts.receptive_field_size(1))
        # The net's first answer is about the middle of what it sees, not about the first step.
        centre_samples = float(parts.receptive_field_center(0))
        self._lead_frames = max(0, round(centre_samples / self.frame_samples - 0.5))

    def forward(self, windows: Tensor) -> Tensor:
        """(batch, 1, samples) -> (batch, frames): probability that anybody speaks."""
        scores: Tensor = self.network(windows)
        # The first class of a powerset is the empty set: nobody.
        return 1 - scores[..., 0].exp() if self.powerset else scores.amax(-1)

    @torch.inference_mode()
    def activity(self, blocks: Iterable[MonoBlock]) -> Iterator[MonoBlock]:
        """Probability of speech in each frame; see `VoiceDetector`."""
        hop_frames = max(1, self.window_frames // 2)
        fade = np.bartlett(self.window_frames + 2)[1:-1].astype(np.float32)
        sums, weights = np.zeros((2, self.window_frames), np.float32)
        grid = _FrameGrid(self._lead_frames)
        counted = _Counted(blocks)
        for window in _windows(counted, self.window_samples, hop_frames * self.frame_samples):
            sums += fade * self._judge(window)
            weights += fade
            yield grid.placed(sums[:hop_frames] / weights[:hop_frames], self._frames_of(counted))
            sums, weights = (
                np.concatenate([part[hop_frames:], np.zeros(hop_frames, np.float32)])
                for part in (sums, weights)
            )
        covered = weights > 0
        yield grid.placed(sums[covered] / weights[covered], self._frames_of(counted))
        yield grid.held(self._frames_of(counted))

    def _frames_of(self, counted: "_Counted") -> int:
        return math.ceil(counted.samples / self.frame_samples)

    def _judge(self, window: MonoBlock) -> MonoBlock:
        device = next(self.network.parameters()).device
        judged: MonoBlock = self(torch.from_numpy(window).to(device)[None, None])[0].cpu().numpy()
        return judged


def load_pyannote(path: Path) -> PyannoteVad:
    """A published segmentation checkpoint (`pytorch_model.bin`), as a voice detector.

    Importing pyannote takes about ten seconds, so it is imported here.

    Raises:
        HostileCheckpointError: The file wants to run code.
        BadCheckpointError: It is damaged, or not a `PyanNet`.
    """
    task = import_quietly(_TASK)
    content = load_pickle(
        path,
        {
            **{
                f"{_TASK}.{n}": getattr(task, n)
                for n in ("Specifications", "Problem", "Resolution")
            },
            "torch.torch_version.TorchVersion": TorchVersion,
        },
    )
    try:
        about = content["pyannote.audio"]
        specifications, class_name = about["specifications"], about["architecture"]["class"]
        arguments, state = content["hyper_parameters"], content["state_dict"]
        window_s = float(specifications.duration)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadCheckpointError(tr("{file} is no pyannote checkpoint", file=path.name)) from error
    if class_name != "PyanNet" or not 0 < window_s <= MAX_WINDOW_S:
        raise BadCheckpointError(
            tr("{file} is not a PyanNet", file=path.name), tr("other kinds are not known here")
        )
    if specifications.problem == task.Problem.MONO_LABEL_CLASSIFICATION and (
        specifications.powerset_max_classes is None
    ):
        raise BadCheckpointError(
            tr("{file} tells one class a frame, not who speaks", file=path.name)
        )
    network = _build(specifications, arguments, path.name)
    load_into(network, checked_state(state, path), path.name)
    model = PyannoteVad(
        network,
        window_s=window_s,
        powerset=specifications.powerset,
        name=f"pyannote {content_hash(path)[:8]}",
    )
    return model.eval()


def _build(specifications: Any, arguments: Any, source: str) -> nn.Module:
    """A `PyanNet` with fresh weights."""
    module = import_quietly("pyannote.audio.models.segmentation.PyanNet")
    if not isinstance(arguments, Mapping):
        raise BadCheckpointError(tr("the arguments in {source} are damaged", source=source))
    try:
        network = module.PyanNet(**arguments)
        network.specifications = specifications
        network.build()
    except (AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise BadCheckpointError(
            tr("the arguments in {source} build no network: {error}", source=source, error=error)
        ) from error
    built: nn.Module = network
    return built


def import_quietly(name: str) -> ModuleType:
    """Import a module of pyannote that reports to nobody."""
    os.environ["PYANNOTE_METRICS_ENABLED"] = "false"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # dozens of its dependencies' deprecations
        module = importlib.import_module(name)
        telemetry = importlib.import_module("pyannote.audio.telemetry.metrics")
    # Ends the thread that would send reports; whatever is reported later is dropped.
    telemetry.provider.shutdown()
    return module


class _Counted:
    """Counts the samples that pass by."""

    def __init__(self, blocks: Iterable[MonoBlock]) -> None:
        self._blocks = blocks
        self.samples = 0

    def __iter__(self) -> Iterator[MonoBlock]:
        """The blocks."""
        for block in self._blocks:
            self.samples += len(block)
            yield block


class _FrameGrid:
    """Moves the net's answers to where they belong and holds the first and the last one."""

    def __init__(self, lead_frames: int) -> None:
        self._lead_frames = lead_frames
        self._frames = 0
        self._held = np.zeros(1, np.float32)

    def placed(self, frames: MonoBlock, total_frames: int) -> MonoBlock:
        """The next answers, at most `total_frames` in all."""
        if self._frames == 0:
            frames = np.concatenate([np.repeat(frames[:1], self._lead_frames), frames])
        frames = frames[: total_frames - self._frames]
        if len(frames):
            self._held = frames[-1:]
        self._frames += len(frames)
        return frames

    def held(self, total_frames: int) -> MonoBlock:
        """The last answer again, until there are `total_frames`."""
        return np.repeat(self._held, total_frames - self._frames)


def _windows(
    blocks: Iterable[MonoBlock], window_samples: int, hop_samples: int
) -> Iterator[MonoBlock]:
    """Overlapping windows; silence fills the last one."""
    rest = np.zeros(0, np.float32)
    known_samples = 0
    for block in blocks:
        rest = np.concatenate([rest, block])
        while len(rest) >= window_samples:
            yield rest[:window_samples]
            rest = rest[hop_samples:]
            known_samples = window_samples - hop_samples
    if len(rest) > known_samples:
        yield np.pad(rest, (0, window_samples - len(rest)))
