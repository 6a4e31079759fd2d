"""Everything the window can be asked to do: names, keys, menus, in one table."""

import re
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from engine.translation import tr

LANE_KEYS = 10
# Where letters do not belong to the words, their mark stands behind: (&F).
_MARK_OF_A_KEY = re.compile(r"\(&.\)|&")


class Command(StrEnum):
    """What a menu entry or a key stands for."""

    OPEN = "open"
    SAVE = "save"
    SAVE_AS = "save_as"
    CHOOSE_TRACK = "choose_track"
    EXPORT_VIDEO = "export_video"
    EXPORT_STEMS = "export_stems"
    EXPORT_TIMELINE = "export_timeline"
    COLLECT = "collect"
    SAMPLE = "sample"
    QUIT = "quit"
    UNDO = "undo"
    REDO = "redo"
    RESTORE = "restore"
    PLAY = "play"
    SHUTTLE_BACK = "shuttle_back"
    PAUSE = "pause"
    SHUTTLE_ON = "shuttle_on"
    LOOP = "loop"
    FRAME_BACK = "frame_back"
    FRAME_ON = "frame_on"
    SECOND_BACK = "second_back"
    SECOND_ON = "second_on"
    TO_START = "to_start"
    TO_END = "to_end"
    CUT_BEFORE = "cut_before"
    CUT_BEHIND = "cut_behind"
    ANSWER_1 = "answer_1"
    ANSWER_2 = "answer_2"
    ANSWER_3 = "answer_3"
    MARK_IN = "mark_in"
    MARK_OUT = "mark_out"
    CLEAR_SELECTION = "clear_selection"
    ADD_MARKER = "add_marker"
    RENAME_MARKER = "rename_marker"
    REMOVE_MARKER = "remove_marker"
    MARKER_BEFORE = "marker_before"
    MARKER_BEHIND = "marker_behind"
    ADD_MUSIC = "add_music"
    CLIP_BEFORE = "clip_before"
    CLIP_BEHIND = "clip_behind"
    NUDGE_BACK = "nudge_back"
    NUDGE_ON = "nudge_on"
    TRIM_START = "trim_start"
    TRIM_END = "trim_end"
    SPLIT_CLIP = "split_clip"
    REMOVE_CLIP = "remove_clip"
    CUE_SHEET = "cue_sheet"
    ENVELOPES = "envelopes"
    GAIN_POINT = "gain_point"
    GAIN_POINT_UP = "gain_point_up"
    GAIN_POINT_DOWN = "gain_point_down"
    REMOVE_GAIN_POINT = "remove_gain_point"
    ADD_SPEECH = "add_speech"
    REMOVE_SPEECH = "remove_speech"
    SPEECH_START = "speech_start"
    SPEECH_END = "speech_end"
    SPEECH_BEFORE = "speech_before"
    SPEECH_BEHIND = "speech_behind"
    MUTE = "mute"
    SOLO = "solo"
    SPECTROGRAM = "spectrogram"
    TALL_LANES = "tall_lanes"
    SNAP = "snap"
    ZOOM_IN = "zoom_in"
    ZOOM_OUT = "zoom_out"
    FIT = "fit"
    PAGE_BACK = "page_back"
    PAGE_ON = "page_on"
    RESTORE_PAGE = "restore_page"
    MUSIC_PAGE = "music_page"
    REVIEW_PAGE = "review_page"
    DISMISS = "dismiss"
    SETTINGS = "settings"
    KEYS = "keys"
    WELCOME = "welcome"
    ABOUT = "about"


class Menu(StrEnum):
    """The menus, from left to right."""

    FILE = tr("&File")
    EDIT = tr("&Edit")
    PLAYBACK = tr("&Playback")
    MARK = tr("&Mark")
    MUSIC = tr("M&usic")
    VIEW = tr("&View")
    HELP = tr("&Help")


