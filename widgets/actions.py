"""Everything the window can be asked to do: names, keys, menus, in one table."""

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

LANE_KEYS = 10


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
    ABOUT = "about"


class Menu(StrEnum):
    """The menus, from left to right."""

    FILE = "&File"
    EDIT = "&Edit"
    PLAYBACK = "&Playback"
    MARK = "&Mark"
    MUSIC = "M&usic"
    VIEW = "&View"
    HELP = "&Help"


class Needs(StrEnum):
    """What must be there before a command makes sense."""

    NOTHING = "nothing"
    MEDIA = "media"
    RESULT = "result"
    CLIPS = "clips"
    UNDO = "undo"
    REDO = "redo"


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
    ActionSpec(Command.OPEN, _FILE, "&Open a video or project…", ("Ctrl+O",)),
    ActionSpec(Command.SAVE, _FILE, "&Save the project", ("Ctrl+S",), _MEDIA),
    ActionSpec(Command.SAVE_AS, _FILE, "Save the project &as…", ("Ctrl+Shift+S",), _MEDIA),
    ActionSpec(
        Command.CHOOSE_TRACK,
        _FILE,
        "Choose the added &track…",
        ("Ctrl+T",),
        starts_group=True,
    ),
    ActionSpec(
        Command.EXPORT_VIDEO,
        _FILE,
        "&Export the video…",
        ("Ctrl+E",),
        Needs.RESULT,
        starts_group=True,
    ),
    ActionSpec(Command.EXPORT_STEMS, _FILE, "Export the ste&ms…", ("Ctrl+Shift+E",), Needs.RESULT),
    ActionSpec(
        Command.EXPORT_TIMELINE,
        _FILE,
        "Export for ot&her editors…",
        ("Ctrl+Alt+E",),
        Needs.RESULT,
    ),
    ActionSpec(
        Command.COLLECT, _FILE, "&Collect the project in a folder…", ("Ctrl+Alt+S",), _MEDIA
    ),
    ActionSpec(Command.QUIT, _FILE, "&Quit", ("Ctrl+Q",), starts_group=True),
    ActionSpec(Command.UNDO, _EDIT, "&Undo", ("Ctrl+Z",), Needs.UNDO),
    ActionSpec(Command.REDO, _EDIT, "&Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), Needs.REDO),
    ActionSpec(Command.RESTORE, _EDIT, "Re&store", ("Ctrl+R",), _MEDIA, starts_group=True),
    ActionSpec(
        Command.MUTE, _EDIT, "&Mute the current lane", ("Shift+M",), _MEDIA, starts_group=True
    ),
    ActionSpec(Command.SOLO, _EDIT, "S&olo the current lane", ("Shift+S",), _MEDIA),
    ActionSpec(Command.SETTINGS, _EDIT, "Se&ttings…", ("Ctrl+,",), starts_group=True),
    ActionSpec(Command.PLAY, _PLAY, "&Play or pause", ("Space",), _MEDIA),
    ActionSpec(Command.SHUTTLE_BACK, _PLAY, "Play bac&kwards, faster each time", ("J",), _MEDIA),
    ActionSpec(Command.PAUSE, _PLAY, "P&ause", ("K",), _MEDIA),
    ActionSpec(Command.SHUTTLE_ON, _PLAY, "Play on, &faster each time", ("L",), _MEDIA),
    ActionSpec(Command.LOOP, _PLAY, "&Loop", ("Ctrl+L",), _MEDIA),
    ActionSpec(Command.FRAME_BACK, _PLAY, "One frame &back", ("Left",), _MEDIA, starts_group=True),
    ActionSpec(Command.FRAME_ON, _PLAY, "One frame &on", ("Right",), _MEDIA),
    ActionSpec(Command.SECOND_BACK, _PLAY, "One second back", ("Shift+Left",), _MEDIA),
    ActionSpec(Command.SECOND_ON, _PLAY, "One second on", ("Shift+Right",), _MEDIA),
    ActionSpec(Command.TO_START, _PLAY, "To the &start", ("Home",), _MEDIA),
    ActionSpec(Command.TO_END, _PLAY, "To the &end", ("End",), _MEDIA),
    ActionSpec(Command.CUT_BEFORE, _PLAY, "To the cut be&fore", ("Alt+Up",), _MEDIA),
    ActionSpec(Command.CUT_BEHIND, _PLAY, "To the cut behin&d", ("Alt+Down",), _MEDIA),
    ActionSpec(Command.MARK_IN, _MARK, "Set the &in point here", ("I",), _MEDIA),
    ActionSpec(Command.MARK_OUT, _MARK, "Set the &out point here", ("O",), _MEDIA),
    ActionSpec(Command.CLEAR_SELECTION, _MARK, "&Forget in and out", ("Alt+X",), _MEDIA),
    ActionSpec(Command.ADD_MARKER, _MARK, "Set a &marker here", ("M",), _MEDIA, starts_group=True),
    ActionSpec(Command.RENAME_MARKER, _MARK, "&Name the nearest marker…", ("F2",), _MEDIA),
    ActionSpec(
        Command.REMOVE_MARKER, _MARK, "&Remove the nearest marker", ("Ctrl+Shift+M",), _MEDIA
    ),
    ActionSpec(Command.MARKER_BEFORE, _MARK, "To the marker &before", ("Alt+Left",), _MEDIA),
    ActionSpec(Command.MARKER_BEHIND, _MARK, "To the marker be&hind", ("Alt+Right",), _MEDIA),
    ActionSpec(Command.ADD_MUSIC, _MUSIC, "&Add music at the play head…", ("Ctrl+I",), _MEDIA),
    ActionSpec(
        Command.CLIP_BEFORE,
        _MUSIC,
        "Select the clip be&fore",
        ("Ctrl+Up",),
        _CLIPS,
        starts_group=True,
    ),
    ActionSpec(Command.CLIP_BEHIND, _MUSIC, "Select the clip be&hind", ("Ctrl+Down",), _CLIPS),
    ActionSpec(Command.NUDGE_BACK, _MUSIC, "Move the clip a frame &back", (",",), _CLIPS),
    ActionSpec(Command.NUDGE_ON, _MUSIC, "Move the clip a frame &on", (".",), _CLIPS),
    ActionSpec(Command.TRIM_START, _MUSIC, "Have the clip beg&in here", ("[",), _CLIPS),
    ActionSpec(Command.TRIM_END, _MUSIC, "Have the clip &end here", ("]",), _CLIPS),
    ActionSpec(Command.SPLIT_CLIP, _MUSIC, "&Split the clip here", ("B",), _CLIPS),
    ActionSpec(Command.REMOVE_CLIP, _MUSIC, "&Remove the clip", ("Del",), _CLIPS),
    ActionSpec(
        Command.GAIN_POINT,
        _MUSIC,
        "Set a &gain point here",
        ("G",),
        _MEDIA,
        starts_group=True,
    ),
    ActionSpec(Command.GAIN_POINT_UP, _MUSIC, "Nearest gain point &louder", ("Alt+PgUp",), _MEDIA),
    ActionSpec(
        Command.GAIN_POINT_DOWN, _MUSIC, "Nearest gain point sof&ter", ("Alt+PgDown",), _MEDIA
    ),
    ActionSpec(
        Command.REMOVE_GAIN_POINT, _MUSIC, "Remove the nearest gain &point", ("Shift+G",), _MEDIA
    ),
    ActionSpec(
        Command.CUE_SHEET,
        _MUSIC,
        "Export &cue sheet and credits…",
        ("Ctrl+Shift+C",),
        _CLIPS,
        starts_group=True,
    ),
    ActionSpec(
        Command.ADD_SPEECH,
        _MARK,
        "Mark the selection as &speech",
        ("Shift+D",),
        _MEDIA,
        starts_group=True,
    ),
    ActionSpec(
        Command.REMOVE_SPEECH,
        _MARK,
        "Mark the selection, or what is here, as no s&peech",
        ("Ctrl+Shift+D",),
        _MEDIA,
    ),
    ActionSpec(Command.SPEECH_START, _MARK, "Be&gin the nearest speech here", ("Shift+B",), _MEDIA),
    ActionSpec(Command.SPEECH_END, _MARK, "&End the nearest speech here", ("Shift+E",), _MEDIA),
    ActionSpec(
        Command.SPEECH_BEFORE,
        _MARK,
        "&To the edge of speech before",
        ("Ctrl+Shift+Left",),
        _MEDIA,
    ),
    ActionSpec(
        Command.SPEECH_BEHIND,
        _MARK,
        "To the edge of speech behin&d",
        ("Ctrl+Shift+Right",),
        _MEDIA,
    ),
    ActionSpec(Command.ZOOM_IN, _VIEW, "Zoom &in", ("+", "="), _MEDIA),
    ActionSpec(Command.ZOOM_OUT, _VIEW, "Zoom &out", ("-",), _MEDIA),
    ActionSpec(Command.FIT, _VIEW, "Show the &whole length", ("Ctrl+0",), _MEDIA),
    ActionSpec(Command.PAGE_BACK, _VIEW, "Page &back", ("PgUp",), _MEDIA),
    ActionSpec(Command.PAGE_ON, _VIEW, "Page o&n", ("PgDown",), _MEDIA),
    ActionSpec(
        Command.RESTORE_PAGE, _VIEW, "&Restore: take the music out", ("Ctrl+1",), starts_group=True
    ),
    ActionSpec(Command.MUSIC_PAGE, _VIEW, "&Music: place it in the film", ("Ctrl+2",)),
    ActionSpec(Command.REVIEW_PAGE, _VIEW, "Re&view: listen and compare", ("Ctrl+3",)),
    ActionSpec(
        Command.SPECTROGRAM,
        _VIEW,
        "&Waveform or spectrogram of the current lane",
        ("Shift+W",),
        _MEDIA,
        starts_group=True,
    ),
    ActionSpec(
        Command.TALL_LANES, _VIEW, "Ta&ll lanes", ("Shift+T",), is_switch=True, short_text="Tall"
    ),
    ActionSpec(
        Command.SNAP,
        _VIEW,
        "&Snap to marks, cuts and edges while dragging",
        ("N",),
        is_switch=True,
        short_text="Snap",
    ),
    ActionSpec(
        Command.ENVELOPES,
        _VIEW,
        "Gain &envelopes of the lanes",
        ("E",),
        is_switch=True,
        short_text="Gain",
    ),
    ActionSpec(Command.DISMISS, _VIEW, "&Dismiss the message", ("Esc",), starts_group=True),
    ActionSpec(Command.SAMPLE, _HELP, "Open the &sample project", ("Ctrl+F1",)),
    ActionSpec(Command.KEYS, _HELP, "&Keyboard shortcuts", ("?", "F1")),
    ActionSpec(Command.ABOUT, _HELP, "&About Reprise", ("Shift+F1",)),
)


