"""In and out points and markers: keys and drags -> edits -> the timeline."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from app.controllers.playback import PlaybackController
from app.document import Change, Document, Edit
from app.marks import (
    add_marker,
    clear_selection,
    marker_before,
    marker_behind,
    move_marker,
    nearest_marker,
    remove_marker,
    rename_marker,
    select,
    set_in,
    set_out,
)
from app.project import Marker, Project
from engine.translation import tr
from widgets.actions import Command
from widgets.main_window import MainWindow
from widgets.marks import MarkerSpec, Marks
from widgets.review_view import NoteView

AskText = Callable[[str, str], str | None]
"""Asks the user for words, given what is asked for and what they are now."""


class MarksController(QObject):
    """Marks what the user wants to hear, keep or find again."""

    def __init__(
        self,
        window: MainWindow,
        document: Document,
        playback: PlaybackController,
        ask_text: AskText,
    ) -> None:
        super().__init__()
        self._timeline, self._document = window.timeline, document
        self._playback, self._ask_text = playback, ask_text
        self._wishes: dict[str, Callable[[], None]] = {
            Command.MARK_IN: lambda: self._do(set_in(self._here_s)),
            Command.MARK_OUT: lambda: self._do(set_out(self._here_s)),
            Command.CLEAR_SELECTION: lambda: self._do(clear_selection()),
            Command.ADD_MARKER: lambda: self._do(add_marker(self._here_s)),
            Command.RENAME_MARKER: self._rename_nearest,
            Command.REMOVE_MARKER: self._remove_nearest,
            Command.MARKER_BEFORE: lambda: self._go(marker_before),
            Command.MARKER_BEHIND: lambda: self._go(marker_behind),
        }
        self._notes = window.review_panel.notes_card
        self._notes.note_requested.connect(self._note)
        self._notes.note_opened.connect(self._rename)
        self._notes.seek_requested.connect(playback.seek)
        window.mark_requested.connect(self._on_wish)
        window.timeline.selection_dragged.connect(self._select)
        window.timeline.marker_dragged.connect(self._move)
        window.timeline.marker_opened.connect(self._rename)
        window.timeline.marks_given_up.connect(lambda: document.give_up(window.timeline.drag_id))
        document.listen(self._on_change)

    @property
    def _here_s(self) -> float:
        return self._playback.position_s

    def _on_wish(self, command: str) -> None:
        wish = self._wishes.get(command)
        if wish is not None and self._document.project.media is not None:
            wish()

    def _do(self, edit: Edit) -> None:
        self._document.do(edit)

    def _go(self, find: Callable[[Project, float], Marker | None]) -> None:
        marker = find(self._document.project, self._here_s)
        if marker is not None:
            self._playback.seek(marker.time_s)

    def _rename_nearest(self) -> None:
        marker = nearest_marker(self._document.project, self._here_s)
        if marker is not None:
            self._rename(marker.marker_id)

    def _remove_nearest(self) -> None:
        marker = nearest_marker(self._document.project, self._here_s)
        if marker is not None:
            self._do(remove_marker(marker.marker_id))

    def _note(self) -> None:
        """Write a note at the play head; the sound may go on meanwhile."""
        here_s = self._here_s
        text = self._ask_text(tr("Text of the note"), "")
        if text:
            self._do(add_marker(here_s, text))

    def _rename(self, marker_id: int) -> None:
        known = {marker.marker_id: marker for marker in self._document.project.markers}
        text = self._ask_text(tr("Name of the marker"), known[marker_id].text)
        if text is not None:
            self._do(rename_marker(marker_id, text))

    def _select(self, stays_s: float, dragged_s: float) -> None:
        self._do(select(stays_s, dragged_s, self._timeline.drag_id))

    def _move(self, marker_id: int, time_s: float) -> None:
        self._do(move_marker(marker_id, time_s, self._timeline.drag_id))

    def _on_change(self, change: Change) -> None:
        if change.marks:
            project = change.after
            markers = tuple(MarkerSpec(m.marker_id, m.time_s, m.text) for m in project.markers)
            self._timeline.set_marks(Marks(project.selection, markers))
            self._notes.show_notes(
                tuple(NoteView(m.marker_id, m.time_s, m.text) for m in project.markers)
            )
