"""The one style sheet, written in tokens."""

from collections.abc import Mapping
from string import Template

_SHEET = Template("""
* { font-size: ${base_font}px; }
QScrollArea { border: none; }
QMainWindow, QDialog { background: $window; }
QLabel { background: transparent; color: $text; }
QLabel[kind="dim"] { color: $dim; font-size: ${small_font}px; }
QLabel[kind="title"], QLabel[kind="strong"], QLabel[kind="brand"] { font-weight: 600; }
QLabel[kind="stage-title"] {
    color: $on_stage_strong; font-size: ${large_font}px; font-weight: 600;
}
QLabel[kind="stage-hint"] { color: $on_stage; }
QLabel[kind="clock"] {
    font-family: $mono;
    font-size: ${large_font}px; font-weight: 600;
}
QLabel[kind="letter"] { font-size: ${letter_font}px; font-weight: 600; }
QLabel[kind="key"] {
    background: $control; border: 1px solid $control_line; border-radius: 4px; padding: 1px 6px;
    font-size: ${small_font}px;
}
QToolTip {
    background: $lane; color: $text; border: 1px solid $line; padding: 4px 8px;
    font-size: ${small_font}px;
}

#bar { background: $panel; border-bottom: 1px solid $line; }
#content { background: $window; }
TransportBar { background: $panel; border-top: 1px solid $line; border-bottom: 1px solid $line; }
StatusLine { background: $panel; border-top: 1px solid $line; }
RestorePanel, ReviewPanel, QWidget[kind="inspector"] { background: $panel; }
RestorePanel, ReviewPanel { border-left: 1px solid $line; }
TrialStage { background: $stage; }
Timeline, Timeline QScrollArea, Timeline QScrollArea > QWidget > QWidget { background: $window; }
HeaderColumn { background: $panel; border-right: 1px solid $line; }
LaneHeader, QFrame[kind="lane-head"] {
    background: $panel; border-bottom: 1px solid $line; border-right: 1px solid $line;
}
QFrame[kind="corner"] { background: $panel; border-right: 1px solid $line; }
QFrame[kind="corner"][edge="bottom"] { border-bottom: 1px solid $line; }
LaneHeader[current="yes"] { background: $lane; border-left: 3px solid $control_line; }
LaneHeader:focus { border-left: 3px solid $accent; background: $selected; }
QLabel[lane] {
    color: $on_lane; border-radius: 5px; font-size: 11px; font-weight: 600;
}
QLabel[lane="mix"] { background: $mix; }
QLabel[lane="dialogue"] { background: $dialogue; }
QLabel[lane="effects"] { background: $effects; }
QLabel[lane="ost"] { background: $ost; }
QLabel[lane="bgm"] { background: $bgm; }
QLabel[lane="music"] { background: $music; }
QLabel[lane="video"] { background: $video; }

QFrame[kind="card"] { background: $lane; border: 1px solid $line; border-radius: ${card_radius}px; }
QFrame[kind="card"][chosen="yes"] { border-color: $accent; }
QFrame[kind="card"][drop="yes"] { border: 2px dashed $accent; }

QFrame[kind="chip"] {
    background: $control; border: 1px solid $control_line; border-radius: ${control_radius}px;
}

QPushButton {
    background: $control; color: $text; border: 1px solid $control_line;
    border-radius: ${control_radius}px; padding: 5px 13px; min-height: 18px;
}
QPushButton:hover { background: $control_hover; }
QPushButton:pressed { background: $line; }
QPushButton:disabled { color: $off; background: transparent; border-color: $line; }
QPushButton:focus { border: 2px solid $accent; padding: 4px 12px; }
QPushButton::menu-indicator { width: 0; }
QPushButton[kind="main"] {
    background: $accent; border-color: $accent; color: $on_accent; font-weight: 600;
}
QPushButton[kind="main"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[kind="main"]:focus { border: 2px solid $text; }
QPushButton[kind="main"]:disabled {
    background: transparent; border: 1px solid $line; color: $off; padding: 5px 13px;
}
QPushButton[kind="tool"] {
    background: transparent; border: 1px solid transparent; padding: 4px 7px;
}
QPushButton[kind="tool"][compact="yes"] { padding: 0; min-height: 0; }
QPushButton[kind="tool"]:hover { background: $control_hover; }
QPushButton[kind="tool"]:checked { background: $selected; border-color: $accent; }
QPushButton[kind="tool"]:focus { border: 2px solid $accent; padding: 3px 6px; }
QPushButton[kind="tool"]:disabled { color: $off; }
QPushButton[kind="switch"] { background: transparent; color: $dim; text-align: left; }
QPushButton[kind="switch"]:checked { background: $selected; color: $text; }
QPushButton[kind="switch"]:hover { border-color: $accent; }
QSlider::groove:horizontal { height: 4px; background: $control_line; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal {
    width: 14px; margin: -5px 0; border-radius: 7px; background: $text; border: 0;
}
QSlider::handle:horizontal:focus { border: 2px solid $accent; }
QSlider { min-height: 20px; border: 2px solid transparent; border-radius: 4px; }
QSlider:focus { border-color: $accent; }
QPushButton[narrow="yes"] { padding: 3px 8px; }
QPushButton[narrow="yes"]:focus { padding: 2px 7px; }
QPushButton[line="yes"] { padding: 0 8px; min-height: 18px; font-size: ${small_font}px; }
QPushButton[line="yes"]:focus { padding: 0 7px; min-height: 16px; }
QListWidget { background: $panel; border: 1px solid $line; border-radius: ${control_radius}px; }
QPlainTextEdit {
    background: $lane; color: $text; border: 1px solid $line; border-radius: ${control_radius}px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QPushButton[kind="page"] { background: transparent; border: 1px solid transparent; color: $dim; }
QPushButton[kind="page"]:hover { background: $control_hover; }
QPushButton[kind="page"]:checked { background: $selected; color: $text; }
QPushButton[kind="page"]:focus { border: 2px solid $accent; padding: 4px 12px; }
QPushButton[kind="listen"] { background: $lane; border-radius: ${card_radius}px; padding: 0; }
QPushButton[kind="listen"]:hover { background: $control_hover; }
QPushButton[kind="listen"]:checked { border: 2px solid $accent; background: $selected; }
QPushButton[kind="listen"]:focus { border: 2px solid $text; }
QPushButton[kind="mute"], QPushButton[kind="solo"], QPushButton[kind="view"] {
    background: transparent; color: $dim; border: 1px solid $control_line; border-radius: 4px;
    padding: 0; min-height: 0; font-size: 11px;
}
QPushButton[kind="mute"]:hover, QPushButton[kind="solo"]:hover, QPushButton[kind="view"]:hover {
    background: $control_hover;
}
QPushButton[kind="view"]:checked { background: $selected; border-color: $accent; }
QPushButton[kind="mute"]:checked, QPushButton[kind="solo"]:checked {
    color: $on_state; font-weight: 700;
}
QPushButton[kind="mute"]:checked { background: $warn; border-color: $warn; }
QPushButton[kind="solo"]:checked { background: $ok; border-color: $ok; }
QPushButton[kind="mute"]:focus, QPushButton[kind="solo"]:focus, QPushButton[kind="view"]:focus {
    border: 2px solid $accent; padding: 0;
}

QToolButton {
    background: transparent; color: $dim; border: 1px solid $control_line; border-radius: 4px;
    padding: 1px 6px; font-size: 11px;
}
QToolButton:hover { background: $control_hover; }
QToolButton:checked { background: $selected; border-color: $accent; color: $text; }
QToolButton:focus { border: 2px solid $accent; padding: 0 5px; }
QToolButton:disabled { color: $off; background: transparent; border-color: $line; }

QDoubleSpinBox {
    background: transparent; color: $dim; border: 1px solid transparent; border-radius: 4px;
    padding: 0 1px; font-size: ${small_font}px; min-height: 20px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {
    subcontrol-origin: border; subcontrol-position: center right; width: 0; border: none;
}
QDoubleSpinBox[kind="number"] { border-color: $control_line; color: $text; }
QDoubleSpinBox:hover { border-color: $control_line; }
QDoubleSpinBox:focus { border: 1px solid $accent; background: $lane; color: $text; }

QLineEdit[kind="find"], QComboBox {
    background: $control; color: $text; border: 1px solid $control_line;
    border-radius: ${control_radius}px; padding: 4px 8px; min-height: 20px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit[kind="find"]:focus, QComboBox:focus { border: 2px solid $accent; padding: 3px 7px; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow, QSpinBox::down-arrow {
    image: url("$arrows/down.svg"); width: 12px; height: 12px;
}
QSpinBox::up-arrow { image: url("$arrows/up.svg"); width: 12px; height: 12px; }
QSpinBox {
    background: $control; color: $text; border: 1px solid $control_line;
    border-radius: ${control_radius}px; padding: 1px 24px 1px 6px; min-height: 26px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QSpinBox:focus { border: 2px solid $accent; padding: 0 23px 0 5px; }
QSpinBox::up-button, QSpinBox::down-button { border: none; width: 24px; }
QComboBox QAbstractItemView { background: $lane; border: 1px solid $line; }
QListWidget, QTreeWidget {
    background: $lane; color: $text; border: 1px solid $line; border-radius: ${control_radius}px;
    padding: 2px; outline: none;
}
QListWidget:focus, QTreeWidget:focus { border: 2px solid $accent; padding: 1px; }
QListWidget::item, QTreeWidget::item { padding: 4px 6px; }
QListWidget::item:selected, QTreeWidget::item:selected { background: $selected; color: $text; }
QHeaderView::section {
    background: $lane; color: $dim; border: none; border-bottom: 1px solid $line; padding: 4px 6px;
}

QRadioButton { color: $text; spacing: 6px; padding: 2px; border-radius: 4px; }
QRadioButton:disabled { color: $off; }
QRadioButton:focus { border: 2px solid $accent; padding: 0; }
QRadioButton::indicator {
    width: 12px; height: 12px; border-radius: 7px; border: 1px solid $dim; background: $lane;
}
QRadioButton::indicator:checked { width: 6px; height: 6px; border: 4px solid $accent; }
QRadioButton::indicator:checked:disabled { border-color: $off; }

QCheckBox { color: $text; spacing: 6px; padding: 2px; border-radius: 4px; }
QCheckBox:disabled { color: $off; }
QCheckBox:focus { border: 2px solid $accent; padding: 0; }
QCheckBox::indicator {
    width: 12px; height: 12px; border-radius: 3px; border: 1px solid $dim; background: $lane;
}
QCheckBox::indicator:checked {
    background: $accent; border-color: $accent; image: url("$arrows/check-$check.svg");
}
QComboBox, QSpinBox, QLineEdit {
    background: $control; color: $text; border: 1px solid $control_line;
    border-radius: ${control_radius}px; padding: 3px 8px; min-height: 20px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QComboBox:focus, QSpinBox:focus, QLineEdit:focus { border: 2px solid $accent; padding: 2px 7px; }
QLineEdit { placeholder-text-color: $dim; }
QComboBox:disabled, QSpinBox:disabled, QLineEdit:disabled { color: $off; }
QLineEdit[kind="path"] {
    background: transparent; color: $dim; border: 1px solid transparent; padding: 3px 4px;
}
QLineEdit[kind="path"]:focus { color: $text; border: 2px solid $accent; padding: 2px 3px; }
QComboBox QAbstractItemView {
    background: $lane; color: $text; border: 1px solid $line; selection-background-color: $selected;
    selection-color: $text;
}

QProgressBar { background: $line; border: none; border-radius: 3px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }

QLabel[kind="dot"] { border-radius: 4px; }
QLabel[kind="dot"][state="ok"] { background: $ok; }
QLabel[kind="dot"][state="busy"] { background: $accent; }
QLabel[kind="dot"][state="warn"] { background: $warn; }
QLabel[kind="dot"][state="bad"] { background: $bad; }

MessageBar { background: $lane; border-bottom: 1px solid $line; border-left: 4px solid $accent; }
MessageBar[state="warning"] { border-left-color: $warn; }
MessageBar[state="error"] { border-left-color: $bad; }

QMenuBar { background: transparent; color: $text; }
QMenuBar::item { background: transparent; padding: 5px 9px; border-radius: ${control_radius}px; }
QMenuBar::item:selected { background: $control_hover; }
QMenu { background: $lane; color: $text; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: $selected; color: $text; }
QMenu::item:disabled { color: $off; }
QMenu::item:checked { font-weight: 600; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QMenu::indicator { width: 14px; height: 14px; margin-left: 4px; }

QScrollBar { background: transparent; border: none; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $control_line; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $dim; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
""")


def style_sheet(tokens: Mapping[str, str | int]) -> str:
    """Fill the sheet with colours, sizes and faces, by the name of their token."""
    return _SHEET.substitute(tokens)
