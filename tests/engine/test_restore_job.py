"""What the parts of one restore share."""

from pathlib import Path

import pytest

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
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
