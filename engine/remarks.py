"""Remarks: what the engine tells beside its results, such as the warnings of a restore.

They outlive the language in which they are said: projects and the cache keep them, signed reports
tell them, scripts read them. So they are English sentences made by the patterns below, and whoever
shows one to the user asks `in_words`. Sentences that are kept somewhere must stay recognisable: do
not reword a pattern without keeping the old one. Needs no torch.
"""

import re
from string import Formatter

from engine.translation import ENGLISH, language, ntr, tr

MOST_LETTERS = 1000
MOST_WITHIN = 4
_COUNT = "count"
_NUMBERS = (_COUNT, "more", "number", "threads")


class Remark:
    """An English sentence with named gaps; calling it fills them.

    Attributes:
        form: With the gaps in it, as in `str.format`.
        num_letters: How much of it all its sentences share; what has more is looked for first.
    """

    def __init__(self, form: str) -> None:
        self.form = form
        self._pattern = _pattern(form)
        self.num_letters = sum(len(text) for text, *_ in Formatter().parse(form))

    def __call__(self, **fields: object) -> str:
        """The sentence as it is kept."""
        return self.form.format(**fields)

    def read(self, sentence: str) -> dict[str, str] | None:
        """What fills the gaps; None if the sentence was not made by this pattern."""
        match = self._pattern.fullmatch(sentence)
        return match.groupdict() if match else None

    def words(self, fields: dict[str, str]) -> str:
        """The sentence in the language that is spoken."""
        return tr(self.form, **fields)


class Counted(Remark):
    """One that depends on a number, the field `count`."""

    def __init__(self, one: str, form: str) -> None:
        super().__init__(form)
        self._one = one

    def __call__(self, **fields: object) -> str:
        """The sentence as it is kept."""
        return (self._one if fields[_COUNT] == 1 else self.form).format(**fields)

    def read(self, sentence: str) -> dict[str, str] | None:
        """See `Remark.read`; projects of earlier versions hold the plural of one, too."""
        match = _pattern(self._one).fullmatch(sentence)
        return match.groupdict() if match else super().read(sentence)

    def words(self, fields: dict[str, str]) -> str:
        """See `Remark.words`."""
        return ntr(self._one, self.form, int(fields[_COUNT]))


def in_words(sentence: str, depth: int = MOST_WITHIN) -> str:
    """Give a remark, and the remarks within it, in the language that is spoken.

    What is no remark, such as a name, or was translated before, stays as it is; so does what is
    longer than any remark, or holds more of them: projects, which may come from anybody, keep some.

    Args:
        sentence: As it was kept.
        depth: So many remarks may lie one within another.
    """
    if language() == ENGLISH or not depth or len(sentence) > MOST_LETTERS:
        return sentence
    for remark in _KNOWN:
        fields = remark.read(sentence)
        if fields is not None:
            return remark.words({name: in_words(v, depth - 1) for name, v in fields.items()})
    return sentence


def all_in_words(sentences: tuple[str, ...]) -> tuple[str, ...]:
    """The same for some of them."""
    return tuple(in_words(sentence) for sentence in sentences)


def _pattern(form: str) -> re.Pattern[str]:
    """A regular expression that finds again what fills the gaps."""
    parts = []
    for text, name, _, _ in Formatter().parse(form):
        parts.append(re.escape(text))
        if name is not None:
            parts.append(rf"(?P<{name}>\d+)" if name in _NUMBERS else f"(?P<{name}>.+?)")
    return re.compile("".join(parts), re.DOTALL)


# Of files and their sound.
PACKETS_SKIPPED = Counted(
    "{count} damaged packet was skipped", "{count} damaged packets were skipped"
)
BREAKS_OFF = Remark("the file breaks off or is damaged towards its end")
NO_NUMBERS = Counted(
    "{count} sample was no number, or beyond all sense; silence takes its place",
    "{count} samples were no numbers, or beyond all sense; silence takes their place",
)
TOO_EARLY = Remark("the sound ends {seconds} s too early; silence takes its place")
ENDS_AT = Remark("ends at {end} s of {stated} s: damaged?")
UNDECODABLE = Counted(
    "{count} sound track cannot be decoded", "{count} sound tracks cannot be decoded"
)

# Of films that are written.
OTHER_CONTAINER = Remark("FFmpeg cannot write this as {suffix}: written as {file}")
NO_CONTAINER = Remark("FFmpeg cannot write this as it is named: written as {file}")
NOT_COPIED = Remark("{kind} track {number} cannot be copied: left out")
DOES_NOT_FIT = Remark("{kind} track {number} does not fit into {format}: left out")
NO_PIXEL_SHAPE = Remark("{format} is written without the pixel shape of the picture")
OTHER_RATE = Remark("{encoder} cannot have {wanted} Hz: the new track has {rate} Hz")
INEXACT_LENGTH = Remark(
    "{format} cannot say where {encoder} sound ends: its length is exact to one codec frame"
)
CLIPPED = Counted(
    "{count} sample exceeds full scale and may be clipped",
    "{count} samples exceed full scale and may be clipped",
)

