"""A project in which music can be placed."""

from pathlib import Path

from app.clip_edits import place_clip
from app.project import Media, Project, opened
from engine.types import AudioRef, Region

RATE_HZ = 8000
FILM_S = 20.0
TRACK_S = 30.0
FILM = AudioRef("film-1", round(FILM_S * RATE_HZ), 2, RATE_HZ)
TRACK = AudioRef("track-1", round(TRACK_S * RATE_HZ), 2, RATE_HZ)
SONG = Path("/music/song.flac")


def film_project() -> Project:
    """A film of 20 s without any music."""
    return opened(Media(Path("/films/film.mp4"), FILM, 25.0, 64, 48))


def placed(*stretches: tuple[float, float], track_start_s: float = 5.0) -> Project:
    """The film with a clip of the track from each start to each end."""
    project = film_project()
    for start_s, end_s in stretches:
        heard = Region(track_start_s, track_start_s + end_s - start_s)
        project = place_clip(SONG, TRACK, start_s, heard).apply(project)
    return project
