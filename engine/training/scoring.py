"""How near a separating network comes to the truth, stem by stem."""

from dataclasses import dataclass
from itertools import permutations

import torch
from torch import Tensor, nn

from engine.training.losses import best_order, si_sdr_db
from engine.training.recipes import Example

ALONE_DB = 30.0
"""A stem that is so much of the mix leaves nothing to separate."""

_SILENT = 1e-6
_ORDER_DB = 1e-3
"""Less than this between two orders is rounding."""


@dataclass(frozen=True, slots=True)
class StemScore:
    """One stem of one mix.

    Attributes:
        index: Its place in the example; behind the last one, what the stems leave of the mix.
        before_db: SI-SDR of the mix against the stem.
        after_db: SI-SDR of the estimate.
        in_order: Whether the stems of the mix came in their own order; None if that cannot be told:
            the network has none or one stem only, or not all of them count.
    """

    index: int
    before_db: float
    after_db: float
    in_order: bool | None = None

    @property
    def gain_db(self) -> float:
        """What the network won."""
        return self.after_db - self.before_db


def score_example(network: nn.Module, example: Example, *, ordered: bool) -> list[StemScore]:
    """Separate an example and score each stem that sounds, and does not sound alone.

    A network with a single stem is scored on what that leaves of the mix as well.

    Args:
        network: Maps (batch, channels, samples) to (batch, stems, channels, samples).
        example: The mix and the truth.
        ordered: Whether the estimates have the order of the truth; if not, the best one counts.
    """
    mix, truth = torch.from_numpy(example.mix), torch.from_numpy(example.stems)
    device = next((p.device for p in network.parameters()), torch.device("cpu"))
    with torch.inference_mode():
        found: Tensor = network(mix.unsqueeze(0).to(device))[0].float().cpu()
    if not ordered:
        found = best_order(truth.unsqueeze(0), found.unsqueeze(0))[0]
    if len(truth) == 1:
        truth, found = (torch.cat([stems, mix - stems]) for stems in (truth, found))
    before, after = si_sdr_db(mix.expand_as(truth), truth), si_sdr_db(found, truth)
    sounds = truth.square().mean((1, 2)) > _SILENT * mix.square().mean()
    counts = sounds & (before < ALONE_DB)
    tells = ordered and len(example.stems) > 1 and bool(counts.all())
    in_order = is_in_order(found, truth) if tells else None
    return [
        StemScore(i, before[i].item(), after[i].item(), in_order)
        for i in range(len(truth))
        if counts[i]
    ]


def is_in_order(found: Tensor, truth: Tensor) -> bool:
    """Whether the stems are nearer to the truth as they are than in any other order.

    Stems that are all alike, such as halves of the mix, are in no order.

    Args:
        found: (stems, channels, samples).
        truth: Same shape.
    """
    own, *others = (
        si_sdr_db(found[list(order)], truth).sum().item()
        for order in permutations(range(len(truth)))
    )
    return all(own > other + _ORDER_DB for other in others)
