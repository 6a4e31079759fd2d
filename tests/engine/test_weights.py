"""Weights: found, fetched, imported, checked."""

import dataclasses
import hashlib
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from engine import weights as weights_module
from engine.catalog import (
    CARD_NAME,
    ModelCard,
    WeightFile,
    built_in_models,
    card_to_json,
    find_card,
    models_folder,
)
from engine.checkpoint_files import describe_checkpoint
from engine.context import PlainContext, Progress
from engine.errors import (
    BadCheckpointError,
    CancelledError,
    ChecksumError,
    InputNotFoundError,
    ModelError,
    UnknownModelError,
    WeightsMissingError,
)
from engine.weights import (
    choose,
    download,
    download_size_bytes,
    find,
    hub_token,
    keep,
    remove,
    require_new_name,
    take_known,
    verify,
)
from tests.helpers.checkpoints import save_safetensors, save_th, tiny_htdemucs
from tests.helpers.file_server import Exchange, serving

CONTENT = b"\x80weights" * 40_000
ROFORMER = """
audio:
  chunk_size: 131584
  sample_rate: 44100
model:
  dim: 64
  depth: 1
  stereo: true
  num_stems: 2
  freqs_per_bands: !!python/tuple
    - 2
    - 3
training:
  instruments: [first, second]
  target_instrument: null
"""


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path / "data"))


def described(name: str, url: str = "", content: bytes = CONTENT) -> WeightFile:
    return WeightFile(name, url, hashlib.sha256(content).hexdigest(), len(content))


def card_of(*files: WeightFile, name: str = "test-model") -> ModelCard:
    return ModelCard(name, "A test", "separator", "demucs", "MIT", files)


def put(folder: Path, name: str, content: bytes = CONTENT) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return folder / name


def test_the_data_folder_goes_before_the_programs_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights_module, "built_in_models", lambda: tmp_path / "resources")
    card = card_of(described("a.bin"))
    assert find(card) is None
    put(tmp_path / "resources", "a.bin")
    found = find(card)
    assert found is not None
    assert found.origin == "resources"
    own = put(models_folder() / card.name, "a.bin")
    found = find(card)
    assert found is not None
    assert (found.origin, found.paths) == ("data", (own,))


def test_a_file_of_another_size_is_not_the_one(tmp_path: Path) -> None:
    card = card_of(described("a.bin"), described("b.bin"))
    put(models_folder() / card.name, "a.bin")
    put(models_folder() / card.name, "b.bin", CONTENT[:-1])
    assert find(card) is None
    put(models_folder() / card.name, "b.bin")
    assert find(card) is not None


def test_the_detector_in_the_package_needs_nothing() -> None:
    found = choose("silero-vad")
    assert found.origin == "package"
    assert found.paths[0].is_file()
    assert verify(found)[0].basis == "nothing"


def test_a_missing_model_is_told_with_size_licence_and_command() -> None:
    with pytest.raises(WeightsMissingError) as caught:
        choose("bs-roformer-viperx-1297")
    assert "639.3 MB" in caught.value.hint
    assert "none stated by its author" in caught.value.hint
    assert "reprise models get bs-roformer-viperx-1297" in caught.value.hint


def test_the_user_may_choose_a_file(tmp_path: Path) -> None:
    path = save_th(tiny_htdemucs(), tmp_path, "aaaa0001")
    chosen = choose(str(path))
    assert (chosen.origin, chosen.paths, chosen.card.builder) == ("user", (path,), "demucs")
    with pytest.raises(UnknownModelError):
        choose(str(tmp_path / "nothing.th"))


def test_downloads_what_is_missing_and_no_more() -> None:
    seen: list[Progress] = []
    with serving(CONTENT) as server:
        card = card_of(*(described(name, server.url) for name in ("a", "b", "c")))
        put(models_folder() / card.name, "b")
        assert download_size_bytes(card) == 2 * len(CONTENT)
        got = download(card, PlainContext(on_progress=seen.append))
        assert len(server.requests) == 2
        assert [path.name for path in got.paths] == ["a", "b", "c"]
        assert [p.done for p in seen] == sorted(p.done for p in seen)
        assert (seen[-1].done, seen[-1].total) == (2 * len(CONTENT), 2 * len(CONTENT))
        assert download_size_bytes(card) == 0
        download(card, PlainContext())
        assert len(server.requests) == 2


