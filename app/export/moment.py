"""A moment of a track as a WAV file with handles, stamped with its place in the film.

Imports PyAV and libsndfile: load it after the first paint, in a worker.
"""

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.clip_edits import find_clip
from app.clips import Clip
from app.export.work import Exported, check_places, reported
from app.project import Project
from app.sounds import Part, Sound
from engine.artifacts import ArtifactStore
from engine.context import RunContext
from engine.errors import InputNotFoundError
from engine.media.broadcast_wav import stamp
from engine.media.decoded import decoded
from engine.media.probe import probe
from engine.media.wav import write_wav
from engine.translation import tr
from engine.types import AudioRef

HANDLE_S = 2.0
_MAX_NAME_BYTES = 200
_MARK_LETTERS = 6

_AS_IN_THE_FILM = tr(
    "The file of the track is not there any more: the moment has the rate and the channels of the "
    "film"
)


@dataclass(frozen=True, slots=True)
class Handled:
    """What of a track is written for a clip, in samples of the track.

    Attributes:
        start: Where the clip begins in the track.
        end: Where it ends.
        before: So much more is written before.
        after: So much more is written behind.
    """

    start: int
    end: int
    before: int
    after: int

    @property
    def sound_start(self) -> int:
        """Where the file begins in the track."""
        return self.start - self.before

    @property
    def num_samples(self) -> int:
        """Length of the file."""
        return self.end + self.after - self.sound_start


def export_moment(
    project: Project,
    clip_id: int,
    folder: Path,
    cache: Path,
    context: RunContext,
    handle_s: float = HANDLE_S,
) -> Exported:
    """Write what a clip plays as a float Broadcast WAV, as it is in the track: no fades, no gains.

    Args:
        project: With that clip.
        clip_id: Which.
        folder: Where to.
        cache: Folder of the artifacts.
        context: Of the job.
        handle_s: So much more of the track is written at both ends, as far as the track has it.

    Raises:
        InputNotFoundError: Neither the track nor its sound is there any more.
        OutputError: It cannot be written.
    """
    clip = find_clip(project, clip_id)
    if clip is None:
        raise ValueError(f"there is no clip {clip_id}")
    path = folder / moment_name(clip)
    check_places(project, [path])
    ref, warnings = _whole_track(clip, cache, context)
    stretch = with_handles(clip, ref, handle_s)
    sound = Sound((Part(ref, skip=stretch.sound_start, length=stretch.num_samples),))
    blocks = reported(sound, cache, 0, 1, context)
    write_wav(path, blocks, sound.num_samples, sound.channels, sound.sample_rate_hz)
    first = round(clip.start_s * ref.sample_rate_hz) - stretch.before
    words = details(stretch, ref.sample_rate_hz, max(0, -first))
    stamp(path, max(0, first), clip.track.stem, datetime.now().astimezone(), details=words)
    return Exported(project, (path,), warnings)


def moment_name(clip: Clip) -> str:
    """What the file of a clip is called: another moment never has the name, for it may be in use.

    The whole seconds are for people, the mark behind them tells moments apart.
    """
    times_s = (clip.track_start_s, clip.track_end_s)
    start, end = (_short_time(time_s) for time_s in times_s)
    name = os.fsencode(clip.track.stem)[:_MAX_NAME_BYTES].decode("utf-8", "ignore")
    mark = hashlib.sha256(os.fsencode(clip.track) + repr(times_s).encode()).hexdigest()
    return f"{name} {start}-{end} {mark[:_MARK_LETTERS]}.wav"


def with_handles(clip: Clip, track: AudioRef, handle_s: float) -> Handled:
    """What of a track is written for a clip."""
    rate_hz, length = track.sample_rate_hz, track.num_samples
    start = min(round(clip.track_start_s * rate_hz), length)
    end = min(round(clip.track_end_s * rate_hz), length)
    handle = round(max(handle_s, 0.0) * rate_hz)
    return Handled(start, end, min(handle, start), min(handle, length - end))


def details(stretch: Handled, sample_rate_hz: int, early: int) -> str:
    """What the file says of itself, besides the name of its track.

    Args:
        stretch: What was written.
        sample_rate_hz: Rate of it.
        early: So many samples of the file lie before the film, which a stamp cannot say.
    """
    start, end = (exact_time(sample / sample_rate_hz) for sample in (stretch.start, stretch.end))
    before_s, after_s = stretch.before / sample_rate_hz, stretch.after / sample_rate_hz
    words = (
        f", {start} to {end} of the track, handles {before_s:.1f} s before and {after_s:.1f} s "
        "after"
    )
    if early:
        words += f"; begins {early / sample_rate_hz:.3f} s before the film, stamped at its start"
    return words


def exact_time(time_s: float) -> str:
    """A time to the millisecond: 1:12.000, 1:01:12.000."""
    hours, rest = divmod(round(1000 * time_s), 3_600_000)
    minutes, milliseconds = divmod(rest, 60_000)
    seconds = f"{milliseconds // 1000:02}.{milliseconds % 1000:03}"
    return f"{hours}:{minutes:02}:{seconds}" if hours else f"{minutes}:{seconds}"


def _short_time(time_s: float) -> str:
    """A time for the name of a file: 1m12s."""
    minutes, seconds = divmod(round(time_s), 60)
    return f"{minutes}m{seconds:02}s"


def _whole_track(clip: Clip, cache: Path, context: RunContext) -> tuple[AudioRef, tuple[str, ...]]:
    """All of the track as its file has it; as the film has it, with a warning, if that has gone."""
    try:
        probe(clip.track)
    except InputNotFoundError:
        if clip.sound is None:
            raise
        return clip.sound, (_AS_IN_THE_FILM,)
    return decoded(clip.track, ArtifactStore(cache), context).mix, ()
