"""What is written out: the video as it is heard, and the stems as they stand.

Imports PyAV and libsndfile: load it after the first paint, in a worker.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.contents import files_of, lost_tracks
from app.export.presets import AS_IT_IS, level_for
from app.gain_curves import linear_gain
from app.project import Project
from app.sounds import Sound, lane_sound, sound_of, stem_sound, summed
from engine.context import Progress, RunContext, checked_in
from engine.errors import EmptyMediaError, OutputError
from engine.media.loudness import measure
from engine.media.mux import MuxRequest, MuxResult, mux
from engine.media.replacing import replaced_input
from engine.media.wav import write_wav
from engine.translation import tr
from engine.types import RestoreResult, Samples, StemName
from widgets.export_sheet import Content, ExportWish

STEMS_STAGE = "stems"


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote.

    Attributes:
        project: What was exported.
        paths: The files.
        warnings: Plain sentences for the user.
        notes: What else was done, in such sentences.
        is_film: It is the film as it is heard.
    """

    project: Project
    paths: tuple[Path, ...]
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_film: bool = False


def mixed_down(project: Project) -> Sound:
    """The sum of the lanes with their gains; muted ones are left out.

    Solo is for listening and does not count.

    Raises:
        EmptyMediaError: Nothing would be heard.
    """
    # The silence that stands for its sound is no reason to write a film in which nothing is heard.
    is_silent_film = project.media is not None and not project.media.has_sound
    sounds = [
        sound.amplified(gain)
        for lane in project.lanes
        if not lane.muted
        and not (lane.stem is StemName.MIX and is_silent_film)
        and (gain := linear_gain(lane.gain_db))
        and (sound := lane_sound(project, lane)) is not None
    ]
    total = summed(sounds) if sounds else None
    if total is None or not any(part.weight for part in total.parts):
        raise nothing_heard(project)
    return total


def nothing_heard(project: Project) -> EmptyMediaError:
    """Why an export would be silent."""
    if names := lost_tracks(project):
        return EmptyMediaError(
            tr("Nothing would be heard: {names} cannot be found.", names=", ".join(names)),
            tr("Find it on the page Music, or place other music."),
        )
    return EmptyMediaError(
        tr("All lanes are muted."), tr("Let the lanes sound that you want to keep.")
    )


def left_out(project: Project) -> tuple[str, ...]:
    """Which tracks are left out, for they are not where they were."""
    if names := lost_tracks(project):
        return (tr("Not there any more, and left out: {names}", names=", ".join(names)),)
    return ()


def export_video(
    project: Project, output: Path, wish: ExportWish, cache: Path, context: RunContext
) -> Exported:
    """Write the video with what is wanted of its sound, at the loudness that is wanted."""
    if project.media is None:
        raise ValueError("there is no video to export")
    check_places(project, [output])
    sound, words = _levelled(_wanted(project, wish.content), wish.preset, cache, context)
    result = _write_film(project.media.path, sound, output, cache, context)
    is_film = wish.content is Content.HEARD
    warnings = (*result.warnings, *(left_out(project) if is_film else ()))
    return Exported(project, (result.output,), warnings, words, is_film)


def _wanted(project: Project, content: Content) -> Sound:
    if content is Content.HEARD:
        return mixed_down(project)
    speech = stem_sound(project, StemName.DIALOGUE)
    if speech is None:
        raise EmptyMediaError(tr("Speech was not separated."), tr("Separate blind first."))
    return speech


def _levelled(
    sound: Sound, preset: str, cache: Path, context: RunContext
) -> tuple[Sound, tuple[str, ...]]:
    """The sound as loud as a preset wants it, and what that took."""
    if preset == AS_IT_IS:
        return sound, ()
    blocks = reported(sound, cache, 0, 2, context)
    level = level_for(preset, measure(blocks, sound.sample_rate_hz, sound.channels))
    return sound.amplified(linear_gain(level.gain_db)), (level.words,)


def write_restored(
    result: RestoreResult, output: Path, cache: Path, context: RunContext
) -> MuxResult:
    """Write the video of a restore with its restored sound, as it is."""
    sound = sound_of((result.stems[StemName.RESTORED], 1.0))
    return _write_film(result.video, sound, output, cache, context)


def export_stems(project: Project, folder: Path, cache: Path, context: RunContext) -> Exported:
    """Write every stem there is as a float WAV file, without the gains of the lanes."""
    if project.media is None:
        raise ValueError("there are no stems to export")
    if not project.media.has_sound:
        raise EmptyMediaError(
            tr("The video has no sound track, so there are no stems."),
            tr("Export the video, or a timeline for other editors."),
        )
    sounds = [(stem, sound) for stem in StemName if (sound := stem_sound(project, stem))]
    paths = [folder / f"{project.media.path.stem}.{stem}.wav" for stem, _ in sounds]
    check_places(project, paths)
    with all_or_nothing(paths):
        for index, (path, (_, sound)) in enumerate(zip(paths, sounds, strict=True)):
            blocks = reported(sound, cache, index, len(sounds), context)
            write_wav(path, blocks, sound.num_samples, sound.channels, sound.sample_rate_hz)
    return Exported(project, tuple(paths))


def _write_film(
    video: Path, sound: Sound, output: Path, cache: Path, context: RunContext
) -> MuxResult:
    request = MuxRequest(
        source=video,
        output=output,
        blocks=sound.blocks(cache),
        num_samples=sound.num_samples,
        channels=sound.channels,
        sample_rate_hz=sound.sample_rate_hz,
    )
    return mux(request, context)


@contextmanager
def all_or_nothing(paths: Sequence[Path]) -> Iterator[None]:
    """Take away what was not there before if it does not come to the end."""
    fresh = [path for path in paths if not path.exists()]
    with ExitStack() as undo:
        for path in fresh:
            undo.callback(path.unlink, missing_ok=True)
        yield
        undo.pop_all()


def check_places(project: Project, results: Sequence[Path]) -> None:
    """Refuse to write over what the project is made of.

    Raises:
        OutputError: A result would replace the video, a track or another file of it.
    """
    replaced = replaced_input(results, files_of(project))
    if replaced is not None:
        raise OutputError(
            tr("{file} is an input itself", file=replaced), tr("choose another folder or name")
        )


def reported(
    sound: Sound, cache: Path, index: int, num_sounds: int, context: RunContext
) -> Iterator[Samples]:
    """The blocks of one of several sounds, while it is told how far all of them are."""
    done = index * sound.num_samples
    for block in checked_in(sound.blocks(cache), context):
        yield block
        done += block.shape[1]
        context.report(Progress(STEMS_STAGE, done, num_sounds * sound.num_samples))
