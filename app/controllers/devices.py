"""The sound devices that there are -> the one that plays, and back to the one that was chosen."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from app.controllers.sound import SoundController
from app.jobs import Job, JobRunner
from app.playback.devices import SYSTEM_DEFAULT
from app.settings import SettingsStore
from engine.context import RunContext
from engine.translation import tr
from widgets.sound_menu import DevicesView, SoundMenu

Look = Callable[[str], tuple[str, ...]]
"""Names the devices that are there; the one given only if it can be opened. Slow."""

MAX_OFFSET_MS = 1000
LOOK_MS, SELDOM_LOOK_MS = 2000, 10_000
_OFTEN = 30


class DevicesController(QObject):
    """Offers the devices, remembers the choice, and returns to a chosen one that was away.

    Signals:
        changed: `view` is another one.
    """

    changed = Signal()

    def __init__(
        self,
        menu: SoundMenu,
        sound: SoundController,
        jobs: JobRunner,
        settings: SettingsStore,
        look: Look,
    ) -> None:
        super().__init__()
        self._menu, self._sound, self._jobs = menu, sound, jobs
        self._settings, self._look = settings, look
        self._names: tuple[str, ...] | None = None
        self._looking: Job | None = None
        self._looks = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look_for_the_chosen)
        sound.device = self._chosen
        sound.transport_changed.connect(self._on_transport_changed)
        menu.device_chosen.connect(self.choose)
        menu.aboutToShow.connect(self.refresh)
        self._show()

    @property
    def view(self) -> DevicesView:
        """The devices as they are known now."""
        # Before anybody has looked, it is believed to be there.
        names = (self._chosen,) if self._names is None else self._names
        output = self._sound.transport.output if self._sound.transport is not None else None
        away = (SYSTEM_DEFAULT, self._chosen if output and output.device != self._chosen else "")
        names = tuple(name for name in names if name not in away)
        return DevicesView(names, self._chosen, self._offset_ms)

    def choose(self, name: str) -> None:
        """Play on this device from now on, wherever it plays now."""
        self._settings.change(sound_device=name)
        self._sound.device = name
        self._looks = 0
        self._sound.reopen()
        self._show()

    def set_offset(self, offset_ms: int) -> None:
        """Say how much later than the chosen device tells its sound is heard; negative: earlier."""
        offsets = self._settings.current.sound_offsets_ms | {self._chosen: offset_ms}
        self._settings.change(sound_offsets_ms={name: ms for name, ms in offsets.items() if ms})
        self._apply_offset()
        self._show()

    def refresh(self) -> None:
        """Look which devices there are, and show them."""
        if self._looking is None:
            # One that plays is there, and may not open twice.
            self._start_looking(SYSTEM_DEFAULT)

    def close(self) -> None:
        """Look no more."""
        self._timer.stop()

    @property
    def _chosen(self) -> str:
        return self._settings.current.sound_device

    @property
    def _offset_ms(self) -> int:
        offset_ms = self._settings.current.sound_offsets_ms.get(self._chosen, 0)
        return max(-MAX_OFFSET_MS, min(offset_ms, MAX_OFFSET_MS))

    def _on_transport_changed(self) -> None:
        self._timer.stop()
        transport = self._sound.transport
        if transport is None:
            return
        self._apply_offset()
        if transport.output.device == self._chosen:
            self._looks = 0
        else:
            self._wait()
        self._show()

    def _apply_offset(self) -> None:
        transport = self._sound.transport
        if transport is not None:
            is_chosen = transport.output.device == self._chosen
            transport.offset_s = self._offset_ms / 1000 if is_chosen else 0.0

    def _wait(self) -> None:
        self._timer.start(LOOK_MS if self._looks < _OFTEN else SELDOM_LOOK_MS)

    def _look_for_the_chosen(self) -> None:
        transport = self._sound.transport
        if transport is None:
            return
        self._looks += 1
        self._wait()
        if transport.output.is_silent:
            self._sound.retry()
        elif self._looking is None:
            self._start_looking(self._chosen)

    def _start_looking(self, wanted: str) -> None:
        def work(_: RunContext) -> tuple[str, ...]:
            return self._look(wanted)

        self._looking = self._jobs.run_in_thread(tr("Looking for sound devices"), work)
        self._looking.succeeded.connect(partial(self._on_found, wanted))
        self._looking.finished.connect(self._on_looked)

    def _on_found(self, wanted: str, names: tuple[str, ...]) -> None:
        self._names = names
        self._show()
        # That another one is listed does not mean that it opens.
        if self._timer.isActive() and wanted and wanted == self._chosen and wanted in names:
            self._sound.reopen()

    def _on_looked(self) -> None:
        self._looking = None

    def _show(self) -> None:
        self._menu.show_devices(self.view)
        self.changed.emit()
