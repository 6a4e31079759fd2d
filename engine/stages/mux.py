"""Stage "mux": sound from the artifact cache becomes the sound track of a copy of the film."""

from pathlib import Path

from engine.artifacts import ArtifactStore
from engine.context import RunContext
from engine.media.mux import MuxRequest, MuxResult
from engine.media.mux import mux as write_film
from engine.types import AudioRef, Region


def mux(
    source: Path,
    output: Path,
    sound: AudioRef,
    store: ArtifactStore,
    context: RunContext,
    *,
    audio_codec: str | None = None,
    keep_original_track: bool = False,
    region: Region | None = None,
) -> MuxResult:
    """Write a copy of `source` whose first sound track is `sound`.

    Args:
        source: The film, never written to.
        output: The new file; its extension names the container.
        sound: The new track.
        store: Where it lies.
        context: Told of progress, asked for cancellation.
        audio_codec: FFmpeg's name of the codec; None keeps the source's or takes one that fits.
        keep_original_track: Whether the replaced track stays as the second one.
        region: The stretch of the film that the sound is of; None means all of it.

    Raises:
        EngineError: As `engine.media.mux.mux` says.
    """
    request = MuxRequest(
        source=source,
        output=output,
        blocks=store.blocks(sound, block_s=1.0),
        num_samples=sound.num_samples,
        channels=sound.channels,
        sample_rate_hz=sound.sample_rate_hz,
        audio_codec=audio_codec,
        keep_original_track=keep_original_track,
        region=region,
    )
    return write_film(request, context)
