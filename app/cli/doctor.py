"""`reprise doctor`: what works on this machine, and how to mend what does not."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import write_json, write_lines
from app.cli.run import DONE, FAILED
from app.machine import (
    Finding,
    find_free,
    find_media,
    find_python,
    find_screen,
    find_sound,
    looked_at,
)
from engine.artifacts import cache_folder
from engine.catalog import DEFAULT_MODELS, data_folder
from engine.weights import choose, verify

cli = typer.Typer(add_completion=False)


@cli.command()
def doctor(
    json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
) -> int:
    """Say what works on this machine and how to mend what does not."""
    findings = [
        find_python(),
        looked_at("device", _device),
        find_media(),
        *(looked_at(f"model for {s}", _model(name)) for s, name in DEFAULT_MODELS.items()),
        *(looked_at(f"{n} folder", _folder(path)) for n, path in _folders().items()),
        find_sound(),
        find_screen(),
    ]
    if json:
        write_json({"findings": findings})
    else:
        for finding in findings:
            _write(finding)
    essential = [f for f in findings if f.what not in ("sound", "screen")]
    return DONE if all(f.works for f in essential) else FAILED


def _device() -> str:
    # Slow to import.
    from engine.devices import choose_device

    return choose_device("auto").words


def _model(name: str) -> Callable[[], str]:
    def look() -> str:
        weights = choose(name)
        verify(weights)
        return f"{weights.card.title}, {weights.origin}, licence {weights.card.licence}"

    return look


def _folders() -> dict[str, Path]:
    return {"cache": cache_folder(), "data": data_folder()}


def _folder(path: Path) -> Callable[[], str]:
    def look() -> str:
        return f"{path}, {find_free(path)}"

    return look


def _write(finding: Finding) -> None:
    mark = "ok     " if finding.works else "MISSING"
    mend = [f"{'':30}{finding.mend}\n"] if finding.mend else []
    write_lines([f"{mark}  {finding.what:<20} {finding.words}\n", *mend])
