"""What the user prefers <-> the dialog of settings, and whatever has to follow at once."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt

from app.cache_keeper import CacheKeeper
from app.controllers.devices import DevicesController
from app.jobs import JobRunner
from app.settings import SettingsChange, SettingsStore
from engine.artifacts import CacheSizes
from engine.context import RunContext
from engine.translation import tr
from engine.types import Quality
from widgets.key_page import KeysView
from widgets.key_sets import KeyMap, KeySetName, assigned
from widgets.main_window import MainWindow
from widgets.settings_dialog import SettingsDialog, SettingsView, StorageView

_BYTES_PER_GB = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the settings know of the rest.

    Attributes:
        folders: Names and places of the program's own folders.
        open_folder: Shows a folder.
        is_busy: Whether something is being made that the cache must not lose.
    """

    folders: tuple[tuple[str, Path], ...]
    open_folder: Callable[[Path], object]
    is_busy: Callable[[], bool]


class SettingsController(QObject):
    """Shows the settings, keeps what is chosen, and has it take effect."""

    def __init__(
        self,
        window: MainWindow,
        jobs: JobRunner,
        settings: SettingsStore,
        devices: DevicesController,
        cache: CacheKeeper,
        surroundings: Surroundings,
    ) -> None:
        super().__init__()
        self._window, self._jobs, self._settings = window, jobs, settings
        self._devices, self._cache, self._surroundings = devices, cache, surroundings
        self._dialog: SettingsDialog | None = None
        self._sizes: CacheSizes | None = None
        window.settings_requested.connect(self._open)
        devices.changed.connect(self._show)
        settings.listen(self._on_change)
        window.set_keys(self._keys.keys)

    @property
    def _keys(self) -> KeysView:
        current = self._settings.current
        name = KeySetName(current.key_set)
        return KeysView(name, current.own_keys.get(name.value, {}))

    def _view(self) -> SettingsView:
        current, sizes = self._settings.current, self._sizes
        storage = StorageView(
            current.cache_quota_bytes,
            sizes.used_bytes if sizes is not None else None,
            sizes.unused_bytes if sizes is not None else 0,
            self._surroundings.folders,
            is_busy=self._surroundings.is_busy(),
        )
        return SettingsView(
            current.theme,
            current.quality,
            self._devices.view,
            self._keys,
            storage,
            current.language,
            current.motion,
        )

    def _open(self) -> None:
        dialog = SettingsDialog(self._view(), self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._on_closed)
        self._dialog = dialog
        self._connect(dialog)
        dialog.open()
        self._devices.refresh()
        self._count()

    def _connect(self, dialog: SettingsDialog) -> None:
        dialog.theme_chosen.connect(self._window.choose_theme)
        dialog.motion_chosen.connect(lambda choice: self._settings.change(motion=choice))
        dialog.language_chosen.connect(lambda code: self._settings.change(language=code))
        dialog.quality_chosen.connect(self._set_quality)
        dialog.device_chosen.connect(self._devices.choose)
        dialog.offset_chosen.connect(self._devices.set_offset)
        dialog.quota_chosen.connect(self._set_quota)
        dialog.empty_requested.connect(self._empty)
        dialog.folder_requested.connect(self._surroundings.open_folder)
        page = dialog.key_page
        page.set_chosen.connect(self._choose_set)
        page.key_chosen.connect(self._give_key)
        page.keys_removed.connect(self._remove_keys)
        page.reset_requested.connect(self._reset_keys)
        page.reset_all_requested.connect(self._reset_all_keys)

    def _on_closed(self) -> None:
        self._dialog = None

    def _on_change(self, change: SettingsChange) -> None:
        before, after = change.before, change.after
        if (before.key_set, before.own_keys) != (after.key_set, after.own_keys):
            self._window.set_keys(self._keys.keys)
        self._show()

    def _show(self) -> None:
        if self._dialog is not None:
            self._dialog.show_view(self._view())

    def _choose_set(self, name: str) -> None:
        self._settings.change(key_set=name)

    def _give_key(self, command: str, key: str) -> None:
        self._change_own(assigned(self._keys.own, command, key))

    def _remove_keys(self, command: str) -> None:
        self._change_own({**self._keys.own, command: ()})

    def _reset_keys(self, command: str) -> None:
        self._change_own({name: keys for name, keys in self._keys.own.items() if name != command})

    def _reset_all_keys(self) -> None:
        self._change_own({})

    def _change_own(self, own: KeyMap) -> None:
        current = self._settings.current
        self._settings.change(own_keys=current.own_keys | {current.key_set: dict(own)})

    def _set_quality(self, quality: str) -> None:
        self._settings.change(quality=Quality(quality))

    def _set_quota(self, quota_gb: int) -> None:
        self._settings.change(cache_quota_bytes=quota_gb * _BYTES_PER_GB)
        self._cache.set_quota(self._settings.current.cache_quota_bytes)
        self._count()

    def _empty(self) -> None:
        if not self._surroundings.is_busy():
            self._count(first=self._cache.empty)

    def _count(self, first: Callable[[], object] | None = None) -> None:
        """Find out how large the cache is, after something else if need be."""

        def work(_: RunContext) -> CacheSizes:
            if first is not None:
                first()
            return self._cache.sizes()

        job = self._jobs.run_in_thread(tr("Counting the cache"), work)
        job.succeeded.connect(self._on_counted)

    def _on_counted(self, sizes: CacheSizes) -> None:
        self._sizes = sizes
        self._show()
