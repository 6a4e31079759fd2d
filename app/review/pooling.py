"""Listening tests of several listeners, put together: what all of them show."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.review.findings import TITLES, chance_in_words, mean_words, percent
from app.review.listening import MadeWith, Session
from app.review.statistics import (
    LEVEL,
    chance_of_at_least,
    chance_of_shares,
    mean_interval,
    nominal_agreement,
    share_interval,
)
from engine.translation import ntr, tr
from widgets.review_view import FindingView, Question

_UNNAMED = "unnamed"


@dataclass(frozen=True, slots=True)
class HeardTest:
    """A listening test, and what it was about.

    Attributes:
        session: The test.
        film: Name of the video.
        by: Whoever listened: by the name that they gave, else by who signed.
        mix: Which sound the video has, of whatever name; see `Sound.key`. Empty where nobody knows.
        made_with: Whether it compared the sounds that its report or project shows.
    """

    session: Session
    film: str
    by: str
    mix: str = ""
    made_with: MadeWith = MadeWith.UNKNOWN


@dataclass(frozen=True, slots=True)
class PooledRow:
    """What was found of one version.

    Attributes:
        name: Of the version; of ABX tests there is one row, "right".
        count: Answers for it; of ratings the listeners that count.
        value: Share of all answers; of ratings the mean of the listeners' means, 0 to 100.
        low, high: 95 % interval of that.
        listeners: Those who chose it most often, or who alone show that they hear it.
    """

    name: str
    count: int
    value: float
    low: float
    high: float
    listeners: int


@dataclass(frozen=True, slots=True)
class Pooled:
    """What all tests of one kind show.

    Attributes:
        question: What was asked.
        names: What was compared.
        films, listeners, tests, answers: How many of them count.
        rows: A table.
        p_value: How often chance alone does as much; None for ratings.
        agreement: Krippendorff's alpha of the listeners' choices; None where it says nothing.
        left_out: Why some tests do not count.
        restore: 1; of tests of other restores of the same films, which have tables of their own,
            2 and so on.
        unknown: Tests that count although nobody knows of which restore they are.
    """

    question: Question
    names: tuple[str, ...]
    films: int
    listeners: int
    tests: int
    answers: int
    rows: tuple[PooledRow, ...]
    p_value: float | None
    agreement: float | None
    left_out: tuple[str, ...]
    restore: int = 1
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class PooledWords:
    """What is said of tests that were put together, besides the table.

    Attributes:
        title: What was asked of what.
        counts: How many listeners, films, tests and answers count.
        notes: What it means, and what was left out.
    """

    title: str
    counts: str
    notes: tuple[str, ...]


def pool(tests: Iterable[HeardTest]) -> tuple[Pooled, ...]:
    """Put tests that compare the same together; one that is there twice counts once.

    Tests of one film that were made with several restores of it are in several tables.
    """
    once: dict[Session, HeardTest] = {}
    # What one file does not show any more another one may.
    for test in sorted(tests, key=lambda test: test.made_with is MadeWith.OTHER):
        once.setdefault(test.session, test)
    restores: dict[object, list[object]] = {}
    groups: dict[tuple[object, int], list[HeardTest]] = {}
    for test in once.values():
        kind = _kind(test.session)
        number = 1
        if test.made_with is MadeWith.SHOWN:
            known = restores.setdefault((kind, test.mix), [])
            sounds = frozenset(each.sound for each in test.session.plan.compared)
            if sounds not in known:
                known.append(sounds)
            number += known.index(sounds)
        groups.setdefault((kind, number), []).append(test)
    return tuple(_pooled(group, number) for (_, number), group in groups.items())


def _kind(session: Session) -> object:
    """Equal for tests that ask the same of the same versions."""
    names = [each.words for each in session.plan.rated]
    reference = names[0] if session.plan.has_reference else ""
    return session.plan.question, frozenset(names), reference


def pooled_words(pooled: Pooled) -> PooledWords:
    """What stands around a table of it."""
    names = tr(" or ").join(pooled.names)
    counts = ", ".join(
        (
            ntr("{count} listener", "{count} listeners", pooled.listeners),
            ntr("{count} film", "{count} films", pooled.films),
            _tests(pooled.tests),
            ntr("{count} answer", "{count} answers", pooled.answers),
        )
    )
    title = f"{TITLES[pooled.question]}: {names}"
    if pooled.restore > 1:
        title = tr("{title}; restore {number} of the same film", title=title, number=pooled.restore)
    notes = (*_chance_lines(pooled), *_unknown_lines(pooled), *pooled.left_out)
    return PooledWords(title, f"{counts}.", notes)


def pooled_finding(pooled: Pooled) -> FindingView:
    """All of it in words."""
    words = pooled_words(pooled)
    return FindingView(words.title, (words.counts, *_row_lines(pooled), *words.notes))


def _pooled(tests: Sequence[HeardTest], restore: int) -> Pooled:
    plan = tests[0].session.plan
    of_this = [test for test in tests if test.made_with is not MadeWith.OTHER]
    counted = [test for test in of_this if test.session.counts and not test.session.is_marked]
    rows, p_value = _RESULTS[plan.question](counted) if counted else ((), None)
    return Pooled(
        plan.question,
        tuple(each.words for each in plan.compared),
        len({test.film for test in counted}),
        len(_by_listener(counted)),
        len(counted),
        sum(len(test.session.answers) for test in counted),
        rows,
        p_value,
        _agreement(counted) if plan.question is Question.PREFERENCE else None,
        (*_left_out(of_this), *_of_other_sounds(len(tests) - len(of_this))),
        restore,
        sum(test.made_with is MadeWith.UNKNOWN for test in counted),
    )


def _left_out(tests: Sequence[HeardTest]) -> Iterable[str]:
    unfinished = sum(not test.session.is_complete for test in tests)
    unheard = sum(test.session.is_complete and not test.session.counts for test in tests)
    marked = [
        test.by or tr("somebody without a name")
        for test in tests
        if test.session.counts and test.session.is_marked
    ]
    if unfinished:
        yield tr("Not counted: {tests} that ended early.", tests=_tests(unfinished))
    if unheard:
        yield tr("Not counted: {tests} without a sound device.", tests=_tests(unheard))
    if marked:
        yield (
            tr(
                "Not counted: {tests} in which the hidden reference was rated below 90 too often "
                "({names}).",
                tests=_tests(len(marked)),
                names=", ".join(dict.fromkeys(marked)),
            )
        )


def _of_other_sounds(count: int) -> Iterable[str]:
    if count:
        yield tr(
            "Not counted: {tests} of sounds that are not shown, such as those of another restore.",
            tests=_tests(count),
        )


def _abx(tests: Sequence[HeardTest]) -> tuple[tuple[PooledRow, ...], float]:
    right, total = _sum(tests)
    alone = [_sum(each) for each in _by_listener(tests).values()]
    hear = sum(chance_of_at_least(*each) < LEVEL for each in alone)
    row = PooledRow("right", right, right / total, *share_interval(right, total), hear)
    return (row,), chance_of_at_least(right, total)


def _sum(tests: Sequence[HeardTest]) -> tuple[int, int]:
    right = sum(test.session.num_right for test in tests)
    return right, sum(len(test.session.answers) for test in tests)


def _preference(tests: Sequence[HeardTest]) -> tuple[tuple[PooledRow, ...], float]:
    names = [each.words for each in tests[0].session.plan.compared]
    chosen = _chosen(tests)
    total = chosen.total()
    favourites = Counter(
        favourite
        for each in _by_listener(tests).values()
        if (favourite := _favourite(_chosen(each))) is not None
    )
    rows = tuple(
        PooledRow(
            name,
            chosen[name],
            chosen[name] / total,
            *share_interval(chosen[name], total),
            favourites[name],
        )
        for name in names
    )
    return rows, chance_of_shares([chosen[name] for name in names])


def _rating(tests: Sequence[HeardTest]) -> tuple[tuple[PooledRow, ...], None]:
    by_listener = _by_listener(tests)
    means: dict[str, list[float]] = {each.words: [] for each in tests[0].session.plan.rated}
    for listened in by_listener.values():
        for name, rated in means.items():
            values = [value for test in listened for value in _rated(test.session)[name]]
            rated.append(sum(values) / len(values))
    best = Counter(max(means, key=lambda name: means[name][at]) for at in range(len(by_listener)))
    rows = tuple(
        PooledRow(name, len(values), sum(values) / len(values), *mean_interval(values), best[name])
        for name, values in means.items()
    )
    return rows, None


_RESULTS = {Question.ABX: _abx, Question.PREFERENCE: _preference, Question.RATING: _rating}


def _rated(session: Session) -> Mapping[str, tuple[int, ...]]:
    names = (each.words for each in session.plan.rated)
    return dict(zip(names, session.ratings(), strict=True))


def _chosen(tests: Sequence[HeardTest]) -> Counter[str]:
    """How often each version was chosen, by its name."""
    chosen: Counter[str] = Counter()
    for test in tests:
        names = (each.words for each in test.session.plan.compared)
        chosen.update(dict(zip(names, test.session.preferred(), strict=True)))
    return chosen


def _favourite(chosen: Counter[str]) -> str | None:
    """What was chosen most often; None where two were."""
    first, *others = chosen.most_common(2)
    return None if others and others[0][1] == first[1] else first[0]


def _agreement(tests: Sequence[HeardTest]) -> float | None:
    """Whether listeners prefer the same, from stretch to stretch."""
    units: dict[object, list[HeardTest]] = {}
    for test in tests:
        units.setdefault((test.film, test.session.plan.region), []).append(test)
    favourites = [
        [_favourite(_chosen(each)) for each in _by_listener(heard).values()]
        for heard in units.values()
    ]
    return nominal_agreement([[name for name in each if name is not None] for each in favourites])


def _by_listener(tests: Iterable[HeardTest]) -> dict[str, list[HeardTest]]:
    found: dict[str, list[HeardTest]] = {}
    for test in tests:
        found.setdefault(test.by.strip().casefold() or _UNNAMED, []).append(test)
    return found


def _row_lines(pooled: Pooled) -> Iterable[str]:
    for row in pooled.rows:
        if pooled.question is Question.RATING:
            yield mean_words(row.name, row.value, (row.low, row.high), row.count)
            continue
        is_abx = pooled.question is Question.ABX
        heard = tr("heard by {count} of {all}") if is_abx else tr("preferred by {count} of {all}")
        yield tr(
            "{version}: {count} of {total}, {percent} ({low} to {high}); {heard}",
            version=tr("right") if is_abx else row.name,
            count=row.count,
            total=pooled.answers,
            percent=percent(row.value),
            low=percent(row.low),
            high=percent(row.high),
            heard=heard.format(count=row.listeners, all=pooled.listeners),
        )


def _chance_lines(pooled: Pooled) -> Iterable[str]:
    if not pooled.rows:
        yield tr("There is nothing that counts.")
    elif pooled.question is Question.RATING:
        words = tr("Mean over listeners and its 95 % interval, from 0 to 100.")
        screened = tr("Who misses the reference is left out.") if pooled.left_out else ""
        yield f"{words} {screened}".strip()
    elif pooled.p_value is not None:
        yield (
            tr(
                "p = {p} if all answers were independent; those of one listener are "
                "not, so look at how many listeners it is.",
                p=chance_in_words(pooled.p_value),
            )
        )
    if pooled.agreement is not None:
        yield tr(
            "Agreement of the listeners (Krippendorff's alpha): {agreement:.2f}.",
            agreement=pooled.agreement,
        )


def _unknown_lines(pooled: Pooled) -> Iterable[str]:
    if pooled.unknown:
        yield tr(
            "Counted, but nobody knows of which restore: {tests}, from before that was kept.",
            tests=_tests(pooled.unknown),
        )


def _tests(count: int) -> str:
    return ntr("{count} test", "{count} tests", count)
