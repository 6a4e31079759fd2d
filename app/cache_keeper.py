"""Keeps the cache to its quota, and in it what the open project still needs."""

from PySide6.QtCore import QObject, QTimer

from app.contents import refs_in_use
from app.document import Change, Document
from app.jobs import JobRunner
from engine.artifacts import ArtifactStore, CacheSizes
from engine.context import RunContext
from engine.pins import Pins
from engine.translation import tr

TIDY_AFTER_MS = 3_000
"""So long after the last new sound the cache is tidied: several of them often come together."""


class CacheKeeper(QObject):
    """Pins the sounds of the project and of all that undo can bring back; tidies up the rest."""

    def __init__(self, document: Document, jobs: JobRunner, store: ArtifactStore) -> None:
        super().__init__()
        self._document, self._jobs, self._store = document, jobs, store
        self._pins, self._pinned = Pins(store.root), frozenset[str]()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TIDY_AFTER_MS)
        self._timer.timeout.connect(self.tidy)
        document.listen(self._on_change)

    def tidy(self) -> None:
        """Trim the cache in a thread."""
        store = self._store

        def trim(_: RunContext) -> None:
            store.trim()

        self._jobs.run_in_thread(tr("Tidying the cache"), trim)

    def set_quota(self, quota_bytes: int) -> None:
        """Keep the cache to another size from now on."""
        self._store.quota_bytes = quota_bytes
        self.tidy()

    def empty(self) -> None:
        """Remove what no open project uses; takes a while."""
        self._store.trim(0)

    def sizes(self) -> CacheSizes:
        """How large the cache is; takes a while."""
        return self._store.sizes()

    def close(self) -> None:
        """Let everything go."""
        self._timer.stop()
        self._pins.close()

    def _on_change(self, change: Change) -> None:
        if not change.sounds:
            return
        snapshots = self._document.snapshots()
        before = self._pinned
        self._pinned = frozenset(ref.key for each in snapshots for ref in refs_in_use(each))
        self._pins.set(self._pinned)
        if self._pinned - before:
            self._timer.start()
