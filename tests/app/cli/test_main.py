"""The first argument decides what runs; errors are one line and the right exit code."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.__main__ import COMMANDS
from app.cli.run import CANCELLED, FAILED, USAGE, run_command
from engine.errors import CancelledError, EngineError

NO_SCREEN = {
    name: value
    for name, value in os.environ.items()
    if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
}
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone can lack a screen")
on_posix = pytest.mark.skipif(os.name != "posix", reason="signals and devices of POSIX")


def reprise(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=NO_SCREEN)


def test_help_names_every_command() -> None:
    done = reprise("--help")
    assert done.returncode == 0
    assert all(f"  {name} " in done.stdout for name in COMMANDS)


_NO_TORCH = """
import sys
from app.cli.run import run_command
for words in {calls!r}:
    run_command(words[0], words[1:])
    assert "torch" not in sys.modules, words
"""


def test_help_and_usage_and_metrics_need_no_torch(tmp_path: Path) -> None:
    sound = tmp_path / "a.wav"
    soundfile.write(sound, np.ones(100), 8000)
    calls = [[name, "--help"] for name in COMMANDS]
    calls += [
        ["restore", "a.mp4", "--bgm", "a.wav", "--blind"],
        ["restore", "a.mp4", "a.mp4"],
        ["restore", "a.mp4", "--model", "nonsense=starter-music"],
        ["train", "separator", "nothing", "--corpus", "c", "--run", "r"],
        ["evaluate", "separator", "nothing", "--corpus", "c"],
        ["evaluate", "metrics", "--reference", str(sound), "--estimate", str(sound)],
    ]
    script = _NO_TORCH.format(calls=calls)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(name, ["--help"]) == 0
    said = capsys.readouterr().out
    assert f"reprise {name}" in said
    assert not any(words in said for words in ("list[", "<bool>", "<str>", "<int>", "<float>"))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("restore", []),
        ("restore", ["a.mp4", "--quality", "perfect"]),
        ("restore", [""]),
        ("restore", ["a.mp4", "--stems="]),
        ("restore", ["a.mp4", "--preview", "1", "--preview-length", "nan"]),
        ("library", ["add", ""]),
        ("library", ["list", ""]),
        ("identify", ["a.mp4", "--library", ""]),
        ("match", ["a.mp4", "", "b.wav"]),
        ("models", ["import", ""]),
        ("models", ["import", "a.ckpt", "--sdr", "nan"]),
        ("dataset", ["sample", ""]),
        ("dataset", ["synthetic", "x", "--hours", "nan"]),
        ("dataset", ["osvar", "x", "--seconds", "inf"]),
        ("evaluate", ["identification", "--level", "1", "--level", "nan"]),
        ("train", ["matcher", ""]),
        *(
            ("train", ["separator", "starter-music", "--corpus", "c", "--run", "r", *wrong])
            for wrong in (["--minutes", "nan"], ["--minutes", "-1"], ["--minutes", "inf"])
        ),
        ("restore", ["a.mp4", "b.mp4", "-o", "c.mp4"]),
        ("restore", ["a.mp4", "--blind", "--bgm", "b.mp3"]),
        ("restore", ["a.mp4", "--model", "nonsense"]),
        ("restore", ["a.mp4", "--model", "nonsense=starter-music"]),
        ("restore", ["a.mp4", "--model", "separator="]),
        ("restore", ["x/clip.mp4", "y/clip.mp4", "--out-dir", "out"]),
        ("restore", ["x/clip.mp4", "y/clip.mp4", "--stems", "out"]),
        ("restore", ["a.mp4", "-o", "b.mp4", "--dialogue-only", "out/../b.mp4"]),
        ("restore", ["a.mp4", "a.restored.mp4"]),
        ("match", ["a.mp4", "b.wav"]),
        ("train", ["separator", "nothing", "--corpus", "c", "--run", "r"]),
        ("evaluate", []),
    ],
)
def test_wrong_usage_is_two_and_one_line(
    name: str, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(name, arguments) == USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("reprise: ")
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize(
    ("raised", "code", "words"),
    [
        (EngineError("it broke", "mend it"), FAILED, "reprise: it broke: mend it\n"),
        (EngineError("it broke"), FAILED, "reprise: it broke\n"),
        (CancelledError(), CANCELLED, "reprise: cancelled\n"),
        (KeyboardInterrupt(), CANCELLED, "reprise: cancelled\n"),
    ],
)
def test_errors_become_one_line_and_a_code(
    raised: BaseException,
    code: int,
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr("app.cli.match.run_match", broken)
    assert run_command("match", ["a.mp4", "b.wav", "c.wav"]) == code
    assert capsys.readouterr().err == words


def test_errors_are_in_the_language_of_the_environment_and_their_codes_in_none(
    german: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> tuple[str, str]:
        assert run_command("identify", ["gone.mp4", "--library", ".", "--json"]) == FAILED
        error = json.loads(capsys.readouterr().out)["error"]
        return error["code"], Path(error["message"]).name

    monkeypatch.setenv("REPRISE_LANGUAGE", "de")
    assert told() == ("input_not_found", "gone.mp4 gibt es nicht")
    # Neither what was spoken before nor the system has a say.
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.delenv("REPRISE_LANGUAGE")
    assert told() == ("input_not_found", "gone.mp4 does not exist")


@pytest.mark.parametrize("json", [True, False])
def test_too_little_memory_is_one_line(
    json: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.cli.match.run_match", lambda *_: np.empty(10**17, np.float32))
    assert run_command("match", ["a.mp4", "b.wav", "c.wav", *["--json"] * json]) == FAILED
    captured = capsys.readouterr()
    line = captured.out if json else captured.err
    assert line.count("\n") == 1
    assert "not enough memory: Unable to allocate" in line
    assert ('"code":"memory"' in line) == json


def test_a_bug_is_not_dressed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("app.cli.match.run_match", broken)
    with pytest.raises(ZeroDivisionError):
        run_command("match", ["a.mp4", "b.wav", "c.wav"])


@on_linux
@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["restor", "a.mp4"], USAGE, "no file or command restor"),
        (["--restore"], USAGE, "no option --restore"),
        ([], FAILED, "there is no screen"),
        (["a.mp4"], FAILED, "there is no screen"),
    ],
)
def test_what_cannot_become_a_window_is_one_line(
    arguments: list[str], code: int, words: str
) -> None:
    done = reprise(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


_SLOW_IMPORT = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "typer":
            print("loading", flush=True)
            time.sleep(60)
sys.meta_path.insert(0, Slow())
sys.argv = ["reprise", "restore", "a.mp4", "--blind"]
from app.__main__ import main
sys.exit(main())
"""


@on_posix
@pytest.mark.parametrize("wish", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_being_stopped_while_loading_is_one_line(wish: str) -> None:
    command = [sys.executable, "-c", _SLOW_IMPORT]
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "loading\n"
        process.send_signal(getattr(signal, wish))
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (CANCELLED, "reprise: cancelled\n")


@on_posix
@pytest.mark.parametrize(
    ("redirection", "code", "words"),
    [
        (">/dev/full", FAILED, "reprise: cannot write to standard output: No space left"),
        (">&-", 0, ""),
        ("2>&- >/dev/null", 0, ""),
    ],
)
def test_an_output_that_takes_nothing_is_no_bug(redirection: str, code: int, words: str) -> None:
    command = f'"{sys.executable}" -m app models list --json {redirection}'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert done.stderr.startswith(words)
    assert done.stderr.count("\n") == bool(words)
