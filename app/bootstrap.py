"""The composition root: the only place that constructs. Importing it has no side effect."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from app.cache_keeper import CacheKeeper
from app.controllers.about import AboutController
from app.controllers.anchors import AnchorsController
from app.controllers.attention import AttentionController
from app.controllers.autosave import AutosaveController
from app.controllers.awaited import AwaitedController
from app.controllers.beats import BeatsController
from app.controllers.blind_test import BlindTestController
from app.controllers.clip_hands import ClipHandsController
from app.controllers.clips import ClipsController
from app.controllers.compare import CompareController
from app.controllers.details import DetailsController, DetailSources
from app.controllers.devices import DevicesController, Look
from app.controllers.discard import DiscardController
from app.controllers.ducking import DuckingController
from app.controllers.envelopes import EnvelopesController
from app.controllers.export import ExportController, ExportQuestions
from app.controllers.files import FilesController
from app.controllers.history import HistoryController
from app.controllers.keeping import KeepingController
from app.controllers.lanes import LanesController
from app.controllers.library_search import LibrarySearch
from app.controllers.listeners import ListenersController
from app.controllers.marks import MarksController
from app.controllers.media import MediaController
from app.controllers.moments import MomentsController
from app.controllers.motion import MotionController
from app.controllers.moved_video import MovedVideoController
from app.controllers.music import MusicController
from app.controllers.network_offers import NetworkOffers
from app.controllers.picture import OpenPictures, PictureController
from app.controllers.picture_cuts import PictureCutsController
from app.controllers.playback import PlaybackController
from app.controllers.project import ProjectController
from app.controllers.queue import QueueController
from app.controllers.queue_results import QueueDoors
from app.controllers.report import ReportController
from app.controllers.restore import RestoreController
from app.controllers.result import ResultController
from app.controllers.rivals import RivalsController
from app.controllers.settings import SettingsController, Surroundings
from app.controllers.shell import ShellController
from app.controllers.sound import OpenOutput, SoundController
from app.controllers.spectrograms import SpectrogramsController
from app.controllers.speech import SpeechController
from app.controllers.thumbnails import ThumbnailsController
from app.controllers.track import TrackController
from app.controllers.track_formats import TrackFormats
from app.controllers.track_placer import TrackPlacer
from app.controllers.version_loudness import VersionLoudness
from app.controllers.view import ViewController
from app.controllers.wakefulness import WakefulnessController
from app.controllers.waveform_maker import WaveformMaker
from app.controllers.welcome import WelcomeController
from app.crash import CrashReporter, log_to
from app.desktop.awake import Wakefulness, find_wakefulness
from app.desktop.motion import wants_less_motion
from app.desktop.notify import Notifier, send_over_bus
from app.document import Document
from app.engine_client import EngineClient, EngineSettings
from app.jobs import JobRunner
from app.language import translate_qt
from app.messages import Messages
from app.paths import Paths, find_paths
from app.pauses import collect_only_what_is_new, hand_over_often
from app.playback.devices import look_for_outputs
from app.playback.picture import PictureSource
from app.playback.sound import open_output
from app.settings import Settings, SettingsStore
from engine.artifacts import ArtifactStore
from engine.translation import tr
from widgets import file_dialogs, questions
from widgets.export_sheet import ExportView, ExportWish, ask_export
from widgets.icons import icon
from widgets.main_window import MainWindow
from widgets.text_sheet import show_text
from widgets.theme import LIGHT, THEMES, Theme, apply_theme

AskExisting = Callable[[QWidget, Path | None], Path | None]
AskSeveral = Callable[[QWidget, Path | None], tuple[Path, ...]]
AskNew = Callable[[QWidget, Path], Path | None]
AskFolder = Callable[[QWidget, str, Path | None], Path | None]


AskRecover = Callable[[QWidget, str, str], questions.Recovery]
AskExport = Callable[[QWidget, ExportView], ExportWish | None]
AskText = Callable[[QWidget, str, str], str | None]


class AskUnfinished(Protocol):
    """Asks what is to become of unfinished work."""

    def __call__(self, parent: QWidget, reasons: str, *, can_save: bool) -> questions.Unfinished:
        """Ask over a window."""


@dataclass(frozen=True, slots=True)
class Dialogs:
    """How the user is asked."""

    files: AskSeveral = file_dialogs.ask_files
    videos: AskSeveral = file_dialogs.ask_videos
    moved: AskNew = file_dialogs.ask_moved
    project: AskNew = file_dialogs.ask_project
    track: AskExisting = file_dialogs.ask_track
    export: AskExport = ask_export
    export_video: AskNew = file_dialogs.ask_export_video
    export_folder: AskFolder = file_dialogs.ask_export_folder
    rival: AskExisting = file_dialogs.ask_rival
    report: AskNew = file_dialogs.ask_report
    listeners: AskSeveral = file_dialogs.ask_listeners
    unfinished: AskUnfinished = questions.ask_unfinished
    recover: AskRecover = questions.ask_recover
    music: AskExisting = file_dialogs.ask_music
    network: AskExisting = file_dialogs.ask_network
    marker_text: AskText = questions.ask_marker_text
    open_folder: Callable[[Path], object] = file_dialogs.open_folder
    show_text: Callable[[QWidget, str, str], object] = show_text


def open_film(path: Path) -> PictureSource:
    """Open a video's pictures; PyAV comes along, which has to wait for the first paint."""
    from app.playback.film import FilmPictures

    return FilmPictures(path)


