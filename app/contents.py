"""What a project is made of, told once for all who save, copy, write or tidy."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from app.project import Project, Restore
from engine.types import AudioRef, RestoreResult


def files_of(project: Project) -> Iterator[Path]:
    """Every file that a project names; some come twice."""
    if project.media is not None:
        yield project.media.path
    if project.track is not None:
        yield project.track
    for result in _results(project):
        yield result.video
        yield from (match.track for match in result.bgm)
    yield from (rival.path for rival in project.rivals)
    yield from (clip.track for clip in project.clips)
    yield from project.listener_files


def with_files(project: Project, places: Mapping[Path, Path]) -> Project:
    """The same project with its files elsewhere.

    Args:
        project: The project.
        places: By file, where it is to be; others stay where they are.
    """

    def moved(path: Path) -> Path:
        return places.get(path, path)

    def again(result: RestoreResult) -> RestoreResult:
        bgm = tuple(replace(match, track=moved(match.track)) for match in result.bgm)
        return replace(result, video=moved(result.video), bgm=bgm)

    def restored(restore: Restore | None) -> Restore | None:
        return replace(restore, result=again(restore.result)) if restore is not None else None

    media = project.media
    return replace(
        project,
        media=replace(media, path=moved(media.path)) if media is not None else None,
        track=moved(project.track) if project.track is not None else None,
        restore=restored(project.restore),
        lost=restored(project.lost),
        history=tuple(replace(each, result=again(each.result)) for each in project.history),
        rivals=tuple(replace(rival, path=moved(rival.path)) for rival in project.rivals),
        clips=tuple(replace(clip, track=moved(clip.track)) for clip in project.clips),
        listener_files=tuple(moved(path) for path in project.listener_files),
    )


def refs_of(project: Project) -> Iterator[AudioRef]:
    """Every sound that a project names, whether it is in the cache or not; some come twice."""
    if project.media is not None:
        yield project.media.mix
    for result in _results(project):
        yield from result.stems.values()
    yield from (rival.sound for rival in project.rivals)
    yield from (clip.sound for clip in project.clips if clip.sound is not None)


def refs_in_use(project: Project) -> Iterator[AudioRef]:
    """Those that can be heard now; what was tried before, or is missing, can be made again."""
    return refs_of(replace(project, lost=None, history=()))


def lost_tracks(project: Project) -> tuple[str, ...]:
    """Names of the tracks that an export would have in it if they were still where they were."""
    silent = {lane.lane_id for lane in project.lanes if lane.is_silent}
    lost = (each for each in project.clips if each.sound is None and each.lane_id not in silent)
    return tuple(dict.fromkeys(clip.track.name for clip in lost))


def _results(project: Project) -> Iterator[RestoreResult]:
    restores = (project.restore, project.lost)
    yield from (restore.result for restore in restores if restore is not None)
    yield from (attempt.result for attempt in project.history)


def is_held_by_film(project: Project) -> bool:
    """Whether nothing is lost of a project when there is only the film as it is heard.

    Another field of the project counts as lost until it is named here.
    """
    held = replace(
        project, media=None, lanes=(), track=None, restore=None, history=project.history[1:]
    )
    has_curves = any(lane.envelope or lane.duck_db for lane in project.lanes)
    is_spoken_by_hand = project.restore is not None and project.restore.speech is not None
    return held == Project() and not has_curves and not is_spoken_by_hand