class Needs(StrEnum):
    """What must be there before a command makes sense."""

    NOTHING = "nothing"
    MEDIA = "media"
    RESULT = "result"
    CLIPS = "clips"
    UNDO = "undo"
    REDO = "redo"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One row of the table.

    Attributes:
        command: What it does.
        menu: Where it stands.
        text: What the user reads.
        keys: Key sequences, the first one is shown in the menu.
        needs: When it is enabled.
        starts_group: A separator stands before it.
        is_switch: It is on or off, and shows which.
        short_text: For a button; empty for one without.
    """

    command: Command
    menu: Menu
    text: str
    keys: tuple[str, ...]
    needs: Needs = Needs.NOTHING
    starts_group: bool = False
    is_switch: bool = False
    short_text: str = ""


_FILE, _EDIT, _PLAY, _MARK, _MUSIC, _VIEW, _HELP = Menu
_MEDIA, _CLIPS = Needs.MEDIA, Needs.CLIPS

ACTIONS = (
    ActionSpec(Command.OPEN, _FILE, tr("&Open a video or project…"), ("Ctrl+O",)),
    ActionSpec(Command.SAVE, _FILE, tr("&Save the project"), ("Ctrl+S",), _MEDIA),
    ActionSpec(Command.SAVE_AS, _FILE, tr("Save the project &as…"), ("Ctrl+Shift+S",), _MEDIA),
    ActionSpec(
        Command.CHOOSE_TRACK,
        _FILE,
        tr("Choose the added &track…"),
        ("Ctrl+T",),
        starts_group=True,
    ),
    ActionSpec(
        Command.EXPORT_VIDEO,
        _FILE,
        tr("&Export the video…"),
        ("Ctrl+E",),
        Needs.RESULT,
        starts_group=True,
    ),
    ActionSpec(
        Command.EXPORT_STEMS, _FILE, tr("Export the ste&ms…"), ("Ctrl+Shift+E",), Needs.RESULT
    ),
    ActionSpec(
        Command.EXPORT_TIMELINE,
        _FILE,
        tr("Export for ot&her editors…"),
        ("Ctrl+Alt+E",),
        Needs.RESULT,
    ),
    ActionSpec(
        Command.COLLECT, _FILE, tr("&Collect the project in a folder…"), ("Ctrl+Alt+S",), _MEDIA
    ),
    ActionSpec(Command.QUIT, _FILE, tr("&Quit"), ("Ctrl+Q",), starts_group=True),
    ActionSpec(Command.UNDO, _EDIT, tr("&Undo"), ("Ctrl+Z",), Needs.UNDO),
    ActionSpec(Command.REDO, _EDIT, tr("&Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"), Needs.REDO),
    ActionSpec(Command.RESTORE, _EDIT, tr("Re&store"), ("Ctrl+R",), _MEDIA, starts_group=True),
    ActionSpec(
        Command.MUTE, _EDIT, tr("&Mute the current lane"), ("Shift+M",), _MEDIA, starts_group=True
    ),
    ActionSpec(Command.SOLO, _EDIT, tr("S&olo the current lane"), ("Shift+S",), _MEDIA),
    ActionSpec(Command.SETTINGS, _EDIT, tr("Se&ttings…"), ("Ctrl+,",), starts_group=True),
    ActionSpec(Command.PLAY, _PLAY, tr("&Play or pause"), ("Space",), _MEDIA),
    ActionSpec(
        Command.SHUTTLE_BACK, _PLAY, tr("Play bac&kwards, faster each time"), ("J",), _MEDIA
    ),
    ActionSpec(Command.PAUSE, _PLAY, tr("P&ause"), ("K",), _MEDIA),
    ActionSpec(Command.SHUTTLE_ON, _PLAY, tr("Play on, &faster each time"), ("L",), _MEDIA),
    ActionSpec(Command.LOOP, _PLAY, tr("&Loop"), ("Ctrl+L",), _MEDIA),
    ActionSpec(
        Command.FRAME_BACK, _PLAY, tr("One frame &back"), ("Left",), _MEDIA, starts_group=True
    ),
    ActionSpec(Command.FRAME_ON, _PLAY, tr("One frame &on"), ("Right",), _MEDIA),
    ActionSpec(Command.SECOND_BACK, _PLAY, tr("One second back"), ("Shift+Left",), _MEDIA),
    ActionSpec(Command.SECOND_ON, _PLAY, tr("One second on"), ("Shift+Right",), _MEDIA),
    ActionSpec(Command.TO_START, _PLAY, tr("To the &start"), ("Home",), _MEDIA),
    ActionSpec(Command.TO_END, _PLAY, tr("To the &end"), ("End",), _MEDIA),
    ActionSpec(Command.CUT_BEFORE, _PLAY, tr("To the &cut before"), ("Alt+Up",), _MEDIA),
    ActionSpec(Command.CUT_BEHIND, _PLAY, tr("To the cut behin&d"), ("Alt+Down",), _MEDIA),
    ActionSpec(
        Command.ANSWER_1,
        _PLAY,
        tr("Blind test: first answer, or the next trial"),
        ("Alt+1",),
        Needs.TEST,
        starts_group=True,
    ),
    ActionSpec(Command.ANSWER_2, _PLAY, tr("Blind test: second answer"), ("Alt+2",), Needs.TEST),
    ActionSpec(Command.ANSWER_3, _PLAY, tr("Blind test: third answer"), ("Alt+3",), Needs.TEST),
    ActionSpec(Command.MARK_IN, _MARK, tr("Set the &in point here"), ("I",), _MEDIA),
    ActionSpec(Command.MARK_OUT, _MARK, tr("Set the &out point here"), ("O",), _MEDIA),
    ActionSpec(Command.CLEAR_SELECTION, _MARK, tr("&Forget in and out"), ("Alt+X",), _MEDIA),
    ActionSpec(
        Command.ADD_MARKER, _MARK, tr("Set a &marker here"), ("M",), _MEDIA, starts_group=True
    ),
    ActionSpec(Command.RENAME_MARKER, _MARK, tr("&Name the nearest marker…"), ("F2",), _MEDIA),
    ActionSpec(
        Command.REMOVE_MARKER, _MARK, tr("&Remove the nearest marker"), ("Ctrl+Shift+M",), _MEDIA
    ),
    ActionSpec(Command.MARKER_BEFORE, _MARK, tr("To the marker &before"), ("Alt+Left",), _MEDIA),
    ActionSpec(Command.MARKER_BEHIND, _MARK, tr("To the marker be&hind"), ("Alt+Right",), _MEDIA),
    ActionSpec(Command.ADD_MUSIC, _MUSIC, tr("&Add music at the play head…"), ("Ctrl+I",), _MEDIA),
    ActionSpec(
        Command.CLIP_BEFORE,
        _MUSIC,
        tr("Select the clip be&fore"),
        ("Ctrl+Up",),
        _CLIPS,
        starts_group=True,
    ),
    ActionSpec(Command.CLIP_BEHIND, _MUSIC, tr("Select the clip be&hind"), ("Ctrl+Down",), _CLIPS),
    ActionSpec(Command.NUDGE_BACK, _MUSIC, tr("Move the clip a frame &back"), (",",), _CLIPS),
    ActionSpec(Command.NUDGE_ON, _MUSIC, tr("Move the clip a frame &on"), (".",), _CLIPS),
    ActionSpec(Command.TRIM_START, _MUSIC, tr("Have the clip beg&in here"), ("[",), _CLIPS),
    ActionSpec(Command.TRIM_END, _MUSIC, tr("Have the clip &end here"), ("]",), _CLIPS),
    ActionSpec(Command.SPLIT_CLIP, _MUSIC, tr("&Split the clip here"), ("B",), _CLIPS),
    ActionSpec(Command.REMOVE_CLIP, _MUSIC, tr("&Remove the clip"), ("Del",), _CLIPS),
    ActionSpec(
        Command.GAIN_POINT,
        _MUSIC,
        tr("Set a &gain point here"),
        ("G",),
        _MEDIA,
        starts_group=True,
    ),
    ActionSpec(
        Command.GAIN_POINT_UP, _MUSIC, tr("Nearest gain point &louder"), ("Alt+PgUp",), _MEDIA
    ),
    ActionSpec(
        Command.GAIN_POINT_DOWN, _MUSIC, tr("Nearest gain point sof&ter"), ("Alt+PgDown",), _MEDIA
    ),
    ActionSpec(
        Command.REMOVE_GAIN_POINT,
        _MUSIC,
        tr("Remove the nearest gain &point"),
        ("Shift+G",),
        _MEDIA,
    ),
    ActionSpec(
        Command.CUE_SHEET,
        _MUSIC,
        tr("Export &cue sheet and credits…"),
        ("Ctrl+Shift+C",),
        _CLIPS,
        starts_group=True,
    ),
    ActionSpec(
        Command.ADD_SPEECH,
        _MARK,
        tr("Mark the selection as &speech"),
        ("Shift+D",),
        _MEDIA,
        starts_group=True,
    ),
    ActionSpec(
        Command.REMOVE_SPEECH,
        _MARK,
        tr("Mark the selection, or what is here, as no s&peech"),
        ("Ctrl+Shift+D",),
        _MEDIA,
    ),
    ActionSpec(
        Command.SPEECH_START, _MARK, tr("Be&gin the nearest speech here"), ("Shift+B",), _MEDIA
    ),
    ActionSpec(Command.SPEECH_END, _MARK, tr("&End the nearest speech here"), ("Shift+E",), _MEDIA),
    ActionSpec(
        Command.SPEECH_BEFORE,
        _MARK,
        tr("&To the edge of speech before"),
        ("Ctrl+Shift+Left",),
        _MEDIA,
    ),
    ActionSpec(
        Command.SPEECH_BEHIND,
        _MARK,
        tr("To the edge of speech behin&d"),
        ("Ctrl+Shift+Right",),
        _MEDIA,
    ),
    ActionSpec(Command.ZOOM_IN, _VIEW, tr("Zoom &in"), ("+", "="), _MEDIA),
    ActionSpec(Command.ZOOM_OUT, _VIEW, tr("Zoom &out"), ("-",), _MEDIA),
    ActionSpec(Command.FIT, _VIEW, tr("Show the &whole length"), ("Ctrl+0",), _MEDIA),
    ActionSpec(Command.PAGE_BACK, _VIEW, tr("Page &back"), ("PgUp",), _MEDIA),
    ActionSpec(Command.PAGE_ON, _VIEW, tr("Page o&n"), ("PgDown",), _MEDIA),
    ActionSpec(
        Command.RESTORE_PAGE,
        _VIEW,
        tr("&Restore: take the music out"),
        ("Ctrl+1",),
        starts_group=True,
    ),
    ActionSpec(Command.MUSIC_PAGE, _VIEW, tr("&Music: place it in the film"), ("Ctrl+2",)),
    ActionSpec(Command.REVIEW_PAGE, _VIEW, tr("Re&view: listen and compare"), ("Ctrl+3",)),
    ActionSpec(
        Command.SPECTROGRAM,
        _VIEW,
        tr("Wave&form or spectrogram of the current lane"),
        ("Shift+W",),
        _MEDIA,
        starts_group=True,
    ),
    ActionSpec(
        Command.TALL_LANES,
        _VIEW,
        tr("Ta&ll lanes"),
        ("Shift+T",),
        is_switch=True,
        short_text=tr("Tall"),
    ),
    ActionSpec(
        Command.SNAP,
        _VIEW,
        tr("&Snap to marks, cuts and edges while dragging"),
        ("N",),
        is_switch=True,
        short_text=tr("Snap"),
    ),
    ActionSpec(
        Command.ENVELOPES,
        _VIEW,
        tr("Gain &envelopes of the lanes"),
        ("E",),
        is_switch=True,
        short_text=tr("Gain"),
    ),
    ActionSpec(Command.DISMISS, _VIEW, tr("&Dismiss the message"), ("Esc",), starts_group=True),
    ActionSpec(Command.SAMPLE, _HELP, tr("Open the &sample project"), ("Ctrl+F1",)),
    ActionSpec(Command.KEYS, _HELP, tr("&Keyboard shortcuts"), ("?", "F1")),
    ActionSpec(Command.WELCOME, _HELP, tr("&What works here…"), ("Ctrl+Shift+F1",)),
    ActionSpec(Command.ABOUT, _HELP, tr("&About Reprise"), ("Shift+F1",)),
)


def make_action(spec: ActionSpec, parent: QObject) -> QAction:
    """Make the action of a row."""
    action = QAction(spec.text, parent)
    action.setShortcuts([QKeySequence(keys) for keys in spec.keys])
    action.setCheckable(spec.is_switch)
    if spec.short_text:
        action.setIconText(spec.short_text)
        action.setToolTip(f"{plain(spec.text)} ({', '.join(keys_of(action))})")
    return action


def make_lane_action(index: int, parent: QObject) -> QAction:
    """Make the action that lets one lane alone be heard; its key is its number from the top."""
    action = QAction(lane_text(index), parent)
    action.setShortcut(QKeySequence(str(index)))
    return action


def lane_command(index: int) -> str:
    """Name the command that lets one lane alone be heard."""
    return f"lane_{index}"


ANSWERS = (Command.ANSWER_1, Command.ANSWER_2, Command.ANSWER_3)
"""The commands that answer in a blind test, in the order of the answers."""


def lane_text(index: int) -> str:
    """Give what the user reads of it."""
    return tr("Lane &{index}", index=index)


def plain(text: str) -> str:
    """Give the text of a menu entry without its marks."""
    return _MARK_OF_A_KEY.sub("", text).rstrip("…")


def keys_of(action: QAction) -> tuple[str, ...]:
    """Give the keys of an action as this machine's keyboard names them."""
    return tuple(
        sequence.toString(QKeySequence.SequenceFormat.NativeText) for sequence in action.shortcuts()
    )