@dataclass(frozen=True, slots=True)
class Desktop:
    """The desktop around the window.

    Attributes:
        send: Shows a notification; whether it could.
        wakefulness: Gives the way to keep the computer awake.
        wants_less_motion: Whether it is set to move as little as possible.
    """

    send: Callable[[str, str], bool] = send_over_bus
    wakefulness: Callable[[], Wakefulness] = find_wakefulness
    wants_less_motion: Callable[[], bool] = wants_less_motion


@dataclass(frozen=True, slots=True)
class Arguments:
    """Everything that a start may want different.

    Attributes:
        paths: The program's own files.
        files: To open; where there are several, they are queued as well.
        engine_in_thread: Run the engine in a thread of this process, for debugging and tests.
        workload: What the engine can do; empty for the real thing.
        open_output: Opens sound devices.
        look_for_outputs: Names the sound devices that are there.
        open_pictures: Opens videos for their pictures.
        dialogs: Asks the user.
        desktop: What is around the window.
        welcomes: A first start shows what works here.
    """

    paths: Paths
    files: tuple[Path, ...] = ()
    engine_in_thread: bool = False
    workload: str = ""
    open_output: OpenOutput = open_output
    look_for_outputs: Look = look_for_outputs
    open_pictures: OpenPictures = open_film
    dialogs: Dialogs = Dialogs()
    desktop: Desktop = Desktop()
    welcomes: bool = False


