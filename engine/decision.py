"""Which of two musics is kept: the user's word, the picture's, or the network's own order."""

from engine import remarks
from engine.errors import NoVideoError
from engine.restore_job import Job
from engine.stages.matcher import MatchRequest
from engine.stages.mixed_music import MixedMusicResult
from engine.types import Decision, MatchResult, OstChoice, Verdict

EVEN_ODDS = 0.5
"""Confidence of a choice about which nothing is known."""


def decide(job: Job, music: MixedMusicResult, order_confidence: float) -> Decision:
    """Decide once for a restore; what there is to say of it, `doubt` and `fate` put into words.

    Args:
        job: The restore.
        music: The two musics.
        order_confidence: Probability in [0.5, 1] that `music1` is the film's own, as the network
            that separated them tells by the order of its stems; 0.5 if it tells nothing.
    """
    if job.request.ost != "auto":
        verdict = Verdict.FIRST if job.request.ost == "first" else Verdict.SECOND
        return Decision(job.request.ost, verdict, 1.0)
    return decision_of(_matched(job, music), order_confidence)


def _matched(job: Job, music: MixedMusicResult) -> MatchResult:
    """What the picture says; without one nothing is sure."""
    matcher = job.stages.matcher()
    wanted = MatchRequest(job.request.video, music.music1, music.music2, job.start_s)
    with job.log.stage("matcher", matcher.model_name):
        try:
            return matcher(wanted, job.context)
        except NoVideoError:
            return MatchResult(Verdict.UNSURE, EVEN_ODDS, (0.0, 0.0), "no picture")


def decision_of(found: MatchResult, order_confidence: float = EVEN_ODDS) -> Decision:
    """What a verdict means for the restore.

    Only `first` and `second` carry their own confidence over: when both fit, or neither, the odds
    that the other music is the added one are even, and nothing is removed. So it is when nothing
    can be said, unless the network that made the two tells its stems apart by what they are.

    Args:
        found: The matcher's answer.
        order_confidence: See `decide`.
    """
    if found.choice in (Verdict.FIRST, Verdict.SECOND):
        return Decision(_kept(first=found.choice is Verdict.FIRST), found.choice, found.confidence)
    if found.choice is Verdict.UNSURE and order_confidence > EVEN_ODDS:
        return Decision("first", found.choice, order_confidence)
    return Decision(_kept(first=found.scores[0] >= found.scores[1]), found.choice, EVEN_ODDS)


def _kept(*, first: bool) -> OstChoice:
    return "first" if first else "second"


def doubt(decision: Decision) -> str:
    """What the user should know of the program's choice; empty where the picture is sure."""
    why = _why_unsure(decision)
    return remarks.DOUBT(why=why) if why else ""


def fate(decision: Decision) -> str:
    """What became of the two musics of a stretch, which nobody can listen to one by one."""
    kept = remarks.FIRST_KEPT if decision.ost == "first" else remarks.SECOND_KEPT
    sure = remarks.SURE_BY(percent=f"{decision.confidence:.0%}")
    words = kept(sureness=remarks.AS_CHOSEN() if decision.confidence == 1 else sure)
    return _why_unsure(decision) or words


def _why_unsure(decision: Decision) -> str:
    gain = decision.removal_gain
    removed = f"{gain:.0%}"
    if decision.verdict is Verdict.BOTH:
        return remarks.BOTH_FIT()
    if decision.verdict is Verdict.NONE:
        return remarks.NEITHER_FITS()
    if removed == "0%":
        return remarks.UNCLEAR()
    if decision.verdict is Verdict.UNSURE:
        return remarks.BY_NETWORK(confidence=f"{decision.confidence:.0%}", removed=removed)
    return remarks.UNCERTAIN(removed=removed) if gain < 1 else ""
