"""Lanes play the right sums, before and after Swap."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.gain_curves import linear_gain
from app.project import Lane, Project, Restore, opened
from app.restore_edits import accept_restore, swap_music, take_out
from app.sounds import (
    UNTOUCHED,
    Part,
    Sound,
    heard_gains,
    lane_sound,
    project_gains,
    sound_of,
    stem_sound,
    untouched,
)
from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.evaluation.bgm_clips import SAMPLE_RATE_HZ, Laying, make_clip
from engine.pipeline import restore
from engine.types import (
    AudioRef,
    Decision,
    Method,
    Region,
    RestoreRequest,
    RestoreResult,
    Samples,
    StemName,
    Verdict,
)
from tests.helpers.media import make_video
from tests.helpers.projects import (
    RATE_HZ,
    blind_result,
    known_result,
    media_of,
    noise,
    stored,
)
from tests.helpers.restores import SmallStages
from tests.helpers.warping import with_warped_passage


def rendered(project: Project, stem: StemName, cache: Path) -> Samples:
    sound = stem_sound(project, stem)
    assert sound is not None
    return np.concatenate(list(sound.blocks(cache)), axis=1)


def restored_project(result: RestoreResult, *, swapped: bool) -> Project:
    project = accept_restore(result).apply(opened(media_of(result)))
    return swap_music().apply(project) if swapped else project


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("removed_part", [1.0, 0.4])
def test_the_stems_always_add_up_to_the_mix(
    tmp_path: Path, removed_part: float, *, swapped: bool
) -> None:
    result = blind_result(tmp_path, removed_part=removed_part)
    project = restored_project(result, swapped=swapped)
    mix = rendered(project, StemName.MIX, tmp_path)
    heard = [StemName(lane.lane_id) for lane in project.lanes if not lane.muted]
    parts = sum(rendered(project, stem, tmp_path) for stem in heard)
    restored = rendered(project, StemName.RESTORED, tmp_path)
    bgm = rendered(project, StemName.BGM, tmp_path)
    np.testing.assert_allclose(parts, restored, atol=1e-6)
    np.testing.assert_allclose(restored + bgm, mix, atol=1e-6)


@pytest.mark.parametrize("amount", [0.0, 0.25, 0.5, 1.0])
@pytest.mark.parametrize("kind", ["known", "blind", "doubtful", "swapped"])
def test_what_is_not_taken_out_stays(tmp_path: Path, amount: float, kind: str) -> None:
    known, part = kind == "known", 0.4 if kind == "doubtful" else 1.0
    result = known_result(tmp_path) if known else blind_result(tmp_path, removed_part=part)
    whole = restored_project(result, swapped=kind == "swapped")
    project = take_out(amount).apply(whole)
    mix, all_of_it = (rendered(whole, stem, tmp_path) for stem in (StemName.MIX, StemName.BGM))
    heard = [StemName(lane.lane_id) for lane in project.lanes if not lane.muted]
    parts = sum(rendered(project, stem, tmp_path) for stem in heard)
    wanted = mix - np.float32(amount) * all_of_it
    np.testing.assert_allclose(parts, wanted, atol=1e-6)
    np.testing.assert_allclose(rendered(project, StemName.RESTORED, tmp_path), wanted, atol=1e-6)
    bgm = rendered(project, StemName.BGM, tmp_path)
    np.testing.assert_allclose(bgm, np.float32(amount) * all_of_it, atol=1e-6)
    np.testing.assert_allclose(wanted + bgm, mix, atol=1e-6)


def test_all_of_it_is_what_the_engine_made(tmp_path: Path) -> None:
    whole = restored_project(known_result(tmp_path), swapped=False)
    assert take_out(1.0).apply(take_out(0.3).apply(whole)) == whole
    assert whole.restore is not None
    ref = whole.restore.result.stems[StemName.RESTORED]
    assert stem_sound(whole, StemName.RESTORED) == sound_of((ref, 1.0))


@pytest.mark.parametrize("removed_part", [1.0, 0.4])
@pytest.mark.parametrize("ost", ["first", "second"])
def test_swap_takes_the_other_music_out_whole(
    tmp_path: Path, removed_part: float, ost: str
) -> None:
    result = blind_result(tmp_path, removed_part=removed_part)
    kept, other = StemName.MUSIC1, StemName.MUSIC2
    if ost == "second":
        kept, other = other, kept
        stems = result.stems | {StemName.MUSIC1: result.stems[StemName.MUSIC2]}
        stems[StemName.MUSIC2] = result.stems[StemName.MUSIC1]
        result = replace(result, stems=stems, decision=Decision("second", Verdict.SECOND, 0.8))
    project = restored_project(result, swapped=True)
    np.testing.assert_allclose(
        rendered(project, StemName.BGM, tmp_path), rendered(project, kept, tmp_path), atol=1e-6
    )
    np.testing.assert_allclose(
        rendered(project, StemName.OST, tmp_path), rendered(project, other, tmp_path), atol=1e-6
    )


def test_swapping_twice_takes_the_doubtful_music_out_whole(tmp_path: Path) -> None:
    project = restored_project(blind_result(tmp_path, removed_part=0.0), swapped=True)
    project = swap_music().apply(project)
    np.testing.assert_array_equal(
        rendered(project, StemName.BGM, tmp_path), rendered(project, StemName.MUSIC2, tmp_path)
    )


def test_a_known_track_with_blind_stretches_plays_and_cannot_be_swapped(tmp_path: Path) -> None:
    clip = make_clip(24, Laying(), 3)
    mix = clip.rest + with_warped_passage(clip.bgm)
    film = make_video(tmp_path / "film.mkv", 24, mix, SAMPLE_RATE_HZ)
    track = make_video(tmp_path / "track.flac", 0, clip.track, SAMPLE_RATE_HZ, codec="flac")
    store = ArtifactStore(tmp_path)
    request = RestoreRequest(film, bgm=(track,), ost="first")
    result = restore(request, SmallStages(store, None), store, PlainContext())
    assert result.method is Method.KNOWN_BGM_AND_BLIND
    as_it_came, swapped = (restored_project(result, swapped=swapped) for swapped in (False, True))
    assert swapped == as_it_came
    for lane in swapped.lanes:
        assert lane_sound(swapped, lane) == sound_of((result.stems[StemName(lane.lane_id)], 1.0))


def test_stems_that_are_not_there_have_no_sound(tmp_path: Path) -> None:
    project = restored_project(known_result(tmp_path), swapped=False)
    assert stem_sound(project, StemName.OST) is None
    assert stem_sound(replace(project, restore=None), StemName.BGM) is None
    assert stem_sound(Project(), StemName.MIX) is None


def test_blocks_cover_a_sound_of_odd_length_once(tmp_path: Path) -> None:
    samples = noise(5, num_samples=40_001, channels=3)
    sound = sound_of((stored(tmp_path, samples), 1.0))
    blocks = list(sound.blocks(tmp_path))
    assert [b.shape[1] for b in blocks] == [16_000, 16_000, 8_001]
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1), samples)


def test_equal_terms_join_and_opposite_ones_vanish() -> None:
    one, two = AudioRef("one", 10, 2, 8000), AudioRef("two", 10, 2, 8000)
    assert sound_of((one, 1.0), (two, 1.0), (one, -1.0)) == sound_of((two, 1.0))
    assert sound_of((one, 1.0), (one, -1.0)) == Sound((Part(one, 0.0),))
    with pytest.raises(ValueError, match="shapes"):
        sound_of((one, 1.0), (AudioRef("fast", 10, 2, 9000), 1.0))
    with pytest.raises(ValueError, match="shapes"):
        Sound(())


def test_solo_goes_before_mute() -> None:
    lanes = (
        Lane(StemName.MIX, muted=True, soloed=True),
        Lane(StemName.OST, gain_db=-6.0),
        Lane(StemName.BGM, muted=True),
    )
    assert heard_gains(lanes) == {"mix": 1.0, "ost": 0.0, "bgm": 0.0}
    unsoloed = (replace(lanes[0], soloed=False), *lanes[1:])
    assert heard_gains(unsoloed) == {"mix": 0.0, "ost": linear_gain(-6.0), "bgm": 0.0}
    assert linear_gain(float("-inf")) == 0.0


def test_the_untouched_mix_goes_with_the_stems(tmp_path: Path) -> None:
    result = blind_result(tmp_path)
    lanes = Lane(StemName.MIX, muted=True), Lane(StemName.OST)
    project = Project(media=media_of(result), lanes=lanes, lost=Restore(result))
    assert untouched(project) == ((0, result.stems[StemName.MIX].num_samples),)
    assert project_gains(project)[UNTOUCHED] == 1.0
    silent = replace(lanes[1], muted=True)
    soloed = replace(lanes[1], soloed=True)
    for others in ((lanes[0], silent), (lanes[0], soloed), (Lane(StemName.MIX), lanes[1])):
        assert project_gains(replace(project, lanes=others))[UNTOUCHED] == 0.0


def test_nothing_is_untouched_after_a_whole_restore(tmp_path: Path) -> None:
    result = blind_result(tmp_path)
    assert untouched(Project(media=media_of(result), restore=Restore(result))) == ()
    assert untouched(Project()) == ()


def test_a_restore_is_shown_as_it_came_until_swapped(tmp_path: Path) -> None:
    result = blind_result(tmp_path)
    project = Project(media=media_of(result), restore=Restore(result))
    for stem, ref in result.stems.items():
        assert stem_sound(project, stem) == sound_of((ref, 1.0))


@pytest.mark.parametrize("swapped", [False, True])
def test_a_preview_lies_where_it_is_in_the_film(tmp_path: Path, *, swapped: bool) -> None:
    result = replace(blind_result(tmp_path), region=Region(0.5, 1.5))
    film = noise(7, 3 * RATE_HZ)
    media = replace(media_of(result), mix=stored(tmp_path, film))
    project = accept_restore(result).apply(opened(media))
    project = swap_music().apply(project) if swapped else project
    np.testing.assert_array_equal(rendered(project, StemName.MIX, tmp_path), film)
    found = rendered(project, StemName.DIALOGUE, tmp_path)
    assert found.shape == film.shape
    inside = slice(RATE_HZ // 2, 3 * RATE_HZ // 2)
    np.testing.assert_array_equal(found[:, inside], noise(0))
    assert not found[:, : inside.start].any()
    assert not found[:, inside.stop :].any()
    sound = stem_sound(project, StemName.OST)
    assert sound is not None
    assert sound.num_samples == 3 * RATE_HZ
    stretch = sound.stretch(tmp_path, inside.start - 10, inside.start + 10)
    assert not stretch[:, :10].any()
    np.testing.assert_allclose(stretch[:, 10:], noise(3 if swapped else 2)[:, :10], atol=1e-6)
