"""The programs and packages the recipe leans on: found, and named when they are missing."""

import importlib.util
import shutil
import subprocess
from pathlib import Path
from typing import Literal

from engine.errors import ToolMissingError

Tool = Literal["fluidsynth", "flite", "espeak-ng"]

SOUNDFONTS = (
    Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"),
    Path("/usr/share/soundfonts/FluidR3_GM.sf2"),
    Path("/opt/homebrew/share/soundfonts/FluidR3_GM.sf2"),
    Path("C:/soundfonts/FluidR3_GM.sf2"),
)
TIMEOUT_S = 120


def tool_path(tool: Tool) -> str:
    """Where the program lies; each of the three is in the package of the same name."""
    path = shutil.which(tool)
    if path is None:
        raise ToolMissingError(f"{tool} was not found", f"install the package {tool}")
    return path


def package_path(package: Literal["music21", "mido"]) -> Path:
    """Where a package of the extra `train` lies; found without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ToolMissingError(f"{package} is not installed", "pip install 'reprise[train]'")
    return Path(spec.origin).parent


def soundfont_path() -> Path:
    """Where the FluidR3 General MIDI soundfont lies."""
    for path in SOUNDFONTS:
        if path.is_file():
            return path
    raise ToolMissingError(
        "the soundfont FluidR3_GM.sf2 was not found", "install the package fluid-soundfont-gm"
    )


def run_tool(tool: Tool, *arguments: str) -> None:
    """Run the program to its end; that it fails on what the recipe feeds it is a bug."""
    subprocess.run(
        [tool_path(tool), *arguments],
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=TIMEOUT_S,
    )
