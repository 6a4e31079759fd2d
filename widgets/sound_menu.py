"""The menu of sound devices."""

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from engine.translation import tr

DEFAULT_DEVICE_TEXT = tr("System default")


@dataclass(frozen=True, slots=True)
class DevicesView:
    """The devices that can be chosen.

    Attributes:
        names: Those that are there, without the system's default.
        chosen: Name of the one that was chosen, there or not; empty is the system's default.
        offset_ms: How much later than it says the sound of the chosen one is heard.
    """

    names: tuple[str, ...] = ()
    chosen: str = ""
    offset_ms: int = 0

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """Name and words of all that are offered, the system's default first."""
        away = () if self.chosen in ("", *self.names) else (self.chosen,)
        return (
            ("", DEFAULT_DEVICE_TEXT),
            *((name, name) for name in self.names),
            *((name, tr("{name} (not there)", name=name)) for name in away),
        )


class SoundMenu(QMenu):
    """Offers the devices; whoever fills it looks for them when it is about to show.

    Signals:
        device_chosen: Name of the device; empty is the system's default.
    """

    device_chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(tr("Sound de&vice"), parent)
        self._shown = DevicesView()
        self._group = QActionGroup(self)
        self._fill()

    def show_devices(self, view: DevicesView) -> None:
        """Offer these, also while the menu is open."""
        if view != self._shown:
            self._shown = view
            self._fill()

    def _fill(self) -> None:
        self.clear()
        self._group.deleteLater()
        self._group = QActionGroup(self)
        for name, words in self._shown.choices:
            # An ampersand would be taken for the mark of a key.
            action = self.addAction(words.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(name == self._shown.chosen)
            action.triggered.connect(partial(self.device_chosen.emit, name))
            self._group.addAction(action)
