"""What the keys and shapes of a checkpoint say of a RoFormer: its kind, its sizes, or its variant.

The layout is that of all published BS-RoFormer and Mel-band RoFormer checkpoints but for those of
a few newer variants, which are told by keys that the layout does not have.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from engine.checkpoints import listed
from engine.errors import BadCheckpointError
from engine.published_configs import Builder
from engine.translation import tr

_VARIANTS = (
    (r"\.branch\.|\.static_alpha|\.dynamic_alpha|\.static_beta", "hyper-connections"),
    (r"\.to_value_residual_mix\.", "value residual learning"),
    (r"\bpope_embed\b", "PoPE positions (PolarFormer)"),
    (r"\.segm\.", "HyperACE mask estimators"),
    (r"\.temperature$", "linear attention"),
    (r"\.lora_[AB]\b", "LoRA adapters that are not merged"),
    (r"\.ff1\.", "Conformer blocks"),
    (r"\.A_log$|\.mamba\.", "Mamba blocks"),
)
_WORDS: dict[Builder, str] = {
    "bs_roformer": "BS-RoFormer",
    "mel_band_roformer": "Mel-band RoFormer",
}
_COMPLEX = 2
_REPEATED = (
    r"(layers\.\d+\.\d+\.layers\.\d+\.)(.+)",
    r"(band_split\.to_features\.\d+\.)(.+)",
    r"(mask_estimators\.\d+\.to_freqs\.\d+\.)(.+)",
)
"""Where a key belongs, and what it is called there."""


@dataclass(frozen=True, slots=True)
class RoformerFacts:
    """What a state dict says of its network.

    Attributes:
        builder: Its kind.
        options: Keyword arguments of that kind which the shapes determine.
    """

    builder: Builder
    options: dict[str, Any]

    @property
    def words(self) -> str:
        """The kind for people."""
        return _WORDS[self.builder]


def refuse_variant(state: Mapping[str, Tensor], source: str) -> None:
    """Refuse a newer layout by its name.

    Raises:
        BadCheckpointError: Says which variant it is.
    """
    for pattern, words in _VARIANTS:
        if any(re.search(pattern, key) for key in state):
            raise BadCheckpointError(
                tr(
                    "{source} is of a newer variant of the network: {words}",
                    source=source,
                    words=words,
                ),
                tr("only the layout of most published checkpoints is known here"),
            )


def looks_like_roformer(state: Mapping[str, Tensor]) -> bool:
    """Whether these are weights of the published layout, perhaps damaged."""
    return any(key.startswith(("band_split.to_features.", "mask_estimators.")) for key in state)


def roformer_facts(state: Mapping[str, Tensor], source: str) -> RoformerFacts:
    """Read kind and sizes off the shapes.

    The distance of frames, the rate, skip connections and whether bin 0 is zeroed leave no mark.

    Raises:
        BadCheckpointError: Keys are missing without which they cannot be told.
    """
    sizes = _Sizes(state, source)
    is_bs = "final_norm.gamma" in state
    attention = "layers.0.0.layers.0.0"
    hidden = sizes.of("mask_estimators.0.to_freqs.0.0.0.weight")[0]
    dim = sizes.of("band_split.to_features.0.1.weight")[0]
    linears = sizes.count(r"mask_estimators\.0\.to_freqs\.0\.0\.(\d+)\.weight")
    options = {
        "dim": dim,
        "depth": sizes.count(r"layers\.(\d+)\.0\.layers\."),
        "num_stems": sizes.count(r"mask_estimators\.(\d+)\."),
        "time_transformer_depth": sizes.count(r"layers\.0\.0\.layers\.(\d+)\."),
        "freq_transformer_depth": sizes.count(r"layers\.0\.1\.layers\.(\d+)\."),
        "heads": sizes.of(f"{attention}.to_gates.bias")[0],
        "dim_head": 2 * sizes.of(f"{attention}.rotary_embed.freqs")[0],
        "mask_estimator_depth": linears if is_bs else linears - 1,
    }
    # A single linear layer has no hidden width.
    if linears > 1:
        options["mlp_expansion_factor"] = hidden // dim
    if is_bs:
        return RoformerFacts("bs_roformer", options | _bands(sizes.band_features()))
    options |= {"num_bands": len(sizes.band_features()), "stereo": True}
    return RoformerFacts("mel_band_roformer", options)


def _bands(features: list[int]) -> dict[str, Any]:
    """Widths of the bands that hold every bin once, and from their sum the length of the STFT."""
    stereo = _is_stft(sum(features) // (2 * _COMPLEX))
    widths = [feature // (_COMPLEX * (2 if stereo else 1)) for feature in features]
    n_fft = 2 * (sum(widths) - 1)
    return {
        "stereo": stereo,
        "freqs_per_bands": widths,
        "dim_freqs_in": sum(widths),
        "stft_n_fft": n_fft,
        "stft_win_length": n_fft,
    }


def _is_stft(bins: int) -> bool:
    """Whether an STFT whose length is a power of two has that many bins."""
    return bins > 1 and (bins - 1) & (bins - 2) == 0


def _gaps(state: Mapping[str, Tensor]) -> set[str]:
    """Keys that one block or band lacks and another one has: all of a kind have the same."""
    gaps: set[str] = set()
    for pattern in _REPEATED:
        found = [match for key in state if (match := re.fullmatch(pattern, key))]
        parts, endings = ({match[group] for match in found} for group in (1, 2))
        gaps |= {part + ending for part in parts for ending in endings}
    return gaps - state.keys()


class _Sizes:
    """Shapes by key."""

    def __init__(self, state: Mapping[str, Tensor], source: str) -> None:
        self._state, self._source = state, source

    def of(self, key: str) -> tuple[int, ...]:
        """Shape of one tensor, which must be there and have an axis."""
        shape = tuple(self._state[key].shape) if key in self._state else ()
        if not shape or not all(shape):
            missing = listed(tr("missing"), {key, *_gaps(self._state)})
            raise BadCheckpointError(
                tr(
                    "{source} is no whole RoFormer: {missing}", source=self._source, missing=missing
                ),
                tr("get the file anew"),
            )
        return shape

    def count(self, pattern: str) -> int:
        """How many different numbers stand in keys that begin like that."""
        found = (re.match(pattern, key) for key in self._state)
        return len({match.group(1) for match in found if match})

    def band_features(self) -> list[int]:
        """Features of each band, in order."""
        bands = self.count(r"band_split\.to_features\.(\d+)\.")
        return [self.of(f"band_split.to_features.{band}.0.gamma")[0] for band in range(bands)]
