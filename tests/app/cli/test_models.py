"""`reprise models`, as a user calls it."""

import hashlib
import json
import os
import re
from pathlib import Path

import pytest
import torch

from app.cli.run import CANCELLED, DONE, FAILED, USAGE, run_command
from engine.catalog import CARD_NAME, ModelCard, WeightFile, card_to_json, models_folder
from tests.helpers.checkpoints import (
    package_of,
    roformer_state,
    save_th,
    tiny_htdemucs,
    write_config,
)
from tests.helpers.file_server import serving

CONTENT = b"\x80 weights" * 30_000


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path / "data"))


def add_card(url: str, package: str = "") -> Path:
    digest = hashlib.sha256(CONTENT).hexdigest()
    file = WeightFile("a.bin", url, digest, len(CONTENT))
    card = ModelCard("mine", "My model", "separator", "demucs", "CC0", (file,), package)
    folder = models_folder() / "mine"
    folder.mkdir(parents=True)
    (folder / CARD_NAME).write_bytes(card_to_json(card))
    return folder / "a.bin"


def models(*arguments: str) -> int:
    return run_command("models", arguments)


def test_lists_every_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert models("list") == DONE
    out = capsys.readouterr().out
    assert "htdemucs " in out
    assert "silero-vad" in out
    assert "here (package)" in out
    assert re.search(r"baseline-matcher +built in", out)


