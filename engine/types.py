"""The values that cross rooms: between stages, processes, the window and the command line.

Everything here is frozen, needs only numpy, and (but for `Audio`, which holds an array) travels in
messages and JSON as it stands.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Sound: (channels, num_samples) float32, full scale at +-1, never clipped inside the engine."""

CERTAIN = 0.9
"""From this confidence in the choice on the whole of the other music is removed."""

DeviceChoice = Literal["auto", "cpu", "cuda", "mps"]
"""Where networks shall run; `"auto"` is the fastest there is."""


@dataclass(frozen=True, slots=True)
class Audio:
    """One block of sound.

    Attributes:
        samples: (channels, num_samples) float32.
        sample_rate_hz: Frames a second.
    """

    samples: Samples
    sample_rate_hz: int

    @property
    def channels(self) -> int:
        """Number of channels."""
        return int(self.samples.shape[0])

    @property
    def num_samples(self) -> int:
        """Number of frames."""
        return int(self.samples.shape[1])

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.num_samples / self.sample_rate_hz


@dataclass(frozen=True, slots=True)
class AudioRef:
    """Sound that lies in the artifact cache, named by what it was made of.

    Attributes:
        key: Name in the cache; equal keys mean equal samples.
        num_samples: Frames a channel.
        channels: Number of channels.
        sample_rate_hz: Frames a second.
    """

    key: str
    num_samples: int
    channels: int
    sample_rate_hz: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.num_samples / self.sample_rate_hz

    @property
    def num_bytes(self) -> int:
        """What it takes in the cache, but for a few bytes."""
        return 4 * self.channels * self.num_samples


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of time, `start_s` included, `end_s` excluded."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s


class StemName(StrEnum):
    """The stems a restore can write; the value is the file name and the JSON key."""

    MIX = "mix"
    RESTORED = "restored"
    DIALOGUE = "dialogue"
    EFFECTS = "effects"
    OST = "ost"
    BGM = "bgm"
    REST = "rest"
    MUSIC1 = "music1"
    MUSIC2 = "music2"


class Verdict(StrEnum):
    """What the matcher says of two sounds and a picture."""

    FIRST = "first"
    SECOND = "second"
    BOTH = "both"
    NONE = "none"
    UNSURE = "unsure"


OstChoice = Literal["first", "second"]
OstWish = Literal["auto", "first", "second"]
"""Which of two musics is to be kept; `"auto"` lets the matcher choose."""


class Quality(StrEnum):
    """How much time a restore may take."""

    DRAFT = "draft"
    STANDARD = "standard"
    BEST = "best"


class Method(StrEnum):
    """The way the background music was taken out."""

    KNOWN_BGM = "known_bgm"
    BLIND = "blind"
    KNOWN_BGM_AND_BLIND = "known_bgm+blind"


@dataclass(frozen=True, slots=True)
class Decision:
    """Which of the two music stems is kept.

    Attributes:
        ost: The stem that is kept.
        verdict: What the matcher found, or the user's own word.
        confidence: Calibrated probability in [0, 1] that `ost` is right.
    """

    ost: OstChoice
    verdict: Verdict
    confidence: float

    @property
    def removal_gain(self) -> float:
        """How much of the other music is taken out, from 0 to 1.

        A wrong choice costs more than a right one wins, so nothing is removed at even odds, and all
        of it only from `CERTAIN` on.
        """
        return min(1.0, max(0.0, (self.confidence - 0.5) / (CERTAIN - 0.5)))


@dataclass(frozen=True, slots=True)
class MatchResult:
    """Answer of the matcher for two sounds and one picture.

    Attributes:
        choice: The verdict.
        confidence: Calibrated probability in [0, 1] of the choice.
        scores: Fit of the first and of the second sound, higher fits better.
        model: Name of the matcher.
    """

    choice: Verdict
    confidence: float
    scores: tuple[float, float]
    model: str


