"""The language of the window: chosen, spoken from the first word on, and fitting."""

import ast
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel
from pytestqt.qtbot import QtBot

import app.language
from app.language import chosen, settle_language, translate_qt
from app.settings import SettingsStore
from engine.translation import ENGLISH, language, use_language
from tests.test_words import ROOT, words_at_once


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ([], "en"),
        (["", "", "de-AT", "en-US"], "de"),
        (["", "", "ko_KR"], "ko"),
        (["", "", "fr-FR", "de-DE"], "de"),
        (["", "ko", "de-DE"], "ko"),
        (["en", "ko", "de-DE"], "en"),
        (["C", "xx"], "en"),
    ],
)
def test_the_first_language_that_there_is(wishes: list[str], code: str) -> None:
    assert chosen(wishes) == code


def test_the_setting_goes_before_the_system_and_the_environment_before_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPRISE_CONFIG", str(tmp_path))
    monkeypatch.setenv("REPRISE_LANGUAGE", "")
    SettingsStore(tmp_path / "settings.json").change(language="ko")
    try:
        settle_language()
        assert language() == "ko"
        monkeypatch.setenv("REPRISE_LANGUAGE", "de")
        settle_language()
        assert language() == "de"
    finally:
        use_language(ENGLISH)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"language": 7}', '{"language": "tlh"}'])
def test_settings_that_cannot_be_read_wish_nothing(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPRISE_CONFIG", str(tmp_path))
    monkeypatch.setenv("REPRISE_LANGUAGE", "")
    korean = SimpleNamespace(uiLanguages=lambda: ["ko-KR", "ko"])
    monkeypatch.setattr(app.language, "QLocale", SimpleNamespace(system=lambda: korean))
    (tmp_path / "settings.json").write_text(content, "utf-8")
    try:
        settle_language()
        assert language() == "ko"
    finally:
        use_language(ENGLISH)


def test_no_word_is_read_before_the_language_is_settled() -> None:
    code = "import sys, app.__main__, app.language; print(*sys.modules)"
    done = subprocess.run((sys.executable, "-c", code), cwd=ROOT, capture_output=True, check=True)
    loaded = {f"{name.replace('.', '/')}.py" for name in done.stdout.decode().split()}
    early = [name for name in loaded if (ROOT / name).exists() and words_at_once(ROOT / name)]
    assert early == []


def test_the_language_is_settled_before_the_window_is_loaded() -> None:
    start = ast.parse((ROOT / "app" / "__main__.py").read_text("utf-8"))
    lines = {
        node.value: node.lineno
        for node in ast.walk(start)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert lines["app.language"] < lines["app.bootstrap"]


@pytest.mark.parametrize("code", ["de", "ko"])
def test_qt_speaks_it_too_where_its_translators_forgot_the_letter_for_alt(
    qapp: QApplication, qtbot: QtBot, code: str
) -> None:
    use_language(code)
    translate_qt(qapp)
    try:
        dialog = QFileDialog(None, "", "", "Videos (*.mp4)")
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        qtbot.addWidget(dialog)
        words = {each.text() for each in dialog.findChildren(QLabel)}
        assert not {each for each in words if "Look" in each or "type" in each}
        # What nobody has is left as it is.
        assert QCoreApplication.translate("QFileDialog", "&Unheard of") == "&Unheard of"
    finally:
        use_language(ENGLISH)
        for translator in qapp.findChildren(QTranslator):
            qapp.removeTranslator(translator)
            translator.setParent(None)


WALK = """
import sys
from pathlib import Path
from types import SimpleNamespace
from app.language import settle_language
settle_language()
from tests.helpers.window_walk import main
for words, page in main(Path(sys.argv[1])).items():
    print(page, words)
"""


def test_every_word_fits_on_every_page_in_the_longest_language(tmp_path: Path) -> None:
    places = {f"REPRISE_{name}": str(tmp_path / name) for name in ("CONFIG", "CACHE", "DATA")}
    done = subprocess.run(
        (sys.executable, "-c", WALK, str(tmp_path)),
        env=os.environ | places | {"QT_QPA_PLATFORM": "offscreen", "REPRISE_LANGUAGE": "de"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
