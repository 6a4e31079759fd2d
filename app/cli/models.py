"""`reprise models`: which networks there are, which are here, and how to get the rest."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
from rich.progress import Progress as Bars

from app.cli.output import write_json, write_lines
from engine.catalog import DEFAULT_MODELS, ModelCard, find_card, read_cards
from engine.checkpoint_files import Wishes
from engine.context import PlainContext, Progress, RunContext
from engine.errors import ChecksumError
from engine.weights import (
    Check,
    Origin,
    Weights,
    download,
    download_size_bytes,
    find,
    hub_token,
    keep,
    missing,
    missing_files,
    remove,
    require_new_name,
    size_text,
    take_known,
    verify,
)

_HERE: dict[Origin, str] = {
    "user": "here (your file)",
    "data": "here (data folder)",
    "package": "here (package)",
    "resources": "built in",
}

cli = typer.Typer(add_completion=False, no_args_is_help=True)


@cli.command("list")
def list_models(
    json: Annotated[bool, typer.Option("--json", help="One JSON object a model.")] = False,
) -> None:
    """Show all models by stage, and where their weights lie; * is taken where none is named."""
    for card in read_cards():
        if json:
            write_json(_as_json(card))
        else:
            _write(_as_line(card))


@cli.command()
def get(
    name: Annotated[str, typer.Argument(help="Name of a model, as listed.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Download the weights of a model, after showing size and licence."""
    card = find_card(name)
    found = _whole(card)
    if found is None:
        if not card.can_be_downloaded:
            raise missing(card)
        token = hub_token() if card.gated else ""
        _offer(card, download_size_bytes(card, token=token), asked=not yes)
        with _byte_progress() as context:
            found = download(card, context, token=token)
    for path in found.paths:
        _write(f"{path}")


def _whole(card: ModelCard) -> Weights | None:
    """The model if it is here; what is damaged is thrown away if it can be fetched again.

    Only what this program has fetched itself: files of a package or of the program stay.
    """
    found = find(card)
    if found is None or found.origin != "data" or not card.can_be_downloaded:
        return found
    try:
        verify(found)
    except ChecksumError:
        for path in found.paths:
            path.unlink()
        return None
    return found


@cli.command("import")
def import_model(
    file: Annotated[Path, typer.Argument(help="A checkpoint, or the YAML file of a demucs bag.")],
    name: Annotated[str, typer.Option(help="Name of the new model.")] = "",
    config: Annotated[
        Path | None,
        typer.Option(help="YAML of a checkpoint; by default the one of its name beside it."),
    ] = None,
    stage: Annotated[
        Literal["separator", "mixed_music"] | None,
        typer.Option(help="Stage that it shall serve; by default its stems decide."),
    ] = None,
    stems: Annotated[
        str, typer.Option(help="Names of its stems in order, where nothing names them: A,B,...")
    ] = "",
    sdr: Annotated[
        float | None,
        typer.Option(help="Its SDR in dB as its author says; --quality best goes by it."),
    ] = None,
) -> None:
    """Take a checkpoint of your own into the models; nothing in it is run."""
    file = file.absolute()
    wishes = Wishes(name, config, stage or "", _names(stems), sdr)
    with _byte_progress() as context:
        known = take_known(file, context) if wishes == Wishes() else None
        if known is not None:
            names = [absent.name for absent in missing_files(known)]
            rest = f", still missing: {', '.join(names)}" if names else ""
            _write(f"{known.name}: imported for the stage {known.stage}{rest}")
            return
        if name:
            require_new_name(name)
        # Slow to import; what is known needs none of it.
        from engine.models.importing import examine

        examined = examine(file, wishes)
        card = keep(examined.described, context)
    why, *notes = examined.notes
    _write(f"{card.name}: imported for the stage {card.stage}: {why}")
    for note in notes:
        _write(f"{card.name}: {note}")
    _write(f"use it: reprise restore VIDEO --blind --model {card.stage}={card.name}")


