"""How loud a sound is as it is heard. Imports PyAV: load it after the first paint, in a worker."""

from collections.abc import Iterable

from app.playback.mixer import downmix_matrix
from app.sounds import Sound
from engine.media.loudness import Loudness, measure
from engine.types import Samples


def heard_loudness(sound: Sound, blocks: Iterable[Samples]) -> Loudness:
    """Measure a sound as the player mixes it down to two loudspeakers.

    A mono file comes out of both of them, which is 3 dB louder than its one channel.

    Args:
        sound: Whose blocks these are.
        blocks: (channels, any length) float32 each, in order.
    """
    matrix = downmix_matrix(sound.channels).T
    return measure((matrix @ block for block in blocks), sound.sample_rate_hz, len(matrix))
