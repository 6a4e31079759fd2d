"""Small projects with real sounds in a cache folder."""

from pathlib import Path

import numpy as np

from app.project import Media
from engine.artifacts import ArtifactStore, artifact_key
from engine.types import (
    Audio,
    AudioRef,
    Decision,
    Method,
    RestoreResult,
    Samples,
    StageReport,
    StemName,
    Verdict,
)

RATE_HZ = 8000
BLIND = (
    StemName.DIALOGUE,
    StemName.EFFECTS,
    StemName.MUSIC1,
    StemName.MUSIC2,
)


def noise(seed: int, num_samples: int = RATE_HZ, channels: int = 2) -> Samples:
    """(channels, num_samples) float32 of moderate level."""
    rng = np.random.default_rng(seed)
    return (0.1 * rng.standard_normal((channels, num_samples))).astype(np.float32)


def stored(cache: Path, samples: Samples, sample_rate_hz: int = RATE_HZ) -> AudioRef:
    """Put samples (channels, num_samples) into the cache."""
    key = artifact_key("test", samples.tobytes().hex(), samples.shape[0])
    return ArtifactStore(cache).put(key, Audio(samples, sample_rate_hz))


def blind_result(
    cache: Path, video: Path = Path("clip.mp4"), *, removed_part: float = 1.0
) -> RestoreResult:
    """A blind restore that keeps music 1 and takes `removed_part` of music 2 out."""
    sounds = {stem: noise(index) for index, stem in enumerate(BLIND)}
    bgm = np.float32(removed_part) * sounds[StemName.MUSIC2]
    ost = sounds[StemName.MUSIC1] + sounds[StemName.MUSIC2] - bgm
    restored = sounds[StemName.DIALOGUE] + sounds[StemName.EFFECTS] + ost
    sounds |= {StemName.OST: ost, StemName.BGM: bgm, StemName.RESTORED: restored}
    sounds[StemName.MIX] = restored + bgm
    return RestoreResult(
        video=video,
        stems={stem: stored(cache, samples) for stem, samples in sounds.items()},
        method=Method.BLIND,
        bgm=(),
        decision=Decision("first", Verdict.FIRST, 0.87),
        speech=(),
        stages=(StageReport("separator", "tiny", 1.0),),
        warnings=(),
    )


def known_result(cache: Path, video: Path = Path("clip.mp4")) -> RestoreResult:
    """A restore by a known track: only mix, restored and bgm."""
    restored, bgm = noise(1), noise(2)
    sounds = {
        StemName.MIX: restored + bgm,
        StemName.RESTORED: restored,
        StemName.BGM: bgm,
    }
    stems = {stem: stored(cache, samples) for stem, samples in sounds.items()}
    return RestoreResult(video, stems, Method.KNOWN_BGM, (), None, (), (), ())


def media_of(result: RestoreResult) -> Media:
    """The media whose mix a result was made from."""
    return Media(result.video, result.stems[StemName.MIX], frame_rate_hz=25.0, width=64, height=48)
