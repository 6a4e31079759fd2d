"""The sheet before an export: what, how loud, and what may have been overlooked."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from tests.widgets.samples import child, click, press
from widgets.export_sheet import Content, ExportSheet, ExportView, ExportWish, PresetView

VIEW = ExportView(
    (PresetView("", "As it is", "Not touched."), PresetView("loud", "Loud", "Louder.")),
    has_speech=True,
    warnings=("Solo does not count.",),
)


@pytest.fixture
def parent(themed: QApplication, qtbot: QtBot) -> QWidget:
    parent = QWidget()
    qtbot.addWidget(parent)
    return parent


def test_at_first_everything_is_as_it_is_heard(parent: QWidget) -> None:
    assert ExportSheet(VIEW, parent).wish() == ExportWish()


def test_speech_and_a_loudness_can_be_chosen(parent: QWidget) -> None:
    sheet = ExportSheet(VIEW, parent)
    child(sheet, QRadioButton, "Speech alone").click()
    child(sheet, QRadioButton, "Loud").click()
    assert sheet.wish() == ExportWish(Content.SPEECH, "loud")
    words = [each.text() for each in sheet.findChildren(QLabel)]
    assert "\N{BULLET} Solo does not count." in words


def test_without_speech_there_is_no_such_choice(parent: QWidget) -> None:
    sheet = ExportSheet(ExportView(VIEW.presets), parent)
    choice = child(sheet, QRadioButton, "Speech alone")
    assert not choice.isEnabled()
    # Why, and what to do: to be seen and to be heard.
    (why,) = (each for each in sheet.findChildren(QLabel) if "Separate blind" in each.text())
    assert why.isEnabled()
    assert choice.accessibleDescription() == why.text()


def test_with_speech_no_reason_is_given(parent: QWidget) -> None:
    sheet = ExportSheet(VIEW, parent)
    assert not any("Separate blind" in each.text() for each in sheet.findChildren(QLabel))


def test_export_and_escape_answer(parent: QWidget) -> None:
    sheet = ExportSheet(VIEW, parent)
    sheet.show()
    click(child(sheet, QPushButton, "Choose the place"))
    assert sheet.result() == QDialog.DialogCode.Accepted
    other = ExportSheet(VIEW, parent)
    other.show()
    press(other, Qt.Key.Key_Escape)
    assert other.result() == QDialog.DialogCode.Rejected
