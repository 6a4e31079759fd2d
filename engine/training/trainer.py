"""Trains a separator: resumable at any step, and what is validated and saved is the average net.

A run is a folder: `last.pt` (everything needed to go on), `best.safetensors` (the averaged weights
that did best on unseen pieces) and `log.jsonl` (one line a validation).
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

import msgspec
import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from engine.context import Progress, RunContext
from engine.datasets.corpus import Corpus
from engine.datasets.mixing import PLAIN, MixOdds, MixSampler
from engine.errors import CancelledError
from engine.media.atomic import atomic_output
from engine.training.recipes import Recipe
from engine.training.scoring import score_example


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """How long and how hard.

    Attributes:
        corpus: Folder made by `reprise dataset synthetic`.
        run: Folder of the run; a run that is there goes on.
        minutes: Stop after this much time in this call.
        batch_size: Examples a step.
        warmup_steps: Steps until the peak learning rate.
        decay_steps: Steps after which the learning rate has fallen to a tenth.
        validate_every_steps: Steps between validations.
        validation_mixes: Unseen mixes a validation.
        threads: Threads of torch.
        seed: Of the mixes; a resumed run goes on with other ones.
    """

    corpus: Path
    run: Path
    minutes: float
    batch_size: int = 4
    warmup_steps: int = 100
    decay_steps: int = 4_000
    validate_every_steps: int = 250
    validation_mixes: int = 32
    threads: int = 2
    seed: int = 0


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of `log.jsonl`.

    Attributes:
        step: Optimiser steps so far.
        hours: Training time so far, over all calls.
        loss: Mean training loss since the line before.
        si_sdr_db: Of the stems of unseen mixes, best order, silent stems left out.
        gain_db: The same above the mix.
    """

    step: int
    hours: float
    loss: float
    si_sdr_db: float
    gain_db: float


class Mixes(IterableDataset[tuple[Tensor, Tensor]]):
    """Endless training pairs: (mix (channels, samples), stems (stems, channels, samples))."""

    def __init__(self, recipe: Recipe, corpus: Path, seed: int, plain_mixes: int) -> None:
        self._recipe, self._corpus, self._seed = recipe, corpus, seed
        self._plain_mixes = plain_mixes

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Start a stream, first of plain mixes; equal seeds give equal streams."""
        random = np.random.default_rng(self._seed)
        plain, as_in_life = (self._sampler(odds) for odds in (PLAIN, MixOdds()))
        for index in count():
            sampler = plain if index < self._plain_mixes else as_in_life
            example = self._recipe.make_example(sampler.sample(), random).normalised()
            yield torch.from_numpy(example.mix), torch.from_numpy(example.stems)

    def _sampler(self, odds: MixOdds) -> MixSampler:
        corpus = Corpus.load(self._corpus)
        return MixSampler(corpus, "train", self._recipe.clip_s, self._seed, odds)


class AveragedWeights:
    """Exponential moving average of a network's weights, shorter while the run is young."""

    def __init__(self, network: nn.Module, decay: float = 0.999) -> None:
        self._decay = decay
        self.weights = {k: v.detach().clone() for k, v in network.state_dict().items()}

    def update(self, network: nn.Module, step: int) -> None:
        """Move towards the network."""
        decay = min(self._decay, (1 + step) / (10 + step))
        for name, value in network.state_dict().items():
            if value.is_floating_point():
                self.weights[name].lerp_(value.detach(), 1 - decay)


def learning_rate(step: int, plan: TrainingPlan, peak: float) -> float:
    """Linear warm-up, then a cosine down to a tenth."""
    if step < plan.warmup_steps:
        return peak * (step + 1) / plan.warmup_steps
    done = min(1.0, (step - plan.warmup_steps) / max(1, plan.decay_steps - plan.warmup_steps))
    return peak * (0.1 + 0.45 * (1 + math.cos(math.pi * done)))