def make_action(spec: ActionSpec, parent: QObject) -> QAction:
    """Make the action of a row."""
    action = QAction(spec.text, parent)
    action.setShortcuts([QKeySequence(keys) for keys in spec.keys])
    action.setCheckable(spec.is_switch)
    if spec.short_text:
        action.setIconText(spec.short_text)
        plain = spec.text.replace("&", "")
        action.setToolTip(f"{plain} ({', '.join(keys_of(action))})")
    return action


def make_lane_action(index: int, parent: QObject) -> QAction:
    """Make the action that lets one lane alone be heard; its key is its number from the top."""
    action = QAction(lane_text(index), parent)
    action.setShortcut(QKeySequence(str(index)))
    return action


def lane_command(index: int) -> str:
    """Name the command that lets one lane alone be heard."""
    return f"lane_{index}"


def lane_text(index: int) -> str:
    """Give what the user reads of it."""
    return f"Lane &{index}"


def plain(text: str) -> str:
    """Give the text of a menu entry without its marks."""
    return text.replace("&", "").rstrip("…")


def keys_of(action: QAction) -> tuple[str, ...]:
    """Give the keys of an action as this machine's keyboard names them."""
    return tuple(
        sequence.toString(QKeySequence.SequenceFormat.NativeText) for sequence in action.shortcuts()
    )
