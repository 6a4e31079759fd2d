"""What the project needs stays in the cache; the rest is kept to the quota."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.cache_keeper import CacheKeeper
from app.document import Document, Project, Rival, accept_restore, opened
from app.engine_client import EngineClient, EngineSettings
from app.jobs import JobRunner
from app.review.edits import add_rival
from engine.artifacts import ArtifactStore
from tests.helpers.projects import blind_result, known_result, media_of, noise, stored


@pytest.mark.usefixtures("qapp")
def test_what_undo_can_bring_back_stays_and_the_rest_goes(tmp_path: Path, qtbot: QtBot) -> None:
    document, store = Document(), ArtifactStore(tmp_path)
    jobs = JobRunner(EngineClient(EngineSettings(tmp_path / "engine.log", in_thread=True)))
    keeper = CacheKeeper(document, jobs, store)
    blind, known = blind_result(tmp_path), known_result(tmp_path)
    other = stored(tmp_path, noise(99))

    def left() -> set[str]:
        qtbot.waitUntil(lambda: not jobs.active_jobs)
        return {path.stem for path in tmp_path.glob("*.f32")}

    document.open(opened(media_of(blind)))
    document.do(accept_restore(known))
    document.do(accept_restore(blind))
    rival = stored(tmp_path, noise(98))
    document.do(add_rival(Rival(Path("theirs.wav"), rival)))
    assert other.key in left()
    store.quota_bytes = 0
    document.undo()
    wanted = {ref.key for result in (blind, known) for ref in result.stems.values()}
    assert left() == wanted | {rival.key}
    document.open(Project())
    keeper.tidy()
    assert left() == set()
    keeper.close()
    jobs.close()