def test_an_unknown_size_is_asked_for() -> None:
    with serving(CONTENT) as server:
        card = card_of(WeightFile("a", server.url))
        assert card.size_bytes == 0
        assert download_size_bytes(card) == len(CONTENT)


def test_a_gated_model_gets_the_token() -> None:
    with serving(CONTENT) as server:
        card = dataclasses.replace(card_of(described("a", server.url)), gated=True)
        download(card, PlainContext(), token="mine")
        assert server.requests[0]["authorization"] == "Bearer mine"


def test_a_model_without_a_source_cannot_be_downloaded() -> None:
    with pytest.raises(WeightsMissingError, match="not on this machine"):
        download(card_of(described("a")), PlainContext())


def test_the_other_files_stay_when_one_cannot_be_had() -> None:
    def gone(exchange: Exchange) -> None:
        exchange.head(404, 0)

    with serving(CONTENT, Exchange.serve, gone) as server:
        card = card_of(described("a", server.url), described("b", server.url))
        with pytest.raises(ModelError, match="404"):
            download(card, PlainContext())
        download(card, PlainContext())
        assert len(server.requests) == 3


def test_the_token_is_read_where_the_hub_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    assert hub_token() == ""
    (tmp_path / "token").write_text("from-file\n")
    assert hub_token() == "from-file"
    monkeypatch.setenv("HF_TOKEN", " from-variable ")
    assert hub_token() == "from-variable"


@pytest.mark.parametrize(
    ("digits", "size", "basis"),
    [(64, 0, "sha256"), (8, 0, "sha256 prefix"), (0, 1, "size"), (0, 0, "nothing")],
)
def test_verify_says_what_it_could_compare(digits: int, size: int, basis: str) -> None:
    digest = hashlib.sha256(CONTENT).hexdigest()
    card = card_of(WeightFile("a", "", digest[:digits], size * len(CONTENT)))
    path = put(models_folder() / card.name, "a")
    found = find(card)
    assert found is not None
    (check,) = verify(found)
    assert (check.path, check.sha256, check.basis) == (path, digest, basis)


def test_verify_finds_one_changed_byte() -> None:
    card = card_of(described("a"), described("b"))
    put(models_folder() / card.name, "a")
    put(models_folder() / card.name, "b", CONTENT[:-1] + b"x")
    found = find(card)
    assert found is not None
    with pytest.raises(ChecksumError, match="b has the SHA-256"):
        verify(found)


def test_a_damaged_model_is_not_used() -> None:
    card = card_of(described("a"))
    folder = models_folder() / card.name
    path = put(folder, "a")
    (folder / CARD_NAME).write_bytes(card_to_json(card))
    assert choose(card.name).paths == (path,)
    put(folder, "a", CONTENT[:-1] + b"x")
    with pytest.raises(ChecksumError):
        choose(card.name)


def test_importing_a_known_file_fills_its_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = card_of(described("a"), described("b", content=CONTENT * 2))
    monkeypatch.setattr(weights_module, "read_cards", lambda: (card,))
    assert take_known(put(tmp_path, "downloads (1)", CONTENT * 2)) == card
    assert find(card) is None
    assert take_known(put(tmp_path, "other name.bin")) == card
    assert take_known(put(tmp_path, "something else", b"else")) is None
    found = find(card)
    assert found is not None
    assert len(verify(found)) == 2


@pytest.mark.parametrize("kind", ["th", "safetensors"])
def test_keeping_a_demucs_file_makes_a_card(tmp_path: Path, kind: str) -> None:
    network = tiny_htdemucs()
    if kind == "th":
        path = save_th(network, tmp_path, "aaaa0001")
    else:
        path = save_safetensors(network, tmp_path / "my own (2).safetensors")
    card = keep(describe_checkpoint(path))
    assert (card.stage, card.builder) == ("separator", "demucs")
    path.unlink()
    found = choose(card.name)
    assert found.origin == "data"
    assert verify(found)[0].basis == "sha256"
    assert find_card(card.name) == card


