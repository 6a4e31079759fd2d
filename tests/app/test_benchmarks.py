"""`make bench`: sections one after the other, in processes of their own."""

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.benchmarks import SECTIONS, Section, main

ROOT = Path(__file__).parents[2]
GOOD = Section("good", "prints a table", 1, ("platform", "calendar 2024 2"), ("calendar 2024 3",))
BROKEN = Section("broken", "fails", 2, ("engine.no_such_module", "platform"))
LAST = Section("last", "prints as well", 0.5, ("calendar 1999 1",))
TINY = (GOOD, BROKEN, LAST)

ENGINE_COMMANDS = sorted(
    {
        command
        for section in SECTIONS
        for command in (*section.commands, *section.whole)
        if command.startswith("engine.")
    }
)
APP_COMMANDS = sorted(
    {
        " ".join(command.split()[1:3])
        for section in SECTIONS
        for command in (*section.commands, *section.whole)
        if command.startswith("app ")
    }
)


def test_a_section_that_fails_is_named_and_the_others_go_on(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert main([], TINY) == 1
    said = capfd.readouterr()
    places = [said.out.index(f"## {section.name}: {section.words}") for section in TINY]
    assert places == sorted(places)
    assert "February 2024" in said.out
    assert "January 1999" in said.out
    assert "no_such_module" in said.err
    assert "ERROR: the command ended with 1" in said.out
    assert said.out.count("`python -m platform`") == 1  # not after what failed
    assert said.out.endswith("not measured: broken\n")


def test_one_section_can_be_run_alone(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "last"], TINY) == 0
    out = capfd.readouterr().out
    assert "January 1999" in out
    assert "## good" not in out
    assert "not measured" not in out
    with pytest.raises(SystemExit):
        main(["--only", "nothing"], TINY)


def test_nothing_is_left_out_if_that_is_wanted(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "good", "--only", "last", "--full"], TINY) == 0
    out = capfd.readouterr().out
    assert "March 2024" in out
    assert "February 2024" not in out
    assert "January 1999" in out


def test_the_list_runs_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"], TINY) == 0
    lines = capfd.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [["good", "1"], ["broken", "2"], ["last", "0.5"]]


def test_all_of_it_ends_within_the_hour() -> None:
    assert sum(section.minutes for section in SECTIONS) <= 60
    readme = (ROOT / "README.md").read_text()
    for section in SECTIONS:
        assert re.search(rf"\| `{section.name}` \| .* \| {section.minutes:g} min \|", readme)


def options_of(command: str) -> list[str]:
    return re.findall(r"--[\w-]+", command)


@pytest.mark.parametrize("command", ENGINE_COMMANDS)
def test_measuring_commands_know_their_options(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        importlib.import_module(command.split()[0]).main(["--help"])
    known = options_of(capsys.readouterr().out)
    assert set(options_of(command)) <= set(known)


@pytest.mark.parametrize("command", APP_COMMANDS)
def test_the_programs_commands_know_their_options(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", *command.split(), "--help"],
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=True,
    )
    used = [
        options_of(one)
        for section in SECTIONS
        for one in (*section.commands, *section.whole)
        if one.startswith(f"app {command}")
    ]
    assert {option for options in used for option in options} <= set(options_of(done.stdout))
