"""Trains a separator: resumable at any step, and what is validated and saved is the average net.

A run is a folder: `last.pt` (everything needed to go on), `best.safetensors` (the averaged weights
that did best on unseen pieces), `network.json` (what is trained), `log.jsonl` (one line a
validation), and its curves as `curves.png` and as TensorBoard events.
"""

import logging
import math
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from pickle import UnpicklingError
from typing import Literal

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.utils.data import DataLoader

from engine.context import Progress, RunContext
from engine.devices import choose_device, is_out_of_memory
from engine.errors import CancelledError, DeviceError, TrainingError
from engine.media.atomic import atomic_output
from engine.training.curves import LogLine, RunLog, draw_curves, read_log
from engine.training.mixes import Mixes, held_out_mixes, require_material
from engine.training.recipes import Recipe
from engine.training.scoring import score_example
from engine.training.start import STATE

log = logging.getLogger(__name__)

_MOST_SKIPPED_IN_A_ROW = 50
_LARGEST_GRADIENT = 5.0
# What torch says of a state that is cut off, damaged, or somebody else's.
_UNUSABLE = (
    RuntimeError,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    EOFError,
    UnpicklingError,
)


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """How long and how hard.

    Attributes:
        corpus: Folder made by `reprise dataset synthetic` or `reprise dataset oasd`.
        run: Folder of the run; a run that is there goes on.
        minutes: Stop after this much time in this call.
        batch_size: Examples that go through the network at once; less if the memory is short.
        accumulate: Batches whose gradients make one step.
        warmup_steps: Steps until the peak learning rate.
        decay_steps: Steps after which the learning rate has fallen to a tenth.
        validate_every_steps: Steps between validations.
        validation_mixes: Unseen mixes a validation.
        threads: Threads of torch on the processor.
        workers: Processes that make mixes.
        device: `auto`, `cpu`, `cuda` or `mps`.
        precision: `bf16` computes the network in bfloat16; `auto` does so on a GPU that can.
        seed: Of the mixes; a resumed run goes on with other ones.
    """

    corpus: Path
    run: Path
    minutes: float
    batch_size: int = 4
    accumulate: int = 1
    warmup_steps: int = 100
    decay_steps: int = 4_000
    validate_every_steps: int = 250
    validation_mixes: int = 32
    threads: int = 2
    workers: int = 1
    device: str = "cpu"
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    seed: int = 0

    @property
    def examples_a_step(self) -> int:
        """Examples behind each step of the optimiser."""
        return self.batch_size * self.accumulate


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
        batch_size: Examples that go through the network at once; halved when memory runs out.
        skipped: Steps since the last line of the log whose loss or gradient was not finite.
    """

    def __init__(self, recipe: Recipe, network: nn.Module, plan: TrainingPlan) -> None:
        self.recipe, self.plan = recipe, plan
        self.step, self.seconds, self.best_gain_db = 0, 0.0, -np.inf
        self.batch_size, self.skipped = plan.batch_size, 0
        self._skipped_in_a_row = 0
        self._log = RunLog(plan.run)
        self.device = choose_device(plan.device)
        self.network = network.to(self.device.kind)
        self._optimizer = torch.optim.AdamW(
            network.parameters(), lr=recipe.peak_learning_rate, betas=(0.9, 0.99), weight_decay=0.01
        )
        self._average = AveragedWeights(network)
        plan.run.mkdir(parents=True, exist_ok=True)
        if self._last.exists():
            self._resume()

    @property
    def _last(self) -> Path:
        return self.plan.run / STATE

    def train(self, context: RunContext) -> None:
        """Train until the plan's time is over, or the context cancels; the state is saved.

        Raises:
            TrainingError: Hardly any step has a finite loss.
            DeviceError: Not even one example fits into memory.
            CorpusError: There is nothing to learn from.
        """
        torch.set_num_threads(self.plan.threads)
        # Here, where an error is one line: the processes that load wrap theirs in a traceback.
        require_material(self.plan.corpus, self.recipe)
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
            losses += self.train_step(mix, stems)
            spent = time.monotonic() - started
            self.seconds = earlier + spent
            words = f"step {self.step}, loss {losses[-1]:.2f}" if losses else f"step {self.step}"
            context.report(Progress(words, spent / 60, self.plan.minutes))
            is_over = spent > 60 * self.plan.minutes
            if is_over or (losses and self.step % self.plan.validate_every_steps == 0):
                self._validate_and_save(float(np.mean(losses)) if losses else math.nan)
                losses.clear()
            if is_over:
                return

    def _batches(self) -> DataLoader[tuple[Tensor, Tensor]]:
        # Another seed a resumption, or the same mixes would come again.
        plan = self.plan
        plain_mixes = (self.recipe.plain_steps - self.step) * plan.examples_a_step
        mixes = Mixes(self.recipe, plan.corpus, plan.seed + self.step, plain_mixes)
        return DataLoader(
            mixes,
            plan.examples_a_step,
            num_workers=plan.workers,
            prefetch_factor=4 if plan.workers else None,
            pin_memory=self.device.kind == "cuda",
            worker_init_fn=_leave_group,
        )

    def train_step(self, mix: Tensor, stems: Tensor) -> list[float]:
        """One step on (examples, channels, samples) and (examples, stems, channels, samples).

        Returns:
            The loss; nothing if the step was skipped because loss or gradient was not finite.
        """
        self.network.train()
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate(self.step, self.plan, self.recipe.peak_learning_rate)
        loss = self._gradients(mix, stems)
        size = torch.nn.utils.clip_grad_norm_(self.network.parameters(), _LARGEST_GRADIENT)
        if not (math.isfinite(loss) and bool(size.isfinite())):
            self._skip()
            return []
        self._optimizer.step()
        self._skipped_in_a_row = 0
        self.step += 1
        self._average.update(self.network, self.step)
        return [loss]

    def _skip(self) -> None:
        self.skipped += 1
        self._skipped_in_a_row += 1
        log.warning("step %d: loss or gradient is not finite, left out", self.step)
        if self._skipped_in_a_row > _MOST_SKIPPED_IN_A_ROW:
            raise TrainingError(
                f"{self._skipped_in_a_row} steps in a row gave no finite loss",
                "begin again with a lower --learning-rate or with --precision fp32",
            )

    def _gradients(self, mix: Tensor, stems: Tensor) -> float:
        """Gradients of the mean loss, as many examples at once as the memory holds."""
        while True:
            self._optimizer.zero_grad(set_to_none=True)
            try:
                return self._accumulate(mix, stems)
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
            # Here, where the error no longer holds what filled the memory.
            if self.batch_size == 1:
                raise DeviceError(
                    f"{self.device.words} has not enough memory for one example",
                    "train on another --device",
                )
            self.batch_size //= 2
            log.warning("out of memory: %d examples at once from now on", self.batch_size)
            if self.device.kind == "cuda":
                torch.cuda.empty_cache()

    def _accumulate(self, mix: Tensor, stems: Tensor) -> float:
        total, device = 0.0, self.device.kind
        for start in range(0, len(mix), self.batch_size):
            part = slice(start, start + self.batch_size)
            heard, wanted = mix[part], stems[part]
            with self._reduced():
                found = self.network(heard.to(device, non_blocking=True))
            share = len(heard) / len(mix)
            target = wanted.to(device, non_blocking=True)
            loss = share * self.recipe.mean_loss(found.float(), target)
            torch.autograd.backward(loss)
            total += loss.item()
        return total

    def _reduced(self) -> AbstractContextManager[object]:
        """Reduced precision where it was asked for; float16 would need its loss scaled."""
        wanted = self.plan.precision
        is_bf16 = wanted == "bf16" or (
            wanted == "auto" and (self.device.kind, self.device.dtype) == ("cuda", torch.bfloat16)
        )
        return torch.autocast(self.device.kind, torch.bfloat16) if is_bf16 else nullcontext()

    def _validate_and_save(self, loss: float) -> None:
        si_sdr, gain = self._with_average(self._validate)
        rate = learning_rate(self.step, self.plan, self.recipe.peak_learning_rate)
        hours = round(self.seconds / 3600, 3)
        self._log.write(LogLine(self.step, hours, loss, si_sdr, gain, rate, self.skipped))
        self.skipped = 0
        if not math.isfinite(gain):
            log.warning("step %d: no unseen mix gave a finite figure, nothing is kept", self.step)
        if gain > self.best_gain_db:
            self.best_gain_db = gain
            save_half(self._average.weights, self.plan.run / "best.safetensors")
        self._save()
        draw_curves(read_log(self.plan.run), self.plan.run)

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
        mixes = held_out_mixes(plan.corpus, recipe, "valid", 1, recipe.clip_s)
        random = np.random.default_rng(1)
        scores = [
            score
            for mix in islice(mixes, plan.validation_mixes)
            for score in score_example(
                self.network, recipe.example(mix, random).normalised(), ordered=recipe.ordered
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
        try:
            state = torch.load(self._last, map_location=self.device.kind, weights_only=True)
            # The average as well, or it would fail only at the next validation.
            for weights in ("average", "network"):
                self.network.load_state_dict(state[weights])
            self._average.weights = state["average"]
            self._optimizer.load_state_dict(state["optimizer"])
            self.step, self.seconds = state["step"], state["seconds"]
            self.best_gain_db = state["best_gain_db"]
        except _UNUSABLE as error:
            raise TrainingError(
                f"{self._last} does not hold this network: {error}", "choose another --run"
            ) from error


def _leave_group(_number: int) -> None:
    """Leave signals for the whole group to the parent: it would take a loader's end for a crash."""
    if hasattr(os, "setpgrp"):
        os.setpgrp()


def save_half(weights: dict[str, Tensor], path: Path) -> None:
    """Write weights as fp16 safetensors, atomically."""
    with atomic_output(path) as part:
        save_file(
            {k: v.detach().half().cpu().contiguous().clone() for k, v in weights.items()}, part
        )
