"""Which tracks are to be taken out: the user's own word, else what the library knows."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from app.controllers.library_search import LibrarySearch
from app.document import Document
from app.lane_edits import choose_track
from app.settings import SettingsStore
from widgets.restore_panel import RestorePanel

AskTrack = Callable[[Path | None], Path | None]
"""Asks the user for a sound file, beginning in a folder."""


class TrackController(QObject):
    """Lets the user name the added track, by dialog or drop.

    Attributes:
        library: What the user's library knows of the video.
    """

    def __init__(
        self,
        panel: RestorePanel,
        document: Document,
        settings: SettingsStore,
        library: LibrarySearch,
        ask: AskTrack,
    ) -> None:
        super().__init__()
        self.library = library
        self._document, self._settings, self._ask = document, settings, ask
        panel.choose_track_requested.connect(self.choose)
        panel.clear_track_requested.connect(self._clear)
        panel.track_dropped.connect(self._on_dropped)

    @property
    def known(self) -> tuple[Path, ...]:
        """The tracks that can be taken out."""
        track = self._document.project.track
        return (track,) if track is not None else self.library.tracks

    def settle(self) -> tuple[Path, ...]:
        """The tracks to be taken out now; one that the library knows becomes the user's choice.

        Where nothing is known the user is asked; none if there is no answer.
        """
        if not self.known:
            self.choose()
        elif self._document.project.track is None and len(self.known) == 1:
            self._document.do(choose_track(self.known[0]))
        return self.known

    def choose(self) -> None:
        """Ask for the known track."""
        track = self._ask(self._settings.current.last_folder)
        if track is not None:
            self._settings.change(last_folder=track.parent)
            self._document.do(choose_track(track))

    def _clear(self) -> None:
        self._document.do(choose_track(None))

    def _on_dropped(self, paths: list[Path]) -> None:
        if paths:
            self._document.do(choose_track(paths[0]))
