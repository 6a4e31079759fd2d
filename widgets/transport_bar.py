"""The transport: play, step, loop, time, level, zoom."""

import math

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from engine.translation import tr
from widgets.accessibility import describe
from widgets.actions import Command
from widgets.icons import icon
from widgets.key_sets import KeyMap, Keys, with_key
from widgets.level_meter import LevelMeter, LoudnessView
from widgets.styling import button, label
from widgets.theme import Theme
from widgets.wording import clock, decibel, loudness_in_words

HEIGHT_PX = 44
ZOOM_FACTOR = 1.5
_GAPS_PX = 84
_OPTIONAL_GAP_PX = 20
_WIDEST_LOUDNESS = loudness_in_words(-88.8, -88.8, -88.8)
_NOTHING_MEASURED = tr("Nothing has been measured since play began.")


class TransportBar(QFrame):
    """Buttons and read-outs under the picture.

    Signals:
        play_requested: Play or pause, whichever is not going on.
        to_start_requested: Back to time 0.
        step_requested: By so many frames, negative is back.
        shuttle_requested: 1 plays on, -1 back, faster each time; 0 pauses.
        loop_toggled: Whether playback starts again at the end.
        zoom_requested: Factor above 1 is closer.
        fit_requested: Show the whole length.
    """

    play_requested = Signal()
    to_start_requested = Signal()
    step_requested = Signal(int)
    shuttle_requested = Signal(int)
    loop_toggled = Signal(bool)
    zoom_requested = Signal(float)
    fit_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._playing = False
        self._is_blind = self._is_open = False
        self._play_keys: Keys = ()
        self._measured = LoudnessView()
        self._make_buttons()
        self._clock = label(clock(0), "clock")
        self._total = label("", "dim")
        self._message = label("", "dim")
        self._peak = label("", "dim")
        self._loudness = label("", "dim")
        self._loudness.setToolTip(tr("Loudness now and since play began; TP is the true peak."))
        self._meter = LevelMeter(theme)
        self.setFixedHeight(HEIGHT_PX)
        self._arrange()
        self.set_theme(theme)
        self.set_duration(0.0)
        self.set_levels(-math.inf)
        describe(self._meter, tr("Level meter"), _NOTHING_MEASURED)

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._theme = theme
        self._meter.set_theme(theme)
        for control, name in self._icons.items():
            control.setIcon(icon(name, theme.text, theme.off_sign))
        self._show_play()

    def set_keys(self, keys: KeyMap) -> None:
        """Say these keys beside what the buttons do."""
        self._play_keys = keys[Command.PLAY]
        for control, (command, words) in self._described.items():
            description = with_key(words, keys[command])
            control.setToolTip(description)
            describe(control, control.accessibleName(), description)
        self._show_play()

    def set_position(self, position_s: float) -> None:
        """Show the time of the play head."""
        self._clock.setText(clock(position_s))

    def set_duration(self, duration_s: float) -> None:
        """Show the whole length; 0 means that nothing is open and disables the bar."""
        self._length = f"/ {clock(duration_s)}"
        self._total.setText(self._length)
        self._is_open = duration_s > 0
        self._allow()

    def set_playing(self, *, playing: bool) -> None:
        """Show play or pause."""
        self._playing = playing
        self._show_play()

    def set_speed(self, speed: int) -> None:
        """Show how fast it plays, negative is backwards; the usual speed and none are not said."""
        if abs(speed) == 1:
            words = tr("backwards")
        else:
            words = (
                tr("{times} times as fast") if speed > 0 else tr("backwards {times} times as fast")
            )
            words = words.format(times=abs(speed))
        self._total.setText(self._length if speed in {0, 1} else f"{self._length}, {words}")

    def set_levels(self, peak_db: float) -> None:
        """Show the peak of what sounds now, in dB full scale; `-inf` is silence."""
        self._meter.set_peak(peak_db)
        self._peak.setText(
            tr("silence") if math.isinf(peak_db) else tr("peak {level}", level=decibel(peak_db))
        )

    def set_loudness(self, loudness: LoudnessView) -> None:
        """Show what has been measured since play began."""
        if loudness == self._measured:
            return
        self._measured = loudness
        self._meter.set_loudest(loudness.true_peak_db)
        words = loudness_in_words(
            loudness.momentary_lufs, loudness.integrated_lufs, loudness.true_peak_db
        )
        before = self._loudness.text()
        if words == before:
            return
        self._loudness.setText(words)
        describe(self._meter, tr("Level meter"), words or _NOTHING_MEASURED)
        if bool(words) != bool(before):
            # As wide as it may get: nothing beside it shall wander.
            widest = self._loudness.fontMetrics().horizontalAdvance(_WIDEST_LOUDNESS)
            self._loudness.setFixedWidth(widest if words else 0)
            self._show_what_fits()

    def set_message(self, text: str) -> None:
        """Say something short beside the level, e.g. that it is too loud."""
        self._message.setText(text)
        self._show_what_fits()

    def set_blind(self, *, blind: bool) -> None:
        """Hide every level: in a blind test it could tell what is heard; nor is there a view."""
        self._is_blind = blind
        self._allow()
        self._show_what_fits()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out the least important read-outs when there is no room for them."""
        super().resizeEvent(event)
        self._show_what_fits()

    def minimumSizeHint(self) -> QSize:
        """Room for the buttons and the clock; the rest may go."""
        return QSize(self._needed_px(), HEIGHT_PX)

    def toggle_loop(self) -> None:
        """Do what a click on Loop does."""
        self._loop.click()

    def _make_buttons(self) -> None:
        self._start = button("", "tool", tr("To the start"))
        self._back = button("", "tool", tr("One frame back"))
        self._play = button("", "tool", tr("Play"))
        self._forward = button("", "tool", tr("One frame on"))
        self._loop = button(tr("Loop"), "tool", tr("Loop"))
        self._loop.setCheckable(True)
        self._out = button("", "tool", tr("Zoom out"))
        self._in = button("", "tool", tr("Zoom in"))
        self._fit = button(tr("Fit"), "tool", tr("Fit"))
        self._described = {
            self._start: (Command.TO_START, tr("Back to the start")),
            self._back: (Command.FRAME_BACK, tr("One frame back")),
            self._forward: (Command.FRAME_ON, tr("One frame on")),
            self._loop: (Command.LOOP, tr("Start again at the end")),
            self._out: (Command.ZOOM_OUT, tr("Show more of the time")),
            self._in: (Command.ZOOM_IN, tr("Show less of the time")),
            self._fit: (Command.FIT, tr("Show the whole length")),
        }
        self._start.clicked.connect(self.to_start_requested)
        self._back.clicked.connect(lambda: self.step_requested.emit(-1))
        self._play.clicked.connect(self.play_requested)
        self._forward.clicked.connect(lambda: self.step_requested.emit(1))
        self._loop.clicked.connect(self.loop_toggled)
        self._out.clicked.connect(lambda: self.zoom_requested.emit(1 / ZOOM_FACTOR))
        self._in.clicked.connect(lambda: self.zoom_requested.emit(ZOOM_FACTOR))
        self._fit.clicked.connect(self.fit_requested)
        self._icons: dict[QPushButton, str] = {
            self._start: "to_start",
            self._back: "step_back",
            self._forward: "step_forward",
            self._loop: "loop",
            self._out: "zoom_out",
            self._in: "zoom_in",
        }
        self._buttons = [*self._icons, self._play, self._fit]

    def _arrange(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 12, 0)
        layout.setSpacing(4)
        for control in (self._start, self._back, self._play, self._forward, self._loop):
            layout.addWidget(control)
        layout.addSpacing(12)
        layout.addWidget(self._clock)
        layout.addSpacing(8)
        layout.addWidget(self._total)
        layout.addStretch(1)
        for words in (self._message, self._loudness):
            words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            layout.addWidget(words)
            layout.addSpacing(12)
        self._peak.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._peak.setMinimumWidth(88)
        layout.addWidget(self._peak)
        layout.addSpacing(8)
        layout.addWidget(self._meter, 4)
        layout.addSpacing(8)
        for control in (self._out, self._in, self._fit):
            layout.addWidget(control)

    def _allow(self) -> None:
        """Enable what can be done: nothing while nothing is open, no zoom in a blind test."""
        for control in self._buttons:
            is_zoom = control in (self._out, self._in, self._fit)
            control.setEnabled(self._is_open and not (is_zoom and self._is_blind))

    def _needed_px(self) -> int:
        always = [*self._buttons, self._clock]
        return sum(part.sizeHint().width() for part in always) + _GAPS_PX

    def _show_what_fits(self) -> None:
        spare = self.width() - self._needed_px()
        for part in (self._total, self._peak, self._meter, self._message, self._loudness):
            spare -= max(part.minimumWidth(), part.minimumSizeHint().width()) + _OPTIONAL_GAP_PX
            part.setVisible(spare >= 0 and not (self._is_blind and part is not self._total))

    def _show_play(self) -> None:
        name = tr("Pause") if self._playing else tr("Play")
        sign = "pause" if self._playing else "play"
        self._play.setIcon(icon(sign, self._theme.text, self._theme.off_sign))
        description = with_key(name, self._play_keys)
        describe(self._play, name, description)
        self._play.setToolTip(description)
