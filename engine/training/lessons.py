"""How hard a run is trained: what the user says once holds for the whole run."""

from dataclasses import asdict, dataclass

from engine.errors import TrainingError
from engine.training.losses import LOSSES
from engine.training.recipes import Recipe

_DECAY_STEPS = 4_000


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a run has to keep to from its first step to its last.

    Attributes:
        loss: Name of what is made small.
        learning_rate: Its peak.
        decay_steps: Steps after which the learning rate has fallen to a tenth.
        batch_size: Examples that go through the network at once.
        accumulate: Batches whose gradients make one step.
    """

    loss: str
    learning_rate: float
    decay_steps: int
    batch_size: int
    accumulate: int


@dataclass(frozen=True, slots=True)
class Wishes:
    """The same as far as the user says it; None leaves it to the run, or to the recipe."""

    loss: str | None = None
    learning_rate: float | None = None
    decay_steps: int | None = None
    batch_size: int | None = None
    accumulate: int | None = None


def lessons(recipe: Recipe, wishes: Wishes, begun: Lessons | None = None) -> Lessons:
    """How a run is trained from now on.

    Args:
        recipe: Decides what nobody has said.
        wishes: What the user says now.
        begun: What the run has kept to so far; None for a new one, and for one that began before
            runs remembered it.

    Raises:
        TrainingError: The user says something else than the run has kept to.
    """
    said = {name: value for name, value in asdict(wishes).items() if value is not None}
    if begun is None:
        return Lessons(**{**_usual(recipe), **said})
    kept = asdict(begun)
    for name, value in said.items():
        if value != kept[name]:
            option = f"--{name.replace('_', '-')}"
            raise TrainingError(
                f"the run has begun with {option} {kept[name]}, not with {value}",
                f"leave {option} out, or choose another --run",
            )
    return begun


def _usual(recipe: Recipe) -> dict[str, object]:
    (loss,) = (name for name, each in LOSSES.items() if each is recipe.loss)
    return asdict(
        Lessons(loss, recipe.peak_learning_rate, _DECAY_STEPS, recipe.batch_size, accumulate=1)
    )
