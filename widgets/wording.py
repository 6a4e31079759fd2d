"""Numbers as people say them."""

import math
import re
from collections.abc import Sequence

from engine.translation import ntr, tr
from engine.types import BgmMatch, Decision, Quality, StageReport, Verdict

SURE = 0.9
FAIRLY_SURE = 0.7
_MOST_PLACES = 3
_BYTES_PER_GB, _BYTES_PER_MB = 1_000_000_000, 1_000_000

_BEFORE_A_UNIT = re.compile(
    r"(?<=\d) (?=(?:%|ms|s|min|h|dB|dBTP|LUFS|LU|Hz|kHz|bit|kbit/s|kB|MB|GB|TB)(?!\w))"
)

QUALITY_NAMES = {
    Quality.DRAFT: tr("Draft"),
    Quality.STANDARD: tr("Standard"),
    Quality.BEST: tr("Best"),
}
_QUALITY_WORDS = {
    Quality.DRAFT: tr("Quick look: the seams may be rougher."),
    Quality.STANDARD: tr("The right choice for most videos."),
    Quality.BEST: tr("The smoothest seams; takes half as long again."),
}


def sentences(*parts: str) -> str:
    """Put several sentences together, each with its full stop; one alone stays as it is."""
    if len(parts) < 2:
        return "".join(parts)
    return " ".join(part if part.endswith((".", "?", "…")) else f"{part}." for part in parts)


def unbroken(text: str) -> str:
    """The same words, in which no line can end between a number and its unit."""
    return _BEFORE_A_UNIT.sub("\N{NO-BREAK SPACE}", text)


