"""Other files to compare with by ear. Imports PyAV: load it after the first paint, in a worker."""

from pathlib import Path

from app.playback.resample import resampled
from app.project import Rival
from engine.artifacts import ArtifactStore
from engine.context import RunContext
from engine.errors import NoAudioError
from engine.media.decoded import decoded
from engine.media.probe import probe
from engine.translation import tr


def read_rival(path: Path, sample_rate_hz: int, cache: Path, context: RunContext) -> Rival:
    """Read the sound of a film or a sound file, at the rate of what it is compared with.

    Raises:
        EngineError: It cannot be read, or has no sound.
    """
    if not probe(path).audio:
        raise NoAudioError(
            tr("{file} has no sound track", file=path.name),
            tr("choose something that is heard"),
        )
    sound = decoded(path, ArtifactStore(cache), context).mix
    return Rival(path, resampled(sound, sample_rate_hz, cache, context))