@dataclass(frozen=True, slots=True)
class BgmMatch:
    """One stretch of a known track found in a mix.

    Attributes:
        track: Absolute path of the track's file.
        track_start_s: Position in the track that sounds at `video_start_s`.
        video_start_s: Where the stretch begins in the mix.
        video_end_s: Where it ends.
        gain_db: Level of the track in the mix relative to its file, median over the stretch.
        speed: Speed of the track in the mix, 1.0 as in the file.
        confidence: How sure that this is the track, 0 to 1; 0.5 is what just counts as found.
    """

    track: Path
    track_start_s: float
    video_start_s: float
    video_end_s: float
    gain_db: float
    speed: float
    confidence: float


@dataclass(frozen=True, slots=True)
class StageReport:
    """What one stage of a restore did: its name, the model that did it, the time it took."""

    name: str
    model: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class SpeechParams:
    """How speech regions are cut from the activity of the voice detector.

    Attributes:
        onset: Probability in [0, 1] above which speech begins.
        offset: Probability in [0, 1] below which it ends, not above `onset`.
        min_on_s: Shorter regions are dropped.
        min_off_s: Shorter gaps are closed.
        pad_s: Every region is widened by this much on both sides.
    """

    onset: float = 0.5
    offset: float = 0.35
    min_on_s: float = 0.1
    min_off_s: float = 0.2
    pad_s: float = 0.08

    def __post_init__(self) -> None:
        """Refuse thresholds that cannot work."""
        if not 0 <= self.offset <= self.onset <= 1:
            raise ValueError(f"need 0 <= offset <= onset <= 1, got {self.offset} and {self.onset}")
        if min(self.min_on_s, self.min_off_s, self.pad_s) < 0:
            raise ValueError("durations must not be negative")


@dataclass(frozen=True, slots=True)
class RestoreRequest:
    """Everything a restore needs to know; made by the window or the command line.

    Attributes:
        video: The input, never written to.
        bgm: Tracks that lie under the mix; empty if none is known.
        libraries: Folders of tracks of which some may lie under the mix; if none does, the blind
            way is taken.
        own_library: The folders are those of the user's library, which nobody named: what cannot be
            read of them is a warning, not an error.
        ost: `"auto"` lets the matcher choose.
        quality: How much time the networks may take: which they are, and the overlap of chunks.
        device: `"auto"`, `"cpu"`, `"cuda"` or `"mps"`.
        models: The user's own choice of model by stage name (a card's name or a file's path).
        speech: Parameters of the speech extractor.
        region: Only this stretch is restored, for a preview; None means the whole.
        with_dialogue: Speech is wanted apart from the rest even where the added music is known.
    """

    video: Path
    bgm: tuple[Path, ...] = ()
    libraries: tuple[Path, ...] = ()
    own_library: bool = False
    ost: OstWish = "auto"
    quality: Quality = Quality.STANDARD
    device: DeviceChoice = "auto"
    models: dict[str, str] = field(default_factory=dict)
    speech: SpeechParams = SpeechParams()
    region: Region | None = None
    with_dialogue: bool = False


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """What a restore found; the sound itself lies in the artifact cache.

    `restored` + `bgm` = `mix` sample by sample, and on the blind path `dialogue` + `effects` +
    `ost` + `bgm` = `mix`. Where no network tells two pieces of music apart, `dialogue` + `rest` =
    `mix`, with `bgm` in the place of `rest` if the user wants all of it out. Where the added
    music is known, `dialogue` is a part of `restored`.

    Attributes:
        video: The input.
        stems: Sound by name, all of the mix's length, rate and channels; that of the region if
            only one was restored.
        method: The way taken.
        bgm: Stretches of known tracks.
        decision: Which of `music1` and `music2` was kept; None when there are no such two, all of
            the mix's length, to choose from.
        speech: Speech regions, where speech was looked for.
        stages: Stages in the order they ran.
        warnings: Plain sentences for the user.
        notices: Which networks were taken and why, where that is more than the default.
        region: What was restored, in the time of the video as all times here; None is all of it.
        poor: Stretches in which a known track was changed by more than can be undone: what was
            taken out blind there, or is still heard, is worth listening to.
        quality: How much time the networks took.
    """

    video: Path
    stems: dict[StemName, AudioRef]
    method: Method
    bgm: tuple[BgmMatch, ...]
    decision: Decision | None
    speech: tuple[Region, ...]
    stages: tuple[StageReport, ...]
    warnings: tuple[str, ...]
    notices: tuple[str, ...] = ()
    region: Region | None = None
    poor: tuple[Region, ...] = ()
    quality: Quality = Quality.STANDARD

    def __post_init__(self) -> None:
        """Refuse a decision about music that is not there."""
        if self.decision is not None and not {StemName.MUSIC1, StemName.MUSIC2} <= set(self.stems):
            raise ValueError("a decision needs music1 and music2 to choose from")

    @property
    def may_change_speech(self) -> bool:
        """Whether speech lies apart from all the rest, so that other regions can be made of it."""
        is_whole = self.method is Method.BLIND and self.region is None
        return is_whole and StemName.DIALOGUE in self.stems