# Of the user's library.
FOLDER_MISSING = Remark("The library folder {folder} is not there.")
FOLDER_LOCKED = Remark("The library folder {folder} may not be read.")
NOT_SEARCHED = Remark("your library was not searched: {error}")
UNREAD = Remark("left out what could not be read as sound: {names}")
FILES_GONE = Remark("recognised, but the file is gone: {names}")
AND_MORE = Remark("{names} and {more} more")
OWN_SOUND = Remark("{track} is the sound of the video itself")
STRETCHED = Remark(
    "{track} seems to sound in it with {change}: such a track can be recognised, but neither "
    "proved nor taken out"
)
ITS_PITCH = Remark("its pitch changed by {percent}")
ITS_TEMPO = Remark("its tempo changed by {percent}")

# Of known tracks.
OWN_SOUND_LEFT_IN = Remark(
    "{track} is the sound of the video itself, so it was left in; --bgm takes it out"
)
NEXT_TO_SILENCE = Remark(
    "hardly anything else is heard in {video}: what is left of its sound is next to silence"
)
NO_TRACK = Remark("no track of {folders} could be taken out: the blind way was taken")
SAME_TRACK = Remark("{track} sounds the same as another track there, and only one was taken out")
NOT_FOUND = Remark("{track} was not found")
AT_ONCE = Remark(
    "{first} and {second} sound at once, and both were taken out; if one of them belongs to the "
    "video, name the other one with --bgm"
)
CHANGED_MUCH = Remark("a track was changed by more than gains and filters at {where}; {outcome}")
SOMETHING_LEFT = Remark("something of it is still heard")
BLIND_THERE = Remark("the blind way was taken")
BLIND_THERE_WITH = Remark("the blind way was taken: {fate}")
LEFT_THERE = Remark("it is still heard")
LEFT_THERE_WITH = Remark("it is still heard: {fate}")

# Of two musics.
DOUBT = Remark("{why}: listen to both and choose")
FIRST_KEPT = Remark("the first of two musics was kept there ({sureness})")
SECOND_KEPT = Remark("the second of two musics was kept there ({sureness})")
AS_CHOSEN = Remark("as you chose")
SURE_BY = Remark("{percent} sure")
BOTH_FIT = Remark("both pieces of music go with the picture, so none was removed")
NEITHER_FITS = Remark("neither piece of music goes with the picture, so none was removed")
UNCLEAR = Remark("it is not clear which music belongs to the picture, so none was removed")
BY_NETWORK = Remark(
    "no picture tells which music is the original one; music1 sounds like it to the network, "
    "which was right in about {confidence} of the mixes it was tested on, so {removed} of music2 "
    "was removed"
)
UNCERTAIN = Remark("the choice of music is not certain, so only {removed} was removed")

# Of the blind way.
UNDIVIDED = Remark(
    "speech was separated, but no music was taken out: no network that tells two pieces of music "
    "apart is chosen; with the file of the added track it can be taken out"
)
ONLY_SPEECH = Remark("music and effects were taken out together: only speech is left")
"""Of a restore that was asked to keep nothing else where no track was found."""

# Of devices and their memory.
PROCESSOR = Remark("processor, {threads} threads")
ON_PROCESSOR = Remark("{device} has no memory left, so the processor went on; that is slower")
LESS_AT_ONCE = Remark(
    "the memory of {device} was short, so less was worked on at once; that is slower, not worse"
)
SHORTER_CHUNKS = Remark(
    "the memory of {device} was too small for whole chunks, so shorter ones were taken; that may "
    "sound a little worse"
)

# Of the choice of networks.
NETWORK = Remark("quality {quality}: {stage} {model} ({why})")
WITH_COST = Remark("{why}; {times} x real time here, about {time}")
TOO_SLOW = Remark("{why}; {model} has {figure} but would take {times} x real time")
THE_DEFAULT = Remark("the default")
BETTER_IS_HERE = Remark("the default; {model} is here too, {figure}: quality best")
CHEAPEST = Remark("the cheapest of {number} that are here")
ONLY_ONE = Remark("the only one")
BEST_KNOWN = Remark("the best known, {figure}")
ONLY_KNOWN = Remark("the only one of which that is known, {figure}")
ON_VOICES = Remark("{figure} dB SDR on voices")
BY_ITS_AUTHOR = Remark("{figure} dB SDR by its author")
GAIN = Remark("{figure} dB SI-SDR gain")

_KNOWN = sorted(
    (each for each in globals().values() if isinstance(each, Remark)),
    key=lambda remark: -remark.num_letters,
)
