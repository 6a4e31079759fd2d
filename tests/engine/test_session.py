"""What one process keeps between its jobs."""

import gc
import logging
import os
import weakref
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from engine.artifacts import ArtifactStore
from engine.catalog import CARD_NAME, DEFAULT_MODELS, card_to_json, find_card, models_folder
from engine.devices import choose_device
from engine.errors import BadCheckpointError, DeviceError, UnknownModelError
from engine.session import Session, SessionStages, standard_workload
from engine.types import (
    BeatsRequest,
    DeviceChoice,
    IdentifyRequest,
    PictureCutsRequest,
    RestoreRequest,
    SpeechEditRequest,
    SpeechRequest,
)
from engine.workload import find_loader


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(ArtifactStore(tmp_path))


def stages(session: Session, **models: str) -> SessionStages:
    return SessionStages(session, RestoreRequest(Path("film.mp4"), models=models))


def test_the_default_models_are_here_and_loaded_once(session: Session) -> None:
    assert tuple(session.warm_up()) == tuple(DEFAULT_MODELS.values())
    before = dict(session._loaded)
    assert tuple(session.warm_up()) == tuple(DEFAULT_MODELS.values())
    assert session._loaded == before


def test_only_the_models_used_last_stay_loaded(session: Session) -> None:
    separator = stages(session).separator()
    network = weakref.ref(separator._separation.model.network)
    del separator
    loads = 0

    def load(name: str) -> str:
        def made() -> str:
            nonlocal loads
            loads += 1
            return name.upper()

        return session.once(str, name, made)

    assert [load(name) for name in "bcdbcd"] == list("BCDBCD")
    gc.collect()
    assert (network() is not None, loads) == (True, 3)
    assert [load(name) for name in "ebcd"] == list("EBCD")
    gc.collect()
    assert (network(), loads) == (None, 4)


def test_a_model_imported_anew_under_its_name_is_loaded_anew(
    session: Session, tmp_path: Path
) -> None:
    model = tmp_path / "a.ckpt"
    made: list[bytes] = []
    for content in (b"old", b"old", b"newer"):
        model.write_bytes(content)
        os.utime(model, (1, 1))
        made.append(session.once(bytes, str(model), model.read_bytes))
    assert made[0] is made[1]
    assert made[2] == b"newer"


def test_the_users_choice_goes_before_the_default(session: Session) -> None:
    with pytest.raises(UnknownModelError, match="nonsense"):
        stages(session, separator="nonsense").separator()
    with pytest.raises(BadCheckpointError, match="not a separating network"):
        stages(session, mixed_music="silero-vad").mixed_music()
    with pytest.raises(BadCheckpointError, match="does not detect speech"):
        stages(session, speech="starter-music").speech()
    with pytest.raises(BadCheckpointError, match="no matcher"):
        stages(session, matcher="silero-vad").matcher()


def test_a_matcher_of_the_users_own_bears_its_name(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path))
    for name, config in (("mine", find_card("baseline-matcher").config), ("odd", {})):
        card = replace(find_card("baseline-matcher"), name=name, config=config)
        (models_folder() / name).mkdir(parents=True)
        (models_folder() / name / CARD_NAME).write_bytes(card_to_json(card))
    assert stages(session, matcher="mine").matcher().model_name == "mine"
    with pytest.raises(BadCheckpointError, match="odd"):
        stages(session, matcher="odd").matcher()


def test_a_network_for_another_stage_is_refused(session: Session) -> None:
    with pytest.raises(BadCheckpointError, match="no stem for voices"):
        stages(session, separator="starter-music").separator()
    with pytest.raises(BadCheckpointError, match="two pieces"):
        stages(session, mixed_music="starter-speech").mixed_music()


def test_what_cannot_be_loaded_does_not_keep_the_engine_from_starting(
    session: Session, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(DEFAULT_MODELS, "separator", "nonsense")
    with caplog.at_level(logging.WARNING):
        assert "nonsense" not in tuple(session.warm_up())
    assert "nonsense" in caplog.text


def test_a_wanted_device_that_is_not_there_is_told(session: Session) -> None:
    with pytest.raises(DeviceError):
        SessionStages(session, RestoreRequest(Path("film.mp4"), device="mps"))


def test_the_engine_restores_looks_through_the_library_and_finds_cuts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path))
    workload = find_loader("engine.session:standard_workload:cpu")()
    assert workload.device.startswith("processor")
    assert set(workload.handlers) == {
        RestoreRequest,
        IdentifyRequest,
        PictureCutsRequest,
        BeatsRequest,
        SpeechRequest,
        SpeechEditRequest,
        IdentifyRequest,
        PictureCutsRequest,
    }
    assert workload.models == tuple(DEFAULT_MODELS.values())


def test_a_preferred_device_that_is_gone_does_not_keep_the_engine_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path))
    gone: DeviceChoice = "cuda" if not torch.cuda.is_available() else "mps"
    assert standard_workload(gone).device == choose_device("auto").words
    assert f"no {gone}" in caplog.text
