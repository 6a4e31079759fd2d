"""An engine whose restore knows the answer: films made of tones, one for each stem."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine import remarks
from engine.artifacts import ArtifactStore, artifact_key, cache_folder
from engine.context import Progress, RunContext
from engine.errors import BadCheckpointError, BgmNotFoundError, DeviceError, LibraryError
from engine.stages.decode import decode
from engine.types import (
    Audio,
    AudioRef,
    BeatsRequest,
    BeatsResult,
    BgmMatch,
    Decision,
    IdentifyRequest,
    IdentifyResult,
    ImportRequest,
    ImportResult,
    Method,
    PictureCutsRequest,
    PictureCutsResult,
    Quality,
    Region,
    RestoreRequest,
    RestoreResult,
    Samples,
    SpeechEditRequest,
    SpeechRequest,
    SpeechResult,
    StageReport,
    StemName,
    Verdict,
)
from engine.workload import Workload
from tests.helpers.media import make_video

TONES_HZ = {
    StemName.DIALOGUE: 310.0,
    StemName.EFFECTS: 730.0,
    StemName.MUSIC1: 1130.0,
    StemName.MUSIC2: 1910.0,
}
LEVEL = 0.1


def tone_of(stem: StemName, num_samples: int, sample_rate_hz: int) -> Samples:
    """The sound of one stem of a film: (2, num_samples) float32."""
    times_s = np.arange(num_samples) / sample_rate_hz
    tone = LEVEL * np.sin(2 * np.pi * TONES_HZ[stem] * times_s)
    return np.tile(tone.astype(np.float32), (2, 1))


def film_sound(num_samples: int, sample_rate_hz: int) -> Samples:
    """All stems of a film together."""
    return sum_of(tuple(TONES_HZ), num_samples, sample_rate_hz)


def sum_of(stems: tuple[StemName, ...], num_samples: int, sample_rate_hz: int) -> Samples:
    """Some stems of a film together: (2, num_samples) float32."""
    total = np.zeros((2, num_samples), np.float32)
    for stem in stems:
        total += tone_of(stem, num_samples, sample_rate_hz)
    return total


def make_tone_film(path: Path, seconds: float, sample_rate_hz: int) -> Path:
    """Write a film whose sound is that of all stems, without loss."""
    sound = film_sound(round(seconds * sample_rate_hz), sample_rate_hz)
    return make_video(path, seconds, sound, sample_rate_hz, "pcm_f32le")


def restore(request: RestoreRequest, context: RunContext) -> RestoreResult:
    """Standard succeeds, draft fails, best runs until it is cancelled.

    A film whose name says `endless` runs until it is cancelled, too; one that says `broken` fails.
    Of one that says `undivided` all music stays together, as with the default networks.
    """
    store = ArtifactStore(cache_folder())
    mix = decode(request.video, store, context).mix
    context.report(Progress("separator", 1, 2))
    if request.quality is Quality.BEST or "endless" in request.video.name:
        while True:
            context.raise_if_cancelled()
            threading.Event().wait(0.01)
    if request.quality is Quality.DRAFT or "broken" in request.video.name:
        raise DeviceError("The device is on fire.", "Put it out.")
    context.raise_if_cancelled()
    if request.region is not None:
        return _cut(restore(replace(request, region=None), context), request.region, store)
    if request.bgm:
        return _known(request, mix, store)
    if "undivided" in request.video.name:
        return _undivided(request, mix, store)
    sounds = {stem: tone_of(stem, mix.num_samples, mix.sample_rate_hz) for stem in TONES_HZ}
    kept = (StemName.DIALOGUE, StemName.EFFECTS, StemName.MUSIC1)
    sounds[StemName.OST] = sounds[StemName.MUSIC1]
    sounds[StemName.BGM] = sounds[StemName.MUSIC2]
    sounds[StemName.RESTORED] = sum_of(kept, mix.num_samples, mix.sample_rate_hz)
    return RestoreResult(
        video=request.video,
        stems={stem: _stored(store, sound, mix) for stem, sound in sounds.items()}
        | {StemName.MIX: mix},
        method=Method.BLIND,
        bgm=(),
        decision=Decision("first", Verdict.FIRST, 0.95),
        speech=(Region(0.2, 0.8),),
        stages=(StageReport("separator", "tones", 0.5),),
        warnings=(),
    )


def edit_speech(request: SpeechEditRequest, context: RunContext) -> RestoreResult:
    """What is speech sounds in the dialogue, what is none in the effects.

    Of a film whose name says `patient` it runs until it is cancelled, of one that says `dumb` it
    fails.
    """
    store = ArtifactStore(cache_folder())
    mix = request.result.stems[StemName.MIX]
    context.report(Progress("mixed_music", 1, 2))
    while "patient" in request.result.video.name:
        context.raise_if_cancelled()
        threading.Event().wait(0.01)
    if "dumb" in request.result.video.name:
        raise DeviceError("The device is on fire.", "Put it out.")
    dialogue = tone_of(StemName.DIALOGUE, mix.num_samples, mix.sample_rate_hz)
    effects = tone_of(StemName.EFFECTS, mix.num_samples, mix.sample_rate_hz)
    is_speech = np.zeros(mix.num_samples, np.bool_)
    for region in request.speech:
        first, end = (round(s * mix.sample_rate_hz) for s in (region.start_s, region.end_s))
        is_speech[first:end] = True
    stems = request.result.stems | {
        StemName.DIALOGUE: store.put(
            artifact_key("spoken", mix.key, request.speech),
            Audio(dialogue * is_speech, mix.sample_rate_hz),
        ),
        StemName.EFFECTS: store.put(
            artifact_key("unspoken", mix.key, request.speech),
            Audio(effects + dialogue * ~is_speech, mix.sample_rate_hz),
        ),
    }
    return replace(request.result, stems=stems, speech=request.speech)


def _cut(result: RestoreResult, region: Region, store: ArtifactStore) -> RestoreResult:
    """The same of a stretch alone."""
    stems = {}
    for stem, ref in result.stems.items():
        first, end = (round(s * ref.sample_rate_hz) for s in (region.start_s, region.end_s))
        stems[stem] = _stored(store, store.map(ref)[:, first:end], ref)
    return replace(result, stems=stems, region=region)


def _known(request: RestoreRequest, mix: AudioRef, store: ArtifactStore) -> RestoreResult:
    if "absent" in request.bgm[0].name:
        raise BgmNotFoundError("The track was not found.", "Try the blind way.")
    kept = (StemName.DIALOGUE, StemName.EFFECTS, StemName.MUSIC1)
    restored = sum_of(kept, mix.num_samples, mix.sample_rate_hz)
    bgm = tone_of(StemName.MUSIC2, mix.num_samples, mix.sample_rate_hz)
    stems = {
        StemName.MIX: mix,
        StemName.RESTORED: _stored(store, restored, mix),
        StemName.BGM: _stored(store, bgm, mix),
    }
    match = BgmMatch(request.bgm[0], 0.5, 0.0, mix.duration_s, -3.0, 1.0, 0.95)
    return RestoreResult(request.video, stems, Method.KNOWN_BGM, (match,), None, (), (), ())


def _undivided(request: RestoreRequest, mix: AudioRef, store: ArtifactStore) -> RestoreResult:
    rest = (StemName.EFFECTS, StemName.MUSIC1, StemName.MUSIC2)
    dialogue = tone_of(StemName.DIALOGUE, mix.num_samples, mix.sample_rate_hz)
    stems = {
        StemName.MIX: mix,
        StemName.DIALOGUE: _stored(store, dialogue, mix),
        StemName.REST: _stored(store, sum_of(rest, mix.num_samples, mix.sample_rate_hz), mix),
        StemName.RESTORED: mix,
    }
    if request.ost == "second":
        stems[StemName.BGM] = stems.pop(StemName.REST)
        stems[StemName.RESTORED] = stems[StemName.DIALOGUE]
    warnings = ("no music was taken out" if request.ost == "auto" else remarks.ONLY_SPEECH(),)
    return RestoreResult(request.video, stems, Method.BLIND, (), None, (), (), warnings)


def _stored(store: ArtifactStore, samples: Samples, mix: AudioRef) -> AudioRef:
    key = artifact_key("tones", samples.shape[1], samples[:, :99].tolist())
    return store.put(key, Audio(samples, mix.sample_rate_hz))


def identify(request: IdentifyRequest, context: RunContext) -> IdentifyResult:
    """A track of the library for each number in the film's name: film.2.mkv holds two."""
    context.raise_if_cancelled()
    number = request.video.suffixes[0][1:]
    count = int(number) if number.isdigit() else 0
    if count > 8:
        raise LibraryError("The list is damaged.", "Make it again.")
    tracks = [Path(f"/music/song {number}.mp3") for number in range(1, count + 1)]
    matches = tuple(BgmMatch(track, 0.5, 0.0, 2.0, -3.0, 1.0, 0.95) for track in tracks)
    warnings = ("The library folder /m is not there.",) if count > 7 else ()
    return IdentifyResult(request.video, matches, warnings)


