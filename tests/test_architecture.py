"""Rules that import-linter cannot check: what widgets may know, and how big things get."""

import ast
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("app", "widgets", "engine", "resources", "tests")
SOURCES = sorted(chain.from_iterable((ROOT / room).rglob("*.py") for room in ROOMS))
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef


def modules_imported(path: Path) -> Iterator[str]:
    """Everything an `import` or `from ... import` may reach: `from a import b` gives a and a.b."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "engine":
            yield from (f"engine.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", sorted((ROOT / "widgets").rglob("*.py")), ids=lambda p: p.name)
def test_widgets_know_of_the_engine_only_types_errors_and_words(path: Path) -> None:
    of_the_engine = {name for name in modules_imported(path) if name.split(".")[0] == "engine"}
    assert of_the_engine <= {"engine.types", "engine.errors", "engine.translation"}


def test_nothing_grows_too_big() -> None:
    assert [problem for path in SOURCES for problem in too_big(path)] == []


def too_big(path: Path) -> Iterator[str]:
    text = path.read_text("utf-8")
    if text.count("\n") >= 700:
        yield f"{path} has 700 lines or more"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, FUNCTIONS) and (node.end_lineno or 0) - node.lineno >= 80:
            yield f"{path}: {node.name} has more than 80 lines"
        if isinstance(node, ast.ClassDef):
            methods = [part for part in node.body if isinstance(part, FUNCTIONS)]
            if len(methods) > 20:
                yield f"{path}: {node.name} has {len(methods)} methods"
