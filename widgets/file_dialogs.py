"""File dialogs: ask the user for paths, show folders; nothing is read or written here."""

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.translation import tr

VIDEO_SUFFIXES = (".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".ts", ".mts", ".3gp")
"""What a video is called, in small letters; others may be named, too."""

_VIDEO_FILTER = tr(
    "Videos ({patterns});;All files (*)", patterns=" ".join(f"*{each}" for each in VIDEO_SUFFIXES)
)
_NETWORK_FILTER = tr("Networks (*.safetensors *.th *.ckpt *.pt *.bin *.yaml);;All files (*)")
_PROJECT_FILTER = tr("Reprise projects (*.reprise)")
_REPORT_FILTER = tr("Reports (*.html)")
SOUND_SUFFIXES = (".mp3", ".m4a", ".aac", ".flac", ".wav", ".ogg", ".opus", ".aif", ".aiff")
"""What a track is called, in small letters; others may be named, too."""

_LISTENERS_FILTER = tr("Reports and projects (*.html *.pdf *.reprise)")
_SOUND_FILTER = tr(
    "Sound ({patterns} *.mp4 *.mov *.mkv *.webm);;All files (*)",
    patterns=" ".join(f"*{each}" for each in SOUND_SUFFIXES),
)

_SHORT_FILTERS = QFileDialog.Option.HideNameFilterDetails
"""What kind of files, without a list of their endings."""


def ask_files(parent: QWidget, folder: Path | None = None) -> tuple[Path, ...]:
    """Ask for videos or a project to open; none when the user thinks better of it."""
    both = f"{_VIDEO_FILTER.partition(')')[0]} *.reprise);;{_VIDEO_FILTER};;{_PROJECT_FILTER}"
    return _ask_several(parent, tr("Open videos or a project"), folder, both)


def ask_videos(parent: QWidget, folder: Path | None = None) -> tuple[Path, ...]:
    """Ask for videos to restore one after the other; none when the user thinks better of it."""
    return _ask_several(parent, tr("Add videos to the queue"), folder, _VIDEO_FILTER)


def ask_moved(parent: QWidget, video: Path) -> Path | None:
    """Ask where the video of a project is now."""
    return _ask_existing(
        parent, tr("Where is {video}?", video=video.name), video.parent, _VIDEO_FILTER
    )


def ask_project(parent: QWidget, suggestion: Path) -> Path | None:
    """Ask where the project is to be kept."""
    return _ask_new(parent, tr("Save the project"), suggestion, _PROJECT_FILTER)


def ask_network(parent: QWidget, folder: Path | None = None) -> Path | None:
    """Ask for the file of a network."""
    return _ask_existing(parent, tr("Import a network from a file"), folder, _NETWORK_FILTER)


def ask_track(parent: QWidget, folder: Path | None = None) -> Path | None:
    """Ask for the sound file of the added music."""
    return _ask_existing(parent, tr("Choose the added track"), folder, _SOUND_FILTER)


def ask_music(parent: QWidget, folder: Path | None = None) -> Path | None:
    """Ask for a track that is to be placed in the film."""
    return _ask_existing(parent, tr("Choose music for the film"), folder, _SOUND_FILTER)


def ask_export_video(parent: QWidget, suggestion: Path) -> Path | None:
    """Ask where the restored video goes."""
    return _ask_new(parent, tr("Export the restored video"), suggestion, _VIDEO_FILTER)


def ask_export_folder(parent: QWidget, title: str, folder: Path | None = None) -> Path | None:
    """Ask for the folder that something goes to."""
    name = QFileDialog.getExistingDirectory(parent, title, str(folder or ""))
    return Path(name) if name else None


def ask_rival(parent: QWidget, folder: Path | None = None) -> Path | None:
    """Ask for a film or a sound to compare with."""
    return _ask_existing(
        parent, tr("Choose a film or a sound to compare with"), folder, _SOUND_FILTER
    )


def ask_listeners(parent: QWidget, folder: Path | None = None) -> tuple[Path, ...]:
    """Ask for reports and projects of other listeners; none when the user thinks better of it."""
    return _ask_several(parent, tr("Add other listeners' reports"), folder, _LISTENERS_FILTER)


def ask_report(parent: QWidget, suggestion: Path) -> Path | None:
    """Ask where the report goes; its twin, a PDF, goes beside it."""
    return _ask_new(parent, tr("Sign and save the report"), suggestion, _REPORT_FILTER)


def open_folder(folder: Path) -> bool:
    """Show a folder in the system's own file manager; whether there is one."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _ask_new(parent: QWidget, title: str, suggestion: Path, name_filter: str) -> Path | None:
    dialog = QFileDialog(parent, title, str(suggestion), name_filter)
    dialog.setOptions(_SHORT_FILTERS)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    # The dialog itself asks before a file is replaced, and so has to know its whole name.
    dialog.setDefaultSuffix(suggestion.suffix)
    return Path(dialog.selectedFiles()[0]) if dialog.exec() else None


def _ask_several(
    parent: QWidget, title: str, folder: Path | None, name_filter: str
) -> tuple[Path, ...]:
    names, _ = QFileDialog.getOpenFileNames(
        parent, title, str(folder or ""), name_filter, options=_SHORT_FILTERS
    )
    return tuple(Path(name) for name in names)


def _ask_existing(
    parent: QWidget, title: str, folder: Path | None, name_filter: str
) -> Path | None:
    name, _ = QFileDialog.getOpenFileName(
        parent, title, str(folder or ""), name_filter, options=_SHORT_FILTERS
    )
    return Path(name) if name else None
