"""What a recording tells about switching from one version to another: pure numpy."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.playback.mixer import RAMP_S, Block

EQUAL_DB = -100.0
"""Differences below this are those of arithmetic."""

_TINY = 10 ** (EQUAL_DB / 20)
_PERCENTILES = (50, 95, 99, 100)


@dataclass(frozen=True, slots=True)
class Mixed:
    """What a device was given while it played, from the first sample on.

    Attributes:
        sound: (num_samples, 2).
        starts: Sample at which each block begins.
        ready_s: When each block was ready.
    """

    sound: Block
    starts: tuple[int, ...]
    ready_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Switch:
    """A key that was pressed.

    Attributes:
        pressed_s: When.
        version: Which version it is for.
    """

    pressed_s: float
    version: int


@dataclass(frozen=True, slots=True)
class Found:
    """A switch as it was mixed.

    Attributes:
        switch: What was asked for.
        sample: The first one that is not of the version before alone.
        mixed_s: Time from the key until the block with that sample was ready.
    """

    switch: Switch
    sample: int
    mixed_s: float


def played(blocks: Sequence[tuple[float, Block]]) -> Mixed:
    """Join blocks, with the times at which they were ready, from the first sound on."""
    sound = np.concatenate([block for _, block in blocks])
    first = begin_of(sound)
    ends = np.cumsum([len(block) for _, block in blocks]).tolist()
    kept = [
        (max(end - len(block) - first, 0), at_s)
        for (at_s, block), end in zip(blocks, ends, strict=True)
        if end > first
    ]
    return Mixed(sound[first:], tuple(start for start, _ in kept), tuple(at_s for _, at_s in kept))


def begin_of(sound: Block) -> int:
    """The first sample (num_samples, 2) that is not silent.

    Raises:
        ValueError: All is silent.
    """
    heard = np.flatnonzero(sound.any(axis=1))
    if not len(heard):
        raise ValueError("nothing was played")
    return int(heard[0])


def find_switches(
    mixed: Mixed, versions: Sequence[Block], switches: Sequence[Switch]
) -> tuple[Found, ...]:
    """Where each switch was mixed; the first version is heard before.

    Raises:
        ValueError: One of them was never heard.
    """
    heard, found = 0, []
    for switch in switches:
        for start, end, ready_s in zip(
            mixed.starts, (*mixed.starts[1:], len(mixed.sound)), mixed.ready_s, strict=True
        ):
            block, before = mixed.sound[start:end], versions[heard][start:end]
            if ready_s >= switch.pressed_s and np.abs(block - before).max(initial=0.0) > _TINY:
                found.append(Found(switch, start, ready_s - switch.pressed_s))
                break
        else:
            raise ValueError(f"the switch to version {switch.version} was never heard")
        heard = switch.version
    return tuple(found)


def expected(
    versions: Sequence[Block], found: Sequence[Found], num_samples: int, sample_rate_hz: int
) -> Block:
    """What is to be heard: the first version, and from each switch on a straight ramp to another.

    Args:
        versions: (any length, 2) each.
        found: Where the switches are.
        num_samples: Length of the result.
        sample_rate_hz: Of all of it.
    """
    ramp = max(1, round(RAMP_S * sample_rate_hz))
    sound, heard = versions[0][:num_samples].copy(), 0
    for each in found:
        weight = np.minimum(np.arange(1, num_samples - each.sample + 1) / ramp, 1)[:, None]
        old, new = (versions[v][each.sample : num_samples] for v in (heard, each.switch.version))
        sound[each.sample :] = old * (1 - weight) + new * weight
        heard = each.switch.version
    return sound


def difference_db(one: Block, other: Block) -> float:
    """The largest difference of any two samples, relative to full scale; `-inf` is none."""
    largest = float(np.abs(one - other).max(initial=0.0))
    return 20 * math.log10(largest) if largest else -math.inf


def percentiles_ms(times_s: Sequence[float]) -> tuple[float, ...]:
    """The 50th, 95th, 99th percentile and the longest of some times, in milliseconds."""
    return tuple(1000 * float(np.percentile(times_s, part)) for part in _PERCENTILES)
