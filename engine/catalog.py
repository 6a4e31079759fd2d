"""Model cards: what every network is, where its weights come from, what they weigh and allow.

A card is a JSON file. The built-in ones lie in `resources/models`; the user's own, written when a
checkpoint is imported, lie beside their weights in the data folder. Needs no torch.
"""

import difflib
import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
import platformdirs

from engine.errors import UnknownModelError
from engine.translation import tr

Stage = Literal["separator", "speech", "mixed_music", "matcher", "grounding", "voice_over"]

DEFAULT_MODELS: dict[str, str] = {
    "separator": "starter-speech",
    "speech": "silero-vad",
    "mixed_music": "undivided-music",
    "matcher": "baseline-matcher",
}
"""The model of each stage when the user chose none."""

ORDER_ACCURACY = "order_accuracy"
"""Name of that figure among the measured ones."""

WHOLE_SHA256_DIGITS = 64
CARD_NAME = "card.json"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WeightFile:
    """One file of a model.

    Attributes:
        name: File name in the model's folder.
        url: Where it can be downloaded; empty if nowhere.
        sha256: Hex digits of its hash: all 64, or the first ones where only they are published (the
            demucs files carry 8 in their names), or none.
        size_bytes: Size; 0 if it is not published.
    """

    name: str
    url: str = ""
    sha256: str = ""
    size_bytes: int = 0

    def __post_init__(self) -> None:
        """Refuse names that leave the folder, and sources that anybody on the way could change."""
        if not is_plain_name(self.name):
            raise ValueError(f"{self.name!r} is not a plain file name")
        if not re.fullmatch(r"[0-9a-f]{0,64}", self.sha256):
            raise ValueError(f"{self.sha256!r} is not a SHA-256 in small hex digits")
        if self.size_bytes < 0:
            raise ValueError("size_bytes must not be negative")
        if self.url and not is_safe_url(self.url):
            raise ValueError(f"{self.url!r} is not an https address")


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known of one network.

    Attributes:
        name: Name for the command line and the settings, also the name of its folder.
        title: Name for people.
        stage: Stage that it serves.
        builder: Who turns the files into a network: `demucs`, `bs_roformer`, `silero`, `pyannote` …
        licence: Licence of the weights, as a person should read it before a download.
        files: Weights, in the order the builder expects.
        package: Folder of an installed package that brings the files, such as `silero_vad/data`.
        config: Keyword arguments for the builder, plain JSON values.
        sample_rate_hz: Rate that the network works at; 0 if only the file knows.
        stems: Stems that come out, in order; empty if none, or only the file knows.
        remainder: What the stems leave of the mix, where that has a name, such as vocals for a
            network that gives only the instrumental.
        chunk_samples: Length that the network was trained on; 0 if any, or only the file knows.
        measured: Measured quality by name, such as `{"sdr_db": 9.0}`; `order_accuracy` is a part of
            unseen mixes, below 1.
        gflop_per_s: Work for a second of sound, chunks not overlapping; 0 if it was not counted.
        trained_on: Data behind the weights.
        homepage: Page about it, where conditions are accepted if `gated`.
        gated: A download needs the user's own token.
    """

    name: str
    title: str
    stage: Stage
    builder: str
    licence: str
    files: tuple[WeightFile, ...] = ()
    package: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    sample_rate_hz: int = 0
    stems: tuple[str, ...] = ()
    remainder: str = ""
    chunk_samples: int = 0
    measured: dict[str, float] = field(default_factory=dict)
    gflop_per_s: float = 0.0
    trained_on: str = ""
    homepage: str = ""
    gated: bool = False

    def __post_init__(self) -> None:
        """Refuse a name that cannot name a folder."""
        if not is_plain_name(self.name):
            raise ValueError(f"{self.name!r} is not a plain model name")
        if len({file.name for file in self.files}) != len(self.files):
            raise ValueError(f"{self.name} names a file twice")
        if not 0 <= self.order_accuracy < 1:
            raise ValueError(f"the {ORDER_ACCURACY} of {self.name} must be from 0 to below 1")

    @property
    def size_bytes(self) -> int:
        """Size of all files; 0 if any of them is not published."""
        sizes = [file.size_bytes for file in self.files]
        return sum(sizes) if all(sizes) else 0

    @property
    def order_accuracy(self) -> float:
        """How often the stems `ost` and `bgm` held what they are called; 0 if not measured."""
        return self.measured.get(ORDER_ACCURACY, 0.0)

    @property
    def can_be_downloaded(self) -> bool:
        """Every file has a source."""
        return bool(self.files) and all(file.url for file in self.files)


def is_plain_name(name: str) -> bool:
    """Whether the name can name a file or a folder anywhere, and nothing but one."""
    return _NAME.fullmatch(name) is not None


def is_safe_url(url: str) -> bool:
    """Https, or this machine itself."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def data_folder() -> Path:
    """Where this user's models and libraries lie; `REPRISE_DATA` overrides it."""
    chosen = os.environ.get("REPRISE_DATA")
    return (
        Path(chosen).absolute()
        if chosen
        else platformdirs.user_data_path("reprise", appauthor=False)
    )


def models_folder() -> Path:
    """Where downloaded and imported models lie, each in a folder of its name."""
    return data_folder() / "models"


def built_in_models() -> Path:
    """`resources/models`, also inside a frozen program (which unpacks its data into files)."""
    return Path(str(resources.files("resources"))) / "models"


def read_cards() -> tuple[ModelCard, ...]:
    """All cards, by stage and name; a built-in card goes before a user's card of that name."""
    cards = {card.name: card for card in (*_user_cards(), *_built_in_cards())}
    return tuple(sorted(cards.values(), key=lambda card: (card.stage, card.name)))


def find_card(name: str) -> ModelCard:
    """The card named `name`.

    Raises:
        UnknownModelError: There is none; the hint names the nearest.
    """
    cards = {card.name: card for card in read_cards()}
    if name in cards:
        return cards[name]
    near = difflib.get_close_matches(name, cards, n=3, cutoff=0.3) or sorted(cards)
    raise UnknownModelError(
        tr("no model is called {name}", name=name),
        tr("perhaps you mean {names}", names=", ".join(near)),
    )


def is_built_in(card: ModelCard) -> bool:
    """Whether the card comes with the program."""
    return (built_in_models() / f"{card.name}.json").is_file()


def card_to_json(card: ModelCard) -> bytes:
    """The card as the text of its file."""
    return msgspec.json.format(msgspec.json.encode(card), indent=2) + b"\n"


def card_from_json(text: bytes) -> ModelCard:
    """Read and check a card; raises `msgspec.DecodeError` if it is none."""
    return msgspec.json.decode(text, type=ModelCard)


def _built_in_cards() -> Iterator[ModelCard]:
    for path in sorted(built_in_models().glob("*.json")):
        yield card_from_json(path.read_bytes())


def _user_cards() -> Iterator[ModelCard]:
    for path in sorted(models_folder().glob(f"*/{CARD_NAME}")):
        try:
            card = card_from_json(path.read_bytes())
        except (OSError, msgspec.DecodeError) as error:
            # One damaged card must not take the others away.
            _logger.warning("ignoring the model card %s: %s", path, error)
            continue
        if card.name == path.parent.name:
            yield card
        else:
            _logger.warning("ignoring the model card %s: it is the card of %s", path, card.name)
