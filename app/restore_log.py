"""What a restore did, line by line, for whoever wants to know exactly."""

from collections.abc import Iterator

from app.restore_progress import stage_words
from app.restore_words import found_shown, result_words
from engine.remarks import all_in_words
from engine.translation import tr
from engine.types import RestoreResult, StageReport
from widgets.wording import seconds_in_words, verdict_in_words


def log_lines(result: RestoreResult, more: tuple[str, ...] = ()) -> Iterator[str]:
    """The log of a restore.

    Args:
        result: What the engine found.
        more: Warnings that came after it.
    """
    yield result.video.name
    yield result_words(result)
    for track in found_shown(result.bgm):
        yield track.name
        yield from (f"  {line}" for line in track.detail.splitlines())
    if result.decision is not None:
        yield verdict_in_words(result.decision)
    for stage in result.stages:
        yield _stage_line(stage)
    for warning in all_in_words((*result.notices, *result.warnings, *more)):
        yield tr("Note: {warning}", warning=warning)


def _stage_line(stage: StageReport) -> str:
    words, time = stage_words(stage.name), seconds_in_words(stage.seconds)
    if not stage.model:
        return f"{words}: {time}"
    return tr("{stage} by {model}: {time}", stage=words, model=stage.model, time=time)
