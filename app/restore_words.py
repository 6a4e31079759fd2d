"""What the Restore page says of a project: the tracks, which music is kept, what was done."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from app.document import Project, Restore
from app.restore_progress import stage_words
from engine.types import (
    BgmMatch,
    Decision,
    Method,
    Quality,
    RestoreResult,
    StemName,
    Verdict,
)
from widgets.restore_view import KeptStem, KnownTrackView, OutcomeKind, OutcomeView
from widgets.wording import matches_in_words, percent, tick_label

_STEM_WORDS: dict[StemName | None, str] = {
    StemName.DIALOGUE: "Speech",
    StemName.EFFECTS: "Effects",
    StemName.OST: "Original music",
    StemName.REST: "Music and effects",
    StemName.RESTORED: "Everything else",
    StemName.BGM: "Added music",
}
_CHOSEN = "The music that you did not keep has been taken out."


def decision_shown(restore: Restore | None) -> Decision | None:
    """Which music is kept: the user's own word goes before the matcher's."""
    if restore is None or restore.choice is None:
        return restore.result.decision if restore is not None else None
    verdict = Verdict.FIRST if restore.choice == "first" else Verdict.SECOND
    return Decision(restore.choice, verdict, 1.0)


def kept_shown(project: Project) -> tuple[KeptStem, ...]:
    """The stems of a restore, and whether their lanes are heard; they are never told twice."""
    if project.restore is None:
        return ()
    return tuple(
        KeptStem(lane.lane_id, _STEM_WORDS[lane.stem], not lane.muted)
        for lane in project.lanes
        if lane.stem in _STEM_WORDS
    )


def amount_shown(restore: Restore | None) -> float | None:
    """How much of the added music is taken out, where that can be chosen."""
    return restore.amount if restore is not None and restore.may_leave_some else None


def track_shown(track: Path | None, restore: Restore | None) -> KnownTrackView | None:
    """The chosen track, and where the last restore found it."""
    if track is None:
        return None
    found = restore.result.bgm if restore is not None else ()
    matches = [match for match in found if match.track == track.absolute()]
    return KnownTrackView(track.name, matches_in_words(matches))


def found_shown(matches: tuple[BgmMatch, ...]) -> tuple[KnownTrackView, ...]:
    """Each track that the library knows, and where it sounds."""
    places = defaultdict[Path, list[BgmMatch]](list)
    for match in matches:
        places[match.track].append(match)
    return tuple(KnownTrackView(path.name, matches_in_words(of)) for path, of in places.items())


def reasons(restore: Restore | None) -> tuple[str, str]:
    """Why the first and why the second music is judged as it is."""
    words = {"first": ("You keep this one.", ""), "second": ("", "You keep this one.")}
    choice = restore.choice if restore is not None else None
    return words[choice] if choice is not None else ("", "")


def outcome_shown(restore: Restore | None) -> OutcomeView | None:
    """What the newest restore did and what the user should know of it."""
    if restore is None:
        return None
    result = restore.result
    return OutcomeView(
        OutcomeKind.DONE,
        f"{_CHOSEN if restore.choice is not None else result_words(result)}{_left(restore)}",
        hint="\n".join((*result.notices, *result.warnings)),
        finished=tuple(replace(stage, name=stage_words(stage.name)) for stage in result.stages),
    )


def _left(restore: Restore) -> str:
    """What the user left of it."""
    if restore.amount == 1:
        return ""
    return f" You set that {round(100 * restore.amount)} % of it goes."


def way_words(result: RestoreResult, quality: Quality) -> str:
    """Which way a restore went, in a few words."""
    names = ", ".join(dict.fromkeys(match.track.name for match in result.bgm))
    way = f"without {names}" if names else f"blind, {quality}"
    if result.region is None:
        return way
    start, end = (tick_label(s, 0.1) for s in (result.region.start_s, result.region.end_s))
    return f"preview of {start} to {end}, {way}"


def result_words(result: RestoreResult) -> str:
    """What a restore did, in a sentence or two."""
    if result.region is not None:
        start, end = (tick_label(s, 0.1) for s in (result.region.start_s, result.region.end_s))
        whole = result_words(replace(result, region=None))
        return f"Preview of {start} to {end}, looped. {whole} Restore to have all of it."
    if result.bgm:
        names = ", ".join(dict.fromkeys(match.track.name for match in result.bgm))
        if result.method is Method.KNOWN_BGM_AND_BLIND:
            return f"{names} has been taken out, with blind separation where it was changed a lot."
        return f"{names} has been taken out."
    decision = result.decision
    stems = result.stems
    if decision is None and StemName.BGM in stems and StemName.OST not in stems:
        return "Only the speech is left: music and effects have been taken out."
    if decision is None:
        return "Speech has been separated; music and effects stay together. Nothing was taken out."
    if decision.removal_gain == 1:
        return "The added music has been taken out. Listen, and swap if the wrong one is gone."
    if decision.removal_gain > 0:
        part = percent(decision.removal_gain)
        return f"{part} of the added music has been taken out: which one it is, is not certain."
    return "Separated, but which music was added is unclear. Swap until the right one is kept."
