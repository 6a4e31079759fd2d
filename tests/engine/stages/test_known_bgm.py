"""Known tracks are found, aligned and taken out of mixes, and nothing else is."""

import os
from pathlib import Path

import numpy as np
import pytest
import soxr
from scipy.signal import lfilter

from engine.artifacts import ArtifactStore
from engine.context import PlainContext, RunContext
from engine.datasets.codec import FORMATS, through_codec
from engine.dsp.metrics import sdr_db, si_sdr_db
from engine.errors import CancelledError
from engine.evaluation.bgm_clips import SAMPLE_RATE_HZ, Laying, lay, make_clip, synthetic_music
from engine.stages.known_bgm import (
    KnownBgmRequest,
    KnownBgmResult,
    remove_known_bgm,
)
from engine.stages.track_search import Track, TrackSearch
from engine.types import Audio, Samples
from tests.helpers.full_disk import OLD, crowd
from tests.helpers.media import noise

CLIP_S = 12
TRACK_START = 123_457


@pytest.fixture(scope="module")
def track() -> Samples:
    return synthetic_music(24, 0)


@pytest.fixture(scope="module")
def rest() -> Samples:
    return 0.6 * synthetic_music(30, 1)


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path)


def cut(samples: Samples, start: float, seconds: float = CLIP_S) -> Samples:
    return samples[:, start : start + round(seconds * SAMPLE_RATE_HZ)]


def laid(track: Samples, rest: Samples, laying: Laying, start: float = TRACK_START) -> Samples:
    """The track's cut as an editor lays it, at the wanted level over the rest."""
    aligned = cut(track, start, rest.shape[1] / SAMPLE_RATE_HZ)
    bgm = lay(aligned, np.zeros_like(rest), laying, np.random.default_rng(0))
    return bgm * np.float32(np.std(rest) / np.std(bgm) * 10 ** (laying.level_db / 20))


def removed(
    store: ArtifactStore,
    mix: Samples,
    *tracks: Samples,
    rate_hz: int = SAMPLE_RATE_HZ,
    context: RunContext | None = None,
) -> KnownBgmResult:
    mix_ref = store.put("mix", Audio(mix, rate_hz))
    known = tuple(
        Track(Path(f"/music/{number}.flac"), store.put(f"track{number}", Audio(t, SAMPLE_RATE_HZ)))
        for number, t in enumerate(tracks)
    )
    return remove_known_bgm(KnownBgmRequest(mix_ref, known), store, context or PlainContext())


def sound(store: ArtifactStore, result: KnownBgmResult) -> tuple[Samples, Samples]:
    """(restored, bgm), having checked what must always hold."""
    mix = store.map(store.published("mix"))
    restored = store.map(result.restored)
    bgm = store.map(result.bgm) if result.matches else np.zeros_like(mix)
    assert restored.shape == bgm.shape == mix.shape
    assert np.isfinite(restored).all()
    assert np.isfinite(bgm).all()
    np.testing.assert_allclose(restored + bgm, mix, atol=2e-7)
    return restored, bgm


@pytest.mark.parametrize(
    ("level_db", "gain_db"), [(12, 30), (0, 25), (-10, 18), (-20, 10)], ids=lambda v: f"{v}dB"
)
def test_laid_in_at_any_level(
    store: ArtifactStore, track: Samples, rest: Samples, level_db: float, gain_db: float
) -> None:
    rest = cut(rest, 0)
    mix = rest + laid(track, rest, Laying(level_db, automation_db=6))
    result = removed(store, mix, track)
    restored, _ = sound(store, result)
    assert si_sdr_db(rest, restored) > si_sdr_db(rest, mix) + gain_db
    (match,) = result.matches
    start_s = TRACK_START / SAMPLE_RATE_HZ
    aligned_s = match.track_start_s - match.video_start_s
    assert aligned_s == pytest.approx(start_s, abs=0.5 / SAMPLE_RATE_HZ)
    assert match.speed == 1.0
    assert match.confidence > 0.5
    assert match.track == Path("/music/0.flac")