@dataclass(frozen=True, slots=True)
class SpeechEditRequest:
    """Other speech regions for a blind restore; only what changes is separated again.

    Attributes:
        result: The restore, with its sounds in the cache; the answer is another one.
        speech: All speech regions that are wanted, in order, not touching each other.
        device: Where networks shall run.
    """

    result: RestoreResult
    speech: tuple[Region, ...]
    device: DeviceChoice = "auto"


@dataclass(frozen=True, slots=True)
class IdentifyRequest:
    """Which tracks of the user's library sound in a video.

    Attributes:
        video: The input.
    """

    video: Path


@dataclass(frozen=True, slots=True)
class IdentifyResult:
    """Answer to an `IdentifyRequest`.

    Attributes:
        video: The input.
        matches: Where tracks sound, in the order of the mix; a copy of the video's own sound, which
            nobody wants out, is not among them.
        warnings: Plain sentences for the user.
    """

    video: Path
    matches: tuple[BgmMatch, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """Take a checkpoint of the user into the models; nothing in it is run.

    Attributes:
        file: The checkpoint.
    """

    file: Path


@dataclass(frozen=True, slots=True)
class ImportResult:
    """Answer to an `ImportRequest`.

    Attributes:
        title: What the network is called.
        notes: Plain sentences for the user.
    """

    title: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PictureCutsRequest:
    """When the picture of a video is cut.

    Attributes:
        video: The input.
    """

    video: Path


@dataclass(frozen=True, slots=True)
class PictureCutsResult:
    """Answer to a `PictureCutsRequest`.

    Attributes:
        video: The input.
        cuts_s: When the first frame behind each cut is shown, ascending.
    """

    video: Path
    cuts_s: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class BeatsRequest:
    """When the beats of a track are.

    Attributes:
        track: The input.
    """

    track: Path


@dataclass(frozen=True, slots=True)
class BeatsResult:
    """Answer to a `BeatsRequest`.

    Attributes:
        track: The input.
        beats_s: When each beat is, in the time of the track, ascending; none of what keeps no time.
        tempo_bpm: The usual tempo in beats a minute; 0 without beats.
    """

    track: Path
    beats_s: tuple[float, ...] = ()
    tempo_bpm: float = 0.0


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """Where somebody speaks in a video, before anything has been separated.

    Attributes:
        video: The input.
    """

    video: Path


@dataclass(frozen=True, slots=True)
class SpeechResult:
    """Answer to a `SpeechRequest`.

    Attributes:
        video: The input.
        speech: Where, ascending; less exact than what a restore finds, for music is in the way.
    """

    video: Path
    speech: tuple[Region, ...] = ()
