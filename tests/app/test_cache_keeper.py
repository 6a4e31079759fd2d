"""What the project needs stays in the cache; the rest is kept to the quota."""

from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from app import cache_keeper
from app.cache_keeper import CacheKeeper
from app.document import Document
from app.engine_client import EngineClient, EngineSettings
from app.jobs import Job, JobRunner
from app.project import Project, Rival, opened
from app.restore_edits import accept_restore, swap_music, take_out
from app.review.edits import add_rival
from engine.artifacts import ArtifactStore
from tests.helpers.projects import blind_result, known_result, media_of, noise, stored


@pytest.mark.usefixtures("qapp")
def test_only_new_sounds_have_the_cache_tidied_and_once(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_keeper, "TIDY_AFTER_MS", 0)
    document, store = Document(), ArtifactStore(tmp_path)
    jobs = JobRunner(EngineClient(EngineSettings(tmp_path / "engine.log", in_thread=True)))
    keeper, begun = CacheKeeper(document, jobs, store), list[Job]()
    jobs.job_added.connect(begun.append)
    blind = blind_result(tmp_path)
    document.open(opened(media_of(blind)))
    document.do(accept_restore(blind))
    assert begun == []
    qtbot.waitUntil(lambda: len(begun) == 1 and not jobs.active_jobs)
    for amount in (0.9, 0.5, 0.1):
        document.do(take_out(amount))
        document.do(swap_music())
        QCoreApplication.processEvents()
    document.undo()
    qtbot.wait(5)
    assert len(begun) == 1
    document.do(add_rival(Rival(Path("theirs.wav"), stored(tmp_path, noise(97)))))
    qtbot.waitUntil(lambda: len(begun) == 2 and not jobs.active_jobs)
    keeper.close()
    jobs.close()


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
    keeper.tidy()
    wanted = {ref.key for result in (blind, known) for ref in result.stems.values()}
    assert left() == wanted | {rival.key}
    document.open(Project())
    keeper.tidy()
    assert left() == set()
    keeper.close()
    jobs.close()
