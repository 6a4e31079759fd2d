"""How much moves: as the system wants it, or as the user has chosen -> caret, menus, numbers."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication

from app.jobs import JobRunner
from app.playback.pace import Pace
from app.settings import SettingsChange, SettingsStore
from engine.translation import tr

_EFFECTS = (
    Qt.UIEffect.UI_AnimateMenu,
    Qt.UIEffect.UI_FadeMenu,
    Qt.UIEffect.UI_AnimateCombo,
    Qt.UIEffect.UI_AnimateTooltip,
    Qt.UIEffect.UI_FadeTooltip,
    Qt.UIEffect.UI_AnimateToolBox,
)


class MotionController(QObject):
    """Nothing here slides or fades by itself; what Qt moves and what flickers is kept still.

    Args:
        jobs: Asks the system.
        settings: Know what the user has chosen.
        pace: Of what is shown while playing.
        ask: Whether the system wants less motion; waits for an answer.
    """

    def __init__(
        self, jobs: JobRunner, settings: SettingsStore, pace: Pace, ask: Callable[[], bool]
    ) -> None:
        super().__init__()
        self._jobs, self._settings, self._pace, self._ask = jobs, settings, pace, ask
        self._blink_ms = QApplication.cursorFlashTime()
        settings.listen(self._on_change)
        self._effects = {each: QApplication.isEffectEnabled(each) for each in _EFFECTS}

    def begin(self) -> None:
        """Do what is chosen; where that is the system's wish, ask for it first."""
        choice = self._settings.current.motion
        if choice == "system":
            job = self._jobs.run_in_thread(tr("Asking how much may move"), lambda _: self._ask())
            job.succeeded.connect(self._on_answered)
        else:
            self._apply(is_reduced=choice == "reduced")

    def close(self) -> None:
        """Leave the application as it was."""
        self._apply(is_reduced=False)

    def _on_change(self, change: SettingsChange) -> None:
        if change.before.motion != change.after.motion:
            self.begin()

    def _on_answered(self, wants_less: object) -> None:
        # The user may have chosen meanwhile.
        if self._settings.current.motion == "system":
            self._apply(is_reduced=bool(wants_less))

    def _apply(self, *, is_reduced: bool) -> None:
        self._pace.is_calm = is_reduced
        QApplication.setCursorFlashTime(0 if is_reduced else self._blink_ms)
        for effect, usual in self._effects.items():
            QApplication.setEffectEnabled(effect, usual and not is_reduced)