def clock(position_s: float) -> str:
    """Give a position with milliseconds: 00:21.840, 1:02:03.004."""
    milliseconds = round(max(position_s, 0.0) * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    tail = f"{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"
    return f"{hours}:{tail}" if hours else tail


def tick_label(time_s: float, step_s: float) -> str:
    """Give a time on the ruler with as many decimals as the step needs: 0:05, 0:05.25."""
    decimals = max(0, -math.floor(math.log10(step_s) + 1e-9))
    scale = 10**decimals
    whole, fraction = divmod(round(time_s * scale), scale)
    minutes, seconds = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
    return f"{text}.{fraction:0{decimals}d}" if decimals else text


def seconds_in_words(seconds: float) -> str:
    """Give the time something took: 0.4 s, 14 s, 2 min 5 s."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def about(seconds: float) -> str:
    """Give an estimate no more exactly than it is known: 14 s, 50 s, 4 min, 1 h 10 min."""
    if seconds < 20:
        return f"{max(1, math.ceil(seconds))} s"
    if seconds <= 90:
        return f"{math.ceil(seconds / 5) * 5} s"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def time_left(left_s: float | None) -> str:
    """Say how long a job still takes."""
    return tr("estimating") if left_s is None else tr("about {time} left", time=about(left_s))


def percent(fraction: float) -> str:
    """Give a part of 1 in per cent, never 100 before everything is done."""
    return f"{math.floor(fraction * 100 + 1e-9)} %"


def decibel(value_db: float) -> str:
    """Give a level with a real minus sign: -6.0 dB, silence."""
    return tr("silence") if math.isinf(value_db) else f"{_signed(value_db)} dB"


def loudness_in_words(momentary_lufs: float, integrated_lufs: float, true_peak_db: float) -> str:
    """Give what a meter has measured, without what it cannot say yet: now -18.0, all -20.3 LUFS."""
    loudness = ((tr("now"), momentary_lufs), (tr("all"), integrated_lufs))
    said = ", ".join(f"{word} {_signed(lufs)}" for word, lufs in loudness if math.isfinite(lufs))
    peak = f"TP {decibel(true_peak_db)}" if math.isfinite(true_peak_db) else ""
    return " \N{MIDDLE DOT} ".join(part for part in (said and f"{said} LUFS", peak) if part)


def file_size(num_bytes: int) -> str:
    """Give a size as people say it: 12.3 GB, 45 MB, 0 MB."""
    if num_bytes >= _BYTES_PER_GB:
        return f"{num_bytes / _BYTES_PER_GB:.1f} GB"
    return f"{math.ceil(num_bytes / _BYTES_PER_MB)} MB"


def signed_decibel(value_db: float) -> str:
    """Give a change of level with its sign: +1.8 dB, -3.0 dB, 0.0 dB."""
    rounded_db = round(value_db, 1)
    return f"+{decibel(rounded_db)}" if rounded_db > 0 else decibel(rounded_db + 0.0)


def sureness(confidence: float) -> str:
    """Say how sure something is, word first: sure, 99 %."""
    if confidence >= SURE:
        word = tr("sure")
    else:
        word = tr("fairly sure") if confidence >= FAIRLY_SURE else tr("not sure")
    return f"{word}, {percent(confidence)}"


def amount_in_words(amount: float) -> str:
    """Say how much of something is meant, number first: 50 %, half of it."""
    words = {
        0: tr("nothing"),
        25: tr("a quarter of it"),
        50: tr("half of it"),
        75: tr("three quarters of it"),
        100: tr("all of it"),
    }
    number = round(100 * amount)
    vague = tr("less than half of it") if number < 50 else tr("most of it")
    return f"{number} %, {words.get(number, vague)}"


def verdict_in_words(decision: Decision) -> str:
    """Say what the matcher found and what follows from it."""
    kept = tr("Music 1") if decision.ost == "first" else tr("Music 2")
    if decision.confidence == 1:
        return tr("{kept} is kept, as you chose.", kept=kept)
    if decision.verdict is Verdict.UNSURE and decision.removal_gain > 0:
        return tr(
            "The picture does not tell, but to the network {kept} sounds like the original "
            "({sureness}). Listen to both.",
            kept=kept,
            sureness=sureness(decision.confidence),
        )
    words = {
        Verdict.FIRST: tr(
            "Music 1 fits the picture ({sureness}).", sureness=sureness(decision.confidence)
        ),
        Verdict.SECOND: tr(
            "Music 2 fits the picture ({sureness}).", sureness=sureness(decision.confidence)
        ),
        Verdict.BOTH: tr("Both fit the picture; {kept} is kept. Listen to both.", kept=kept),
        Verdict.NONE: tr(
            "Neither clearly fits the picture; {kept} is kept. Listen to both.", kept=kept
        ),
        Verdict.UNSURE: (
            tr(
                "Hard to say, so {kept} is kept and nothing taken out. Listen to both; Swap takes "
                "it out.",
                kept=kept,
            )
        ),
    }
    return words[decision.verdict]


def match_in_words(match: BgmMatch) -> str:
    """Say where a known track was found and how sure that is."""
    start, end, origin = (
        tick_label(max(time_s, 0.0), 0.1)
        for time_s in (match.video_start_s, match.video_end_s, match.track_start_s)
    )
    sure = sureness(match.confidence)
    return tr(
        "Under {start} to {end}, from {origin} of the track; {sure}.",
        start=start,
        end=end,
        origin=origin,
        sure=sure,
    )


def matches_in_words(matches: Sequence[BgmMatch]) -> str:
    """Say where a known track was found, line by line; of a loop not every turn."""
    if len(matches) <= _MOST_PLACES:
        return "\n".join(match_in_words(match) for match in matches)
    until = tick_label(matches[-1].video_end_s, 0.1)
    more = ntr(
        "And at {count} more place, up to {until}.",
        "And at {count} more places, up to {until}.",
        len(matches) - 1,
        until=until,
    )
    return f"{match_in_words(matches[0])}\n{more}"


def quality_in_words(quality: Quality, estimate_s: float | None) -> str:
    """Say what a quality means and how long it takes."""
    words = _QUALITY_WORDS[quality]
    return (
        words
        if estimate_s is None
        else tr("{words} About {time}.", words=words, time=about(estimate_s))
    )


def stages_in_words(stages: tuple[StageReport, ...]) -> str:
    """List stages that are done with their times."""
    return "\n".join(
        f"{stage.name} \N{CHECK MARK} {seconds_in_words(stage.seconds)}" for stage in stages
    )


def _signed(value: float) -> str:
    return f"{value:.1f}".replace("-", "\N{MINUS SIGN}")
