"""Reads a video or a project for the window: its sound into the cache, its waveform."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.clip_edits import within_track
from app.clips import Clip
from app.placing import read_track
from app.project import Media, Project, Restore, Rival, opened
from app.project_io import (
    SUFFIX,
    MediaMissingError,
    ProjectError,
    SavedProject,
    read_project,
)
from app.review.rivals import read_rival
from app.silence import RATE_HZ, silent_mix
from app.sounds import sound_of
from app.waveforms import GrowingWaveform, make_waveform, peaks_path
from engine.artifacts import ArtifactStore, holds
from engine.context import Progress, RunContext
from engine.errors import CodecError, EngineError, NoAudioError
from engine.media.decoded import STAGE, decoded
from engine.media.peaks import PeaksBuilder
from engine.media.probe import AudioTrack, MediaInfo, probe
from engine.translation import tr
from engine.types import AudioRef, Samples

_CHANGED = tr(
    "it does not sound as it did when the project was saved, so what was restored was left behind; "
    "the project file is as it was"
)
_SILENT = tr("it has no sound track: there is nothing to take out, but music can be placed")


@dataclass(frozen=True, slots=True)
class Glance:
    """What is known of a video at once.

    Attributes:
        path: The video.
        duration_s: How long it sounds, as far as its file tells.
        waveform: Grows while the sound is read.
    """

    path: Path
    duration_s: float
    waveform: GrowingWaveform


@dataclass(frozen=True, slots=True)
class Opened:
    """What is ready to be worked on.

    Attributes:
        project: For the document.
        warnings: Plain sentences for the user.
        file: The project file that it is kept in, if any.
    """

    project: Project
    warnings: tuple[str, ...]
    file: Path | None = None


def open_file(
    path: Path,
    cache: Path,
    context: RunContext,
    on_glance: Callable[[Glance], None],
    moved_to: Path | None = None,
    *,
    is_copy: bool = False,
) -> Opened:
    """Read a video, or a project with its video.

    Args:
        path: The file.
        cache: Folder of the artifacts.
        context: Of the worker that this runs in.
        on_glance: Told early, in the worker, what can be shown meanwhile.
        moved_to: Where the project's video is now, if not where it says.
        is_copy: The file is a copy of unsaved work, which is kept elsewhere.

    Raises:
        MediaMissingError: The project's video is not there.
    """
    if path.suffix.lower() != SUFFIX:
        media, warnings = _open_video(path, cache, context, on_glance)
        return Opened(opened(media), warnings)
    saved = read_project(path)
    file, video = saved.file if is_copy else path, moved_to or saved.video
    if not _is_there(video):
        raise MediaMissingError(video)
    media, warnings = _open_video(video, cache, context, on_glance)
    if media.mix.key != saved.mix_key:
        # Without the file: saved over it, what fits the old sound would be lost.
        clips, lost_tracks = _clips(saved, media, cache, context)
        project = saved.of_another_sound(media, clips)
        return Opened(project, (_CHANGED, *warnings, *lost_tracks))
    restore = _with_its_sounds(saved, media, ArtifactStore(cache))
    gone = saved.restore if restore is None else None
    rivals, missing = _rivals(saved, media, cache, context)
    clips, lost_tracks = _clips(saved, media, cache, context)
    project = replace(saved.project(media, restore, gone), rivals=rivals, clips=clips)
    return Opened(project, (*warnings, *missing, *lost_tracks), file)


def read_moved(path: Path, media: Media, cache: Path, context: RunContext) -> Media:
    """Read the video that is open from where it is now.

    Raises:
        ProjectError: It is another one: the sound is not the same.
    """
    found, _ = _open_video(path, cache, context, lambda _: None)
    if found.mix.key != media.mix.key:
        raise ProjectError(
            tr("{file} is not the video that is open: it sounds otherwise", file=path.name),
            tr("choose the right one, or open this one by itself"),
        )
    return found


def _rivals(
    saved: SavedProject, media: Media, cache: Path, context: RunContext
) -> tuple[tuple[Rival, ...], tuple[str, ...]]:
    """The files to compare with, and which of them cannot be read any more."""
    found: list[Rival] = []
    missing: list[tuple[str, str]] = []
    for path in saved.rivals:
        try:
            found.append(read_rival(path, media.mix.sample_rate_hz, cache, context))
        except EngineError as error:
            missing.append((path.name, error.message))
    return tuple(found), tuple(_missing_words(missing))


def _missing_words(missing: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Say which files are not compared any more, and why where it is one."""
    if len(missing) == 1:
        (name, reason) = missing[0]
        yield tr("{file} is not compared any more: {message}", file=name, message=reason)
    elif missing:
        first, *others = (name for name, _ in missing)
        more = f"{others[0]}" if len(others) == 1 else tr("{count} others", count=len(others))
        yield tr(
            "{first} and {more} cannot be read, and are not compared any more",
            first=first,
            more=more,
        )


