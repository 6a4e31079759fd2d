"""What the Restore page says of a project: the tracks, which music is kept, what was done."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from app.project import Project, Restore
from app.restore_progress import stage_words
from engine import remarks
from engine.remarks import all_in_words
from engine.translation import in_sentence, tr
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
from widgets.wording import QUALITY_NAMES, matches_in_words, percent, tick_label

_STEM_WORDS: dict[StemName | None, str] = {
    StemName.DIALOGUE: tr("Speech"),
    StemName.EFFECTS: tr("Effects"),
    StemName.OST: tr("Original music"),
    StemName.REST: tr("Music and effects"),
    StemName.RESTORED: tr("Everything else"),
    StemName.BGM: tr("Added music"),
}
_WITH_THE_TRACK = tr(
    "No network that tells two pieces of music apart is chosen. "
    "With the file of the added track it can be taken out."
)
_CHOSEN = tr("The music that you did not keep has been taken out.")


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
    words = {"first": (tr("You keep this one."), ""), "second": ("", tr("You keep this one."))}
    choice = restore.choice if restore is not None else None
    return words[choice] if choice is not None else ("", "")


def outcome_shown(restore: Restore | None) -> OutcomeView | None:
    """What the newest restore did and what the user should know of it."""
    if restore is None:
        return None
    result = restore.result
    words = _CHOSEN if restore.choice is not None else result_words(result)
    return OutcomeView(
        OutcomeKind.DONE,
        f"{words} {_left(restore)}".strip(),
        hint="\n".join(_notes(result)),
        finished=tuple(replace(stage, name=stage_words(stage.name)) for stage in result.stages),
    )


def _notes(result: RestoreResult) -> tuple[str, ...]:
    """What the user should know besides; what the sentence above says is not said again."""
    told = {remarks.UNDIVIDED(): _WITH_THE_TRACK, remarks.ONLY_SPEECH(): ""}
    sentences = (*result.notices, *result.warnings)
    words = zip(sentences, all_in_words(sentences), strict=True)
    return tuple(filter(None, (told.get(sentence, shown) for sentence, shown in words)))


def _left(restore: Restore) -> str:
    """What the user left of it."""
    if restore.amount == 1:
        return ""
    return tr("You set that {amount} % of it goes.", amount=round(100 * restore.amount))


def way_words(result: RestoreResult, quality: Quality) -> str:
    """Which way a restore went, in a few words."""
    names = ", ".join(dict.fromkeys(match.track.name for match in result.bgm))
    blind = tr("blind, {quality}", quality=in_sentence(QUALITY_NAMES[quality]))
    way = tr("without {names}", names=names) if names else blind
    if result.region is None:
        return way
    start, end = (tick_label(s, 0.1) for s in (result.region.start_s, result.region.end_s))
    return tr("preview of {start} to {end}, {way}", start=start, end=end, way=way)


def result_words(result: RestoreResult) -> str:
    """What a restore did, in a sentence or two."""
    if result.region is not None:
        start, end = (tick_label(s, 0.1) for s in (result.region.start_s, result.region.end_s))
        whole = result_words(replace(result, region=None))
        return tr(
            "Preview of {start} to {end}, looped. {whole} Restore to have all of it.",
            start=start,
            end=end,
            whole=whole,
        )
    if result.bgm:
        names = ", ".join(dict.fromkeys(match.track.name for match in result.bgm))
        if result.method is Method.KNOWN_BGM_AND_BLIND:
            return tr(
                "{names} has been taken out, with blind separation where it was changed a lot.",
                names=names,
            )
        return tr("{names} has been taken out.", names=names)
    decision = result.decision
    stems = result.stems
    if decision is None and StemName.BGM in stems and StemName.OST not in stems:
        return tr("Only the speech is left: music and effects have been taken out.")
    if decision is None:
        return tr(
            "Speech has been separated; music and effects stay together. Nothing was taken out."
        )
    if decision.removal_gain == 1:
        return tr("The added music has been taken out. Listen, and swap if the wrong one is gone.")
    if decision.removal_gain > 0:
        part = percent(decision.removal_gain)
        return tr(
            "{part} of the added music has been taken out: which one it is, is not certain.",
            part=part,
        )
    return tr("Separated, but which music was added is unclear. Swap until the right one is kept.")
