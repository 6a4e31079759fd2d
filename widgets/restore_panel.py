"""The inspector of the Restore page."""

from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.translation import tr
from widgets.history_card import HistoryCard
from widgets.inspector import Inspector
from widgets.keep_card import KeepCard
from widgets.lanes import WaveformSource
from widgets.music_choice import MusicChoice
from widgets.progress_card import ProgressCard
from widgets.queue_card import QueueCard
from widgets.restore_cards import BlindCard, KnownTrackCard
from widgets.restore_view import RestoreView
from widgets.result_card import ResultCard
from widgets.speech_card import SpeechCard
from widgets.styling import label
from widgets.theme import Theme


class RestorePanel(Inspector):
    """Takes the added music out: known track, blind, which music belongs, progress.

    Attributes:
        known_card: Also a place to drop the track on.
        progress_card: The running restore, or how the last one ended.
        keep_card: What is kept of the sound.
        speech_card: Where somebody speaks.
        history_card: The restores that were tried.
        result_card: What was exported last.
        queue_card: Several videos; also a place to drop more of them on.

    Signals:
        restore_known_requested: Remove exactly the chosen track, or those found in the library.
        restore_blind_requested: Separate without knowing the track.
        preview_known_requested, preview_blind_requested: The same for some seconds.
        choose_track_requested: The user wants to name the track.
        track_dropped: list of pathlib.Path dropped on the card of the known track.
        clear_track_requested: Forget the chosen track.
        quality_changed: Value of `engine.types.Quality`.
        swap_requested: Keep the other music.
        kept_changed: Lane id of a stem, and whether it is kept.
        amount_changed: Part of the added music that is taken out, from 0 to 1.
        cancel_requested: Stop the running restore.
    """

    restore_known_requested = Signal()
    restore_blind_requested = Signal()
    preview_known_requested = Signal()
    preview_blind_requested = Signal()
    choose_track_requested = Signal()
    track_dropped = Signal(list)
    clear_track_requested = Signal()
    quality_changed = Signal(str)
    swap_requested = Signal()
    kept_changed = Signal(str, bool)
    amount_changed = Signal(float)
    cancel_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._view = RestoreView()
        self.known_card = KnownTrackCard()
        self._blind_card = BlindCard()
        self._music = MusicChoice(theme)
        self.keep_card = KeepCard()
        self.progress_card = ProgressCard(theme)
        self.speech_card = SpeechCard()
        self.history_card = HistoryCard(theme)
        self.result_card = ResultCard(theme)
        self.queue_card = QueueCard(theme)
        self.setWidget(self._body())
        self._connect()
        self.set_theme(theme)
        self._show()

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        parts = self.known_card, self._blind_card, self.progress_card, self._music
        for part in (*parts, self.history_card, self.result_card, self.queue_card):
            part.set_theme(theme)

    def show_view(self, view: RestoreView) -> None:
        """Show a state of the page."""
        if view != self._view:
            self._view = view
            self._show()

    def reveal(self, card: QWidget) -> None:
        """Scroll to a card that has something new, once it has its place."""
        QTimer.singleShot(0, partial(self.ensureWidgetVisible, card))

    def set_music_waveforms(
        self, first: WaveformSource | None, second: WaveformSource | None, duration_s: float
    ) -> None:
        """Show the two musics that the choice is about."""
        self._music.set_waveforms(first, second, duration_s)

    def request_restore(self) -> None:
        """Ask for the surest way there is: the known track if one is chosen, else blind."""
        if not self._view.can_restore:
            return
        if self._view.is_known:
            self.restore_known_requested.emit()
        else:
            self.restore_blind_requested.emit()

    def request_track(self) -> None:
        """Ask for the file of the added track."""
        if self._view.progress is None:
            self.choose_track_requested.emit()

    def _body(self) -> QWidget:
        body = QWidget()
        body.setProperty("kind", "inspector")
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(label(tr("Take the added music out"), "title"))
        others = self.speech_card, self.history_card, self.result_card, self.queue_card
        for part in (*self._restore_parts, *others):
            column.addWidget(part)
        column.addStretch(1)
        return body

    def _show(self) -> None:
        for part in self._restore_parts:
            part.show_view(self._view)

    @property
    def _restore_parts(
        self,
    ) -> tuple[KnownTrackCard, BlindCard, ProgressCard, MusicChoice, KeepCard]:
        """What one view of the page is shown by, from top to bottom."""
        return (
            self.known_card,
            self._blind_card,
            self.progress_card,
            self._music,
            self.keep_card,
        )

    def _connect(self) -> None:
        self.known_card.restore_requested.connect(self.restore_known_requested)
        self.known_card.preview_requested.connect(self.preview_known_requested)
        self.known_card.choose_requested.connect(self.choose_track_requested)
        self.known_card.clear_requested.connect(self.clear_track_requested)
        self.known_card.files_dropped.connect(self.track_dropped)
        self._blind_card.restore_requested.connect(self.restore_blind_requested)
        self._blind_card.preview_requested.connect(self.preview_blind_requested)
        self._blind_card.quality_changed.connect(self.quality_changed)
        self._music.swap_requested.connect(self.swap_requested)
        self.keep_card.kept_changed.connect(self.kept_changed)
        self.keep_card.amount_changed.connect(self.amount_changed)
        self.progress_card.cancel_requested.connect(self.cancel_requested)