class Application(QObject):
    """The running editor.

    Attributes:
        window: What is seen.
        document: What is worked on.
        jobs: What is going on.
        messages: The door to the user.
        sound: Plays.
        media: Opens.
        clips: Shows placed music.
        placer: Places it.
        compare: Plays versions on the Review page.
        blind_test: Asks there.
        queue: Restores files one after the other.
        offers: Fetches networks.

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
            self.messages.warn(settings.problem, tr("The usual settings are used."))
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
        self._devices.close()
        self.jobs.close()
        self.sound.close()
        self._picture.close()
        self.engine.close()
        self._cache_keeper.close()
        self._wakefulness.close()
        self._notifier.close()
        self._motion.close()
        # Hidden, not closed: nobody is asked any more.
        self.window.hide()
        self.window.deleteLater()

    def _build_playback(self, arguments: Arguments) -> None:
        window, document = self.window, self.document
        self.sound = SoundController(
            document, self.jobs, self.messages, arguments.paths.cache, arguments.open_output
        )
        self._devices = DevicesController(
            window.sound_menu, self.sound, self.jobs, self._settings, arguments.look_for_outputs
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
        self._store = ArtifactStore(cache, settings.current.cache_quota_bytes)
        self._cache_keeper = CacheKeeper(document, jobs, self._store)
        self._notifier = Notifier(icon("check", LIGHT.accent), arguments.desktop.send)
        self._attention = AttentionController(jobs, self._call_user)
        self._awaited = AwaitedController(window.status_line, jobs)
        self._wakefulness = WakefulnessController(jobs, arguments.desktop.wakefulness)
        self._build_timeline(arguments)
        self._build_restore(arguments)
        self._project = ProjectController(
            window, document, messages, settings, partial(dialogs.project, window)
        )
        self._build_opening(arguments)
        ask_recover = partial(dialogs.recover, window)
        self._autosave = AutosaveController(
            document, jobs, messages, self.media, arguments.paths.autosave, ask_recover
        )
        self._build_review()
        surroundings = Surroundings(
            _own_folders(arguments.paths), dialogs.open_folder, self._is_working
        )
        self._preferences = SettingsController(
            window, jobs, settings, self._devices, self._cache_keeper, surroundings
        )
        self._motion = MotionController(
            jobs, settings, self._playback.pace, arguments.desktop.wants_less_motion
        )
        self._about = AboutController(window, jobs, dialogs.open_folder)
        self.offers = NetworkOffers(jobs, messages)
        self._welcome = WelcomeController(
            window,
            jobs,
            settings,
            self.engine,
            self.offers,
            cache,
            partial(dialogs.network, window, None),
        )
        self._shell = ShellController(
            window, document, messages, settings, self.engine, dialogs.open_folder, self.blind_test
        )

    def _build_timeline(self, arguments: Arguments) -> None:
        window, document, jobs = self.window, self.document, self.jobs
        cache = arguments.paths.cache
        self._lanes = LanesController(
            window.timeline, window.restore_panel, document, self._waveforms()
        )
        self._spectrograms = SpectrogramsController(
            window.timeline.canvas.spectrograms, document, jobs, cache
        )
        self._view = ViewController(window, self._settings)
        self._thumbnails = ThumbnailsController(
            window.timeline, document, jobs, arguments.open_pictures
        )
        ask_text = partial(arguments.dialogs.marker_text, window)
        self._marks = MarksController(window, document, self._playback, ask_text)
        self._beats = BeatsController(document, jobs)
        self.clips = ClipsController(window.timeline, document, self._beats, self._waveforms())
        self._clip_hands = ClipHandsController(window, document, self.clips, self._playback)
        self._envelopes = EnvelopesController(window, document, self._playback)
        ask_music = partial(arguments.dialogs.music, window)
        self.placer = TrackPlacer(document, jobs, self.messages, self.clips, cache)
        self._ducking = DuckingController(document, jobs, self.messages)
        self._music = MusicController(
            window, document, self.placer, self.clips, self._playback, self._ducking, ask_music
        )
        self._track_formats = TrackFormats(document, jobs, self.messages)
        card = window.music_panel.placed_card
        self._moments = MomentsController(card, document, jobs, self.messages, cache)

    def _waveforms(self) -> WaveformMaker:
        return WaveformMaker(self.jobs, self.messages, self._arguments.paths.cache)

    def _build_restore(self, arguments: Arguments) -> None:
        """The Restore page, and what leaves it."""
        window, document, jobs, messages = self.window, self.document, self.jobs, self.messages
        cache, dialogs, settings = arguments.paths.cache, arguments.dialogs, self._settings
        panel = window.restore_panel
        library = LibrarySearch(document, jobs, messages)
        # Behind the library: there is one engine.
        self._cuts = PictureCutsController(window, document, jobs, self._playback)
        ask_track = partial(dialogs.track, window)
        tracks = TrackController(panel, document, settings, library, ask_track)
        self._restore = RestoreController(
            panel, document, jobs, messages, settings, tracks, lambda: self._playback.position_s
        )
        self._keeping = KeepingController(panel, document)
        self._speech = SpeechController(window, document, jobs, messages, settings, self._playback)
        self._restore.previewed.connect(self._playback.audition)
        ask_export = ExportQuestions(
            partial(dialogs.export, window),
            partial(dialogs.export_video, window),
            partial(dialogs.export_folder, window),
        )
        self._export = ExportController(
            window,
            document,
            jobs,
            messages,
            cache,
            ask_export,
            self._ducking,
        )
        ask_moved = partial(dialogs.moved, window)
        self._moved_video = MovedVideoController(document, jobs, messages, cache, ask_moved)
        for stopped in (self._export, self._restore):
            stopped.video_missing.connect(self._moved_video.find)
        show_text = partial(dialogs.show_text, window)
        self._history = HistoryController(
            panel.history_card, document, self._restore, self._store, show_text
        )
        self._result = ResultController(panel, document, self._export)
        sources = DetailSources(settings, self.engine, self._restore, self._result, cache)
        self._details = DetailsController(
            panel.progress_card, document, jobs, messages, sources, show_text
        )
        panel.result_card.folder_requested.connect(dialogs.open_folder)

    def _build_review(self) -> None:
        window, document, jobs, messages = self.window, self.document, self.jobs, self.messages
        cache, settings = self._arguments.paths.cache, self._settings
        ask_report = partial(self._arguments.dialogs.report, window)
        ask_rival = partial(self._arguments.dialogs.rival, window)
        loudness = VersionLoudness(jobs, messages, cache)
        self.compare = CompareController(window, document, self.sound, loudness)
        card = window.review_panel.compare_card
        self._rivals = RivalsController(card, document, jobs, messages, cache, ask_rival)
        anchors = AnchorsController(document, self.sound, jobs, messages, cache)
        self.blind_test = BlindTestController(
            window, document, self.compare, self._playback, self.sound, anchors, messages
        )
        ask_listeners = partial(self._arguments.dialogs.listeners, window)
        cards = window.review_panel.listeners_card, window.review_panel.report_card
        self._listeners = ListenersController(*cards, document, jobs, messages, ask_listeners)
        self._report = ReportController(
            window, document, jobs, messages, settings, cache, ask_report
        )
        self._report.video_missing.connect(self._moved_video.find)

    def _build_opening(self, arguments: Arguments) -> None:
        """What lets files in: into the editor, and into the queue."""
        window, document, jobs, messages = self.window, self.document, self.jobs, self.messages
        dialogs, settings = arguments.dialogs, self._settings
        doors = QueueDoors(
            ask_videos=partial(dialogs.videos, window),
            open_video=lambda video, opened: self.media.open(video, opened),
            open_folder=dialogs.open_folder,
            show_text=partial(dialogs.show_text, window),
        )
        card, status = window.restore_panel.queue_card, window.status_line
        self.queue = QueueController(card, status, document, jobs, settings, self._store, doors)
        self.queue.ended.connect(self._attention.tell_queue)
        ask_unfinished = partial(dialogs.unfinished, window)
        discard = DiscardController(
            window,
            document,
            self._restore,
            self._awaited,
            self.queue,
            self._project,
            ask_unfinished,
            lambda: self.blind_test.session is not None,
        )
        ask_moved = partial(dialogs.moved, window)
        self.media = MediaController(
            window, document, jobs, messages, settings, arguments.paths.cache, discard, ask_moved
        )
        self.media.sounds_gone.connect(self._restore.renew)
        ask_files = partial(dialogs.files, window)

        def place(tracks: Sequence[Path]) -> None:
            # As if they were dropped on the lanes.
            window.timeline.track_drop.tracks_dropped.emit(
                list(tracks), self._playback.position_s, ""
            )

        self._files = FilesController(
            window, document, jobs, messages, settings, self.media, self.queue, ask_files, place
        )

    def _begin(self) -> None:
        """Start what had to wait for the first paint."""
        # First: whatever the user is asked, it gets ready meanwhile.
        self.engine.start()
        files = self._arguments.files
        if self._autosave.recover():
            if files:
                self._files.put_off(files)
        else:
            if files:
                self._files.take(files)
            if self._arguments.welcomes:
                self._welcome.open_once()
        self._autosave.tell_kept()
        self._cache_keeper.tidy()
        self._motion.begin()

    def _call_user(self, title: str, text: str) -> None:
        """Call whoever works in another window."""
        if not self.window.isActiveWindow():
            QApplication.alert(self.window)
            self._notifier.tell(title, text)

    def _is_working(self) -> bool:
        return bool(self._awaited.at_stake) or self.queue.is_busy

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
    translate_qt(app)
    application = build(Arguments(paths, tuple(files), engine_in_thread, welcomes=True))
    application.window.fit_to_screen()
    with CrashReporter(application.messages):
        application.window.show()
        collect_only_what_is_new()
        code = app.exec()
        application.close()
    return code


def _theme(settings: Settings) -> Theme:
    return next(theme for theme in THEMES if theme.name == settings.theme)


def _own_folders(paths: Paths) -> tuple[tuple[str, Path], ...]:
    return (
        (tr("Cache"), paths.cache),
        (tr("Models, library, unsaved work"), paths.autosave.parent),
        (tr("Logs"), paths.window_log_file.parent),
        (tr("Settings"), paths.settings_file.parent),
    )


def _engine_settings(arguments: Arguments, settings: Settings) -> EngineSettings:
    usual = EngineSettings(arguments.paths.engine_log_file)
    return EngineSettings(
        log_file=usual.log_file,
        command=settings.engine_command or usual.command,
        workload=arguments.workload or f"{usual.workload}:{settings.device}",
        in_thread=arguments.engine_in_thread,
    )
