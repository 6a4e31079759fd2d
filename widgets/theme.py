"""Colours, sizes and type as tokens, and how they are put on the application."""

from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from widgets.style_sheet import style_sheet

CARD_RADIUS_PX = 8
CONTROL_RADIUS_PX = 6
BASE_FONT_PX = 13
SMALL_FONT_PX = 12
LARGE_FONT_PX = 15
LETTER_FONT_PX = 40
LANE_HEIGHT_PX = 45
TALL_LANE_HEIGHT_PX = 96
LANE_HEADER_WIDTH_PX = 244
INSPECTOR_WIDTH_PX = 392

_UI_FAMILIES = ["Inter", "Segoe UI Variable", "Segoe UI", "SF Pro Text", "Noto Sans", "sans-serif"]
_MONO_FAMILIES = '"JetBrains Mono", "SF Mono", "Consolas", "DejaVu Sans Mono", monospace'

_SIZES = {
    "base_font": BASE_FONT_PX,
    "small_font": SMALL_FONT_PX,
    "large_font": LARGE_FONT_PX,
    "letter_font": LETTER_FONT_PX,
    "card_radius": CARD_RADIUS_PX,
    "control_radius": CONTROL_RADIUS_PX,
}


@dataclass(frozen=True, slots=True)
class Theme:
    """Every colour of the window, as "#rrggbb".

    Attributes:
        name: dark, light or contrast.
        window, panel, lane, line: Surfaces from back to front, hairlines.
        stage, on_stage, on_stage_strong: Behind the picture, and words there.
        control, control_hover, control_line: Quiet buttons and fields.
        selected: Behind what is chosen.
        text, dim: Text and secondary text.
        off, off_sign: Words and signs of what cannot be used now.
        accent, accent_hover, on_accent: The one main action, focus; text on it.
        ok, warn, bad: States, always beside a word; `on_state` is text on them.
        mix, dialogue, effects, ost, bgm, music, video: Lanes; `on_lane` is the badge's letter.
    """

    name: str
    window: str
    panel: str
    lane: str
    line: str
    stage: str
    on_stage: str
    on_stage_strong: str
    control: str
    control_hover: str
    control_line: str
    selected: str
    text: str
    dim: str
    off: str
    off_sign: str
    accent: str
    accent_hover: str
    on_accent: str
    ok: str
    warn: str
    bad: str
    on_state: str
    mix: str
    dialogue: str
    effects: str
    ost: str
    bgm: str
    music: str
    video: str
    on_lane: str

    def lane_color(self, token: str) -> QColor:
        """Give the colour of a lane by the name of its token."""
        if token not in LANE_TOKENS:
            raise ValueError(f"no lane colour is called {token!r}")
        return QColor(getattr(self, token))

    def colors(self) -> dict[str, str]:
        """Give all tokens by name, for the style sheet."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


LANE_TOKENS = ("mix", "dialogue", "effects", "ost", "bgm", "music", "video")

DARK = Theme(
    name="dark",
    window="#15171a",
    panel="#1b1e23",
    lane="#20242a",
    line="#2e343c",
    stage="#101214",
    on_stage="#98a1ab",
    on_stage_strong="#e7e9ec",
    control="#2a2f37",
    control_hover="#343a44",
    control_line="#3a414b",
    selected="#2a3240",
    text="#e7e9ec",
    dim="#98a1ab",
    off="#98a1ab",
    off_sign="#3a414b",
    accent="#6c9cff",
    accent_hover="#85adff",
    on_accent="#0b1220",
    ok="#46b98a",
    warn="#e6b450",
    bad="#e8705f",
    on_state="#15171a",
    mix="#9aa0a6",
    dialogue="#4ba3e3",
    effects="#2bb68a",
    ost="#e69f00",
    bgm="#cc79a7",
    music="#b79bf2",
    video="#8a939d",
    on_lane="#0d0f11",
)

LIGHT = Theme(
    name="light",
    window="#f4f5f7",
    panel="#ffffff",
    lane="#f7f8fa",
    line="#d8dde4",
    stage="#15171a",
    on_stage="#a6aeb8",
    on_stage_strong="#ffffff",
    control="#eef0f4",
    control_hover="#e3e7ed",
    control_line="#c2cad4",
    selected="#dfe8fb",
    text="#1a1d21",
    dim="#55606c",
    off="#55606c",
    off_sign="#c2cad4",
    accent="#2358cf",
    accent_hover="#1c4ab3",
    on_accent="#ffffff",
    ok="#177245",
    warn="#855800",
    bad="#b23325",
    on_state="#ffffff",
    mix="#626b75",
    dialogue="#1b6cab",
    effects="#0f7654",
    ost="#935d00",
    bgm="#a23d78",
    music="#6c49c0",
    video="#5b6570",
    on_lane="#ffffff",
)

CONTRAST = Theme(
    name="contrast",
    window="#000000",
    panel="#000000",
    lane="#0a0a0a",
    line="#8c8c8c",
    stage="#000000",
    on_stage="#ffffff",
    on_stage_strong="#ffffff",
    control="#000000",
    control_hover="#2b2b2b",
    control_line="#ffffff",
    selected="#1b2c55",
    text="#ffffff",
    dim="#e0e0e0",
    off="#999999",
    off_sign="#8c8c8c",
    accent="#8fb4ff",
    accent_hover="#b5cdff",
    on_accent="#000000",
    ok="#5ee0a8",
    warn="#ffd166",
    bad="#ff8f80",
    on_state="#000000",
    mix="#d4d8dc",
    dialogue="#6cc0ff",
    effects="#45e0b0",
    ost="#ffb933",
    bgm="#f09aca",
    music="#cdb8ff",
    video="#c4ccd4",
    on_lane="#000000",
)

THEMES = (DARK, LIGHT, CONTRAST)


def ui_font(*, bold: bool = False) -> QFont:
    """Give the face of all words."""
    font = QFont(_UI_FAMILIES)
    font.setPixelSize(BASE_FONT_PX)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return font


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Put palette, font and style sheet of a theme on the whole application."""
    app.setStyle("Fusion")
    app.setFont(ui_font())
    app.setPalette(_palette(theme))
    # Qt takes pictures for a style sheet from files alone.
    other = {
        "mono": _MONO_FAMILIES,
        "arrows": Path(str(files("resources") / "arrows")).as_posix(),
        "check": "light" if QColor(theme.on_accent).lightness() > 127 else "dark",
    }
    app.setStyleSheet(style_sheet({**theme.colors(), **_SIZES, **other}))


def _palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    colors = {
        role.Window: theme.panel,
        role.Base: theme.lane,
        role.AlternateBase: theme.panel,
        role.Button: theme.control,
        role.ToolTipBase: theme.lane,
        role.WindowText: theme.text,
        role.Text: theme.text,
        role.ButtonText: theme.text,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.dim,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Link: theme.accent,
        role.Mid: theme.line,
        role.Dark: theme.line,
        role.Light: theme.control_hover,
        role.Shadow: theme.window,
    }
    palette = QPalette()
    for key, color in colors.items():
        palette.setColor(key, QColor(color))
    for key in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, key, QColor(theme.off))
    return palette