def _names(stems: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in stems.split(",")) if stems else ()
    if not all(names) or len(set(names)) != len(names):
        raise typer.BadParameter("--stems wants different names with commas between them")
    return names


@cli.command("remove")
def remove_model(
    name: Annotated[str, typer.Argument(help="Name of a model that was fetched or imported.")],
) -> None:
    """Delete the weights of a model from this machine; those of the program itself stay."""
    freed_bytes = remove(find_card(name))
    _write(f"{name}: removed, {size_text(freed_bytes)} freed")


@cli.command("verify")
def verify_models(
    name: Annotated[
        str, typer.Argument(help="Name of a model; all that are here if left out.")
    ] = "",
) -> None:
    """Read the weights that are here and compare them with their cards."""
    if name and find(find_card(name)) is None:
        raise missing(find_card(name))
    wrong = [
        error
        for card in ((find_card(name),) if name else read_cards())
        if (error := _verified(card)) is not None
    ]
    if wrong:
        raise wrong[0]


def _verified(card: ModelCard) -> ChecksumError | None:
    """Check a model, if it is here, and write what came of it."""
    found = find(card)
    if found is None:
        return None
    try:
        for check in verify(found):
            _write(f"{card.name}: {check.path.name}: {_verdict(check)}")
    except ChecksumError as error:
        _write(f"{card.name}: NOT as on its card")
        return error
    return None


def _offer(card: ModelCard, size_bytes: int, *, asked: bool) -> None:
    """Tell size and licence before anything is fetched."""
    lines = [
        f"{card.title}",
        f"  size     {size_text(size_bytes)}",
        f"  licence  {card.licence}",
        f"  from     {card.files[0].url}",
    ]
    if card.gated:
        lines.append(f"  needs    your own token in HF_TOKEN, and a yes on {card.homepage}")
    typer.echo("\n".join(lines), err=True)
    if asked:
        typer.confirm("Download?", abort=True, err=True)


def _as_json(card: ModelCard) -> dict[str, object]:
    found = find(card)
    return {
        "name": card.name,
        "stage": card.stage,
        "title": card.title,
        "licence": card.licence,
        "size_bytes": card.size_bytes or None,
        "gated": card.gated,
        "stems": card.stems,
        "measured": card.measured,
        "trained_on": card.trained_on,
        "homepage": card.homepage,
        "origin": found.origin if found else None,
        "paths": [str(path) for path in found.paths] if found else [],
        "can_be_downloaded": card.can_be_downloaded,
    }


def _as_line(card: ModelCard) -> str:
    found = find(card)
    absent = "to download" if card.can_be_downloaded else "to import"
    state = _HERE[found.origin] if found else absent
    size = (
        f"{sum(p.stat().st_size for p in found.paths) / 1e6:,.1f} MB"
        if found
        else (size_text(card.size_bytes))
    )
    mark = "*" if card.name in DEFAULT_MODELS.values() else " "
    return f"{mark} {card.stage:12} {card.name:28} {state:18} {size:20} {card.licence}"


def _verdict(check: Check) -> str:
    return {
        "sha256": f"as on its card (SHA-256 {check.sha256})",
        "sha256 prefix": "the first digits of its SHA-256 are as published, more are not known",
        "size": "of the right size; no hash is published",
        "nothing": f"nothing to compare with is published (SHA-256 {check.sha256})",
    }[check.basis]


@contextmanager
def _byte_progress() -> Iterator[RunContext]:
    """A context that shows bytes on standard error, if that is a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield PlainContext()
        return
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    with Bars(*columns, console=console, transient=True) as bars:
        task = bars.add_task("", total=None)

        def show(progress: Progress) -> None:
            total = progress.total or None
            bars.update(task, description=progress.stage, completed=progress.done, total=total)

        yield PlainContext(on_progress=show)


def _write(line: str) -> None:
    write_lines([f"{line}\n"])
