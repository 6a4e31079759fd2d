"""What listening tests show, in words and in numbers."""

from dataclasses import dataclass

from app.review.listening import REFERENCE_RATING, MadeWith, Session
from app.review.statistics import (
    LEVEL,
    chance_of_at_least,
    chance_of_shares,
    mean_interval,
    power,
    right_needed,
    share_interval,
)
from engine.translation import tr
from widgets.review_view import FindingView, Question

TITLES = {
    Question.ABX: "ABX",
    Question.PREFERENCE: tr("Preference"),
    Question.RATING: tr("Rating"),
}
MADE_WITH = {
    MadeWith.SHOWN: tr("Made with the sounds that are shown here."),
    MadeWith.OTHER: tr(
        "Made with sounds that are not shown here, such as those of another restore."
    ),
    MadeWith.UNKNOWN: tr("With which sounds it was made was not kept: the restore may be another."),
}
_KEEN_EAR = 0.9
"""Share of right answers of somebody who hears the difference well."""


@dataclass(frozen=True, slots=True)
class Share:
    """How often one candidate was preferred.

    Attributes:
        name: Of the candidate.
        count: Times.
        total: Of so many answers.
        interval: 95 % interval of the share.
    """

    name: str
    count: int
    total: int
    interval: tuple[float, float]


def power_in_words(question: Question, num_trials: int) -> str:
    """What so many trials can show, said before the test begins."""
    if question is not Question.ABX:
        return ""
    needed = right_needed(num_trials)
    if needed is None:
        return tr("Too few trials to show anything; five is the least.")
    passes = power(num_trials, _KEEN_EAR)
    return (
        tr(
            "{needed} right of {num_trials} are not chance (less than 5 in 100). Who hears it "
            "9 times in 10 gets there in {passes:.0%} of all tests.",
            needed=needed,
            num_trials=num_trials,
            passes=passes,
        )
    ).replace("%", " %")


def finding(session: Session, made_with: MadeWith | None = None) -> FindingView:
    """What a test showed.

    Args:
        session: The test.
        made_with: Whether it was made with what is shown beside it; None where nothing is.
    """
    found = _shown(session)
    said = () if made_with is None else (MADE_WITH[made_with],)
    return FindingView(found.title, (*said, *found.lines))


def _shown(session: Session) -> FindingView:
    plan = session.plan
    names = tr(" or ").join(each.words for each in plan.compared)
    who = f", {plan.listener}" if plan.listener else ""
    title = f"{TITLES[plan.question]}: {names}{who}"
    if not session.is_complete:
        done = tr(
            "Given up after {done} of {num_trials} trials: shows nothing.",
            done=len(session.answers),
            num_trials=plan.num_trials,
        )
        return FindingView(title, (done,))
    if not session.counts:
        return FindingView(title, (tr("Made without a sound device: shows nothing."),))
    lines = {
        Question.ABX: _abx_lines,
        Question.PREFERENCE: _preference_lines,
        Question.RATING: _rating_lines,
    }
    return FindingView(title, lines[plan.question](session))


def shares(session: Session) -> tuple[Share, ...]:
    """The preference table of a test."""
    total = len(session.answers)
    return tuple(
        Share(each.words, count, total, share_interval(count, total))
        for each, count in zip(session.plan.compared, session.preferred(), strict=True)
    )


def _abx_lines(session: Session) -> tuple[str, ...]:
    right, total = session.num_right, len(session.answers)
    chance = chance_of_at_least(right, total)
    low, high = share_interval(right, total)
    verdict = tr("The difference was heard.") if chance < LEVEL else tr("No difference was shown.")
    return (
        tr(
            "{verdict} {right} of {total} right; guessing gets there with p = {p}.",
            verdict=verdict,
            right=right,
            total=total,
            p=chance_in_words(chance),
        ),
        tr(
            "Right in {low} to {high} of the cases (95 % interval).",
            low=percent(low),
            high=percent(high),
        ),
    )


def _preference_lines(session: Session) -> tuple[str, ...]:
    chance = chance_of_shares(session.preferred())
    found = max(shares(session), key=lambda share: share.count)
    verdict = (
        tr("{version} is preferred", version=found.name)
        if chance < LEVEL
        else tr("No preference was shown")
    )
    rows = (
        tr(
            "{version}: {count} of {total} ({low} to {high})",
            version=share.name,
            count=share.count,
            total=share.total,
            low=percent(share.interval[0]),
            high=percent(share.interval[1]),
        )
        for share in shares(session)
    )
    return (f"{verdict}; p = {chance_in_words(chance)}.", *rows)


def mean_words(version: str, mean: float, interval: tuple[float, float], count: int) -> str:
    """Say a mean of ratings and its interval, which one rating alone does not have."""
    if count < 2:
        return f"{version}: {mean:.0f}"
    low, high = interval
    return tr(
        "{version}: {mean:.0f} ({low:.0f} to {high:.0f})",
        version=version,
        mean=mean,
        low=low,
        high=high,
    )


def _rating_lines(session: Session) -> tuple[str, ...]:
    rows = []
    for each, ratings in zip(session.plan.rated, session.ratings(), strict=True):
        mean = sum(ratings) / len(ratings)
        rows.append(mean_words(each.words, mean, mean_interval(ratings), len(ratings)))
    return (
        *rows,
        tr("Mean of all trials and its 95 % interval, from 0 to 100."),
        *_screened(session),
    )


def _screened(session: Session) -> tuple[str, ...]:
    """Whether the hidden reference was recognised (ITU-R BS.1534-3, post-screening)."""
    if not session.plan.has_reference:
        return ()
    missed, total = session.num_missed, len(session.answers)
    if not session.is_marked:
        return (tr("The hidden reference was recognised."),)
    words = tr(
        "The hidden reference was rated below {rating} in {missed} of {total} "
        "trials. More than 15 % are too many (ITU-R BS.1534): these ratings are kept, but "
        "marked, and not counted where those of several listeners are put together.",
        rating=REFERENCE_RATING,
        missed=missed,
        total=total,
    )
    return (words,)


def chance_in_words(chance: float) -> str:
    """Say a p-value."""
    return tr("less than 0.001") if chance < 0.001 else f"{chance:.3f}"


def percent(share: float) -> str:
    """Say a share."""
    return f"{100 * share:.0f} %"
