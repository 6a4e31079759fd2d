"""What the user keeps of a restored sound -> edits of the document."""

from PySide6.QtCore import QObject

from app.document import Document
from app.lane_edits import mute
from app.restore_edits import swap_music, take_out
from widgets.restore_panel import RestorePanel


class KeepingController(QObject):
    """The other music, this stem or not, only a part of the added music."""

    def __init__(self, panel: RestorePanel, document: Document) -> None:
        super().__init__()
        self._panel, self._document = panel, document
        panel.swap_requested.connect(self._swap)
        panel.kept_changed.connect(self._keep)
        panel.amount_changed.connect(self._take_out)

    def _swap(self) -> None:
        self._document.do(swap_music())

    def _keep(self, lane_id: str, kept: object) -> None:
        self._document.do(mute(lane_id, muted=not kept))

    def _take_out(self, amount: float) -> None:
        self._document.do(take_out(amount, self._panel.keep_card.drag_id))
