"""What is shown and how, as far as no project keeps it <-> the settings."""

from PySide6.QtCore import QObject

from app.settings import SettingsStore
from widgets.actions import Command
from widgets.main_window import MainWindow

_SETTINGS = {
    Command.TALL_LANES: "tall_lanes",
    Command.SNAP: "snapping",
    Command.ENVELOPES: "envelopes",
}


class ViewController(QObject):
    """Keeps the switches of the View menu as they were."""

    def __init__(self, window: MainWindow, settings: SettingsStore) -> None:
        super().__init__()
        self._settings = settings
        for command, name in _SETTINGS.items():
            window.set_switch(command, on=getattr(settings.current, name))
        window.switched.connect(self._keep)

    def _keep(self, command: str, on: object) -> None:
        name = _SETTINGS.get(Command(command))
        if name is not None:
            self._settings.change(**{name: bool(on)})