def test_an_equal_question_is_answered_from_the_cache(
    store: ArtifactStore, track: Samples, rest: Samples
) -> None:
    rest = cut(rest, 0)
    mix = rest + laid(track, rest, Laying())
    first = removed(store, mix, track)
    assert first.matches
    written = {path: path.stat().st_ino for path in store.root.glob("known_bgm-*")}
    # Whoever would do any work checks in.
    context = PlainContext(is_cancelled=lambda: True)
    assert removed(store, mix, track, context=context) == first
    assert {path: path.stat().st_ino for path in store.root.glob("known_bgm-*")} == written
    # A file that was moved holds the same track.
    moved = Track(Path(os.fsdecode(b"/else/caf\xe9.flac")), store.published("track0"))
    request = KnownBgmRequest(store.published("mix"), (moved,))
    again = remove_known_bgm(request, store, context)
    assert [match.track for match in again.matches] == [moved.path]
    assert again.bgm == first.bgm


def test_room_is_made_for_what_is_written(
    store: ArtifactStore, track: Samples, rest: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest = cut(rest, 0, 8)
    mix = store.put("mix", Audio(rest + laid(track, rest, Laying()), SAMPLE_RATE_HZ))
    known = Track(Path("/music/0.flac"), store.put("track", Audio(track, SAMPLE_RATE_HZ)))
    # What is found lies in the cache already: only sound is written.
    TrackSearch(mix, store, PlainContext()).find(known)
    crowd(monkeypatch, store)
    monkeypatch.setattr("engine.stages.known_bgm.subtract", lambda mix, *_: mix)
    assert remove_known_bgm(KnownBgmRequest(mix, (known,)), store, PlainContext()).matches
    assert store.find(OLD) is None


def test_a_24_bit_mix_is_restored_bit_by_bit(
    store: ArtifactStore, track: Samples, rest: Samples
) -> None:
    rest = cut(rest, 0)
    mix = np.round((rest + laid(track, rest, Laying())) * 2**23) / np.float32(2**23)
    result = removed(store, mix.astype(np.float32), track)
    restored, bgm = sound(store, result)
    np.testing.assert_array_equal(restored + bgm, mix)


def test_begins_late_ends_early_with_cuts(
    store: ArtifactStore, track: Samples, rest: Samples
) -> None:
    rest = cut(rest, 0)
    bgm = laid(track, rest, Laying(begin_s=3, end_s=9, fade_s=0))
    result = removed(store, rest + bgm, track)
    restored, _ = sound(store, result)
    (match,) = result.matches
    assert match.video_start_s == pytest.approx(3, abs=0.15)
    assert match.video_end_s == pytest.approx(9, abs=0.15)
    assert si_sdr_db(rest, restored) > si_sdr_db(rest, rest + bgm) + 12
    far = round(1.5 * SAMPLE_RATE_HZ)
    assert sdr_db(rest[:, :far], restored[:, :far]) > 35


def test_looped_over_several_blocks(store: ArtifactStore, track: Samples, rest: Samples) -> None:
    rest = np.concatenate([rest, cut(rest, 0, 4)], axis=1)
    loop = cut(track, 0, 13)
    bgm = np.tile(loop, 3)[:, : rest.shape[1]]
    result = removed(store, rest + bgm, loop)
    restored, _ = sound(store, result)
    starts = [round(m.video_start_s - m.track_start_s) for m in result.matches]
    assert starts == [0, 13, 26]
    assert si_sdr_db(rest, restored) > si_sdr_db(rest, rest + bgm) + 20


@pytest.mark.long
@pytest.mark.parametrize("level_db", [6.0, -6.0])
def test_a_loop_of_whole_bars_is_taken_out_like_a_track_that_plays_on(
    store: ArtifactStore, level_db: float
) -> None:
    gains_db = []
    for bars in (None, 4):
        clip = make_clip(20, Laying(level_db, loop_bars=bars, by_machine=True), 12)
        folder = ArtifactStore(store.root / str(bars))
        restored, _ = sound(folder, removed(folder, clip.mix, clip.track))
        gains_db.append(si_sdr_db(clip.rest, restored) - si_sdr_db(clip.rest, clip.mix))
    assert gains_db[1] > gains_db[0] - 3


@pytest.mark.long
def test_two_encodings_of_a_looped_track_are_one(store: ArtifactStore) -> None:
    clip = make_clip(20, Laying(0.0, loop_bars=4, by_machine=True), 12)
    aac, mp3 = (through_codec(clip.track, format_, 128) for format_ in FORMATS[:2])
    result = removed(store, clip.mix, aac, mp3)
    assert len({match.track for match in result.matches}) == 1
    assert len(result.copies) == 1


def test_a_filter_that_moves_is_followed(
    store: ArtifactStore, track: Samples, rest: Samples
) -> None:
    rest, aligned = cut(rest, 0), cut(track, TRACK_START)
    bass = lfilter([0.1], [1.0, -0.9], aligned)
    fade = np.linspace(0, 1, aligned.shape[1])
    bgm = ((1 - fade) * bass + fade * (aligned - bass)).astype(np.float32)
    restored, _ = sound(store, removed(store, rest + bgm, track))
    assert si_sdr_db(rest, restored) > si_sdr_db(rest, rest + bgm) + 12


def test_hardly_audible_music_does_no_harm(
    store: ArtifactStore, track: Samples, rest: Samples
) -> None:
    rest = cut(rest, 0)
    mix = rest + laid(track, rest, Laying(-34))
    restored, _ = sound(store, removed(store, mix, track))
    assert si_sdr_db(rest, restored) >= si_sdr_db(rest, mix)


def test_two_tracks_at_once(store: ArtifactStore, track: Samples, rest: Samples) -> None:
    rest, other = cut(rest, 0), synthetic_music(14, 5)
    mix = rest + laid(track, rest, Laying(-3)) + laid(other, rest, Laying(-6), start=50_000)
    result = removed(store, mix, track, other)
    restored, _ = sound(store, result)
    assert {match.track.name for match in result.matches} == {"0.flac", "1.flac"}
    assert si_sdr_db(rest, restored) > si_sdr_db(rest, mix) + 12


def test_tracks_that_are_not_there_leave_the_mix_alone(store: ArtifactStore, rest: Samples) -> None:
    strangers = [synthetic_music(8, seed) for seed in range(10, 15)]
    result = removed(store, cut(rest, 0), *strangers)
    assert result.matches == ()
    assert result.poor == ()
    assert result.restored.key == "mix"
    # Hours of silence would only take room.
    written = {path.stem for path in store.root.glob("*.f32")}
    assert written == {"mix", *(f"track{number}" for number in range(5))}


@pytest.mark.parametrize("hits_a_second", [2, 4])
@pytest.mark.parametrize("level", [0.3, 1.0])
def test_a_song_with_the_same_drums_is_not_the_track(
    store: ArtifactStore, rest: Samples, hits_a_second: int, level: float
) -> None:
    rng = np.random.default_rng(0)
    beat = np.zeros((2, CLIP_S * SAMPLE_RATE_HZ), np.float32)
    hit = level * rng.normal(0, 0.3, 8000) * np.exp(-np.arange(8000) / 1500)
    for start in range(0, beat.shape[1] - 8000, SAMPLE_RATE_HZ // hits_a_second):
        beat[:, start : start + 8000] += hit.astype(np.float32)
    stranger = synthetic_music(CLIP_S, 20) + beat
    assert removed(store, cut(rest, 0) + beat, stranger).matches == ()


def test_no_click_where_the_film_begins_and_ends_within_the_track(store: ArtifactStore) -> None:
    track = noise(CLIP_S + 4, SAMPLE_RATE_HZ, seed=2)
    aligned = cut(track, SAMPLE_RATE_HZ)
    hiss = np.random.default_rng(3).normal(0, 1e-5, aligned.shape).astype(np.float32)
    # Above the track's band nothing tells how it is heard, but a cut would sound there too.
    result = removed(store, 0.5 * aligned + hiss, track)
    restored, _ = sound(store, result)
    ends = np.concatenate((restored[:, :1000], restored[:, -1000:]), axis=1)
    assert np.std(ends) < 1e-2 * np.std(aligned)


def test_mix_at_48_khz(store: ArtifactStore, track: Samples, rest: Samples) -> None:
    rest = cut(rest, 0)
    parts = [
        soxr.resample(s.T, SAMPLE_RATE_HZ, 48_000).T for s in (rest, laid(track, rest, Laying()))
    ]
    rest_48, bgm_48 = (np.ascontiguousarray(part) for part in parts)
    result = removed(store, rest_48 + bgm_48, track, rate_hz=48_000)
    restored, _ = sound(store, result)
    assert result.restored.sample_rate_hz == 48_000
    assert si_sdr_db(rest_48, restored) > 22


@pytest.mark.parametrize("channels", [1, 6])
def test_other_channel_counts(
    store: ArtifactStore, track: Samples, rest: Samples, channels: int
) -> None:
    gains = np.linspace(1, 0.3, channels)[:, None].astype(np.float32)
    stereo = cut(rest, 0)
    rest = gains * stereo.mean(0)
    mix = rest + gains[::-1] * laid(track, stereo, Laying()).mean(0)
    restored, _ = sound(store, removed(store, mix, track))
    assert si_sdr_db(rest, restored) > si_sdr_db(rest, mix) + 18


def test_a_drifting_clock(store: ArtifactStore, track: Samples, rest: Samples) -> None:
    rest = cut(rest, 0)
    drifted = soxr.resample(track.T, SAMPLE_RATE_HZ * (1 - 60e-6), SAMPLE_RATE_HZ).T
    bgm = laid(np.ascontiguousarray(drifted), rest, Laying())
    result = removed(store, rest + bgm, track)
    restored, _ = sound(store, result)
    (match,) = result.matches
    assert (match.speed - 1) * 1e6 == pytest.approx(-60, abs=3)
    assert si_sdr_db(rest, restored) > si_sdr_db(rest, rest + bgm) + 15


@pytest.mark.parametrize("num_samples", [0, 1, 1000])
def test_hardly_any_mix(
    store: ArtifactStore, track: Samples, rest: Samples, num_samples: int
) -> None:
    result = removed(store, rest[:, :num_samples], track)
    sound(store, result)
    assert result.matches == ()


@pytest.mark.parametrize(("mix_gain", "track_gain"), [(0, 1), (1, 0), (0, 0)])
def test_silence(
    store: ArtifactStore, track: Samples, rest: Samples, mix_gain: float, track_gain: float
) -> None:
    result = removed(store, mix_gain * cut(rest, 0), track_gain * cut(track, 0))
    sound(store, result)
    assert result.matches == ()


def test_no_tracks_given(store: ArtifactStore, rest: Samples) -> None:
    result = removed(store, cut(rest, 0))
    sound(store, result)
    assert result.matches == ()


def test_cancel_leaves_nothing_behind(store: ArtifactStore, track: Samples, rest: Samples) -> None:
    asked: list[None] = []

    def cancelled() -> bool:
        asked.append(None)
        return len(asked) > 8

    rest = cut(rest, 0)
    mix = rest + laid(track, rest, Laying())
    with pytest.raises(CancelledError):
        removed(store, mix, track, context=PlainContext(is_cancelled=cancelled))
    assert {path.stem for path in store.root.iterdir()} == {"mix", "track0"}


def test_progress_never_runs_backwards(store: ArtifactStore, track: Samples, rest: Samples) -> None:
    fractions = []
    context = PlainContext(on_progress=lambda progress: fractions.append(progress.fraction))
    rest = cut(rest, 0)
    removed(store, rest + laid(track, rest, Laying()), track, context=context)
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0, 1)


@pytest.mark.parametrize("pause_s", [0.0, 2.0])
def test_the_stretch_is_where_the_track_is_heard(
    store: ArtifactStore, track: Samples, rest: Samples, pause_s: float
) -> None:
    rate_hz = SAMPLE_RATE_HZ
    known = np.concatenate([np.zeros((2, round(pause_s * rate_hz)), np.float32), track], axis=1)
    begin = round(5.0 * rate_hz)
    bgm = np.zeros_like(rest)
    stop = min(begin + known.shape[1], rest.shape[1])
    bgm[:, begin:stop] = known[:, : stop - begin]
    (match,) = removed(store, rest + bgm, known).matches
    assert match.video_start_s == pytest.approx(5.0 + pause_s, abs=0.2)
    assert match.track_start_s >= -1e-6
    assert match.video_start_s - match.track_start_s == pytest.approx(5.0, abs=1e-3)


def test_a_track_that_begins_just_before_a_seam_of_the_fit(
    store: ArtifactStore, track: Samples
) -> None:
    rest = 0.6 * synthetic_music(42, 1)
    begin = 30 * SAMPLE_RATE_HZ
    laid_in = np.zeros_like(rest)
    laid_in[:, begin:] = track[:, : rest.shape[1] - begin]
    restored, _ = sound(store, removed(store, rest + laid_in, track))
    assert si_sdr_db(rest[:, begin:], restored[:, begin:]) > 20
