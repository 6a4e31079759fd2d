"""What works here -> the sheet that shows it, at the first start and when it is asked for."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from app.controllers.network_offers import NetworkOffers
from app.controllers.shell import engine_words
from app.engine_client import EngineClient, EngineStatus
from app.jobs import JobRunner
from app.settings import SettingsStore
from engine.context import RunContext
from engine.translation import tr
from widgets.main_window import MainWindow
from widgets.welcome_sheet import FindingView, WelcomeSheet, WelcomeView

if TYPE_CHECKING:
    from app.offers import Inventory

_NAMES = {"media": tr("Video and sound files"), "sound": tr("Sound"), "disk": tr("Disk")}

_WORKS = {EngineStatus.READY: True, EngineStatus.STOPPED: False}
"""Of the engine; else it is not known yet."""


class WelcomeController(QObject):
    """Opens the sheet, and has it say what is known.

    Args:
        window: Where it opens.
        jobs: Look.
        settings: Know whether it has been closed before.
        engine: Its state is shown.
        offers: Networks to be had.
        cache: Folder of the artifacts.
        ask: Asks for the file of a network.
    """

    def __init__(
        self,
        window: MainWindow,
        jobs: JobRunner,
        settings: SettingsStore,
        engine: EngineClient,
        offers: NetworkOffers,
        cache: Path,
        ask: Callable[[], Path | None],
    ) -> None:
        super().__init__()
        self._window, self._jobs, self._settings = window, jobs, settings
        self._engine, self._offers, self._cache, self._ask = engine, offers, cache, ask
        self._sheet: WelcomeSheet | None = None
        self._inventory: Inventory | None = None
        window.welcome_requested.connect(self.open)
        engine.state_changed.connect(self._show)
        offers.changed.connect(self._show)
        offers.arrived.connect(self._look)

    def open_once(self) -> None:
        """Open it unless it was closed before, and leave the keyboard where it is."""
        if not self._settings.current.welcomed:
            self._open(Qt.WidgetAttribute.WA_ShowWithoutActivating)

    def open(self) -> None:
        """Open it, or bring it to the front."""
        if self._sheet is None:
            self._open()
        else:
            self._sheet.activateWindow()

    def _open(self, *attributes: Qt.WidgetAttribute) -> None:
        self._sheet = sheet = WelcomeSheet(self._view(), self._window)
        for attribute in (Qt.WidgetAttribute.WA_DeleteOnClose, *attributes):
            sheet.setAttribute(attribute)
        sheet.get_requested.connect(self._offers.get)
        sheet.cancel_requested.connect(self._offers.cancel)
        sheet.import_requested.connect(self._import)
        sheet.finished.connect(self._on_closed)
        sheet.show()
        self._look()

    def _on_closed(self) -> None:
        self._sheet = None
        self._settings.change(welcomed=True)

    def _import(self) -> None:
        file = self._ask()
        if file is not None:
            self._offers.take_file(file)

    def _look(self) -> None:
        def work(_: RunContext) -> "Inventory":
            # PyAV comes along.
            from app.offers import take_inventory

            return take_inventory(self._cache)

        job = self._jobs.run_in_thread(tr("Looking what works"), work)
        job.succeeded.connect(self._on_looked)

    def _on_looked(self, inventory: "Inventory") -> None:
        self._inventory = inventory
        self._offers.offer(inventory.to_fetch, has_token=inventory.has_token)

    def _view(self) -> WelcomeView:
        inventory, state = self._inventory, self._engine.state
        if inventory is None:
            return WelcomeView()
        engine = FindingView(tr("Engine"), engine_words(state), _WORKS.get(state.status))
        found = (
            FindingView(
                _NAMES[each.what], "; ".join(filter(None, (each.words, each.mend))), each.works
            )
            for each in inventory.findings
        )
        here = tuple(card.title for card in inventory.here)
        return WelcomeView((engine, *found), here, self._offers.views, self._offers.is_importing)

    def _show(self) -> None:
        if self._sheet is not None:
            self._sheet.show_view(self._view())
