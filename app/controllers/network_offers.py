"""Networks that can be had: fetched when the user says so, or taken from a file."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.jobs import Awaited, Job, JobRunner
from app.messages import Messages
from engine.catalog import ModelCard
from engine.context import Progress, RunContext
from engine.errors import EngineError
from engine.translation import tr
from engine.types import ImportRequest, ImportResult
from engine.urgency import Urgency
from engine.weights import Weights, download, download_size_bytes, hub_token, take_known
from widgets.welcome_sheet import Offer, OfferView
from widgets.wording import file_size, percent

_PURPOSES = {
    "separator": tr("Tells voices from everything else"),
    "speech": tr("Finds where somebody speaks"),
    "mixed_music": tr("Tells two pieces of music apart"),
    "matcher": tr("Judges which music belongs to the picture"),
}


class NetworkOffers(QObject):
    """Fetches and takes in, and knows how far each one is.

    Attributes:
        is_importing: A file is being taken in.

    Signals:
        changed: Something is to be shown anew.
        arrived: A network is here that was not.
    """

    changed = Signal()
    arrived = Signal()

    def __init__(self, jobs: JobRunner, messages: Messages) -> None:
        super().__init__()
        self._jobs, self._messages = jobs, messages
        self._cards: dict[str, ModelCard] = {}
        self._views: dict[str, OfferView] = {}
        self._work: dict[str, Job] = {}
        self._asked: set[str] = set()
        self.is_importing = False

    @property
    def views(self) -> tuple[OfferView, ...]:
        """What is offered, as it is now."""
        return tuple(self._views[name] for name in self._cards)

    def offer(self, cards: Sequence[ModelCard], *, has_token: bool) -> None:
        """Offer these.

        Args:
            cards: What is not here and can be fetched.
            has_token: The user has a token for those that need one.
        """
        self._cards = {card.name: card for card in cards}
        fresh = {card.name: _offer(card, has_token=has_token) for card in cards}
        busy = {name: view for name, view in self._views.items() if name in self._work}
        self._views = {**fresh, **busy}
        self.changed.emit()

    def get(self, name: str) -> None:
        """Fetch a network; one whose size nobody has published is asked for that first."""
        card = self._cards.get(name)
        if card is None or name in self._work:
            return
        token = hub_token() if card.gated else ""
        if card.size_bytes or name in self._asked:
            self._show(name, Offer.COMING)
            job = self._jobs.run_in_thread(
                tr("Get {name}", name=card.title),
                partial(_download, card, token),
                Awaited.TO_KEEP,
            )
            job.progressed.connect(partial(self._on_progressed, name))
            job.succeeded.connect(partial(self._on_fetched, name))
        else:
            self._show(name, Offer.ASKING, tr("Asking how large it is"))
            job = self._jobs.run_in_thread(
                tr("Asking how large it is"), lambda _: download_size_bytes(card, token=token)
            )
            job.succeeded.connect(partial(self._on_sized, name))
        job.failed.connect(partial(self._on_failed, name))
        job.cancelled.connect(partial(self._on_cancelled, name))
        job.finished.connect(partial(self._work.pop, name, None))
        self._work[name] = job

    def cancel(self, name: str) -> None:
        """Stop fetching a network; what has come of it is kept for the next time."""
        job = self._work.get(name)
        if job is not None:
            job.cancel()

    def take_file(self, file: Path) -> None:
        """Take a network from a file: one that has a card here, or any that the engine knows."""
        job = self._jobs.run_in_thread(
            tr("Import {file}", file=file.name), partial(_take_known, file), Awaited.TO_KEEP
        )
        job.succeeded.connect(partial(self._on_known, file))
        self._follow_import(job)

    def _on_known(self, file: Path, card: ModelCard | None) -> None:
        if card is not None:
            self._on_imported(ImportResult(card.title))
            return
        # What is in it is looked at where the networks are.
        request = ImportRequest(file)
        title = tr("Import {file}", file=file.name)
        job = self._jobs.submit(title, Urgency.INTERACTIVE, request)
        job.succeeded.connect(self._on_imported)
        self._follow_import(job)

    def _follow_import(self, job: Job) -> None:
        self.is_importing = True
        job.failed.connect(self._messages.error)
        job.failed.connect(self._on_import_over)
        job.cancelled.connect(self._on_import_over)
        self.changed.emit()

    def _on_imported(self, result: ImportResult) -> None:
        words = tr("{name} is here.", name=result.title)
        self._messages.notice(" ".join((words, *result.notes)))
        self._on_import_over()
        self.arrived.emit()

    def _on_import_over(self) -> None:
        self.is_importing = False
        self.changed.emit()

    def _on_sized(self, name: str, size_bytes: int) -> None:
        if name not in self._cards:
            return
        self._asked.add(name)
        words = tr("The server does not say how large it is. Get it all the same?")
        if size_bytes:
            words = tr("It is {size} large. Get it?", size=file_size(size_bytes))
        self._show(name, Offer.SIZED, words)

    def _on_progressed(self, name: str, progress: Progress) -> None:
        words = file_size(round(progress.done))
        if progress.total:
            words = tr(
                "{done} of {all}, {percent}",
                done=words,
                all=file_size(round(progress.total)),
                percent=percent(progress.fraction),
            )
        self._show(name, Offer.COMING, words, progress.fraction)

    def _on_fetched(self, name: str, weights: Weights) -> None:
        self._messages.notice(tr("{name} is here.", name=weights.card.title))
        self._cards.pop(name, None)
        self.changed.emit()
        self.arrived.emit()

    def _on_failed(self, name: str, error: EngineError) -> None:
        words = " ".join(filter(None, (f"{error.message}.", error.hint)))
        self._show(name, Offer.FAILED, words)

    def _on_cancelled(self, name: str) -> None:
        words = tr("Stopped. What has come is kept for the next time.")
        self._show(name, Offer.OFFERED, words)

    def _show(self, name: str, state: Offer, words: str = "", fraction: float = 0.0) -> None:
        if name in self._views:
            view = self._views[name]
            self._views[name] = replace(view, state=state, words=words, fraction=fraction)
            self.changed.emit()


def _offer(card: ModelCard, *, has_token: bool) -> OfferView:
    size = file_size(card.size_bytes) if card.size_bytes else tr("size is asked for first")
    licence = tr("licence: {licence}", licence=card.licence)
    detail = " \N{MIDDLE DOT} ".join((_PURPOSES.get(card.stage, card.stage), size, licence))
    if card.gated and not has_token:
        words = tr(
            "Needs a yes on {page} and your own token in HF_TOKEN; start Reprise again after that.",
            page=card.homepage,
        )
        return OfferView(card.name, card.title, detail, words=words, can_get=False)
    return OfferView(card.name, card.title, detail)


def _download(card: ModelCard, token: str, context: RunContext) -> Weights:
    return download(card, context, token=token)


def _take_known(file: Path, context: RunContext) -> ModelCard | None:
    return take_known(file, context)
