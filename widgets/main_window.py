"""The window: arranges the panels, owns the actions."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QWidget,
)

from engine.translation import tr
from widgets.accessibility import announce
from widgets.actions import (
    ACTIONS,
    ANSWERS,
    Command,
    Menu,
)
from widgets.choice_menus import RecentMenu, ThemeMenu
from widgets.file_drop import FileDrop
from widgets.held_key import HeldKey
from widgets.key_claims import wants_key
from widgets.key_sets import KeyMap, KeySetName, key_map
from widgets.key_sheet import KeySheet, key_sections
from widgets.message_bar import MessageBar
from widgets.music_panel import MusicPanel
from widgets.pages import Page
from widgets.restore_panel import RestorePanel
from widgets.review_panel import ReviewPanel
from widgets.sheet import room_on_screen
from widgets.sound_menu import SoundMenu
from widgets.status_line import StatusLine
from widgets.theme import INSPECTOR_WIDTH_PX, THEMES, Theme, apply_theme
from widgets.timeline import Timeline
from widgets.title_bar import TitleBar
from widgets.transport_bar import ZOOM_FACTOR, TransportBar
from widgets.trial_stage import TrialStage
from widgets.video_view import VideoView
from widgets.window_actions import WindowActions, WindowState

Slot = Callable[[], object]

_TITLE = "Reprise"
_DROP_HINT = tr("Drop to open")
_MUSIC_DROP_HINT = tr("Drop music to place it, a video to open it")
_LEAST_PICTURE_PX = 220


class MainWindow(QMainWindow):
    """The one window. Connect to its panels for their own signals.

    Attributes:
        video_view: The picture.
        transport_bar: Play, step, time. Its signals are also what the menu's keys emit: Space
            emits `transport_bar.play_requested`, Left/Right `transport_bar.step_requested`, etc.
        timeline: Lanes. Keys 0 to 9 and some more emit its signals. It is zoomed by the window.
        restore_panel: The inspector of the Restore page. Ctrl+R emits one of its restore signals.
        music_panel: The inspector of the Music page.
        review_panel: The inspector of the Review page.
        trial_stage: Beside the picture in a blind test.
        message_bar: Errors and notices.
        status_line: Engine and sound device.
        sound_menu: Sound devices, in the menu Playback.

    Signals:
        open_requested: The user wants to choose a video (see `widgets.file_dialogs`).
        recent_chosen: pathlib.Path of a file that was open before.
        save_requested: Keep the project where it was kept last.
        save_as_requested: Keep it in another file.
        files_dropped: list of pathlib.Path dropped anywhere but on the card of the known track.
        export_video_requested: Export the restored video.
        export_stems_requested: Export the stems.
        export_timeline_requested: Export lanes and timelines for other editors.
        collect_requested: Copy all that the project is made of into a folder.
        sample_requested: Open the sample project.
        undo_requested: Take the last edit back.
        redo_requested: Bring it again.
        jump_requested: Move the play head by so many seconds.
        to_end_requested: Move the play head to the end.
        cut_requested: To the next cut of the picture (1) or the one before (-1).
        mark_requested: Which `Command` of the Mark menu.
        music_requested: Which `Command` of the Music menu.
        settings_requested: Show the settings.
        about_requested: Say what this is, and what is in it.
        welcome_requested: Say what works here, and which networks can be had.
        switched: Which `Command` that is on or off, and whether it is on now. Already shown.
        theme_chosen: Name of the theme the user chose: dark, light or contrast. Already shown.
        page_chosen: Value of the `Page` that is shown now.
        version_requested: Number from 0 to 9 that was pressed on the Review page.
        closing: QCloseEvent; the window is about to close, and stays if the event is ignored.
    """

    open_requested = Signal()
    recent_chosen = Signal(Path)
    save_requested = Signal()
    save_as_requested = Signal()
    files_dropped = Signal(list)
    export_video_requested = Signal()
    export_stems_requested = Signal()
    export_timeline_requested = Signal()
    collect_requested = Signal()
    sample_requested = Signal()
    undo_requested = Signal()
    redo_requested = Signal()
    jump_requested = Signal(float)
    to_end_requested = Signal()
    cut_requested = Signal(int)
    mark_requested = Signal(str)
    music_requested = Signal(str)
    settings_requested = Signal()
    about_requested = Signal()
    welcome_requested = Signal()
    switched = Signal(str, bool)
    theme_chosen = Signal(str)
    page_chosen = Signal(str)
    version_requested = Signal(int)
    closing = Signal(QCloseEvent)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.video_view = VideoView(theme)
        self.transport_bar = TransportBar(theme)
        self.timeline = Timeline(theme)
        self.restore_panel = RestorePanel(theme)
        self.music_panel = MusicPanel(theme)
        self.review_panel = ReviewPanel()
        self.trial_stage = TrialStage()
        self._inspector = QStackedWidget()
        self._panels = {
            Page.RESTORE: self.restore_panel,
            Page.MUSIC: self.music_panel,
            Page.REVIEW: self.review_panel,
        }
        self.message_bar = MessageBar(theme)
        self.status_line = StatusLine()
        self.sound_menu = SoundMenu(self)
        self._title_bar = TitleBar(theme)
        self._held = HeldKey()
        self._actions = WindowActions(self)
        self._recent_menu = RecentMenu(self)
        self._theme_menu = ThemeMenu(self, theme)
        self.setMenuWidget(self._title_bar)
        content = self._content()
        self.setCentralWidget(content)
        self.setMinimumSize(960, 600)
        self.resize(1440, 900)
        self._fill_menus()
        self.set_keys(key_map(KeySetName.REPRISE))
        self._connect_actions()
        self._connect_panels()
        _accept_drops(self)
        self.show_state(WindowState())
        # Else the first button of the bar would have the focus, and Space would press it.
        content.setFocus()

    def show_state(self, state: WindowState) -> None:
        """Show title, enabled actions and names of undo and redo."""
        self.setWindowTitle(f"{state.title}[*] — {_TITLE}" if state.title else f"{_TITLE}[*]")
        self.setWindowModified(state.edited)
        self._title_bar.show_document(state.title, edited=state.edited)
        self._title_bar.lock_pages(locked=state.is_testing)
        self._actions.show_state(state)
        self._title_bar.show_undo("" if state.is_testing else state.undo_name)
        self._title_bar.show_export(enabled=state.can_export and not state.is_testing)

    @property
    def page(self) -> Page:
        """The page that is shown."""
        return next(page for page in Page if self._panels[page] is self._inspector.currentWidget())

    def show_page(self, page: Page) -> None:
        """Show a page."""
        self._title_bar.pages.show_page(page)
        if page is not self.page:
            self._inspector.setCurrentWidget(self._panels[page])
            self.page_chosen.emit(page.value)

    def show_recent(self, files: tuple[Path, ...]) -> None:
        """Offer files that were open before, newest first."""
        self._recent_menu.show_files(files)

    def set_switch(self, command: Command, *, on: bool) -> None:
        """Show what is on or off, as it was when the program ended, without emitting."""
        self._actions.commands[command].setChecked(on)
        _switch(self.timeline, command, on=on)

    def fit_to_screen(self) -> None:
        """Be no larger than the screen, which has to hold the frame of the window as well."""
        self.resize(self.size().boundedTo(room_on_screen(self)))

    def set_theme(self, theme: Theme) -> None:
        """Show another theme."""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, theme)
        for part in (
            self.video_view,
            self.transport_bar,
            self.timeline,
            self.restore_panel,
            self.music_panel,
            self.message_bar,
            self._title_bar,
        ):
            part.set_theme(theme)
        self._theme_menu.show_theme(theme)

    def choose_theme(self, name: str) -> None:
        """Do what choosing a theme in the menu does."""
        self.set_theme(next(theme for theme in THEMES if theme.name == name))
        self.theme_chosen.emit(name)

    def set_keys(self, keys: KeyMap) -> None:
        """Have commands answer to these keys from now on, and show them wherever they are said."""
        self._actions.set_keys(keys)
        self.transport_bar.set_keys(keys)
        self._title_bar.set_keys(keys)
        self.review_panel.trial_card.set_keys(keys)

    def show_keys(self) -> None:
        """Show the sheet of keys until it is closed."""
        sections = key_sections(self._title_bar.menu_bar)
        sheet = KeySheet(sections, room_on_screen(self), self)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    def event(self, event: QEvent) -> bool:
        """Leave keys to the control in focus where it needs them more than the window does."""
        if event.type() in HeldKey.EVENTS:
            self._held.note(event, self._actions.commands[Command.PAUSE].shortcuts())
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and wants_key(self.focusWidget(), Qt.Key(event.key()))
        ):
            event.accept()
            return True
        return super().event(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell before closing."""
        event.accept()
        self.closing.emit(event)

    def _content(self) -> QWidget:
        content = QWidget()
        content.setObjectName("content")
        content.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        grid = QGridLayout(content)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        stage = QHBoxLayout()
        stage.setSpacing(0)
        # A blind test is one of a film: its buttons leave room for it.
        self.video_view.setMinimumWidth(_LEAST_PICTURE_PX)
        stage.addWidget(self.video_view, 1)
        stage.addWidget(self.trial_stage)
        for panel in self._panels.values():
            self._inspector.addWidget(panel)
        self._inspector.setFixedWidth(INSPECTOR_WIDTH_PX)
        grid.addLayout(stage, 0, 0)
        grid.addWidget(self.transport_bar, 1, 0)
        grid.addWidget(self.timeline, 2, 0)
        grid.addWidget(self._inspector, 0, 1, 3, 1)
        grid.addWidget(self.status_line, 3, 0, 1, 2)
        # Over the stage, which leaves it room: a message that moved the buttons would have them
        # missed by a click.
        grid.addWidget(self.message_bar, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.setRowStretch(0, 1)
        grid.setColumnStretch(0, 1)
        return content

    def _fill_menus(self) -> None:
        menus, commands = self._actions.fill(self._title_bar.menu_bar), self._actions.commands
        menus[Menu.FILE].insertMenu(commands[Command.SAVE], self._recent_menu)
        menus[Menu.PLAYBACK].addSeparator()
        menus[Menu.PLAYBACK].addMenu(self.sound_menu)
        menus[Menu.VIEW].addSeparator()
        menus[Menu.VIEW].addMenu(self._theme_menu)
        self.timeline.corner.show_switches(self._actions.switches)
        exports = Command.EXPORT_VIDEO, Command.EXPORT_STEMS, Command.EXPORT_TIMELINE
        self._title_bar.set_export_actions([commands[command] for command in exports])

    def _shuttle(self, way: int) -> None:
        """Play faster; while the key of Pause is held, go by single frames."""
        if self._held.is_down:
            self.transport_bar.step_requested.emit(way)
        elif not self._held.is_repeat:
            self.transport_bar.shuttle_requested.emit(way)

    def _connect_actions(self) -> None:
        transport, timeline = self.transport_bar, self.timeline
        slots: dict[Command, Slot] = {
            Command.OPEN: self.open_requested.emit,
            Command.SAVE: self.save_requested.emit,
            Command.SAVE_AS: self.save_as_requested.emit,
            Command.CHOOSE_TRACK: self.restore_panel.request_track,
            Command.EXPORT_VIDEO: self.export_video_requested.emit,
            Command.EXPORT_STEMS: self.export_stems_requested.emit,
            Command.EXPORT_TIMELINE: self.export_timeline_requested.emit,
            Command.COLLECT: self.collect_requested.emit,
            Command.SAMPLE: self.sample_requested.emit,
            Command.QUIT: self.close,
            Command.UNDO: self.undo_requested.emit,
            Command.REDO: self.redo_requested.emit,
            Command.RESTORE: self.restore_panel.request_restore,
            Command.PLAY: transport.play_requested.emit,
            Command.SHUTTLE_BACK: partial(self._shuttle, -1),
            Command.PAUSE: partial(transport.shuttle_requested.emit, 0),
            Command.SHUTTLE_ON: partial(self._shuttle, 1),
            Command.LOOP: transport.toggle_loop,
            Command.FRAME_BACK: partial(transport.step_requested.emit, -1),
            Command.FRAME_ON: partial(transport.step_requested.emit, 1),
            Command.SECOND_BACK: partial(self.jump_requested.emit, -1.0),
            Command.SECOND_ON: partial(self.jump_requested.emit, 1.0),
            Command.TO_START: transport.to_start_requested.emit,
            Command.TO_END: self.to_end_requested.emit,
            Command.CUT_BEFORE: partial(self.cut_requested.emit, -1),
            Command.CUT_BEHIND: partial(self.cut_requested.emit, 1),
            Command.MUTE: timeline.headers.toggle_mute,
            Command.SOLO: timeline.headers.toggle_solo,
            Command.SPECTROGRAM: timeline.headers.toggle_spectrogram,
            Command.ZOOM_IN: partial(timeline.zoom, ZOOM_FACTOR),
            Command.ZOOM_OUT: partial(timeline.zoom, 1 / ZOOM_FACTOR),
            Command.FIT: timeline.fit,
            Command.PAGE_BACK: partial(timeline.view.turn_page, -1),
            Command.PAGE_ON: partial(timeline.view.turn_page, 1),
            Command.RESTORE_PAGE: partial(self.show_page, Page.RESTORE),
            Command.MUSIC_PAGE: partial(self.show_page, Page.MUSIC),
            Command.REVIEW_PAGE: partial(self.show_page, Page.REVIEW),
            Command.DISMISS: self.message_bar.dismiss,
            Command.SETTINGS: self.settings_requested.emit,
            Command.KEYS: self.show_keys,
            Command.WELCOME: self.welcome_requested.emit,
            Command.ABOUT: self.about_requested.emit,
        }
        for index, command in enumerate(ANSWERS):
            slots[command] = partial(self.review_panel.trial_card.answer, index)
        for spec in ACTIONS:
            if spec.menu in (Menu.MARK, Menu.MUSIC):
                wish = self.mark_requested if spec.menu is Menu.MARK else self.music_requested
                slots[spec.command] = partial(wish.emit, spec.command.value)
            elif spec.is_switch:
                slots[spec.command] = partial(self._on_switched, spec.command)
        self._actions.triggered.connect(lambda command: slots[Command(command)]())
        self._actions.number_pressed.connect(self._on_number)

    def _on_number(self, number: int) -> None:
        if self.page is Page.REVIEW:
            self.version_requested.emit(number)
        else:
            self.timeline.solo_only(number)

    def _on_switched(self, command: Command) -> None:
        action = self._actions.commands[command]
        is_on = action.isChecked()
        _switch(self.timeline, command, on=is_on)
        announce(
            self,
            (tr("{switch} on") if is_on else tr("{switch} off")).format(switch=action.iconText()),
        )
        self.switched.emit(command.value, is_on)

    def _connect_panels(self) -> None:
        self.transport_bar.zoom_requested.connect(self.timeline.zoom)
        self.transport_bar.fit_requested.connect(self.timeline.fit)
        self.message_bar.height_changed.connect(self.video_view.leave_free)
        self.video_view.files_dropped.connect(self.files_dropped)
        self.video_view.open_requested.connect(self.open_requested)
        self.video_view.sample_requested.connect(self.sample_requested)
        self._title_bar.undo_requested.connect(self.undo_requested)
        self._recent_menu.chosen.connect(self.recent_chosen)
        self._theme_menu.chosen.connect(self.choose_theme)
        self._title_bar.pages.page_chosen.connect(lambda page: self.show_page(Page(page)))


def _switch(timeline: Timeline, command: Command, *, on: bool) -> None:
    if command is Command.TALL_LANES:
        timeline.set_tall(tall=on)
    elif command is Command.SNAP:
        timeline.snapping.is_on = on
    elif command is Command.ENVELOPES:
        timeline.canvas.envelopes.switch(on=on)


def _accept_drops(window: MainWindow) -> None:
    own = FileDrop(window)
    own.dropped.connect(window.files_dropped)
    panel = window.restore_panel
    window.timeline.track_drop.files_dropped.connect(window.files_dropped)
    for drop in (
        own,
        window.timeline.track_drop.drop,
        window.video_view.drop,
        panel.known_card.drop,
        panel.queue_card.drop,
    ):
        drop.entered.connect(partial(_show_drop_hints, window, shown=True))
        drop.left.connect(partial(_show_drop_hints, window, shown=False))


def _show_drop_hints(window: MainWindow, *, shown: bool) -> None:
    takes_music = window.page is Page.MUSIC and window.timeline.view.axis.duration_s > 0
    hint = _MUSIC_DROP_HINT if takes_music else _DROP_HINT
    window.video_view.show_drop_hint(hint if shown else "")
    for card in (window.restore_panel.known_card, window.restore_panel.queue_card):
        card.show_drop_hint(shown=shown)
