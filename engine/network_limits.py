"""What sizes of a separating network make sense; beyond them a configuration is a mistake or worse.

Published networks stay far within. Without limits a size of a configuration may fill the memory, or
fail long after the import. Needs no torch.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from engine.errors import BadCheckpointError
from engine.translation import tr

LONGEST_CHUNK_S = 300
_RATES_HZ = (8_000, 384_000)
_LARGEST_N_FFT = 2**17
_MOST_BANDS = 2**10
_SIZES: Mapping[str, int] = {
    "dim": 2**14,
    "depth": 2**8,
    "time_transformer_depth": 2**6,
    "freq_transformer_depth": 2**6,
    "heads": 2**8,
    "dim_head": 2**12,
    "num_stems": 2**6,
    "num_bands": _MOST_BANDS,
    "mask_estimator_depth": 2**6,
    "mlp_expansion_factor": 2**8,
    "dim_freqs_in": _LARGEST_N_FFT,
    "stft_n_fft": _LARGEST_N_FFT,
    "stft_win_length": _LARGEST_N_FFT,
    "stft_hop_length": _LARGEST_N_FFT,
}
"""The largest that makes sense of each; the smallest is 1."""

_DEMUCS_SIZES: Mapping[str, int] = {
    "channels": 2**12,
    "growth": 2**4,
    "depth": 2**5,
    "nfft": _LARGEST_N_FFT,
    "lstm_layers": 2**5,
    "dconv_depth": 2**5,
    "t_layers": 2**8,
    "t_heads": 2**8,
    "bottom_channels": 2**14,
    "audio_channels": 2**3,
}
"""The same for Demucs; some of them may be 0."""

_STFT_LENGTHS = ("stft_hop_length", "stft_win_length", "stft_n_fft")


def require_sizes(section: Mapping[str, Any]) -> None:
    """Look at the sizes of a RoFormer, named as in published configurations; all may be left out.

    Raises:
        BadCheckpointError: Names the first one that makes no sense.
    """
    for field, largest in _SIZES.items():
        if field in section:
            _require_whole(field, section[field], 1, largest)
    if "sample_rate" in section:
        require_rate(section["sample_rate"])
    _require_bands(section.get("freqs_per_bands", []))
    lengths = [(field, section[field]) for field in _STFT_LENGTHS if field in section]
    for (shorter, small), (longer, large) in pairwise(lengths):
        if small > large:
            raise BadCheckpointError(
                tr(
                    "{shorter} is {small}, more than {longer}, {large}",
                    shorter=shorter,
                    small=small,
                    longer=longer,
                    large=large,
                ),
                _hint(),
            )


def require_demucs_sizes(arguments: Mapping[str, Any]) -> None:
    """Look at the sizes of a Demucs, named as the arguments of its class; all may be left out.

    Raises:
        BadCheckpointError: Names the first one that makes no sense.
    """
    for field, largest in _DEMUCS_SIZES.items():
        size = arguments.get(field)
        if isinstance(size, int | float) and not 0 <= size <= largest:
            raise BadCheckpointError(
                tr(
                    "{field} is {number}, and not from 0 to {largest:,}",
                    field=field,
                    number=_short(size),
                    largest=largest,
                ),
                _hint(),
            )


def require_rate(rate_hz: object) -> None:
    """Raise `BadCheckpointError` unless sound has such sample rates."""
    _require_whole("sample_rate", rate_hz, *_RATES_HZ)


def require_chunk(chunk_samples: object, rate_hz: int) -> None:
    """Raise `BadCheckpointError` unless a network may take so many samples at once."""
    _require_whole("chunk_size", chunk_samples, 1, LONGEST_CHUNK_S * rate_hz)


def require_plain_names(stems: Iterable[str]) -> None:
    """Raise `BadCheckpointError` unless all names of stems may stand in names of files."""
    for stem in stems:
        if not re.fullmatch(r"[\w+&-]([\w +&-]{0,58}[\w+&-])?", stem):
            raise BadCheckpointError(
                tr("{stem!a} is no plain name for a stem", stem=stem[:60]),
                tr(
                    "name all stems in order, with letters, digits, spaces, - _ + and &: "
                    "reprise models import FILE --stems NAME,NAME,..."
                ),
            )


def _require_bands(widths: object) -> None:
    if not isinstance(widths, list | tuple) or len(widths) > _MOST_BANDS:
        raise BadCheckpointError(
            tr("freqs_per_bands is no list of at most {most} bands", most=_MOST_BANDS), _hint()
        )
    for width in widths:
        _require_whole(tr("a band of freqs_per_bands"), width, 1, _LARGEST_N_FFT)


def _require_whole(field: str, number: object, smallest: int, largest: int) -> None:
    if type(number) is not int or not smallest <= number <= largest:
        raise BadCheckpointError(
            tr(
                "{field} is {number}, and no whole number from {smallest:,} to {largest:,}",
                field=field,
                number=_short(number),
                smallest=smallest,
                largest=largest,
            ),
            _hint(),
        )


def _hint() -> str:
    return tr("give the YAML that belongs to the checkpoint")


def _short(value: object) -> str:
    """What stands there, in a line of its own length at most."""
    # A whole number with thousands of digits is not written by Python at all.
    whole = type(value) is int and abs(value) >= 10**30
    return tr("a number beyond all others") if whole else ascii(value)[:40]