def test_lists_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert models("list", "--json") == DONE
    rows = {row["name"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert rows["silero-vad"]["origin"] == "package"
    assert rows["baseline-matcher"]["origin"] == "resources"
    assert Path(rows["silero-vad"]["paths"][0]).is_file()
    assert rows["bs-roformer-viperx-1297"]["size_bytes"] == 639_331_213
    assert rows["htdemucs"]["size_bytes"] is None
    assert rows["htdemucs"]["origin"] is None


def test_tells_size_and_licence_and_asks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def no(question: str, *, abort: bool, err: bool) -> bool:
        asked.append(question)
        raise KeyboardInterrupt

    monkeypatch.setattr("typer.confirm", no)
    with serving(CONTENT) as server:
        path = add_card(server.url)
        assert models("get", "mine") == CANCELLED
        assert not server.requests
    captured = capsys.readouterr()
    assert asked == ["Download?"]
    assert "CC0" in captured.err
    assert "0.3 MB" in captured.err
    assert "cancelled" in captured.err
    assert captured.out == ""
    assert not path.exists()


def test_fetches_when_told_yes(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(CONTENT) as server:
        path = add_card(server.url)
        assert models("get", "mine", "--yes") == DONE
        assert models("get", "mine", "--yes") == DONE
        assert len(server.requests) == 1
    assert capsys.readouterr().out.split() == [str(path)] * 2
    assert path.read_bytes() == CONTENT
    assert models("verify", "mine") == DONE
    assert "as on its card" in capsys.readouterr().out


def test_verify_finds_a_changed_file(capsys: pytest.CaptureFixture[str]) -> None:
    path = add_card("")
    path.write_bytes(CONTENT[:-1] + b"!")
    assert models("verify", "mine") == FAILED
    assert models("verify") == FAILED
    captured = capsys.readouterr()
    assert "SHA-256" in captured.err
    assert "mine: NOT as on its card" in captured.out
    assert "silero-vad" in captured.out  # the others are checked all the same


def test_get_fetches_a_damaged_file_again(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(CONTENT) as server:
        path = add_card(server.url)
        path.write_bytes(CONTENT[:-1] + b"?")
        assert models("get", "mine", "--yes") == DONE
    assert path.read_bytes() == CONTENT


def test_get_throws_away_nothing_of_a_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "somepackage").mkdir()
    (tmp_path / "somepackage" / "__init__.py").touch()
    theirs = tmp_path / "somepackage" / "a.bin"
    theirs.write_bytes(CONTENT[:-1] + b"?")
    monkeypatch.syspath_prepend(tmp_path)
    path = add_card("http://127.0.0.1:9/a.bin", package="somepackage")
    assert not path.exists()
    assert models("get", "mine", "--yes") == DONE
    assert theirs.exists()


def test_imports_a_checkpoint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add_card("")
    (tmp_path / "some.bin").write_bytes(CONTENT)
    assert models("import", str(tmp_path / "some.bin")) == DONE
    assert "mine: imported" in capsys.readouterr().out
    assert models("verify", "mine") == DONE


def test_imports_a_network_that_loads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = save_th(tiny_htdemucs(), tmp_path, "tiny")
    assert models("import", str(path), "--name", "tiny") == DONE
    out = capsys.readouterr().out
    assert "tiny: imported for the stage separator: its stem vocals is the voice" in out
    assert "--model separator=tiny" in out
    assert models("verify", "tiny") == DONE


def test_imports_a_roformer_without_a_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save(roformer_state(num_stems=2), tmp_path / "net.ckpt")
    wishes = "--name", "mine", "--stems", "ost, bgm", "--sdr", "8.2"
    assert models("import", str(tmp_path / "net.ckpt"), *wishes) == DONE
    out = capsys.readouterr().out
    assert "mine: imported for the stage mixed_music: its stem ost is the original music" in out
    assert "every 441 samples" in out
    assert models("list", "--json") == DONE
    rows = {row["name"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert rows["mine"]["stems"] == ["ost", "bgm"]
    assert rows["mine"]["measured"] == {"claimed_sdr_db": 8.2}


def test_bad_checkpoints_leave_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save(roformer_state(num_stems=4), tmp_path / "net.ckpt")
    write_config(tmp_path / "net.yaml", ("vocals", "other"))
    assert models("import", str(tmp_path / "net.ckpt"), "--name", "mine") == FAILED
    said = capsys.readouterr().err
    assert "net.yaml does not belong to net.ckpt: the file has num_stems 4 instead of 2" in said
    assert said.count("\n") == 1
    assert not (models_folder() / "mine").exists()


def test_removes_what_was_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = save_th(tiny_htdemucs(), tmp_path, "tiny")
    assert models("import", str(path), "--name", "tiny") == DONE
    assert models("remove", "tiny") == DONE
    assert re.search(r"tiny: removed, \d+\.\d MB freed", capsys.readouterr().out)
    assert models("remove", "tiny") == FAILED
    assert path.exists()


class Hostile:
    """Runs a command when it is unpickled carelessly."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("exit 1",)


def test_a_hostile_checkpoint_is_not_taken_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = {**package_of(tiny_htdemucs()), "state": Hostile()}
    torch.save(hostile, tmp_path / "evil.th")
    assert models("import", str(tmp_path / "evil.th"), "--name", "evil") == FAILED
    said = capsys.readouterr().err
    assert "system" in said
    assert said.count("\n") == 1
    assert models("list") == DONE
    assert "evil" not in capsys.readouterr().out
    assert not (models_folder() / "evil").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("get", "htdemuc"), FAILED, "perhaps you mean htdemucs"),
        (("get", "mine"), FAILED, "import"),
        (("verify", "mine"), FAILED, "not on this machine"),
        (("import", "gone.th"), FAILED, "there is no file"),
        (("remove", "starter-speech"), FAILED, "comes with the program"),
        (("remove", "htdemucs"), FAILED, "not on this machine"),
        (("import", "gone.th", "--stems", "a,,b"), USAGE, "--stems"),
        (("import", "gone.th", "--stage", "speech"), USAGE, "stage"),
        (("get",), USAGE, ""),
        (("fetch", "htdemucs"), USAGE, "No such command"),
    ],
)
def test_fails_in_one_line(
    arguments: tuple[str, ...], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    add_card("")
    assert models(*arguments) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert words in captured.err
    if code == FAILED:
        assert len(captured.err.splitlines()) == 1
