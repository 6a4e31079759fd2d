"""What this machine has and what it could have, for the sheet that says so.

Imports PyAV: load it after the first paint, in a worker. Knows nothing of torch.
"""

from dataclasses import dataclass
from pathlib import Path

from app.machine import Finding, find_free, find_media, find_sound, looked_at
from engine.catalog import ModelCard, read_cards
from engine.weights import find, hub_token


@dataclass(frozen=True, slots=True)
class Inventory:
    """What there is.

    Attributes:
        findings: What was looked at.
        here: Networks that can be used.
        to_fetch: Networks that can be fetched.
        has_token: The user has a token for those that need one.
    """

    findings: tuple[Finding, ...]
    here: tuple[ModelCard, ...]
    to_fetch: tuple[ModelCard, ...]
    has_token: bool


def take_inventory(cache: Path) -> Inventory:
    """Look at everything.

    Args:
        cache: Folder of the artifacts, the largest thing that this program writes.
    """
    cards = [card for card in read_cards() if card.files or card.package]
    here = {card.name for card in cards if find(card) is not None}
    return Inventory(
        (find_media(), find_sound(), looked_at("disk", lambda: find_free(cache))),
        tuple(card for card in cards if card.name in here),
        tuple(card for card in cards if card.name not in here and card.can_be_downloaded),
        bool(hub_token()),
    )
