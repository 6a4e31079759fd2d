"""How fast our way through a Demucs is beside the package `demucs`, on the same weights and sound.

Run it as `python -m engine.evaluation.demucs_speed`. Two ways are compared, each in turns:

* "command": `python -m demucs` and our stage, each a process of its own, from a WAV file to WAV
  files, with all that it loads;
* "in one process": `demucs.apply.apply_model` and our scheduler, the network loaded.

Segment (the network's own), overlap (a quarter), threads (torch's own choice) and precision are the
same. Three things are not, and make the outputs differ: demucs fades from chunk to chunk in a
straight line, we along a sine squared; its last chunks stick out over the end, ours ends with the
sound, so that ours may be one less; it sets level and offset of the whole file to 0, we those
of each chunk. The column "same chunk" is the difference where neither fades and both ran the
network on the same stretch: only the third remains there.
"""

import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from demucs.apply import apply_model
from demucs.htdemucs import HTDemucs
from numpy.typing import NDArray
from torch import nn

from engine.devices import Runner, choose_device
from engine.dsp.overlap_add import Chunking, Stems, overlap_add
from engine.dsp.resample import at_rate
from engine.evaluation.demucs_process import Run, demucs_command, our_command, run
from engine.evaluation.network_process import Duel, Timing
from engine.evaluation.sample import FILM, sample_folder
from engine.evaluation.tables import markdown
from engine.media.decode import AudioReader
from engine.media.wav import write_wav
from engine.models.demucs import load_demucs
from engine.models.loading import load_separation_model
from engine.stages.separation import OVERLAP
from engine.types import Quality, Samples
from engine.weights import choose

STARTER = "starter-speech"
_OVERLAP = OVERLAP[Quality.STANDARD]  # which is demucs' own, too
PUBLISHED_SIZE: dict[str, Any] = {
    "sources": ["drums", "bass", "other", "vocals"],
    "bottom_channels": 512,
    "segment": Fraction(39, 5),
    "samplerate": 44_100,
}
"""What `htdemucs` was built with, where it is not the class's default: 41 million weights."""

HEAD = (
    "network",
    "way",
    "demucs",
    "ours",
    "times as fast",
    "processor time",
    "difference",
    "same chunk",
    "memory",
)


@dataclass(frozen=True, slots=True)
class Race:
    """Both sides on one network.

    Attributes:
        network: Its name.
        way: How they were run.
        sound_s: Length of the sound.
        duel: demucs against ours.
        same_chunk: The difference of the outputs where both have it from the same chunk alone.
    """

    network: str
    way: str
    sound_s: float
    duel: Duel
    same_chunk: float

    def cells(self) -> tuple[str, ...]:
        """Under `HEAD`."""
        return (
            self.network,
            self.way,
            *(f"{best_s / self.sound_s:.3f} x real time" for best_s in self.duel.best_s),
            *self.duel.ratios,
            f"{self.duel.difference:.1e}",
            f"{self.same_chunk:.1e}",
            self.duel.memory_words,
        )


def networks() -> Iterator[tuple[str, HTDemucs]]:
    """The one that ships, and one of the size that people use, untrained.

    Their names have no dash: demucs takes what follows it in a file's name for a checksum.
    """
    starter = load_separation_model(choose(STARTER)).network
    yield STARTER.replace("-", "_"), _network_of(starter)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield "htdemucs_size", HTDemucs(**PUBLISHED_SIZE)


def _network_of(model: nn.Module) -> HTDemucs:
    network: HTDemucs
    (network,) = (module for module in model.modules() if isinstance(module, HTDemucs))
    return network


def write_package(network: HTDemucs, path: Path) -> Path:
    """Write a `.th` file as demucs wants it in a folder for its `--repo`."""
    args, kwargs = vars(network)["_init_args_kwargs"]
    state = network.state_dict()
    torch.save({"klass": type(network), "args": args, "kwargs": kwargs, "state": state}, path)
    return path


