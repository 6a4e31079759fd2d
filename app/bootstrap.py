"""The composition root: the only place that constructs. Importing it has no side effect."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from app.cache_keeper import CacheKeeper
from app.controllers.attention import AttentionController
from app.controllers.autosave import AutosaveController
from app.controllers.discard import DiscardController
from app.controllers.export import ExportController, ExportQuestions
from app.controllers.lanes import LanesController
from app.controllers.library_search import LibrarySearch
from app.controllers.marks import MarksController
from app.controllers.media import MediaController, OpenQuestions
from app.controllers.picture import OpenPictures, PictureController
from app.controllers.picture_cuts import PictureCutsController
from app.controllers.playback import PlaybackController
from app.controllers.project import ProjectController
from app.controllers.restore import RestoreController
from app.controllers.shell import ShellController
from app.controllers.sound import OpenOutput, SoundController
from app.controllers.spectrograms import SpectrogramsController
from app.controllers.thumbnails import ThumbnailsController
from app.controllers.track import TrackController
from app.controllers.view import ViewController
from app.crash import CrashReporter, log_to
from app.document import Document
from app.engine_client import EngineClient, EngineSettings
from app.jobs import JobRunner, hand_over_often
from app.messages import Messages
from app.paths import Paths, find_paths
from app.playback.picture import PictureSource
from app.playback.sound import open_output
from app.settings import Settings, SettingsStore
from engine.artifacts import ArtifactStore
from widgets import file_dialogs, questions
from widgets.main_window import MainWindow
from widgets.theme import THEMES, Theme, apply_theme

AskExisting = Callable[[QWidget, Path | None], Path | None]
AskNew = Callable[[QWidget, Path], Path | None]


AskRecover = Callable[[QWidget, str, str], bool]
AskText = Callable[[QWidget, str], str | None]


class AskUnfinished(Protocol):
    """Asks what is to become of unfinished work."""

    def __call__(self, parent: QWidget, reasons: str, *, can_save: bool) -> questions.Unfinished:
        """Ask over a window."""


@dataclass(frozen=True, slots=True)
class Dialogs:
    """How the user is asked."""

    video: AskExisting = file_dialogs.ask_video
    moved: AskNew = file_dialogs.ask_moved
    project: AskNew = file_dialogs.ask_project
    track: AskExisting = file_dialogs.ask_track
    export_video: AskNew = file_dialogs.ask_export_video
    export_folder: AskExisting = file_dialogs.ask_export_folder
    unfinished: AskUnfinished = questions.ask_unfinished
    recover: AskRecover = questions.ask_recover
    marker_text: AskText = questions.ask_marker_text
    open_folder: Callable[[Path], object] = file_dialogs.open_folder


def open_film(path: Path) -> PictureSource:
    """Open a video's pictures; PyAV comes along, which has to wait for the first paint."""
    from app.playback.film import FilmPictures

    return FilmPictures(path)


@dataclass(frozen=True, slots=True)
class Arguments:
    """Everything that a start may want different.

    Attributes:
        paths: The program's own files.
        files: To open; the first one counts.
        engine_in_thread: Run the engine in a thread of this process, for debugging and tests.
        workload: What the engine can do; empty for the real thing.
        open_output: Opens sound devices.
        open_pictures: Opens videos for their pictures.
        dialogs: Asks the user.
    """

    paths: Paths
    files: tuple[Path, ...] = ()
    engine_in_thread: bool = False
    workload: str = ""
    open_output: OpenOutput = open_output
    open_pictures: OpenPictures = open_film
    dialogs: Dialogs = Dialogs()


