"""Which tracks of some folders sound in a mix, and whether one is the sound of the video itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.artifacts import ArtifactStore
from engine.context import RunContext, checked_in
from engine.library.database import Database, library_folder
from engine.library.own_folders import own_library
from engine.stages.decode import decode
from engine.stages.known_bgm import KnownBgmRequest, KnownBgmResult, remove_known_bgm
from engine.stages.library import Stretched, search_library
from engine.stages.track_search import Track
from engine.types import AudioRef, BgmMatch, IdentifyRequest, IdentifyResult, Region

_NEARLY_ALL = 0.05
"""Power of what a lossy copy of the mix leaves of it, relative to the mix."""
_SAME_S = 0.2
_SAME_LENGTH_S = 1.0
_TINY = 1e-20


@dataclass(frozen=True, slots=True)
class Identified:
    """What sounds in a mix of the music in some folders.

    Attributes:
        known: The tracks apart from the rest; None if none was recognised.
        own_sound: The one track that was found, if it is a copy of the sound of the video itself.
        stretched: Tracks that were recognised and cannot be taken out.
        warnings: Plain sentences for the user.
    """

    known: KnownBgmResult | None
    own_sound: Path | None
    stretched: tuple[Stretched, ...]
    warnings: tuple[str, ...]

    @property
    def matches(self) -> tuple[BgmMatch, ...]:
        """Where each track sounds, in the order of the mix."""
        return self.known.matches if self.known is not None else ()


def identify(
    folders: Iterable[Path],
    mix: AudioRef,
    store: ArtifactStore,
    context: RunContext,
    region: Region | None = None,
) -> Identified:
    """Look for the music of some folders in a mix; what is new in them is read first.

    How loud a track is and from where to where it is heard only its fit tells, so it is fitted and
    taken out here; a restore that follows finds that in the cache.

    Args:
        folders: Where the music lies.
        mix: Sound of a video.
        store: The cache.
        context: Asked and told by the stages.
        region: The stretch of the video that the mix is; None if it is all of it.

    Raises:
        InputNotFoundError: There is no such folder, or it may not be read.
        LibraryError: The library cannot be used.
    """
    with Database(library_folder()) as database:
        found = search_library(folders, mix, database, store, context)
    known, own_sound = None, None
    if found.tracks:
        known = remove_known_bgm(KnownBgmRequest(mix, found.tracks), store, context)
        for track in found.tracks:
            if not _lies_like_a_copy(known, track, mix, region):
                continue
            alone = remove_known_bgm(KnownBgmRequest(mix, (track,)), store, context)
            if left_share(alone, mix, store, context) < _NEARLY_ALL:
                own_sound = track.path
    return Identified(known, own_sound, found.stretched, tuple(found.warnings()))


def identify_own(
    request: IdentifyRequest, store: ArtifactStore, context: RunContext
) -> IdentifyResult:
    """Look for the music of the user's library in a video; at once if there is no library.

    Raises:
        LibraryError: The library cannot be used.
    """
    folders = own_library()
    if not folders.readable:
        return IdentifyResult(request.video, warnings=folders.warnings)
    mix = decode(request.video, store, context).mix
    found = identify(folders.readable, mix, store, context)
    own = found.own_sound.absolute() if found.own_sound is not None else None
    matches = tuple(match for match in found.matches if match.track != own)
    return IdentifyResult(request.video, matches, (*folders.warnings, *found.warnings))


def left_share(
    known: KnownBgmResult, mix: AudioRef, store: ArtifactStore, context: RunContext
) -> float:
    """Power of what the tracks leave of a mix, relative to the mix."""
    left, whole = (_power(sound, store, context) for sound in (known.restored, mix))
    return left / max(whole, _TINY)


def _lies_like_a_copy(
    known: KnownBgmResult, track: Track, mix: AudioRef, region: Region | None
) -> bool:
    """Whether a track is as long as the video and begins with it, as a copy of its sound does."""
    longer_s = track.audio.duration_s - mix.duration_s
    if region is None and abs(longer_s) >= _SAME_LENGTH_S:
        return False
    starts_s = region.start_s if region is not None else 0.0
    return any(
        abs(match.track_start_s - match.video_start_s - starts_s) < _SAME_S
        for match in known.matches
        if match.track == track.path.absolute()
    )


def _power(sound: AudioRef, store: ArtifactStore, context: RunContext) -> float:
    """Mean square over all channels."""
    blocks = checked_in(store.blocks(sound), context)
    total = sum(float(np.square(block, dtype=np.float64).sum()) for block in blocks)
    return total / max(1, sound.num_samples * sound.channels)