def picture_cuts(request: PictureCutsRequest, context: RunContext) -> PictureCutsResult:
    """A cut each half second; none in a film that has been cut too often."""
    context.raise_if_cancelled()
    if "uncut" in request.video.name:
        raise LibraryError("No picture can be read.", "")
    return PictureCutsResult(request.video, (0.5, 1.0, 1.5))


def take_in(request: ImportRequest, context: RunContext) -> ImportResult:
    """A file whose name says `broken` is none."""
    context.raise_if_cancelled()
    if "broken" in request.file.name:
        raise BadCheckpointError("The file is no network.", "Choose another one.")
    return ImportResult(request.file.stem, ("It serves as a separator.",))


def beats(request: BeatsRequest, context: RunContext) -> BeatsResult:
    """Two beats a second for half a minute."""
    context.raise_if_cancelled()
    return BeatsResult(request.track, tuple(0.5 * number for number in range(60)), 120.0)


def speech(request: SpeechRequest, context: RunContext) -> SpeechResult:
    """Somebody speaks where a restore finds it, too."""
    context.raise_if_cancelled()
    return SpeechResult(request.video, (Region(0.2, 0.8),))


def load() -> Workload:
    """What the engine is started with."""
    return Workload(
        {
            RestoreRequest: restore,
            SpeechEditRequest: edit_speech,
            IdentifyRequest: identify,
            PictureCutsRequest: picture_cuts,
            ImportRequest: take_in,
            BeatsRequest: beats,
            SpeechRequest: speech,
        },
        "Test device",
        ("tones",),
        lambda _: None,
    )
