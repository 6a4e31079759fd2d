"""The window: arranges the panels, owns the actions."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QGridLayout,
    QMainWindow,
    QMenu,
    QRadioButton,
    QSlider,
    QWidget,
)

from widgets.actions import (
    ACTIONS,
    LANE_KEYS,
    Command,
    Menu,
    Needs,
    make_action,
    make_lane_action,
)
from widgets.file_drop import FileDrop
from widgets.key_sheet import KeySheet, key_sections
from widgets.message_bar import MessageBar
from widgets.restore_panel import RestorePanel
from widgets.status_line import StatusLine
from widgets.theme import THEMES, Theme, apply_theme
from widgets.timeline import Timeline
from widgets.title_bar import TitleBar
from widgets.transport_bar import ZOOM_FACTOR, TransportBar
from widgets.video_view import VideoView


@dataclass(frozen=True, slots=True)
class WindowState:
    """What the bar and the menus show and allow.

    Attributes:
        title: Name of what is open; empty when nothing is.
        edited: There are edits that no export or file holds yet.
        has_media: A video is open.
        can_export: There is a restored result to export.
        undo_name: Name of the edit that Undo takes back; empty when there is none.
        redo_name: Name of the edit that Redo brings back; empty when there is none.
    """

    title: str = ""
    edited: bool = False
    has_media: bool = False
    can_export: bool = False
    undo_name: str = ""
    redo_name: str = ""


_TITLE = "Reprise"
_FRAME_PX = 40
_DROP_HINT = "Drop to open"
_THEME_NAMES = {"dark": "&Dark", "light": "&Light", "contrast": "&High contrast"}
_KEYS_OF_BUTTONS = {Qt.Key.Key_Space}
_KEYS_OF_CHOICES = {Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right}
_KEYS_OF_SLIDERS = {
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
}


class MainWindow(QMainWindow):
    """The one window. Connect to its panels for their own signals.

    Attributes:
        video_view: The picture.
        transport_bar: Play, step, time. Its signals are also what the menu's keys emit: Space
            emits `transport_bar.play_requested`, Left/Right `transport_bar.step_requested`, etc.
        timeline: Lanes. Keys 0 to 9 and some more emit its signals. It is zoomed by the window.
        restore_panel: The inspector. Ctrl+R emits one of its two restore signals.
        message_bar: Errors and notices.
        status_line: Engine and sound device.

    Signals:
        open_requested: The user wants to choose a video (see `widgets.file_dialogs`).
        recent_chosen: pathlib.Path of a file that was open before.
        save_requested: Keep the project where it was kept last.
        save_as_requested: Keep it in another file.
        files_dropped: list of pathlib.Path dropped anywhere but on the card of the known track.
        export_video_requested: Export the restored video.
        export_stems_requested: Export the stems.
        undo_requested: Take the last edit back.
        redo_requested: Bring it again.
        jump_requested: Move the play head by so many seconds.
        to_end_requested: Move the play head to the end.
        mark_requested: Which `Command` of the Mark menu.
        theme_chosen: Name of the theme the user chose: dark, light or contrast. Already shown.
        closing: QCloseEvent; the window is about to close, and stays if the event is ignored.
    """

    open_requested = Signal()
    recent_chosen = Signal(Path)
    save_requested = Signal()
    save_as_requested = Signal()
    files_dropped = Signal(list)
    export_video_requested = Signal()
    export_stems_requested = Signal()
    undo_requested = Signal()
    redo_requested = Signal()
    jump_requested = Signal(float)
    to_end_requested = Signal()
    mark_requested = Signal(str)
    theme_chosen = Signal(str)
    closing = Signal(QCloseEvent)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.video_view = VideoView(theme)
        self.transport_bar = TransportBar(theme)
        self.timeline = Timeline(theme)
        self.restore_panel = RestorePanel(theme)
        self.message_bar = MessageBar(theme)
        self.status_line = StatusLine()
        self._title_bar = TitleBar(theme)
        self._actions = {spec.command: make_action(spec, self) for spec in ACTIONS}
        self._lane_actions = [make_lane_action(index, self) for index in range(LANE_KEYS)]
        self.setMenuWidget(self._title_bar)
        content = self._content()
        self.setCentralWidget(content)
        self.setMinimumSize(960, 600)
        self.resize(1440, 900)
        self._fill_menus(theme)
        self._connect_actions()
        self._connect_panels()
        self._accept_drops()
        self.show_state(WindowState())
        # Else the first button of the bar would have the focus, and Space would press it.
        content.setFocus()

    def show_state(self, state: WindowState) -> None:
        """Show title, enabled actions and names of undo and redo."""
        self.setWindowTitle(f"{state.title}[*] — {_TITLE}" if state.title else f"{_TITLE}[*]")
        self.setWindowModified(state.edited)
        self._title_bar.show_document(state.title, edited=state.edited)
        met = {
            Needs.NOTHING: True,
            Needs.MEDIA: state.has_media,
            Needs.RESULT: state.can_export,
            Needs.UNDO: bool(state.undo_name),
            Needs.REDO: bool(state.redo_name),
        }
        for spec in ACTIONS:
            self._actions[spec.command].setEnabled(met[spec.needs])
        self._actions[Command.UNDO].setText(_named("&Undo", state.undo_name))
        self._actions[Command.REDO].setText(_named("&Redo", state.redo_name))
        for action in self._lane_actions:
            action.setEnabled(state.has_media)
        self._title_bar.show_undo(state.undo_name)
        self._title_bar.show_export(enabled=state.can_export)

    def show_recent(self, files: tuple[Path, ...]) -> None:
        """Offer files that were open before, newest first."""
        self._recent_menu.clear()
        self._recent_menu.setEnabled(bool(files))
        for number, file in enumerate(files, 1):
            # An ampersand would be taken for the mark of a key.
            name = file.name.replace("&", "&&")
            action = self._recent_menu.addAction(f"&{number % 10} {name}")
            action.setToolTip(str(file))
            action.triggered.connect(partial(self.recent_chosen.emit, file))

    def fit_to_screen(self) -> None:
        """Be no larger than the screen, which has to hold the frame of the window as well."""
        room = self.screen().availableSize() - QSize(0, _FRAME_PX)
        self.resize(self.size().boundedTo(room))

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
            self.message_bar,
            self._title_bar,
        ):
            part.set_theme(theme)

    def show_keys(self) -> None:
        """Show the sheet of keys until it is closed."""
        sheet = KeySheet(key_sections(self._title_bar.menu_bar), self)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    def event(self, event: QEvent) -> bool:
        """Leave keys to the control in focus where it needs them more than the window does."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and _wants_key(self.focusWidget(), Qt.Key(event.key()))
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
        grid.addWidget(self.video_view, 0, 0)
        grid.addWidget(self.transport_bar, 1, 0)
        grid.addWidget(self.timeline, 2, 0)
        grid.addWidget(self.restore_panel, 0, 1, 3, 1)
        grid.addWidget(self.status_line, 3, 0, 1, 2)
        # Over the picture: a message that moved the buttons would have them missed by a click.
        grid.addWidget(self.message_bar, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.setRowStretch(0, 1)
        grid.setColumnStretch(0, 1)
        return content

    def _fill_menus(self, theme: Theme) -> None:
        menus = {menu: self._title_bar.menu_bar.addMenu(menu.value) for menu in Menu}
        for spec in ACTIONS:
            if spec.starts_group:
                menus[spec.menu].addSeparator()
            menus[spec.menu].addAction(self._actions[spec.command])
        self._recent_menu = QMenu("Open &recent", self)
        self._recent_menu.setToolTipsVisible(True)
        menus[Menu.FILE].insertMenu(self._actions[Command.SAVE], self._recent_menu)
        self.show_recent(())
        lanes = menus[Menu.EDIT].addMenu("&Hear one lane alone")
        lanes.addActions(self._lane_actions)
        menus[Menu.VIEW].addSeparator()
        self._fill_theme_menu(menus[Menu.VIEW].addMenu("&Theme"), theme)
        self._title_bar.set_export_actions(
            [self._actions[Command.EXPORT_VIDEO], self._actions[Command.EXPORT_STEMS]]
        )
        # A menu bar inside another widget does not hand its keys to the window by itself.
        self.addActions([*self._actions.values(), *self._lane_actions])

    def _fill_theme_menu(self, menu: QMenu, current: Theme) -> None:
        group = QActionGroup(self)
        for theme in THEMES:
            action = menu.addAction(_THEME_NAMES[theme.name])
            action.setCheckable(True)
            action.setChecked(theme.name == current.name)
            group.addAction(action)
            action.triggered.connect(partial(self._choose_theme, theme))

    def _choose_theme(self, theme: Theme) -> None:
        self.set_theme(theme)
        self.theme_chosen.emit(theme.name)

    def _connect_actions(self) -> None:
        transport, timeline = self.transport_bar, self.timeline
        slots: dict[Command, Callable[[], object]] = {
            Command.OPEN: self.open_requested.emit,
            Command.SAVE: self.save_requested.emit,
            Command.SAVE_AS: self.save_as_requested.emit,
            Command.CHOOSE_TRACK: self.restore_panel.request_track,
            Command.EXPORT_VIDEO: self.export_video_requested.emit,
            Command.EXPORT_STEMS: self.export_stems_requested.emit,
            Command.QUIT: self.close,
            Command.UNDO: self.undo_requested.emit,
            Command.REDO: self.redo_requested.emit,
            Command.RESTORE: self.restore_panel.request_restore,
            Command.PLAY: transport.play_requested.emit,
            Command.SHUTTLE_BACK: partial(transport.shuttle_requested.emit, -1),
            Command.PAUSE: partial(transport.shuttle_requested.emit, 0),
            Command.SHUTTLE_ON: partial(transport.shuttle_requested.emit, 1),
            Command.LOOP: transport.toggle_loop,
            Command.FRAME_BACK: partial(transport.step_requested.emit, -1),
            Command.FRAME_ON: partial(transport.step_requested.emit, 1),
            Command.SECOND_BACK: partial(self.jump_requested.emit, -1.0),
            Command.SECOND_ON: partial(self.jump_requested.emit, 1.0),
            Command.TO_START: transport.to_start_requested.emit,
            Command.TO_END: self.to_end_requested.emit,
            Command.MUTE: timeline.headers.toggle_mute,
            Command.SOLO: timeline.headers.toggle_solo,
            Command.ZOOM_IN: partial(timeline.zoom, ZOOM_FACTOR),
            Command.ZOOM_OUT: partial(timeline.zoom, 1 / ZOOM_FACTOR),
            Command.FIT: timeline.fit,
            Command.PAGE_BACK: partial(timeline.turn_page, -1),
            Command.PAGE_ON: partial(timeline.turn_page, 1),
            Command.DISMISS: self.message_bar.dismiss,
            Command.KEYS: self.show_keys,
        }
        for command, slot in slots.items():
            _on_trigger(self._actions[command], slot)
        for spec in ACTIONS:
            if spec.menu is Menu.MARK:
                mark = partial(self.mark_requested.emit, spec.command.value)
                _on_trigger(self._actions[spec.command], mark)
        for index, action in enumerate(self._lane_actions):
            _on_trigger(action, partial(timeline.solo_only, index))

    def _connect_panels(self) -> None:
        self.transport_bar.zoom_requested.connect(self.timeline.zoom)
        self.transport_bar.fit_requested.connect(self.timeline.fit)
        self.video_view.files_dropped.connect(self.files_dropped)
        self.video_view.open_requested.connect(self.open_requested)
        self._title_bar.undo_requested.connect(self.undo_requested)

    def _accept_drops(self) -> None:
        own = FileDrop(self)
        own.dropped.connect(self.files_dropped)
        panel = self.restore_panel
        drops = own, self.video_view.drop, panel.known_card.drop, panel.queue_card.drop
        for drop in drops:
            drop.entered.connect(partial(self._show_drop_hints, shown=True))
            drop.left.connect(partial(self._show_drop_hints, shown=False))

    def _show_drop_hints(self, *, shown: bool) -> None:
        self.video_view.show_drop_hint(_DROP_HINT if shown else "")
        for card in (self.restore_panel.known_card, self.restore_panel.queue_card):
            card.show_drop_hint(shown=shown)


def _on_trigger(action: QAction, slot: Callable[[], object]) -> None:
    action.triggered.connect(lambda: slot())


def _named(verb: str, name: str) -> str:
    return f"{verb}: {name}" if name else verb


def _wants_key(widget: QObject | None, key: Qt.Key) -> bool:
    if isinstance(widget, QRadioButton):
        return key in _KEYS_OF_CHOICES
    if isinstance(widget, QSlider):
        return key in _KEYS_OF_SLIDERS
    return isinstance(widget, QAbstractButton) and key in _KEYS_OF_BUTTONS
