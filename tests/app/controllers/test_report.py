"""A report is written as HTML and PDF, signed, and verified by the command line."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from app.cli.run import DONE, FAILED, run_command
from app.clip_edits import change_clip_gain
from app.document import Edit
from app.envelope_edits import duck_lane, set_gain_point
from app.lane_edits import change_gain
from app.marks import add_marker, select
from app.project import Project
from app.restore_edits import take_out
from app.review.edits import add_session
from tests.helpers.editor import RATE_HZ, WAIT_MS, Editor
from tests.helpers.library import write_sound
from tests.helpers.listening import abx_session, preference_session
from tests.helpers.projects import noise


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path / "data"))


def written(editor: Editor, folder: Path, signer: str = "Anna") -> Path:
    """Write a report of all that a project may hold."""
    for edit in (add_marker(1.0, "A <b>bold</b> note"), add_session(abx_session(12))):
        editor.app.document.do(edit)
    editor.app.document.do(add_session(preference_session(["restored"] * 8)))
    editor.answers.report = folder / "film.report.html"
    editor.app.window.review_panel.report_card.report_requested.emit(signer)
    editor.settle()
    return editor.answers.report


def test_a_report_tells_what_was_done_and_how_it_sounded(review: Editor, tmp_path: Path) -> None:
    page = written(review, tmp_path).read_text()
    text = re.sub(r"<[^>]+>", " ", page)
    for told in (
        "Signed by Anna",
        "Separated by networks alone.",
        "LUFS",
        "12 of 16 right",
        "Restored is preferred",
        "A &lt;b&gt;bold&lt;/b&gt; note",
        "trials chosen beforehand",
    ):
        assert told in text
    assert page.count("data:image/png;base64,") >= 3
    assert str(tmp_path) not in page
    assert "Written: 2 files" in review.messages[-1].text


def test_the_report_and_its_film_are_verified(
    review: Editor, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    report = written(review, tmp_path)
    for path in (report, report.with_suffix(".pdf")):
        assert run_command("evaluate", ["report", str(path)]) == DONE
        said = capfd.readouterr().out
        assert "as it was signed by Anna" in said
        assert re.search(r"^same +film\.mkv", said, re.MULTILINE)
    film = tmp_path / "film.mkv"
    film.write_bytes(film.read_bytes() + b"\0")
    assert run_command("evaluate", ["report", str(report), "--json"]) == FAILED
    (file,) = json.loads(capfd.readouterr().out)["files"]
    assert (file["name"], file["state"]) == ("film.mkv", "changed")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert run_command("evaluate", ["report", str(report), "--files", str(elsewhere)]) == DONE
    assert "not here" in capfd.readouterr().out


def test_placed_music_is_told_and_verified(
    review: Editor, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    song = write_sound(tmp_path / "song.wav", noise(3, 6 * RATE_HZ), RATE_HZ)
    gone = write_sound(tmp_path / "gone.wav", noise(4, 6 * RATE_HZ), RATE_HZ)
    review.app.placer.add([song], 0.5)
    review.settle()
    review.app.placer.add([gone], 0.0)
    review.settle()
    for edit in (
        change_clip_gain(1, -3.0),
        change_gain("placed 1", -1.5),
        duck_lane("placed 1", 6.0),
        set_gain_point("placed 1", 1.0, -2.0),
        _without_sound(2),
    ):
        review.app.document.do(edit)
    gone.unlink()
    report = written(review, tmp_path)
    rows = re.findall(r"<tr>(.*?)</tr>", report.read_text("utf-8"))
    cells = [re.findall(r"<td>(.*?)</td>", row) for row in rows]
    assert ["gone.wav", "music 2", "0:00.0 to 0:02.0", "0:00.0", "not heard", ""] in cells
    assert [
        *("song.wav", "music 1", "0:00.5 to 0:02.0", "0:00.0", "\u22124.5 dB"),
        "\u22126.0 dB while somebody speaks, with an envelope",
    ] in cells
    assert run_command("evaluate", ["report", str(report)]) == DONE
    assert re.search(r"^same +song\.wav \(placed music\)", capfd.readouterr().out, re.MULTILINE)
    song.write_bytes(song.read_bytes() + b"\0")
    assert run_command("evaluate", ["report", str(report)]) == FAILED
    assert re.search(r"^changed +song\.wav", capfd.readouterr().out, re.MULTILINE)


def _without_sound(clip_id: int) -> Edit:
    """The file of a clip is missing."""

    def apply(project: Project) -> Project:
        clips = (
            replace(clip, sound=None) if clip.clip_id == clip_id else clip for clip in project.clips
        )
        return replace(project, clips=tuple(clips))

    return Edit("Lose a track", apply)


def test_a_changed_report_is_found_out(
    review: Editor, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    report = written(review, tmp_path)
    report.write_bytes(report.read_bytes().replace(b"12 of 16", b"16 of 16"))
    assert run_command("evaluate", ["report", str(report)]) == FAILED
    assert "changed after it was signed" in capfd.readouterr().err


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not installed")
def test_the_pdf_is_read_by_another_reader(review: Editor, tmp_path: Path) -> None:
    pdf = written(review, tmp_path).with_suffix(".pdf")
    command = ["pdftotext", "-layout", str(pdf), "-"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "12 of 16 right" in run.stdout
    assert not run.stderr


def test_a_preview_is_not_signed(editor: Editor, film: Path, tmp_path: Path) -> None:
    editor.open(film)
    editor.app.document.do(select(0.5, 1.5))
    editor.app.window.restore_panel.preview_blind_requested.emit()
    editor.qtbot.waitUntil(lambda: editor.app.document.project.restore is not None)
    editor.settle()
    editor.answers.report = tmp_path / "report.html"
    editor.app.window.review_panel.report_card.report_requested.emit("Ada")
    editor.settle()
    assert editor.messages[-1].text.startswith("A preview is not signed")
    assert not (tmp_path / "report.html").exists()


def test_how_much_was_taken_out_is_told(review: Editor, tmp_path: Path) -> None:
    review.answers.report = tmp_path / "report.html"
    review.app.document.do(take_out(0.3))
    review.settle()
    review.app.window.review_panel.report_card.report_requested.emit("Ada")
    review.settle()
    assert "30 % of the added music" in (tmp_path / "report.html").read_text("utf-8")


def test_without_an_answer_nothing_is_written(review: Editor, tmp_path: Path) -> None:
    review.app.window.review_panel.report_card.report_requested.emit("Anna")
    assert not list(tmp_path.glob("*.report.*"))


def test_a_video_that_was_moved_is_asked_for_and_reported_on(
    review: Editor, film: Path, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    moved = film.rename(tmp_path / "there" / "renamed.mkv")
    report = written(review, tmp_path)
    assert not report.exists()
    asked = review.messages[-1]
    assert asked.text == f"{film} is not there any more."
    assert asked.hint == "Choose where it is now."
    review.answers.moved = moved
    review.app.window.review_panel.report_card.report_requested.emit("Anna")
    review.qtbot.waitUntil(report.exists, timeout=WAIT_MS)
    review.settle()
    assert "renamed.mkv: report" in report.read_text("utf-8")