def test_keeping_a_bag_takes_all_its_files(tmp_path: Path) -> None:
    for i, signature in enumerate(("aaaa0001", "bbbb0002")):
        save_th(tiny_htdemucs(i), tmp_path, signature)
    bag = put(tmp_path, "bag.yaml", b"models: [bbbb0002, aaaa0001]\nsegment: 0.5\n")
    card = keep(describe_checkpoint(bag, name="my-bag"))
    assert [file.name[:8] for file in card.files] == ["bbbb0002", "aaaa0001"]
    assert card.config == {"segment": 0.5}
    assert choose("my-bag").origin == "data"


@pytest.mark.parametrize("name", ["net.yaml", "net.yml", "config_net.yaml", "net_config.yaml"])
def test_a_configuration_beside_is_found_by_its_name(tmp_path: Path, name: str) -> None:
    path = put(tmp_path, "net.ckpt")
    put(tmp_path, name, ROFORMER.encode())
    put(tmp_path, "another.yaml", b"model: 3")
    card = keep(describe_checkpoint(path))
    assert (card.builder, card.chunk_samples) == ("bs_roformer", 131_584)
    assert card.stems == ("first", "second")
    assert card.config["freqs_per_bands"] == [2, 3]
    assert find_card("net").config == card.config


def test_a_checksum_in_the_name_has_to_hold(tmp_path: Path) -> None:
    path = save_th(tiny_htdemucs(), tmp_path, "aaaa0001")
    path = path.rename(tmp_path / "aaaa0001-00000000.th")
    with pytest.raises(ChecksumError):
        keep(describe_checkpoint(path))


@pytest.mark.parametrize(
    "content", [b"", b"<!DOCTYPE html><html>", b"RIFF....WAVE", b"PK\x03\x04 not a zip", CONTENT]
)
def test_what_is_no_known_checkpoint_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(BadCheckpointError):
        describe_checkpoint(put(tmp_path, "net.bin", content))


def test_import_errors_in_words(tmp_path: Path) -> None:
    for take in (take_known, describe_checkpoint):
        with pytest.raises(InputNotFoundError, match=r"gone\.th"):
            take(tmp_path / "gone.th")
    with pytest.raises(InputNotFoundError, match=r"there is no file .*gone\.yaml"):
        describe_checkpoint(put(tmp_path, "net.ckpt"), config=tmp_path / "gone.yaml")
    path = save_th(tiny_htdemucs(), tmp_path, "aaaa0001")
    keep(describe_checkpoint(path, name="taken"))
    with pytest.raises(ModelError, match="already"):
        keep(describe_checkpoint(path, name="taken"))
    with pytest.raises(ModelError, match="already"):
        require_new_name("htdemucs")
    with pytest.raises(ModelError, match="no name"):
        require_new_name("../up")


def test_removing_an_imported_model_leaves_nothing_of_it(tmp_path: Path) -> None:
    path = save_th(tiny_htdemucs(), tmp_path, "aaaa0001")
    card = keep(describe_checkpoint(path, name="mine"))
    assert remove(card) >= path.stat().st_size
    assert not (models_folder() / "mine").exists()
    with pytest.raises(UnknownModelError):
        find_card("mine")
    assert path.exists()


def test_removing_a_fetched_model_leaves_its_card() -> None:
    card = find_card("htdemucs")
    with pytest.raises(WeightsMissingError):
        remove(card)
    # Half a download is something, too.
    put(models_folder() / card.name, "955717e8-8726e21a.th.part")
    assert remove(card) == len(CONTENT)
    assert find_card("htdemucs") == card


@pytest.mark.parametrize("name", ["starter-speech", "silero-vad", "undivided-music"])
def test_what_comes_with_the_program_stays(name: str) -> None:
    with pytest.raises(ModelError, match="comes with the program"):
        remove(find_card(name))
    assert find(find_card(name)) is not None


def test_a_cancelled_import_leaves_nothing(tmp_path: Path) -> None:
    path = save_th(tiny_htdemucs(), tmp_path, "aaaa0001")
    calls = iter([False])
    context = PlainContext(is_cancelled=partial(next, calls, True))
    with pytest.raises(CancelledError):
        keep(describe_checkpoint(path), context)
    assert not [p for p in models_folder().rglob("*") if p.is_file()]


def test_needs_no_torch() -> None:
    code = "import engine.weights, sys; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_starter_models_lie_with_the_program() -> None:
    assert (built_in_models() / "silero-vad.json").is_file()
