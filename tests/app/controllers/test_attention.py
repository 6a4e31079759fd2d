"""Who went away while something long was done is called, once."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from app.controllers.attention import LONG_S, AttentionController
from app.jobs import Awaited, Job, JobRunner
from engine.context import RunContext
from engine.errors import EngineError
from tests.helpers.editor import WAIT_MS, Editor


@pytest.fixture
def jobs(editor: Editor) -> Iterator[JobRunner]:
    """Nobody else's jobs."""
    jobs = JobRunner(editor.app.engine)
    yield jobs
    jobs.close()


def work(context: RunContext) -> None:
    """Nothing."""


def fail(context: RunContext) -> None:
    raise EngineError("it broke", "mend it")


def leave(job: Job) -> None:
    """Let it come to its own end."""


def calls(
    editor: Editor,
    jobs: JobRunner,
    then: Callable[[Job], None],
    took_s: float,
    awaited: Awaited = Awaited.TO_SEE,
) -> list[str]:
    """What the user is told after a job of `fail` or `work` that took so long."""
    called: list[str] = []
    ticks = count(step=took_s)
    attention = AttentionController(jobs, lambda *words: called.extend(words), lambda: next(ticks))
    for each in (work, fail):
        job = jobs.run_in_thread("Work", each, awaited)
        then(job)
        editor.qtbot.waitUntil(lambda: not jobs.active_jobs, timeout=WAIT_MS)
    attention.deleteLater()
    return called


def test_the_end_of_what_took_long_is_told(editor: Editor, jobs: JobRunner) -> None:
    told = calls(editor, jobs, leave, LONG_S)
    assert told == ["Work", "Done.", "Work", "Failed: it broke"]


def test_who_waited_a_moment_is_still_there(editor: Editor, jobs: JobRunner) -> None:
    assert calls(editor, jobs, leave, LONG_S / 4) == []


def test_who_cancels_is_there(editor: Editor, jobs: JobRunner) -> None:
    assert calls(editor, jobs, Job.cancel, LONG_S) == []


def test_nobody_is_called_for_what_nobody_asked_for(editor: Editor, jobs: JobRunner) -> None:
    assert calls(editor, jobs, leave, LONG_S, Awaited.NO) == []


def test_the_program_s_own_work_calls_nobody(editor: Editor, film: Path) -> None:
    heard: list[Job] = []
    editor.app.jobs.job_added.connect(heard.append)
    editor.open(film)
    editor.restore()
    editor.app._cache_keeper.tidy()
    editor.app._autosave.keep()
    editor.settle()
    awaited = [job.title for job in heard if job.is_awaited]
    assert awaited == ["Open film.mkv", "Restore film.mkv"]
    assert "Tidying the cache" in [job.title for job in heard]