def write_sound(path: Path, sound_s: float, rate_hz: int) -> Samples:
    """The sample's sound again and again, at the network's rate: neither side has to resample."""
    with AudioReader(sample_folder() / FILM) as reader:
        clip = np.concatenate(list(reader.blocks()), axis=1)
        clip = at_rate(clip, reader.sample_rate_hz, rate_hz)
    num_samples = round(sound_s * rate_hz)
    sound = np.tile(clip, -(-num_samples // clip.shape[1]))[:, :num_samples]
    write_wav(path, [sound], num_samples, len(sound), rate_hz)
    return sound


class Contest:
    """Both sides with one network and one sound.

    Attributes:
        weights: The file of both.
        model: The network, loaded by us.
        chunking: The stage's; but for the end of the sound demucs cuts as it does.
    """

    def __init__(self, name: str, network: HTDemucs, folder: Path, sound_s: float) -> None:
        self.weights = write_package(network, folder / f"{name}.th")
        self.model = load_demucs(self.weights)
        hop = round(self.model.chunk_samples * (1 - _OVERLAP))
        self.chunking = Chunking(self.model.chunk_samples, hop)
        self._path, self._sound_s = folder / f"{name}.wav", sound_s
        self._sound = write_sound(self._path, sound_s, self.model.sample_rate_hz)

    def as_commands(self, rounds: int) -> Race:
        """The command `demucs` beside our stage in a process of its own."""
        name, theirs, ours = self.weights.stem, list[Run](), list[Run]()
        out = self.weights.with_name(name)
        for number in range(rounds):
            out = self.weights.with_name(f"{name}-{number}")
            theirs.append(run(demucs_command(self.weights, self._path, out)))
            ours.append(run(our_command(self.weights, self._path, out)))
        stems = [_read(folder, self.model.stem_names) for folder in (out / name, out)]
        turns = [tuple(each.timing for each in side) for side in (theirs, ours)]
        memory = tuple(max(each.peak_bytes for each in side) for side in (theirs, ours))
        return self._race("command", turns, stems, memory)

    def in_one_process(self, rounds: int) -> Race:
        """The function `apply_model` of demucs beside our scheduler."""
        stems = [self._apply_model(), self._schedule()]  # These turns do not count.
        turns = [(_timed(self._apply_model), _timed(self._schedule)) for _ in range(rounds)]
        return self._race("in one process", list(zip(*turns, strict=True)), stems)

    def _apply_model(self) -> Stems:
        # Level and offset as the command does it.
        mix = torch.from_numpy(self._sound)
        mean, scale = mix.mean(), mix.mean(0).std()
        network = _network_of(self.model)
        centred = ((mix - mean) / scale)[None]
        stems = apply_model(network, centred, shifts=0, overlap=_OVERLAP, device="cpu")
        return np.asarray((stems * scale + mean)[0].numpy())

    def _schedule(self) -> Stems:
        inference = Runner(self.model, choose_device("cpu")).begin()
        steps = overlap_add(self._sound, inference.infer, self.chunking)
        return np.concatenate([step.stems for step in steps], axis=-1)

    def _race(
        self,
        way: str,
        turns: Sequence[tuple[Timing, ...]],
        stems: Sequence[Stems],
        memory: tuple[int, ...] = (),
    ) -> Race:
        """Of two sides, demucs first."""
        (their_turns, our_turns), (theirs, ours) = turns, stems
        difference = abs(theirs - ours).max((0, 1)) / abs(theirs).max()
        alone = difference[same_chunk(len(difference), self.chunking)].max(initial=0)
        duel = Duel(their_turns, our_turns, float(difference.max()), memory)
        return Race(self.weights.stem, way, self._sound_s, duel, float(alone))


def same_chunk(num_samples: int, chunking: Chunking) -> NDArray[np.bool_]:
    """(num_samples,): where both sides have the output from one chunk, the same whole one."""
    ways = range(0, num_samples, chunking.hop_samples), chunking.starts(num_samples)
    theirs, ours = (_owners(starts, chunking.chunk_samples, num_samples) for starts in ways)
    is_whole = theirs + chunking.chunk_samples <= num_samples
    return np.asarray((theirs == ours) & (theirs >= 0) & is_whole)


def _owners(starts: Iterable[int], chunk_samples: int, num_samples: int) -> NDArray[np.int64]:
    """(num_samples,): start of the chunk that a sample is in; -1 where it is in several."""
    owners, count = np.zeros(num_samples, np.int64), np.zeros(num_samples, np.int64)
    for start in starts:
        owners[start : start + chunk_samples] = start
        count[start : start + chunk_samples] += 1
    owners[count != 1] = -1
    return owners


def _timed(work: Callable[[], object]) -> Timing:
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    work()
    return Timing(time.perf_counter() - wall_s, time.process_time() - cpu_s)


def _read(folder: Path, stems: Iterable[str]) -> Stems:
    """(stems, channels, num_samples)."""
    sounds = (soundfile.read(folder / f"{stem}.wav", dtype="float32")[0].T for stem in stems)
    return np.stack(list(sounds))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print a table in Markdown."""
    parser = ArgumentParser(prog="python -m engine.evaluation.demucs_speed")
    parser.add_argument("--seconds", type=float, default=30.0, help="length of the sound")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each side")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        rows = (
            race(options.rounds).cells()
            for name, network in networks()
            for contest in [Contest(name, network, Path(folder), options.seconds)]
            for race in (contest.as_commands, contest.in_one_process)
        )
        for line in markdown(HEAD, rows):
            sys.stdout.write(line)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
