"""Which networks a quality picks: by cards that are here, their figures and their cost."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.catalog import (
    CARD_NAME,
    DEFAULT_MODELS,
    ModelCard,
    WeightFile,
    card_to_json,
    models_folder,
)
from engine.choosing import Choice, choose_models
from engine.types import Quality

DEFAULT = DEFAULT_MODELS["separator"]


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path / "data"))


def add(
    name: str,
    figure_db: float | None,
    gflop: float = 10.0,
    stage: str = "separator",
    *,
    figure: str = "claimed_sdr_db",
    here: bool = True,
) -> None:
    measured = {} if figure_db is None else {figure: figure_db}
    card = ModelCard(
        name,
        name,
        "separator" if stage == "separator" else "mixed_music",
        "demucs",
        "CC0",
        (WeightFile("a.th"),),
        measured=measured,
        gflop_per_s=gflop,
    )
    folder = models_folder() / name
    folder.mkdir(parents=True)
    (folder / CARD_NAME).write_bytes(card_to_json(card))
    if here:
        (folder / "a.th").write_bytes(b"weights")


def pick(quality: Quality, stage: str = "separator", **wanted: str) -> Choice:
    return choose_models(quality, wanted, lambda card: card.gflop_per_s / 10)[stage]


def test_with_nothing_more_only_best_takes_a_network_for_two_musics() -> None:
    for quality in Quality:
        picked = choose_models(quality, {}, lambda _: 0.1)
        more = {"mixed_music": "starter-ost-bgm"} if quality is Quality.BEST else {}
        assert {stage: choice.model for stage, choice in picked.items()} == DEFAULT_MODELS | more


def test_best_takes_the_best_that_is_here_and_says_why() -> None:
    add("good", 8.0, 300.0)
    add("better", 9.7, 120.0)
    add("elsewhere", 12.0, here=False)
    add("unmeasured", None)
    choice = pick(Quality.BEST)
    assert choice.model == "better"
    words = choice.words(Quality.BEST, 100.0)
    for part in ("quality best", "separator better", "9.7 dB", "12 x real time", "about 20 min"):
        assert part in words
    assert pick(Quality.BEST, "mixed_music").model == "starter-ost-bgm"


def test_what_an_author_says_never_beats_a_measurement() -> None:
    add("praised", 16.9)
    add("measured", 8.0, figure="multisong_vocals_sdr_db")
    choice = pick(Quality.BEST)
    assert choice.model == "measured"
    assert "8.0 dB SDR on voices" in choice.why


def test_what_would_take_absurdly_long_is_only_named() -> None:
    add("huge", 12.0, 5000.0)
    add("good", 8.0)
    choice = pick(Quality.BEST)
    assert choice.model == "good"
    assert "huge has 12.0 dB SDR by its author but would take 500 x real time" in choice.why


def test_standard_takes_the_default_and_names_what_is_better() -> None:
    assert pick(Quality.STANDARD).words(Quality.STANDARD, 60.0) == ""
    add("better", 9.7)
    choice = pick(Quality.STANDARD)
    assert choice.model == DEFAULT
    assert "better is here too" in choice.words(Quality.STANDARD, 60.0)
    add("best", 10.0)
    assert "best is here too" in pick(Quality.STANDARD).why


def test_draft_takes_the_cheapest_that_was_measured() -> None:
    add("cheap", 3.0, 0.5)
    add("uncounted", 5.0, 0.0)
    add("unmeasured", None, 0.1)
    choice = pick(Quality.DRAFT)
    assert choice.model == "cheap"
    assert "cheapest of 2" in choice.why


def test_two_musics_are_told_apart_only_where_it_does_good() -> None:
    """By default none is taken, and nothing said of it; a draft goes without, too."""
    assert pick(Quality.STANDARD, "mixed_music") == Choice("mixed_music", "undivided-music")
    add("fine-tuned", 8.2, stage="mixed_music")
    assert pick(Quality.BEST, "mixed_music").model == "fine-tuned"
    assert pick(Quality.DRAFT, "mixed_music").model == DEFAULT_MODELS["mixed_music"]


def test_the_user_goes_first_without_a_word() -> None:
    add("better", 9.7)
    for quality in Quality:
        choice = pick(quality, separator="film/my.ckpt")
        assert (choice.model, choice.words(quality, 60.0)) == ("film/my.ckpt", "")


@given(st.lists(st.tuples(st.floats(1, 20), st.floats(1, 500)), min_size=1, max_size=4))
def test_equal_questions_get_equal_answers(
    tmp_path_factory: pytest.TempPathFactory, networks: list[tuple[float, float]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REPRISE_DATA", str(tmp_path_factory.mktemp("data")))
        for number, (figure_db, gflop) in enumerate(networks):
            add(f"net{number}", round(figure_db, 1), gflop)
        best = pick(Quality.BEST)
        assert best == pick(Quality.BEST)
        figures = {f"net{n}": round(figure, 1) for n, (figure, _) in enumerate(networks)}
        assert max(figures.values()) <= max(4.68, figures.get(best.model, 4.68))


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (59, "59 s"), (200, "3 min"), (9000, "2.5 h")]
)
def test_times_for_people(seconds: float, words: str) -> None:
    choice = Choice("separator", "net", "why", 1.0)
    assert choice.words(Quality.BEST, seconds).endswith(f"about {words})")
