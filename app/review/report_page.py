"""A report as a page of HTML, plain enough to be printed by Qt's rich text as well."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from string import Template

from app.lane_words import lane_word
from app.restore_progress import stage_words
from app.review.facts import Facts, PlacedFact
from app.review.findings import finding, shares
from app.review.listeners import ListenersFile, beside, heard_tests
from app.review.listening import MadeWith, Session
from app.review.pooling import Pooled, PooledRow, pool, pooled_words
from engine.remarks import all_in_words
from engine.translation import language, ntr, tr
from engine.types import BgmMatch, StemName
from widgets.review_view import Question
from widgets.wording import (
    decibel,
    percent,
    seconds_in_words,
    signed_decibel,
    sureness,
    tick_label,
    verdict_in_words,
)

_PAGE = Template("""<!DOCTYPE html>
<html lang="$language"><head><meta charset="utf-8"><title>$title</title><style>
body { font-family: Inter, "Segoe UI", "Noto Sans", sans-serif; font-size: 10pt; color: #1a1c1f;
  max-width: 50em; margin: 2em auto; padding: 0 1em; }
h1 { font-size: x-large; } h2 { font-size: large; margin-top: 1.4em; }
table { border-collapse: collapse; } td, th { text-align: left; padding: 2px 14px 2px 0; }
th { font-weight: normal; color: #5b636d; } .dim { color: #5b636d; }
.hash { font-family: monospace; font-size: 8pt; } img { max-width: 100%; }
</style></head><body>
$body
</body></html>
""")
_NAMES: dict[str, str] = {
    StemName.MIX: tr("original"),
    StemName.RESTORED: tr("restored"),
    StemName.DIALOGUE: tr("dialogue"),
    StemName.EFFECTS: tr("effects"),
    StemName.OST: tr("original music"),
    StemName.REST: tr("music and effects"),
    StemName.BGM: tr("taken out"),
}
_ROLES = {
    "video": tr("video"),
    "added track": tr("added track"),
    "placed music": tr("placed music"),
    "listening tests": tr("listening tests"),
}
_METHODS = {
    "known_bgm": tr("The added track is known and was subtracted."),
    "blind": tr("Separated by networks alone."),
    "known_bgm+blind": tr(
        "The added track is known and was subtracted; what was still heard of it "
        "was separated by networks."
    ),
    "": tr("Nothing was restored."),
}


def page(facts: Facts, signer: str, pictures: Mapping[str, bytes]) -> str:
    """The report.

    Args:
        facts: What it tells.
        signer: Who signs it.
        pictures: PNG files by their captions, in order.
    """
    video = facts.files[0].name
    sections = (
        _heading(facts, signer),
        _section(tr("What was removed"), _removed(facts)),
        _section(tr("Placed music"), _placed(facts)),
        _section(tr("How loud it is"), _levels(facts)),
        _section(tr("Before and after"), _pictures(pictures)),
        _section(tr("Blind tests"), _tests(facts, is_other=False)),
        _section(tr("Blind tests of other sounds"), _tests(facts, is_other=True)),
        _section(tr("All listeners"), _pooled(facts, signer)),
        _section(tr("Notes"), _notes(facts)),
        _section(tr("How it was made"), _stages(facts)),
        _section(tr("Files"), _files(facts)),
    )
    title = escape(tr("{video}: report", video=video))
    return _PAGE.substitute(language=language(), title=title, body="\n".join(sections))


def _heading(facts: Facts, signer: str) -> str:
    video = facts.files[0].name
    sound = f"{tick_label(facts.duration_s, 0.1)}, {facts.sample_rate_hz / 1000:g} kHz"
    channels = ntr("{count} channel", "{count} channels", facts.channels)
    by = tr("Signed by {signer}, {time}") if signer else tr("Signed {time}")
    by = by.format(signer=signer, time=facts.made_at)
    return (
        f"<h1>{escape(video)}</h1>"
        f'<p class="dim">{escape(f"{sound}, {channels}")}<br>'
        f"{escape(f'{by}; {facts.program}')}</p>"
    )


def _section(title: str, content: str) -> str:
    return f"<h2>{escape(title)}</h2>\n{content}" if content else ""


def _removed(facts: Facts) -> str:
    decision = verdict_in_words(facts.decision) if facts.decision is not None else ""
    lines = [_METHODS.get(facts.method, facts.method), decision, *all_in_words(facts.warnings)]
    if facts.amount < 1:
        lines.append(
            tr(
                "The user had {percent} of the added music taken out.",
                percent=percent(facts.amount),
            )
        )
    if facts.removed_db is not None:
        lines.append(
            tr(
                "What was taken out has {level} of the mix's power.",
                level=decibel(facts.removed_db),
            )
        )
    words = "".join(f"<p>{escape(line)}</p>" for line in lines if line)
    header = (tr("track"), tr("in the video"), tr("from"), tr("level"), tr("speed"), tr("how sure"))
    return words + _table(header, [_match_row(match) for match in facts.removed])


def _match_row(match: BgmMatch) -> tuple[str, ...]:
    start, end, origin = (
        tick_label(max(time_s, 0.0), 0.1)
        for time_s in (match.video_start_s, match.video_end_s, match.track_start_s)
    )
    speed = f"{100 * (match.speed - 1):+.2f} %"
    level = signed_decibel(match.gain_db)
    return (
        match.track.name,
        tr("{start} to {end}", start=start, end=end),
        origin,
        level,
        speed,
        sureness(match.confidence),
    )


def _placed(facts: Facts) -> str:
    header = (tr("track"), tr("lane"), tr("in the video"), tr("from"), tr("level"), "")
    return _table(header, [_placed_row(each) for each in facts.placed])


def _placed_row(placed: PlacedFact) -> tuple[str, ...]:
    start, end, origin = (
        tick_label(time_s, 0.1) for time_s in (placed.start_s, placed.end_s, placed.track_start_s)
    )
    how = []
    if placed.duck_db:
        how.append(tr("{level} while somebody speaks", level=decibel(-placed.duck_db)))
    if placed.has_envelope:
        how.append(tr("with an envelope"))
    return (
        placed.track.name,
        lane_word(placed.lane_id),
        tr("{start} to {end}", start=start, end=end),
        origin,
        tr("not heard") if placed.gain_db is None else signed_decibel(placed.gain_db),
        ", ".join(how),
    )


def _levels(facts: Facts) -> str:
    rows = [
        (
            _NAMES.get(level.version, level.version),
            _level(level.integrated_lufs, "LUFS"),
            _level(level.true_peak_db, "dBTP"),
        )
        for level in facts.levels
    ]
    return _table((tr("version"), tr("loudness (EBU R 128)"), tr("true peak")), rows)


def _level(value: float | None, unit: str) -> str:
    return tr("silence") if value is None else decibel(value).replace("dB", unit)


def _pictures(pictures: Mapping[str, bytes]) -> str:
    return "\n".join(
        f'<p>{escape(caption)}<br><img alt="{escape(caption)}" '
        f'src="data:image/png;base64,{base64.b64encode(png).decode()}"></p>'
        for caption, png in pictures.items()
    )


def _tests(facts: Facts, *, is_other: bool) -> str:
    """The tests of what the report shows, or those of anything else."""
    found = [(each, each.plan.made_with(facts.sounds)) for each in facts.sessions]
    chosen = [each for each in found if (each[1] is MadeWith.OTHER) == is_other]
    about = tr(
        "These were made with sounds that this report does not show, such as those of another "
        "restore: they say nothing of what it shows."
    )
    top = f"<p>{escape(about)}</p>" if chosen and is_other else ""
    return top + "".join(_session(*each) for each in chosen)


def _session(session: Session, made_with: MadeWith) -> str:
    plan, found = session.plan, finding(session, made_with)
    words = "".join(f"<p>{escape(line)}</p>" for line in found.lines)
    start, end = (tick_label(s, 0.1) for s in (plan.region.start_s, plan.region.end_s))
    gains = ", ".join(f"{each.words} {signed_decibel(each.gain_db)}" for each in plan.rated)
    how = tr(
        "{num_trials} trials chosen beforehand, {start} to {end} looped, loudness matched "
        "({gains}), seed {seed}, ended {finished_at}.",
        num_trials=plan.num_trials,
        start=start,
        end=end,
        gains=gains,
        seed=plan.seed,
        finished_at=session.finished_at,
    )
    return (
        f"<p><b>{escape(found.title)}</b></p>{words}{_preference_table(session)}"
        f'<p class="dim">{escape(how)}</p>{_trials(session)}'
    )


def _preference_table(session: Session) -> str:
    if session.plan.question is not Question.PREFERENCE or not session.answers:
        return ""
    rows = [
        (share.name, f"{100 * share.count / share.total:.1f} %", _range(share.interval))
        for share in shares(session)
    ]
    return _table((tr("version"), tr("preferred"), tr("95 % interval")), rows)


def _range(interval: tuple[float, float]) -> str:
    low, high = (f"{100 * share:.1f}" for share in interval)
    return tr("{low} to {high} %", low=low, high=high)


def _trials(session: Session) -> str:
    names = {each.version_id: each.words for each in session.plan.rated}
    rows = [
        (
            str(number),
            ", ".join(names[version_id] for version_id in answer.plays),
            _answer_words(session, number - 1),
            seconds_in_words(answer.listened_s),
            str(answer.switches),
        )
        for number, answer in enumerate(session.answers, 1)
    ]
    return _table(
        (tr("trial"), tr("buttons played"), tr("answer"), tr("time"), tr("switches")), rows
    )


def _answer_words(session: Session, index: int) -> str:
    answer, question = session.answers[index], session.plan.question
    if question is Question.RATING or answer.choice is None:
        return ", ".join(str(rating) for rating in answer.ratings)
    if question is Question.ABX:
        words = tr("X is {letter}: right") if answer.is_right else tr("X is {letter}: wrong")
        return words.format(letter="AB"[answer.choice])
    return tr("{letter} is best", letter=answer.choice + 1)


def _pooled(facts: Facts, signer: str) -> str:
    """The project's tests and those of others in one table each, and whose these are."""
    if not facts.others:
        return ""
    film = facts.files[0].name
    own = heard_tests(facts.sessions, film, signer, facts.sounds)
    tables = "".join(map(_pooled_table, pool([*own, *beside(facts.others, facts.sounds)])))
    whose = tr("The tests of this project are pooled with those in:")
    files = "".join(f"<li>{escape(_listeners_words(file))}</li>" for file in facts.others)
    return f"{tables}<p>{escape(whose)}</p><ul>{files}</ul>"


def _listeners_words(file: ListenersFile) -> str:
    """Whose tests they are; the name is what the signer wrote, the key tells who it was."""
    if not file.key:
        return tr("{file}, a project that nobody signed", file=file.path.name)
    by = file.by or tr("somebody without a name")
    return tr("{file}, signed by {signer}, key {key}", file=file.path.name, signer=by, key=file.key)


def _pooled_table(pooled: Pooled) -> str:
    found = pooled_words(pooled)
    is_rating, is_abx = (pooled.question is each for each in (Question.RATING, Question.ABX))
    heard = tr("heard by") if is_abx else tr("preferred by")
    header = (tr("version"), tr("answers"), tr("share"), tr("95 % interval"), heard)
    if is_rating:
        header = (tr("version"), tr("listeners"), tr("mean"), tr("95 % interval"), tr("best for"))
    rows = [_pooled_row(row, pooled) for row in pooled.rows]
    words = "".join(f"<p>{escape(line)}</p>" for line in found.notes)
    top = f"<p><b>{escape(found.title)}</b><br>{escape(found.counts)}</p>"
    return f"{top}{_table(header, rows)}{words}"


def _pooled_row(row: PooledRow, pooled: Pooled) -> tuple[str, ...]:
    of_all = tr("{count} of {all}", count=row.listeners, all=pooled.listeners)
    if pooled.question is Question.RATING:
        low, high = f"{row.low:.0f}", f"{row.high:.0f}"
        interval = tr("{start} to {end}", start=low, end=high) if row.count > 1 else "\N{EN DASH}"
        return row.name, str(row.count), f"{row.value:.0f}", interval, of_all
    name = tr("right") if pooled.question is Question.ABX else row.name
    answers = tr("{count} of {all}", count=row.count, all=pooled.answers)
    return name, answers, f"{100 * row.value:.1f} %", _range((row.low, row.high)), of_all


def _notes(facts: Facts) -> str:
    return _table((), [(tick_label(note.time_s, 0.1), note.text) for note in facts.notes])


def _stages(facts: Facts) -> str:
    rows = [
        (stage_words(each.name), each.model or "", seconds_in_words(each.seconds))
        for each in facts.stages
    ]
    return _table((tr("stage"), tr("network"), tr("time")), rows)


def _files(facts: Facts) -> str:
    rows = [
        (_ROLES.get(file.role, file.role), file.name, tr("{count:,} bytes", count=file.num_bytes))
        for file in facts.files
    ]
    hashes = "".join(
        f'<p class="hash">{escape(file.name)}<br>{file.sha256}</p>' for file in facts.files
    )
    return _table((tr("what"), tr("name"), tr("size")), rows) + f"<p>SHA-256:</p>{hashes}"


def _table(header: Sequence[str], rows: Sequence[Iterable[str]]) -> str:
    if not rows:
        return ""
    top = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table>{f'<tr>{top}</tr>' if top else ''}{body}</table>"
