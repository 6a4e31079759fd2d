"""The licences are those that the installed packages state."""

from importlib.metadata import Distribution, version
from pathlib import Path

import pytest

from app import licences
from app.licences import UNKNOWN, Part, installed_parts, notes, source_folder
from engine.context import PlainContext


def test_everything_that_is_needed_is_named_with_a_licence() -> None:
    parts = {part.name.lower(): part for part in installed_parts(PlainContext())}
    assert {"av", "torch", "numpy", "demucs", "pyside6_essentials"} <= {
        name.replace("-", "_") for name in parts
    }
    assert "reprise" not in parts
    # Only for those who develop it.
    assert "pytest" not in parts
    assert parts["av"].version == version("av")
    stated = [part for part in parts.values() if part.licence != UNKNOWN]
    assert len(stated) > 0.9 * len(parts)
    assert all("\n" not in part.licence for part in parts.values())


def test_the_gpl_inside_pyav_is_told() -> None:
    parts = installed_parts(PlainContext())
    (av,) = (part for part in parts if part.name == "av")
    if not av.gpl_libraries:
        pytest.skip("this build of PyAV holds no x264")
    (words,) = notes(parts)
    assert "libx264" in words
    assert "General Public License" in words
    assert av.home in words
    assert notes((Part("numpy", "2", "BSD", ""),)) == ()


def make_package(folder: Path, metadata: str, licence: str = "") -> Distribution:
    info = folder / "thing-1.dist-info"
    (info / "licenses").mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: thing\nVersion: 1\n{metadata}")
    (info / "licenses" / "COPYING").write_text(licence)
    return Distribution.at(info)


@pytest.mark.parametrize(
    ("metadata", "licence", "said"),
    [
        ("License-Expression: MIT\nLicense: old words", "", "MIT"),
        ("License: BSD", "", "BSD"),
        ("License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License", "", "MIT License"),
        (
            f"License: {'long ' * 50}\nClassifier: Topic :: X\nLicense-File: COPYING",
            "\n ISC\n",
            "ISC",
        ),
        ("License-File: COPYING", "", UNKNOWN),
        ("", "", UNKNOWN),
    ],
)
def test_the_best_that_is_said_counts(
    tmp_path: Path, metadata: str, licence: str, said: str
) -> None:
    assert licences._licence(make_package(tmp_path, metadata, licence)) == said


def test_the_home_is_where_the_source_is_if_that_is_said(tmp_path: Path) -> None:
    links = (
        "Project-URL: Docs, https://d\nProject-URL: Source Code, https://s\nHome-page: https://h"
    )
    assert licences._home(make_package(tmp_path, links)) == "https://s"


def test_the_source_lies_where_it_runs_from() -> None:
    assert (source_folder() / "app" / "licences.py").exists()
