"""Silero's voice activity detector, version 5 and later, at 16 kHz.

Source: Silero Team, "Silero VAD" (github.com/snakers4/silero-vad, MIT). The weights lie in the
wheel `silero-vad` as a TorchScript program that takes one 32 ms window at a time. Here only its
weights are used: the convolutions take many windows at once and the recurrent part runs through
them in one call, with the same answers. The package is not imported: it would set torch to one
thread.
"""

import importlib.util
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.checkpoints import load_into
from engine.content import content_hash
from engine.errors import HostileCheckpointError
from engine.models.voice import MonoBlock
from engine.translation import tr

WINDOW_SAMPLES = 512
CONTEXT_SAMPLES = 64
"""Samples of the window before, which every window is given."""

WINDOWS_AT_ONCE = 512
"""About 16 s; bounds the memory."""

_STFT_SAMPLES = 256
_BINS = _STFT_SAMPLES // 2 + 1
_HIDDEN = 128

_PUBLISHED_NAMES = {
    "stft_conv.weight": "stft.forward_basis_buffer",
    **{
        f"conv{i + 1}.{kind}": f"encoder.{i}.reparam_conv.{kind}"
        for i in range(4)
        for kind in ("weight", "bias")
    },
    **{
        f"lstm.{kind}_{side}_l0": f"decoder.rnn.{kind}_{side}"
        for kind in ("weight", "bias")
        for side in ("ih", "hh")
    },
    "final_conv.weight": "decoder.decoder.2.weight",
    "final_conv.bias": "decoder.decoder.2.bias",
}

_load_program: Callable[..., torch.jit.ScriptModule] = torch.jit.load

State = tuple[Tensor, Tensor]


class SileroVad(nn.Module):
    """Spectrum, four convolutions, one LSTM, one probability a window.

    Attributes:
        name: Name of the network.
        sample_rate_hz: Rate of the sound it hears.
        frame_samples: Step between two answers.
    """

    sample_rate_hz = 16_000
    frame_samples = WINDOW_SAMPLES

    def __init__(self, name: str = "silero_vad") -> None:
        super().__init__()
        self.name = name
        self.stft_conv = nn.Conv1d(1, 2 * _BINS, _STFT_SAMPLES, stride=128, bias=False)
        self.conv1 = nn.Conv1d(_BINS, 128, 3, padding=1)
        self.conv2 = nn.Conv1d(128, 64, 3, stride=2, padding=1)
        self.conv3 = nn.Conv1d(64, 64, 3, stride=2, padding=1)
        self.conv4 = nn.Conv1d(64, _HIDDEN, 3, padding=1)
        self.lstm = nn.LSTM(_HIDDEN, _HIDDEN, batch_first=True)
        self.final_conv = nn.Conv1d(_HIDDEN, 1, 1)

    def forward(self, windows: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Judge windows that follow each other.

        Args:
            windows: (batch, windows, CONTEXT_SAMPLES + WINDOW_SAMPLES).
            state: What the LSTM remembers of the windows before.

        Returns:
            (batch, windows) probabilities, and the state after the last window.
        """
        batch, num_windows, _ = windows.shape
        x = functional.pad(windows.flatten(0, 1).unsqueeze(1), (0, CONTEXT_SAMPLES), "reflect")
        real, imaginary = self.stft_conv(x).split(_BINS, dim=1)
        x = (real.square() + imaginary.square()).sqrt()
        for conv in (self.conv1, self.conv2, self.conv3, self.conv4):
            x = conv(x).relu()
        hidden, state = self.lstm(x.view(batch, num_windows, _HIDDEN), state)
        scores = self.final_conv(hidden.relu().transpose(1, 2)).squeeze(1)
        return scores.sigmoid(), state

    @torch.inference_mode()
    def activity(self, blocks: Iterable[MonoBlock]) -> Iterator[MonoBlock]:
        """Probability of speech in each window; see `VoiceDetector`."""
        state: State | None = None
        rest = np.zeros(CONTEXT_SAMPLES, np.float32)
        for samples in _whole_windows(blocks):
            x = np.concatenate([rest, samples])
            rest = x[-CONTEXT_SAMPLES:]
            windows = torch.from_numpy(x).unfold(
                0, CONTEXT_SAMPLES + WINDOW_SAMPLES, WINDOW_SAMPLES
            )
            probabilities, state = self(windows.unsqueeze(0).to(self._device), state)
            yield probabilities[0].cpu().numpy()

    @property
    def _device(self) -> torch.device:
        return self.final_conv.weight.device


def load_silero(path: Path) -> SileroVad:
    """Silero's detector from `silero_vad.jit`, where the installed wheel has put it.

    Raises:
        HostileCheckpointError: The file lies elsewhere; TorchScript is code.
    """
    if not _is_in_wheel(path):
        raise HostileCheckpointError(
            tr("{path} was not opened: TorchScript is a program", path=path),
            tr("only the one in the package silero-vad is used"),
        )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning, module="torch.jit")
        program = _load_program(path, map_location="cpu")
    model = SileroVad(f"silero_vad {content_hash(path)[:8]}")
    published = program.state_dict()
    state = {own: published[f"_model.{theirs}"] for own, theirs in _PUBLISHED_NAMES.items()}
    load_into(model, state, path.name)
    return model.eval()


def _is_in_wheel(path: Path) -> bool:
    spec = importlib.util.find_spec("silero_vad")
    homes = (spec.submodule_search_locations or ()) if spec else ()
    return any(path.resolve().is_relative_to(Path(home).resolve()) for home in homes)


def _whole_windows(blocks: Iterable[MonoBlock]) -> Iterator[MonoBlock]:
    """Regroup into whole windows, at most WINDOWS_AT_ONCE of them; silence fills the last one."""
    rest = np.zeros(0, np.float32)
    most = WINDOWS_AT_ONCE * WINDOW_SAMPLES
    for block in blocks:
        rest = np.concatenate([rest, block])
        while len(rest) >= most:
            yield rest[:most]
            rest = rest[most:]
    if len(rest):
        yield np.pad(rest, (0, -len(rest) % WINDOW_SAMPLES))
