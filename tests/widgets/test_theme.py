"""Every theme can be read."""

import re
from importlib.resources import files

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from widgets.theme import DARK, LANE_TOKENS, LIGHT, THEMES, Theme, apply_theme, ui_font

READABLE = 4.5
VISIBLE = 3.0
SURFACES = ("window", "panel", "lane", "control")


def luminance(color: str) -> float:
    """WCAG 2 relative luminance."""

    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    rgb = QColor(color)
    red, green, blue = (linear(part) for part in (rgb.redF(), rgb.greenF(), rgb.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """WCAG 2 contrast ratio."""
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_of_known_pairs() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("name", ["up", "down"])
def test_arrows_can_be_seen(theme: Theme, name: str) -> None:
    drawing = (files("resources") / "arrows" / f"{name}.svg").read_text()
    (color,) = re.findall(r'stroke="(#\w+)"', drawing)
    assert contrast(color, theme.control) >= VISIBLE


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("ink", ["text", "dim"])
def test_words_can_be_read_on_every_surface(theme: Theme, surface: str, ink: str) -> None:
    colors = theme.colors()
    assert contrast(colors[ink], colors[surface]) >= READABLE


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("on_accent", "accent"),
        ("on_accent", "accent_hover"),
        ("text", "control_hover"),
        ("text", "selected"),
        ("on_state", "warn"),
        ("on_state", "ok"),
        ("on_stage", "stage"),
        ("on_stage_strong", "stage"),
        *(("on_lane", token) for token in LANE_TOKENS),
    ],
)
def test_words_can_be_read_on_their_ground(theme: Theme, ink: str, ground: str) -> None:
    colors = theme.colors()
    assert contrast(colors[ink], colors[ground]) >= READABLE


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("mark", [*LANE_TOKENS, "accent", "ok", "warn", "bad"])
@pytest.mark.parametrize("surface", ["window", "panel", "lane"])
def test_waveforms_rings_and_dots_stand_out(theme: Theme, mark: str, surface: str) -> None:
    colors = theme.colors()
    assert contrast(colors[mark], colors[surface]) >= VISIBLE


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_what_cannot_be_used_looks_so_and_can_be_read(qtbot: QtBot, theme: Theme) -> None:
    for surface in SURFACES:
        assert contrast(theme.off, theme.colors()[surface]) >= READABLE
    for off in (theme.off, theme.off_sign):
        assert contrast(off, theme.text) >= 2
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, theme)
    field = QLineEdit()
    qtbot.addWidget(field)
    field.ensurePolished()
    assert field.palette().color(QPalette.ColorRole.PlaceholderText).name() == theme.dim


def test_every_token_is_a_colour() -> None:
    for theme in THEMES:
        for name, value in theme.colors().items():
            assert name == "name" or QColor.isValidColorName(value), f"{theme.name}.{name}"


def test_a_lane_colour_that_does_not_exist_is_refused() -> None:
    assert DARK.lane_color("ost").name() == "#e69f00"
    with pytest.raises(ValueError, match="text"):
        DARK.lane_color("text")


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_apply_theme_reaches_palette_and_style(qapp: QApplication, theme: Theme) -> None:
    apply_theme(qapp, theme)
    assert qapp.palette().color(QPalette.ColorRole.WindowText).name() == theme.text
    assert theme.accent in qapp.styleSheet()
    assert "$" not in qapp.styleSheet()
    assert qapp.font().pixelSize() == 13


def test_fonts_have_the_sizes_of_the_tokens(qapp: QApplication) -> None:
    assert ui_font().pixelSize() == 13
    assert ui_font(bold=True).weight() > ui_font().weight()
