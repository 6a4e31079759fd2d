"""What the parts of one restore share."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.errors import DiskFullError
from engine.restore_job import Job, Log
from engine.types import Region, RestoreRequest
from tests.helpers.restores import SmallStages


def test_a_stretch_has_a_request_of_its_own_and_the_same_log(store: ArtifactStore) -> None:
    job = Job(RestoreRequest(Path("film")), SmallStages(store, None), store, PlainContext())
    part = job.on(Region(3.0, 5.0))
    assert (job.start_s, part.start_s) == (0.0, 3.0)
    assert (job.request.region, part.request.region) == (None, Region(3.0, 5.0))
    part.log.warn_once(["loud"])
    assert job.log.warnings == ["loud"]


def test_room_is_not_made_of_what_will_still_be_read(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("film", "stretch", "old"):
        with store.writer(name, 2, 8_000) as writer:
            writer.write(np.zeros((2, 8_000), np.float32))
    film, stretch = store.published("film"), store.published("stretch")
    job = Job(RestoreRequest(Path("a.mkv")), SmallStages(store, None), store, PlainContext())
    part = job.needing(film).on(Region(0.0, 1.0)).needing(stretch)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    part.require_space(64_000)
    assert [store.find(name) is not None for name in ("film", "stretch", "old")] == [1, 1, 0]
    with pytest.raises(DiskFullError, match=r"the restore of a\.mkv needs"):
        part.require_space(64_000)
    job.require_space(64_000)
    assert store.find("film") is None or store.find("stretch") is None


def test_what_was_said_is_not_said_again() -> None:
    log = Log(warnings=["one"])
    log.warn_once(["one", "two"])
    log.warn_once(["two"])
    assert log.warnings == ["one", "two"]


def test_only_a_stage_that_ends_is_reported() -> None:
    log = Log()
    with log.stage("decode"):
        assert log.reports == []
    with pytest.raises(ValueError, match="broken"), log.stage("speech", "silero"):
        raise ValueError("broken")
    (report,) = log.reports
    assert (report.name, report.model) == ("decode", None)
    assert 0 <= report.seconds < 60