def _clips(
    saved: SavedProject, media: Media, cache: Path, context: RunContext
) -> tuple[tuple[Clip, ...], tuple[str, ...]]:
    """The music that was placed, and which of its tracks are missing."""
    sounds: dict[Path, AudioRef | None] = {}
    missing = []
    for clip in saved.clips:
        if clip.track in sounds:
            continue
        try:
            sounds[clip.track] = _track_of(clip, media.mix, cache, context)
        except EngineError as error:
            sounds[clip.track] = None
            missing.append(
                tr("{file} is not heard: {message}", file=clip.track.name, message=error.message)
            )
    found = (replace(clip, sound=sounds[clip.track]) for clip in saved.clips)
    fitting = tuple(within_track(clip) for clip in found)
    cut = {
        after.track.name
        for before, after in zip(saved.clips, fitting, strict=True)
        if after.track_start_s != before.track_start_s or after.duration_s != before.duration_s
    }
    shorter = (tr("{file} is shorter than it was: its clips were fitted", file=n) for n in cut)
    return fitting, (*missing, *sorted(shorter))


def _track_of(clip: Clip, film: AudioRef, cache: Path, context: RunContext) -> AudioRef:
    """The sound of a clip's track, which need not be there any more if it is in the cache."""
    sound, shape = clip.sound, (film.channels, film.sample_rate_hz)
    fits = sound is not None and (sound.channels, sound.sample_rate_hz) == shape
    if sound is not None and fits and holds(ArtifactStore(cache), [sound]):
        return sound
    return read_track(clip.track, film, cache, context)


def _is_there(video: Path) -> bool:
    try:
        video.stat()
    except OSError:
        return False
    return True


def _with_its_sounds(saved: SavedProject, media: Media, store: ArtifactStore) -> Restore | None:
    """The restore of a project if all its sounds are in the cache."""
    if saved.restore is None:
        return None
    result = saved.restore.result
    if not holds(store, result.stems.values()):
        return None
    return replace(saved.restore, result=replace(result, video=media.path))


def _open_video(
    path: Path, cache: Path, context: RunContext, on_glance: Callable[[Glance], None]
) -> tuple[Media, tuple[str, ...]]:
    """Read a video; its sound is decoded once and found in the cache ever after."""
    info, store = probe(path), ArtifactStore(cache)
    if info.audio:
        mix, warnings = _read_sound(path, info.audio[0], store, context, on_glance)
        return _media(path, mix, info), (*info.warnings, *warnings)
    if info.num_undecodable:
        raise CodecError(
            tr("FFmpeg cannot decode the sound of {path}", path=path), tr("convert it first")
        )
    if info.video is None:
        raise NoAudioError(
            tr("{file} has neither sound nor picture that can be read", file=path.name),
            tr("choose a video"),
        )
    on_glance(Glance(path, info.video.duration_s, GrowingWaveform(RATE_HZ)))
    mix = silent_mix(path, info.video.duration_s, store, context)
    make_waveform(sound_of((mix, 1.0)), cache, context)
    return replace(_media(path, mix, info), has_sound=False), (_SILENT, *info.warnings)


def _read_sound(
    path: Path,
    track: AudioTrack,
    store: ArtifactStore,
    context: RunContext,
    on_glance: Callable[[Glance], None],
) -> tuple[AudioRef, tuple[str, ...]]:
    """The sound of a video, with its waveform in the cache, and what was damaged."""
    rate_hz = track.sample_rate_hz
    waveform = GrowingWaveform(rate_hz)
    on_glance(Glance(path, track.num_samples / rate_hz, waveform))
    context.report(Progress(STAGE, 0, 1))
    peaks = PeaksBuilder(track.channels, rate_hz)

    def on_block(block: Samples) -> None:
        waveform.add(block)
        peaks.add(block)

    found = decoded(path, store, context, on_block=on_block)
    if peaks.num_samples:
        peaks.store(peaks_path(((found.mix.key, 1.0),), store.root))
    make_waveform(sound_of((found.mix, 1.0)), store.root, context)
    return found.mix, found.warnings


def _media(path: Path, mix: AudioRef, info: MediaInfo) -> Media:
    if info.video is None:
        return Media(path, mix)
    # A rate that the file does not tell only matters for steps from frame to frame.
    rate_hz = info.video.frame_rate or 25.0
    return Media(path, mix, rate_hz, info.video.width, info.video.height)