class Trainer:
    """One run.

    Attributes:
        step: Optimiser steps so far.
        seconds: Training time so far, over all calls.
        best_gain_db: Best validation so far.
    """

    def __init__(self, recipe: Recipe, network: nn.Module, plan: TrainingPlan) -> None:
        self.recipe, self.network, self.plan = recipe, network, plan
        self.step, self.seconds, self.best_gain_db = 0, 0.0, -np.inf
        self._optimizer = torch.optim.AdamW(
            network.parameters(), lr=recipe.peak_learning_rate, betas=(0.9, 0.99), weight_decay=0.01
        )
        self._average = AveragedWeights(network)
        plan.run.mkdir(parents=True, exist_ok=True)
        if self._last.exists():
            self._resume()

    @property
    def _last(self) -> Path:
        return self.plan.run / "last.pt"

    def train(self, context: RunContext) -> None:
        """Train until the plan's time is over, or the context cancels; the state is saved."""
        torch.set_num_threads(self.plan.threads)
        try:
            self._train(context)
        except (CancelledError, KeyboardInterrupt):
            self._save()
            raise

    def _train(self, context: RunContext) -> None:
        started, losses = time.monotonic(), list[float]()
        earlier = self.seconds
        for mix, stems in self._batches():
            context.raise_if_cancelled()
            losses.append(self._train_step(mix, stems))
            spent = time.monotonic() - started
            self.seconds = earlier + spent
            context.report(Progress(f"step {self.step}", spent / 60, self.plan.minutes))
            if self.step % self.plan.validate_every_steps == 0 or spent > 60 * self.plan.minutes:
                self._validate_and_save(float(np.mean(losses)))
                losses.clear()
            if spent > 60 * self.plan.minutes:
                return

    def _batches(self) -> DataLoader[tuple[Tensor, Tensor]]:
        # Another seed a resumption, or the same mixes would come again.
        plain_mixes = (self.recipe.plain_steps - self.step) * self.plan.batch_size
        mixes = Mixes(self.recipe, self.plan.corpus, self.plan.seed + self.step, plain_mixes)
        return DataLoader(mixes, self.plan.batch_size, num_workers=1, prefetch_factor=4)

    def _train_step(self, mix: Tensor, stems: Tensor) -> float:
        self.network.train()
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate(self.step, self.plan, self.recipe.peak_learning_rate)
        loss = self.recipe.loss(self.network(mix), stems)
        self._optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self._optimizer.step()
        self.step += 1
        self._average.update(self.network, self.step)
        return loss.item()

    def _validate_and_save(self, loss: float) -> None:
        si_sdr, gain = self._with_average(self._validate)
        line = LogLine(self.step, round(self.seconds / 3600, 3), loss, si_sdr, gain)
        with (self.plan.run / "log.jsonl").open("ab") as log:
            log.write(msgspec.json.encode(asdict(line)) + b"\n")
        if gain > self.best_gain_db:
            self.best_gain_db = gain
            save_half(self._average.weights, self.plan.run / "best.safetensors")
        self._save()

    def _with_average(self, work: Callable[[], tuple[float, float]]) -> tuple[float, float]:
        """Run `work` while the network holds the averaged weights."""
        own = {k: v.clone() for k, v in self.network.state_dict().items()}
        self.network.load_state_dict(self._average.weights)
        try:
            return work()
        finally:
            self.network.load_state_dict(own)

    def _validate(self) -> tuple[float, float]:
        """SI-SDR and its gain over the mix, means over the audible stems of unseen mixes."""
        self.network.eval()
        recipe, plan = self.recipe, self.plan
        sampler = MixSampler(Corpus.load(plan.corpus), "valid", clip_s=recipe.clip_s, seed=1)
        random = np.random.default_rng(1)
        scores = [
            score
            for _ in range(plan.validation_mixes)
            for score in score_example(
                self.network,
                recipe.make_example(sampler.sample(), random).normalised(),
                ordered=recipe.ordered,
            )
        ]
        si_sdr = np.mean([score.after_db for score in scores])
        return float(si_sdr), float(np.mean([score.gain_db for score in scores]))

    def _save(self) -> None:
        state = {
            "network": self.network.state_dict(),
            "average": self._average.weights,
            "optimizer": self._optimizer.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "best_gain_db": float(self.best_gain_db),
        }
        with atomic_output(self._last) as part:
            torch.save(state, part)

    def _resume(self) -> None:
        state = torch.load(self._last, weights_only=True)
        self.network.load_state_dict(state["network"])
        self._average.weights = state["average"]
        self._optimizer.load_state_dict(state["optimizer"])
        self.step, self.seconds = state["step"], state["seconds"]
        self.best_gain_db = state["best_gain_db"]


def save_half(weights: dict[str, Tensor], path: Path) -> None:
    """Write weights as fp16 safetensors, atomically."""
    with atomic_output(path) as part:
        save_file({k: v.detach().half().contiguous().clone() for k, v in weights.items()}, part)