class Application(QObject):
    """The running editor.

    Attributes:
        window: What is seen.
        document: What is worked on.
        jobs: What is going on.
        messages: The door to the user.
        sound: Plays.
        media: Opens.

    Signals:
        first_painted: The window has been drawn for the first time.
    """

    first_painted = Signal()

    def __init__(self, arguments: Arguments, settings: SettingsStore) -> None:
        super().__init__()
        self._arguments, self._settings = arguments, settings
        self._is_painted = False
        self.window = MainWindow(_theme(settings.current))
        self.document, self.messages = Document(), Messages()
        self.engine = EngineClient(_engine_settings(arguments, settings.current))
        self.jobs = JobRunner(self.engine)
        self._build_playback(arguments)
        self._build_panels(arguments)
        if settings.problem:
            self.messages.warn(settings.problem, "The usual settings are used.")
        self.window.video_view.installEventFilter(self)
        # Queued: whoever else listens for the paint hears of it before anything heavy begins.
        self.first_painted.connect(self._begin, Qt.ConnectionType.QueuedConnection)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice the first paint."""
        if event.type() is QEvent.Type.Paint and not self._is_painted:
            self._is_painted = True
            watched.removeEventFilter(self)
            # The event is not delivered yet.
            QTimer.singleShot(0, self.first_painted.emit)
        return False

    def close(self) -> None:
        """End all work and give everything back."""
        self._autosave.close()
        self._playback.close()
        self.jobs.close()
        self.sound.close()
        self._picture.close()
        self.engine.close()
        self._cache_keeper.close()
        # Hidden, not closed: nobody is asked any more.
        self.window.hide()
        self.window.deleteLater()

    def _build_playback(self, arguments: Arguments) -> None:
        window, document = self.window, self.document
        self.sound = SoundController(
            document, self.jobs, self.messages, arguments.paths.cache, arguments.open_output
        )
        self._picture = PictureController(
            window.video_view, document, self.messages, arguments.open_pictures
        )
        self._playback = PlaybackController(
            window, document, self.sound, self._picture, self._tell_playing
        )

    def _build_panels(self, arguments: Arguments) -> None:
        window, document, jobs, messages = self.window, self.document, self.jobs, self.messages
        cache, dialogs, settings = arguments.paths.cache, arguments.dialogs, self._settings
        store = ArtifactStore(cache, settings.current.cache_quota_bytes)
        self._cache_keeper = CacheKeeper(document, jobs, store)
        self._lanes = LanesController(
            window.timeline, window.restore_panel, document, jobs, messages, cache
        )
        self._spectrograms = SpectrogramsController(
            window.timeline.canvas.spectrograms, document, jobs, cache
        )
        self._view = ViewController(window, settings)
        # Does nothing while the window is the one that is worked in.
        self._attention = AttentionController(jobs, partial(QApplication.alert, window))
        self._thumbnails = ThumbnailsController(
            window.timeline, document, jobs, arguments.open_pictures
        )
        ask_text = partial(dialogs.marker_text, window)
        self._marks = MarksController(window, document, self._playback, ask_text)
        library = LibrarySearch(document, jobs, messages)
        self._cuts = PictureCutsController(window, document, jobs, self._playback)
        ask_track = partial(dialogs.track, window)
        tracks = TrackController(window.restore_panel, document, settings, library, ask_track)
        self._restore = RestoreController(
            window.restore_panel,
            document,
            jobs,
            messages,
            settings,
            tracks,
            lambda: self._playback.position_s,
        )
        self._restore.previewed.connect(self._playback.audition)
        ask_export = ExportQuestions(
            partial(dialogs.export_video, window), partial(dialogs.export_folder, window)
        )
        self._export = ExportController(window, document, jobs, messages, cache, ask_export)
        self._project = ProjectController(
            window, document, messages, settings, partial(dialogs.project, window)
        )
        ask_unfinished = partial(dialogs.unfinished, window)
        discard = DiscardController(
            window, document, self._restore, self._export, self._project, ask_unfinished
        )
        ask_open = OpenQuestions(partial(dialogs.video, window), partial(dialogs.moved, window))
        self.media = MediaController(
            window, document, jobs, messages, settings, cache, discard, ask_open
        )
        self.media.sounds_gone.connect(self._restore.renew)
        ask_recover = partial(dialogs.recover, window)
        self._autosave = AutosaveController(
            document, jobs, messages, self.media, arguments.paths.autosave, ask_recover
        )
        self._shell = ShellController(
            window, document, messages, settings, self.engine, dialogs.open_folder
        )

    def _begin(self) -> None:
        """Start what had to wait for the first paint."""
        # First: whatever the user is asked, it gets ready meanwhile.
        self.engine.start()
        files = self._arguments.files
        if self._autosave.recover():
            if files:
                self.messages.notice(f"{files[0].name} was not opened: the work came back instead.")
        elif files:
            self.media.open_first(list(files))
        self._cache_keeper.tidy()

    def _tell_playing(self, is_playing: object) -> None:
        self.engine.set_sound_playing(is_playing=bool(is_playing))


def build(arguments: Arguments) -> Application:
    """Make the editor; a `QApplication` must exist, nothing is shown yet."""
    settings = SettingsStore(arguments.paths.settings_file)
    app = QApplication.instance()
    if isinstance(app, QApplication):
        apply_theme(app, _theme(settings.current))
    return Application(arguments, settings)


def run_editor(files: Sequence[Path], *, engine_in_thread: bool = False) -> int:
    """Show the editor until it is closed.

    Args:
        files: To open.
        engine_in_thread: Run the engine in a thread of this process, for debugging.

    Returns:
        The exit code.
    """
    paths = find_paths()
    log_to(paths.window_log_file)
    hand_over_often()
    app = QApplication([])
    app.setApplicationName("Reprise")
    application = build(Arguments(paths, tuple(files), engine_in_thread))
    application.window.fit_to_screen()
    with CrashReporter(application.messages):
        application.window.show()
        code = app.exec()
        application.close()
    return code


def _theme(settings: Settings) -> Theme:
    return next(theme for theme in THEMES if theme.name == settings.theme)


def _engine_settings(arguments: Arguments, settings: Settings) -> EngineSettings:
    usual = EngineSettings(arguments.paths.engine_log_file)
    return EngineSettings(
        log_file=usual.log_file,
        command=settings.engine_command or usual.command,
        workload=arguments.workload or f"{usual.workload}:{settings.device}",
        in_thread=arguments.engine_in_thread,
    )
