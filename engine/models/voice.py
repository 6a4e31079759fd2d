"""What the speech stage expects of a voice detector."""

from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

MonoBlock = NDArray[np.float32]
"""(num_samples,) float32."""


class VoiceDetector(Protocol):
    """Tells how likely somebody speaks.

    Attributes:
        name: Name and version of network and weights; equal names mean equal answers.
        sample_rate_hz: Rate of the sound it hears.
        frame_samples: Step between two answers, in samples of that rate.
    """

    name: str
    sample_rate_hz: int
    frame_samples: int

    def activity(self, blocks: Iterable[MonoBlock]) -> Iterator[MonoBlock]:
        """Probability of speech, frame by frame, in bounded memory.

        Args:
            blocks: Mono sound in order, blocks of any length.

        Yields:
            (num_frames,) float32 in [0, 1]; frame i of all stands for the samples from
            `i * frame_samples` to `(i + 1) * frame_samples`; together they cover all the sound.
        """
