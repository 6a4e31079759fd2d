"""What every separating network says about itself."""

from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True)
class SeparationModel:
    """A loaded network and what one must know to use it.

    Attributes:
        network: Maps (batch, channels, samples) to (batch, stems, channels, samples); as loaded it
            is in evaluation mode, so that whoever calls it gets no dropout.
        name: Name of the model card.
        fingerprint: Hash of the weights; part of the cache keys of what it makes.
        sample_rate_hz: Rate of the sound that goes in and out.
        channels: Channels that go in and out.
        stem_names: What comes out, in order.
        chunk_samples: Length it was trained on.
        remainder: Name of what the stems leave of the mix; empty if it has none.
        order_accuracy: Part of unseen mixes in which the stems `ost` and `bgm` held what they are
            called; 0 if not measured.
        needs_digits: Whether bfloat16 is too coarse: 45 dB SNR against float32 are not reached.
    """

    network: nn.Module
    name: str
    fingerprint: str
    sample_rate_hz: int
    channels: int
    stem_names: tuple[str, ...]
    chunk_samples: int
    remainder: str = ""
    order_accuracy: float = 0.0
    needs_digits: bool = False
