"""Model cards."""

import logging
import re
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from engine.catalog import (
    CARD_NAME,
    DEFAULT_MODELS,
    ORDER_ACCURACY,
    ModelCard,
    WeightFile,
    built_in_models,
    card_from_json,
    card_to_json,
    data_folder,
    find_card,
    models_folder,
    read_cards,
)
from engine.errors import UnknownModelError


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path / "data"))


def small_card(name: str) -> ModelCard:
    return ModelCard(name, name.upper(), "speech", "silero", "MIT", (WeightFile("a.bin"),))


def put_card(text: bytes, folder: str) -> None:
    path = models_folder() / folder / CARD_NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(text)


def test_built_in_cards_are_sound() -> None:
    cards = [card_from_json(path.read_bytes()) for path in built_in_models().glob("*.json")]
    assert {"htdemucs", "htdemucs_ft", "silero-vad", "pyannote-segmentation-3.0"} <= {
        card.name for card in cards
    }
    for card in cards:
        assert card.title
        assert card.licence
        assert card_from_json(card_to_json(card)) == card


def test_a_network_of_ours_is_a_default_only_if_it_beats_the_mix_on_unseen_pieces() -> None:
    ours = [
        card for card in map(find_card, DEFAULT_MODELS.values()) if "own recipe" in card.licence
    ]
    assert ours
    for card in ours:
        assert card.measured["si_sdr_gain_db"] >= 1, card.name


def test_demucs_cards_carry_the_digits_in_the_file_names() -> None:
    files = [f for card in read_cards() if card.builder == "demucs" for f in card.files]
    assert len(files) >= 7
    for file in files:
        found = re.fullmatch(r"[0-9a-f]{8}-([0-9a-f]{8})\.th", file.name)
        assert found is not None
        assert found.group(1) == file.sha256
        assert file.url.endswith(f"/{file.name}")


def test_the_users_cards_come_too_but_never_hide_a_built_in_one() -> None:
    put_card(card_to_json(small_card("mine")), "mine")
    put_card(card_to_json(small_card("htdemucs")), "htdemucs")
    names = [card.name for card in read_cards()]
    assert len(names) == len(set(names))
    assert find_card("mine") == small_card("mine")
    assert find_card("htdemucs").builder == "demucs"


@pytest.mark.parametrize(
    "text", [b"", b"{}", b'{"name": 3}', card_to_json(small_card("another-name"))]
)
def test_a_damaged_card_takes_no_other_away(text: bytes, caplog: pytest.LogCaptureFixture) -> None:
    put_card(text, "mine")
    with caplog.at_level(logging.WARNING):
        assert find_card("silero-vad")
    assert "ignoring the model card" in caplog.text
    with pytest.raises(UnknownModelError):
        find_card("another-name")


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(UnknownModelError) as caught:
        find_card("htdemuc")
    assert "htdemucs" in caught.value.hint


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "a\\b", "c:x", "x" * 200])
def test_names_stay_in_their_folder(name: str) -> None:
    with pytest.raises(ValueError, match="plain"):
        WeightFile(name)
    with pytest.raises(ValueError, match="plain"):
        small_card(name)
    text = card_to_json(small_card("good")).replace(b'"a.bin"', msgspec.json.encode(name))
    with pytest.raises(msgspec.ValidationError, match="plain"):
        card_from_json(text)


@pytest.mark.parametrize(
    "file",
    [
        {"url": "http://example.org/a.bin"},
        {"url": "file:///a.bin"},
        {"url": "ftp://example.org/a.bin"},
        {"sha256": "XYZ"},
        {"sha256": "A" * 64},
        {"sha256": "a" * 65},
        {"size_bytes": -1},
    ],
)
def test_odd_files_are_refused(file: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"name": "a.bin", **file}, WeightFile)


@pytest.mark.parametrize("accuracy", [-0.1, 1.0, 93.0])
def test_an_order_accuracy_is_a_part_below_1(accuracy: float) -> None:
    card = replace(small_card("m"), measured={ORDER_ACCURACY: 0.875})
    assert (card.order_accuracy, small_card("m").order_accuracy) == (0.875, 0)
    text = card_to_json(card).replace(b"0.875", str(accuracy).encode())
    with pytest.raises(msgspec.ValidationError, match="order_accuracy of m"):
        card_from_json(text)


def test_a_size_is_told_only_if_all_are_known() -> None:
    one, two = WeightFile("a", size_bytes=5), WeightFile("b", size_bytes=6)
    card = ModelCard("m", "M", "speech", "silero", "MIT", (one, two))
    assert card.size_bytes == 11
    assert ModelCard("m", "M", "speech", "silero", "MIT", (one, WeightFile("c"))).size_bytes == 0


def test_the_data_folder_is_the_systems_unless_named(monkeypatch: pytest.MonkeyPatch) -> None:
    named = data_folder()
    monkeypatch.delenv("REPRISE_DATA")
    assert data_folder() != named
    assert data_folder().name == "reprise"
