"""Transport bar, play head, meter and picture <-> what is heard."""

import math
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer

from app.controllers.picture import PictureController
from app.controllers.sound import SoundController
from app.document import Change, Document
from app.playback.mixer import Loop
from app.playback.pace import Pace
from app.playback.renderer import SILENCE_DB
from app.playback.transport import Transport
from engine.translation import tr
from engine.types import Region
from widgets.level_meter import LoudnessView
from widgets.main_window import MainWindow
from widgets.status_line import Health

TICK_MS = 16
IDLE_TICK_MS = 40
SOUND_STEPS_HZ = 25.0
"""Steps a second where there is no picture whose frames could be stepped through."""


class PlaybackController(QObject):
    """Turns the user's wishes into those of the transport, and shows what it does.

    Attributes:
        pace: How often numbers and levels are shown anew.
    """

    def __init__(
        self,
        window: MainWindow,
        document: Document,
        sound: SoundController,
        picture: PictureController,
        tell_playing: Callable[[bool], None],
    ) -> None:
        super().__init__()
        self._bar, self._timeline = window.transport_bar, window.timeline
        self._status = window.status_line
        self._document, self._sound, self._picture = document, sound, picture
        self._tell_playing = tell_playing
        self._is_playing = False
        self._is_looping = False
        self._auditioned: Region | None = None
        self._looped_before = False
        self._clipped_frames = 0
        self.pace = Pace()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._connect(window)

    @property
    def position_s(self) -> float:
        """Where the play head is."""
        transport = self._sound.transport
        return min(transport.position_s(), transport.duration_s) if transport is not None else 0.0

    def toggle(self) -> None:
        """Play, or pause."""
        transport = self._sound.transport
        if transport is None:
            return
        if transport.is_playing:
            transport.pause()
        else:
            _into_loop(transport, self.position_s)
            transport.play()
        self._tick()

    def audition(self, region: Region, *, is_looped: bool = False) -> None:
        """Play a stretch; a preview, too, is played again and again until the loop is off."""
        restore = self._document.project.restore
        if is_looped or (restore is not None and restore.is_preview):
            self._loop(region)
        if self._sound.transport is not None:
            self._sound.transport.seek(region.start_s)
            self._sound.transport.play()
            self._tick()

    def end_audition(self) -> None:
        """Loop again what was looped before a stretch was auditioned, or nothing."""
        if self._auditioned is None:
            return
        self._auditioned = None
        if self._looped_before:
            self._apply_loop()
        else:
            self._bar.toggle_loop()

    def shuttle(self, way: int) -> None:
        """Play on (1) or back (-1), faster each time; 0 pauses."""
        transport = self._sound.transport
        if transport is None:
            return
        if way:
            transport.shuttle(way)
        else:
            transport.pause()
        self._tick()

    def seek(self, position_s: float) -> None:
        """Go to a time within the sound."""
        transport = self._sound.transport
        if transport is not None:
            transport.seek(min(max(position_s, 0.0), transport.duration_s))
            self._tick()

    def step(self, num_frames: int) -> None:
        """Stop at another frame of the picture."""
        transport, media = self._sound.transport, self._document.project.media
        if transport is None or media is None:
            return
        transport.pause()
        rate_hz = media.frame_rate_hz if media.has_picture else SOUND_STEPS_HZ
        frame = round(transport.position_s() * rate_hz)
        self.seek((frame + num_frames) / rate_hz)

    def close(self) -> None:
        """Stop looking."""
        self._timer.stop()

    def _connect(self, window: MainWindow) -> None:
        self._bar.play_requested.connect(self.toggle)
        self._bar.to_start_requested.connect(partial(self.seek, 0.0))
        self._bar.step_requested.connect(self.step)
        self._bar.shuttle_requested.connect(self.shuttle)
        self._bar.loop_toggled.connect(self._set_looping)
        self._timeline.seek_requested.connect(self.seek)
        window.jump_requested.connect(self._jump)
        window.to_end_requested.connect(partial(self.seek, math.inf))
        self._sound.transport_changed.connect(self._on_transport_changed)
        self._document.listen(self._on_change)

    def _loop(self, region: Region) -> None:
        if self._auditioned is None:
            self._looped_before = self._is_looping
        self._auditioned = region
        if self._is_looping:
            self._apply_loop()
        else:
            self._bar.toggle_loop()

    def _jump(self, distance_s: float) -> None:
        if self._sound.transport is not None:
            self.seek(self._sound.transport.position_s() + distance_s)

    def _set_looping(self, is_looping: object) -> None:
        self._is_looping = bool(is_looping)
        if not self._is_looping:
            self._auditioned = None
        self._apply_loop()

    def _apply_loop(self) -> None:
        transport = self._sound.transport
        if transport is None or transport.mixer.num_samples == 0:
            return
        loop = Loop(0, transport.mixer.num_samples)
        stretch = self._auditioned or self._document.project.selection
        if stretch is not None:
            edges_s = stretch.start_s, stretch.end_s
            start, end = (round(s * transport.sample_rate_hz) for s in edges_s)
            if start < min(end, loop.end):
                loop = Loop(start, min(end, loop.end))
        transport.set_loop(loop if self._is_looping else None)

    def _on_change(self, change: Change) -> None:
        media = change.after.media
        restore = change.after.restore
        is_preview = restore is not None and restore.is_preview
        if self._auditioned is not None and change.sounds and not is_preview:
            self.end_audition()
        elif change.marks:
            self._apply_loop()
        if not change.media:
            return
        duration_s = media.mix.duration_s if media is not None else 0.0
        self._timeline.set_duration(duration_s)
        self._timeline.set_playhead(0.0)
        self._bar.set_position(0.0)
        # Playing has to wait for the device.
        self._bar.set_duration(0.0)

    def _on_transport_changed(self) -> None:
        transport = self._sound.transport
        if transport is None:
            self._timer.stop()
            self._show_playing(is_playing=False)
            return
        health = Health.WARN if transport.output.is_silent else Health.OK
        self._status.set_sound(health, transport.output.words)
        self._bar.set_duration(transport.duration_s)
        self._clipped_frames = 0
        self._bar.set_message("")
        self._apply_loop()
        self._timer.start(IDLE_TICK_MS)
        self._tick()

    def _tick(self) -> None:
        transport = self._sound.transport
        if transport is None:
            return
        if transport.output.is_lost:
            self._status.set_sound(Health.BUSY, tr("The sound device went away; opening another"))
            self._sound.reopen()
            return
        position_s = min(transport.position_s(), transport.duration_s)
        if self.pace.is_due(is_moving=transport.is_playing):
            self._bar.set_position(position_s)
            self._show_levels(transport)
        self._timeline.set_playhead(position_s)
        self._picture.show(transport.shown_s())
        self._bar.set_speed(transport.speed)
        self._show_playing(is_playing=transport.is_playing)

    def _show_levels(self, transport: Transport) -> None:
        levels = transport.levels
        self._bar.set_levels(levels.peak_db if levels.peak_db > SILENCE_DB else -math.inf)
        self._bar.set_loudness(self._loudness(is_playing=transport.is_playing))
        if levels.clipped_frames != self._clipped_frames:
            self._clipped_frames = levels.clipped_frames
            self._bar.set_message(
                tr("Too loud: {count} samples clipped", count=self._clipped_frames)
            )

    def _loudness(self, *, is_playing: bool) -> LoudnessView:
        """What is shown; while nothing plays there is no loudness of now."""
        watch = self._sound.loudness
        reading = watch.reading if watch is not None else None
        if reading is None:
            return LoudnessView()
        now_lufs = reading.momentary_lufs if is_playing else -math.inf
        return LoudnessView(now_lufs, reading.integrated_lufs, reading.true_peak_db)

    def _show_playing(self, *, is_playing: bool) -> None:
        if is_playing == self._is_playing:
            return
        self._is_playing = is_playing
        self._bar.set_playing(playing=is_playing)
        self._timeline.is_following = is_playing
        self._timer.setInterval(TICK_MS if is_playing else IDLE_TICK_MS)
        self._tell_playing(is_playing)


def _into_loop(transport: Transport, position_s: float) -> None:
    """Begin where the loop does if the play head is outside of it."""
    loop = transport.loop
    if loop is None:
        return
    start_s, end_s = (s / transport.sample_rate_hz for s in (loop.start, loop.end))
    if not start_s <= position_s < end_s:
        transport.seek(start_s)
