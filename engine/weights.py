"""Weights: find them, fetch them, take the user's own, check them. Needs no torch.

Order of search: the user's choice (a file), the data folder, an installed package, and
`resources/models`. Nothing is downloaded but by `download`, and whoever calls that has told the
user the size and the licence first.
"""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from engine.catalog import (
    CARD_NAME,
    WHOLE_SHA256_DIGITS,
    ModelCard,
    WeightFile,
    built_in_models,
    card_to_json,
    find_card,
    is_built_in,
    is_plain_name,
    models_folder,
    read_cards,
)
from engine.checkpoint_files import DescribedCheckpoint, describe_checkpoint
from engine.content import content_hash
from engine.context import PlainContext, Progress, RunContext
from engine.download import check_content, fetch, require_space
from engine.errors import (
    InputNotFoundError,
    ModelError,
    UnknownModelError,
    WeightsMissingError,
)
from engine.http_stream import PATIENCE, Patience, remote_size_bytes
from engine.media.atomic import atomic_output
from engine.translation import tr

Origin = Literal["user", "data", "package", "resources"]
Basis = Literal["sha256", "sha256 prefix", "size", "nothing"]


@dataclass(frozen=True, slots=True)
class Weights:
    """A model that is on this machine.

    Attributes:
        card: What it is.
        paths: Its files, in the card's order.
        origin: Where they were found.
    """

    card: ModelCard
    paths: tuple[Path, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Check:
    """A file that is the one its card names, as far as the card can tell.

    Attributes:
        path: The file.
        sha256: Its hash, all 64 hex digits.
        basis: What it could be compared with.
    """

    path: Path
    sha256: str
    basis: Basis


def find(card: ModelCard) -> Weights | None:
    """The model's files on this machine, or None if any is missing or of another size."""
    if not card.files:
        return Weights(card, (), "resources" if is_built_in(card) else "data")
    for origin, folder in _folders(card):
        paths = tuple(folder / file.name for file in card.files)
        if all(_is_there(path, file) for path, file in zip(paths, card.files, strict=True)):
            return Weights(card, paths, origin)
    return None


def choose(choice: str) -> Weights:
    """The model that the user named.

    Args:
        choice: A card's name or the path of a checkpoint.

    Raises:
        UnknownModelError: It is neither.
        WeightsMissingError: The card's files are not on this machine.
        BadCheckpointError: The file is no checkpoint of a known network.
        ChecksumError: A file is not the one that the card names.
    """
    path = Path(choice)
    try:
        card = find_card(choice)
    except UnknownModelError:
        if not path.is_file():
            raise
        described = describe_checkpoint(path)
        return Weights(described.card, described.paths, "user")
    weights = find(card)
    if weights is None:
        raise missing(card)
    verify(weights)
    return weights


def identity(choice: str) -> tuple[str, ...]:
    """What tells one model of a name from a later one of that name, without reading its files."""
    try:
        return tuple(file.sha256 for file in find_card(choice).files)
    except UnknownModelError:
        try:
            status = Path(choice).stat()
        except OSError:
            return ()
        return f"{status.st_size}", f"{status.st_mtime_ns}"


def missing_files(card: ModelCard) -> list[WeightFile]:
    """The files of a model that a download would have to bring."""
    if find(card) is not None:
        return []
    folder = models_folder() / card.name
    return [file for file in card.files if not _is_there(folder / file.name, file)]


def missing(card: ModelCard) -> WeightsMissingError:
    """The error for a model that is not here; it says what a download would mean."""
    if not card.can_be_downloaded:
        return WeightsMissingError(
            tr("the weights of {model} are not on this machine", model=card.name),
            tr("import them: reprise models import FILE"),
        )
    return WeightsMissingError(
        tr("the weights of {model} are not on this machine", model=card.name),
        tr(
            "fetch them ({size}, licence: {licence}): reprise models get {model}",
            size=size_text(card.size_bytes),
            licence=card.licence,
            model=card.name,
        ),
    )


def size_text(size_bytes: int) -> str:
    """A size for people."""
    return f"{size_bytes / 1e6:,.1f} MB" if size_bytes else tr("size not published")


def download_size_bytes(card: ModelCard, *, token: str = "", patience: Patience = PATIENCE) -> int:
    """What a download would bring; asks the server where the card does not know.

    Returns:
        Bytes of all files that are missing; 0 if nothing is, or a server does not say.
    """
    sizes = [
        file.size_bytes or remote_size_bytes(file.url, token=token, patience=patience)
        for file in missing_files(card)
    ]
    return sum(sizes) if all(sizes) else 0


def download(
    card: ModelCard,
    context: RunContext,
    *,
    token: str = "",
    patience: Patience = PATIENCE,
) -> Weights:
    """Fetch what is missing. The user has seen size and licence and said yes.

    Args:
        card: The model.
        context: Asked for cancellation several times a second; told the progress in bytes.
        token: The user's own token, for gated models.
        patience: When to give up.

    Raises:
        DownloadError: A server does not hand out a file.
        ChecksumError: What came is not what the card names.
        DiskFullError: It would not fit.
    """
    if not card.can_be_downloaded and find(card) is None:
        raise missing(card)
    wanted = missing_files(card)
    sizes = [file.size_bytes for file in wanted]
    whole = sum(sizes) if all(sizes) else 0
    folder = models_folder() / card.name
    done = 0
    for file in wanted:
        path = folder / file.name
        fetch(file, path, _Offset(context, done, whole), token=token, patience=patience)
        done += path.stat().st_size
    weights = find(card)
    if weights is None:
        raise missing(card)
    return weights


def verify(weights: Weights, context: RunContext | None = None) -> tuple[Check, ...]:
    """Read all files and compare them with the card.

    Raises:
        ChecksumError: One is not the file that the card names.
    """
    context = context or PlainContext()
    pairs = zip(weights.card.files, weights.paths, strict=True)
    return tuple(
        Check(path, check_content(file, path, context), _basis(file)) for file, path in pairs
    )


def take_known(path: Path, context: RunContext | None = None) -> ModelCard | None:
    """Take a file of a model that has a card here to that model; None if it is of no such model.

    Args:
        path: Any file.
        context: Asked for cancellation; told the progress in bytes.
    """
    if not path.is_file():
        raise InputNotFoundError(tr("there is no file {path}", path=path), tr("check the path"))
    context = context or PlainContext()
    known = _known_file(path, content_hash(path, context.raise_if_cancelled))
    if known is None:
        return None
    card, file = known
    _copy(path, models_folder() / card.name / file.name, context)
    return card


def keep(described: DescribedCheckpoint, context: RunContext | None = None) -> ModelCard:
    """Copy the files of a checkpoint into the data folder and write its card.

    Args:
        described: The checkpoint, looked at already: it is not opened here.
        context: Asked for cancellation; told the progress in bytes.

    Raises:
        ModelError: The name is taken.
        ChecksumError: A file is not the one that its name says.
    """
    context = context or PlainContext()
    require_new_name(described.card.name)
    card = _with_hashes(described, context)
    folder = models_folder() / card.name
    for source, file in zip(described.paths, card.files, strict=True):
        _copy(source, folder / file.name, context)
    with atomic_output(folder / CARD_NAME) as part:
        part.write_bytes(card_to_json(card))
    return card


def require_new_name(name: str) -> None:
    """Raise `ModelError` unless a new model can have that name."""
    if not is_plain_name(name):
        raise ModelError(
            tr("{name!r} is no name for a model", name=name),
            tr("use letters, digits and - . _ only"),
        )
    if any(other.name == name for other in read_cards()):
        raise ModelError(
            tr("there is already a model called {name}", name=name), tr("choose another --name")
        )


def remove(card: ModelCard) -> int:
    """Delete the files that were fetched or imported for a model, and the card of an imported one.

    Returns:
        Bytes that were freed.

    Raises:
        ModelError: It comes with the program or a package.
        WeightsMissingError: There is nothing of it.
    """
    folder = models_folder() / card.name
    if folder.is_dir():
        freed = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        shutil.rmtree(folder)
        return freed
    if find(card) is not None:
        raise ModelError(
            tr("{model} comes with the program and stays", model=card.name),
            tr("only what was fetched or imported can be removed"),
        )
    raise missing(card)


def hub_token() -> str:
    """The user's own Hugging Face token from where the hub's tools keep it, or nothing."""
    if token := os.environ.get("HF_TOKEN", "").strip():
        return token
    home = os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface"
    path = Path(home) / "token"
    return path.read_text("utf-8").strip() if path.is_file() else ""


class _Offset:
    """Shows the progress of one file as part of the whole download."""

    def __init__(self, context: RunContext, done: float, whole: float) -> None:
        self._context = context
        self._done = done
        self._whole = whole

    def report(self, progress: Progress) -> None:
        """Pass on, moved by what went before."""
        total = self._whole or self._done + progress.total
        self._context.report(Progress(progress.stage, self._done + progress.done, total))

    def raise_if_cancelled(self) -> None:
        """Pass on."""
        self._context.raise_if_cancelled()


def _folders(card: ModelCard) -> Iterator[tuple[Origin, Path]]:
    yield "data", models_folder() / card.name
    if card.package:
        package, _, inner = card.package.partition("/")
        # Finding a package does not import it.
        spec = importlib.util.find_spec(package)
        for location in (spec.submodule_search_locations or ()) if spec else ():
            yield "package", Path(location) / inner
    yield "resources", built_in_models()


def _is_there(path: Path, file: WeightFile) -> bool:
    return path.is_file() and file.size_bytes in (0, path.stat().st_size)


def _basis(file: WeightFile) -> Basis:
    if len(file.sha256) == WHOLE_SHA256_DIGITS:
        return "sha256"
    if file.sha256:
        return "sha256 prefix"
    return "size" if file.size_bytes else "nothing"


def _known_file(path: Path, digest: str) -> tuple[ModelCard, WeightFile] | None:
    """The card, and its file, that has this hash."""
    size_bytes = path.stat().st_size
    for card in read_cards():
        for file in card.files:
            if (
                file.sha256
                and digest.startswith(file.sha256)
                and file.size_bytes in (0, size_bytes)
            ):
                return card, file
    return None


def _with_hashes(described: DescribedCheckpoint, context: RunContext) -> ModelCard:
    """The card of a checkpoint whose files are checked and get their whole hashes."""
    pairs = zip(described.card.files, described.paths, strict=True)
    files = tuple(replace(file, sha256=check_content(file, path, context)) for file, path in pairs)
    return replace(described.card, files=files)


def _copy(source: Path, target: Path, context: RunContext) -> None:
    """Copy with the source's times; whole or not at all."""
    size_bytes = source.stat().st_size
    require_space(target.parent, size_bytes)
    with atomic_output(target) as part:
        with source.open("rb") as reader, part.open("wb") as writer:
            while block := reader.read(1 << 22):
                context.raise_if_cancelled()
                writer.write(block)
                context.report(Progress("import", writer.tell(), size_bytes))
        shutil.copystat(source, part)
