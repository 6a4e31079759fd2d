"""The project, the edits that change it, and the document that does and undoes them.

Knows neither Qt nor the engine's networks. Arrays are artifact keys; a snapshot is a reference.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from app.clips import Clip, Fade
from app.gain_curves import GainPoint
from app.lane_words import lane_word
from app.review.listening import Session
from engine.translation import tr
from engine.types import AudioRef, OstChoice, OstWish, Quality, Region, RestoreResult, StemName

MERGE_WITHIN_S = 1.0
MAX_UNDO = 500
_RESTORED_LANES = (StemName.DIALOGUE, StemName.EFFECTS, StemName.OST, StemName.REST)
_STEMS = {stem.value: stem for stem in StemName}

_SPECTROGRAM = {True: tr("Show {lane} as spectrogram"), False: tr("Show {lane} as waveform")}


@dataclass(frozen=True, slots=True)
class Media:
    """The video that is open.

    Attributes:
        path: Where it lies.
        mix: Its sound as decoded.
        frame_rate_hz: Pictures a second; 0 when there is no picture.
        width, height: Size of the picture as shown, in pixels.
    """

    path: Path
    mix: AudioRef
    frame_rate_hz: float = 0.0
    width: int = 0
    height: int = 0

    @property
    def has_picture(self) -> bool:
        """Whether there is anything to see."""
        return self.frame_rate_hz > 0


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane of sound and how it is heard.

    Attributes:
        lane_id: Its name in every edit, unique in a project; a stem's lane is named like the stem.
        gain_db: Gain in dB; `-inf` is silence.
        muted: Not heard, unless soloed.
        soloed: While any lane is soloed, only those are heard.
        as_spectrogram: Its frequencies are shown instead of its waveform.
        envelope: Gain over time besides `gain_db`, ascending by time.
        duck_db: So much softer it is while somebody speaks.
    """

    lane_id: str
    gain_db: float = 0.0
    muted: bool = False
    soloed: bool = False
    as_spectrogram: bool = False
    envelope: tuple[GainPoint, ...] = ()
    duck_db: float = 0.0

    @property
    def stem(self) -> StemName | None:
        """The stem that it plays; None for any other sound."""
        return _STEMS.get(self.lane_id)


@dataclass(frozen=True, slots=True)
class Restore:
    """A restore that has come in.

    Attributes:
        result: What the engine found.
        choice: The music that the user wants kept; None leaves it to the engine, which takes only
            a part of the other one out when it is not sure.
        amount: How much of the added music is taken out, from 0 (none of it) to 1 (all of it).
        speech: What the user says is speech; None leaves it to the engine. The sounds of the
            result are of other regions until they have been separated again.
        attempt_id: The one of the history that it came from; 0 if nobody knows.
    """

    result: RestoreResult
    choice: OstChoice | None = None
    amount: float = 1.0
    speech: tuple[Region, ...] | None = None
    attempt_id: int = 0

    def __post_init__(self) -> None:
        """Refuse a choice between musics that are not there, and amounts that there cannot be."""
        if self.choice is not None and not _has_two_musics(self.result):
            raise ValueError("a choice needs music1 and music2 to choose from")
        if not 0 <= self.amount <= 1:
            raise ValueError(f"no {self.amount} of a music can be taken out")
        if self.amount < 1 and not self.may_leave_some:
            raise ValueError("nothing can hold what is not taken out")
        if self.speech is not None and not self.result.may_change_speech:
            raise ValueError("speech that is not apart cannot be changed")

    @property
    def kept(self) -> OstChoice | None:
        """The music that is kept as things stand; None when there is nothing to choose."""
        decision = self.result.decision
        return self.choice or (decision.ost if decision is not None else None)

    @property
    def may_leave_some(self) -> bool:
        """Whether there is a lane that can hold what is not taken out of the added music."""
        stems = self.result.stems
        others = {StemName.DIALOGUE, StemName.EFFECTS, StemName.REST}
        is_known = StemName.RESTORED in stems and not others & set(stems)
        return StemName.BGM in stems and (StemName.OST in stems or is_known)

    @property
    def spoken(self) -> tuple[Region, ...]:
        """Where there is speech, by the user's word or else the engine's."""
        return self.result.speech if self.speech is None else self.speech

    @property
    def is_behind(self) -> bool:
        """Whether the sounds are still those of other speech regions."""
        return self.spoken != self.result.speech

    @property
    def is_preview(self) -> bool:
        """Whether it is of a stretch alone."""
        return self.result.region is not None


@dataclass(frozen=True, slots=True)
class Rival:
    """Another film or sound that is compared by ear: the true original, or somebody else's work.

    Attributes:
        path: Where it lies.
        sound: What it sounds like, at the rate of the mix.
    """

    path: Path
    sound: AudioRef


@dataclass(frozen=True, slots=True)
class Attempt:
    """A restore that was made once, as it came; its sounds may have gone from the cache since.

    Attributes:
        attempt_id: Its name in every wish, unique in a project.
        result: What the engine found.
        quality: That it was made with.
        made_s: When, in seconds since 1970.
        ost: The music that was to be kept; where it is not divided, `"second"` leaves speech alone.
    """

    attempt_id: int
    result: RestoreResult
    quality: Quality
    made_s: float
    ost: OstWish = "auto"


@dataclass(frozen=True, slots=True)
class Marker:
    """A place that the user wants to find again.

    Attributes:
        marker_id: Its name in every edit, unique in a project.
        time_s: Where it stands.
        text: What the user calls it.
    """

    marker_id: int
    time_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Project:
    """Everything that is worked on.

    Attributes:
        media: The video; None before one is open.
        lanes: From top to bottom.
        track: The known track that lies under the mix, if the user named one.
        restore: The newest restore.
        selection: From the in point to the out point; None is all.
        markers: In the order of their times.
        lost: A restore whose sounds have gone from the cache, while they are made again.
        sessions: Blind listening tests, oldest first.
        rivals: Other files to compare with.
        history: The restores that were made, the newest first.
        clips: Music that was placed, in the order of lanes and times.
        heard_speech: Where somebody speaks in the mix, looked for where music has to make room
            and no restore tells it; None before that.
    """

    media: Media | None = None
    lanes: tuple[Lane, ...] = ()
    track: Path | None = None
    restore: Restore | None = None
    selection: Region | None = None
    markers: tuple[Marker, ...] = ()
    lost: Restore | None = None
    sessions: tuple[Session, ...] = ()
    rivals: tuple[Rival, ...] = ()
    history: tuple[Attempt, ...] = ()
    clips: tuple[Clip, ...] = ()
    heard_speech: tuple[Region, ...] | None = None

    @property
    def has_result(self) -> bool:
        """Whether there is something to export: a whole restore, or placed music."""
        if self.media is None or self.lost is not None:
            return False
        return bool(self.clips) if self.restore is None else not self.restore.is_preview

    @property
    def speech(self) -> tuple[Region, ...] | None:
        """Where somebody speaks, as far as is known; None where nobody has listened.

        A restore of the whole that has separated speech tells it, even if there is none; what one
        by a known track says of speech is of stretches alone.
        """
        told = self.restore or self.lost
        if told is not None and not told.is_preview and StemName.DIALOGUE in told.result.stems:
            return told.result.speech
        return self.heard_speech


@dataclass(frozen=True, slots=True)
class Edit:
    """A named change.

    Attributes:
        name: For the undo menu, e.g. "Mute BGM".
        apply: The change itself.
        merge_key: Edits with the same key in quick succession become one; empty never does.
        drag_id: Of a drag: edits of one and the same become one, however long the hand rests.
    """

    name: str
    apply: Callable[[Project], Project]
    merge_key: str = ""
    drag_id: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit did; listeners look at the parts they show."""

    before: Project
    after: Project

    @property
    def media(self) -> bool:
        """Another video."""
        return self.before.media is not self.after.media

    @property
    def lanes(self) -> bool:
        """Lanes, or how they are heard."""
        return self.before.lanes is not self.after.lanes

    @property
    def track(self) -> bool:
        """The known track."""
        return self.before.track != self.after.track

    @property
    def restore(self) -> bool:
        """The result of a restore, or which music is kept."""
        return self.before.restore is not self.after.restore

    @property
    def history(self) -> bool:
        """The restores that were made."""
        return self.before.history is not self.after.history

    @property
    def marks(self) -> bool:
        """In and out points, or markers."""
        before, after = self.before, self.after
        return before.selection != after.selection or before.markers != after.markers

    @property
    def sessions(self) -> bool:
        """Blind listening tests."""
        return self.before.sessions != self.after.sessions

    @property
    def clips(self) -> bool:
        """Music that was placed."""
        return self.before.clips is not self.after.clips

    @property
    def sounds(self) -> bool:
        """What the lanes play, but for gains over time, or what is compared with them."""
        before, after = self.before, self.after
        return (
            self.media
            or not sound_alike(before.restore, after.restore)
            or before.rivals != after.rivals
            or _stretches(before) != _stretches(after)
        )

    @property
    def curves(self) -> bool:
        """Gains over time of what the lanes play: envelopes, fades, room for speech."""
        return _curves(self.before) != _curves(self.after)


def _stretches(project: Project) -> tuple[object, ...]:
    """Which stretches of which files the lanes play."""
    plain = Fade()
    clips = (replace(clip, gain_db=0.0, fade_in=plain, fade_out=plain) for clip in project.clips)
    return (*(lane.lane_id for lane in project.lanes), *clips)


def _curves(project: Project) -> tuple[object, ...]:
    """By which gains."""
    return (
        project.speech,
        *((lane.lane_id, lane.envelope, lane.duck_db) for lane in project.lanes),
        *((clip.clip_id, clip.gain_db, clip.fade_in, clip.fade_out) for clip in project.clips),
    )


@dataclass(frozen=True, slots=True)
class _Step:
    name: str
    before: Project
    after: Project
    merge_key: str
    done_s: float
    drag_id: int = 0


class NestedEditError(RuntimeError):
    """A bug: somebody who was told of a change made another one.

    Those who had not heard of the first one yet would hear of the second one before it.
    """


class Document:
    """The project over time. All of it belongs to the window's thread.

    Who listens to it must not change it: what follows from a change is done when everybody has
    heard of it, else `NestedEditError`.

    Attributes:
        project: The project as it is now.
        file: Where it is kept; None before it was saved.
    """

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self.project = Project()
        self.file: Path | None = None
        self._clock_s = clock_s
        self._kept = self.project
        self._done: deque[_Step] = deque(maxlen=MAX_UNDO)
        self._undone: list[_Step] = []
        self._listeners: list[Callable[[Change], None]] = []
        self._is_telling = False

    @property
    def undo_name(self) -> str:
        """Name of the edit that `undo` takes back; empty when there is none."""
        return self._done[-1].name if self._done else ""

    @property
    def redo_name(self) -> str:
        """Name of the edit that `redo` brings back; empty when there is none."""
        return self._undone[-1].name if self._undone else ""

    @property
    def is_edited(self) -> bool:
        """Whether there is anything that `keep` has not seen."""
        return self.project is not self._kept

    def snapshots(self) -> Iterator[Project]:
        """The project as it is, and as undo and redo can make it; some come twice."""
        yield self.project
        for step in (*self._done, *self._undone):
            yield step.before
            yield step.after

    def listen(self, listener: Callable[[Change], None]) -> None:
        """Call `listener` after every change."""
        self._listeners.append(listener)

    def open(self, project: Project, file: Path | None = None, *, is_unsaved: bool = False) -> None:
        """Begin anew, with nothing to undo.

        Args:
            project: What is worked on from now on.
            file: Where it is kept.
            is_unsaved: It is not what lies there.
        """
        self._refuse_nested()
        self.file = file
        self._done.clear()
        self._undone.clear()
        self._kept = Project() if is_unsaved else project
        self._show(project)

    def keep(self) -> None:
        """Note that what there is now has been written out."""
        self._refuse_nested()
        self._kept = self.project
        self._show(self.project)

    def saved_as(self, file: Path) -> None:
        """Note that what there is now lies in a project file."""
        self.file = file
        self.keep()

    def do(self, edit: Edit) -> None:
        """Apply an edit; one that changes nothing leaves no trace."""
        before, now_s = self.project, self._clock_s()
        after = edit.apply(before)
        if after == before:
            return
        self._refuse_nested()
        if self._merges(edit, now_s):
            before = self._done.pop().before
        self._undone.clear()
        step = _Step(edit.name, before, after, edit.merge_key, now_s, edit.drag_id)
        self._done.append(step)
        self._show(after)

    def give_up(self, drag_id: int) -> None:
        """Take back what a drag did, as if it had never been."""
        self._refuse_nested()
        before = self.project
        while self._done and self._done[-1].drag_id == drag_id:
            before = self._done.pop().before
        if before is not self.project:
            self._show(before)

    def bring_in(self, edit: Edit) -> None:
        """Apply what only brings back what was there: nothing to undo, and saved stays saved.

        It is as if it had always been so, so undo and redo keep it.
        """
        self.fill_in(edit.apply)

    def fill_in(self, change: Callable[[Project], Project]) -> None:
        """Take in what was found out about an edit after it was done: as if it had been known then.

        Args:
            change: Applied to the project as it is, and as undo and redo can make it. What of
                these steps then changes nothing is forgotten. Saved stays saved.
        """
        self._refuse_nested()
        # Snapshots that are one and the same stay that.
        made: dict[int, Project] = {}
        known = [self._kept, *self.snapshots()]
        for each in known:
            if id(each) not in made:
                made[id(each)] = change(each)
        for step in (*self._done, *reversed(self._undone)):
            if made[id(step.before)] == made[id(step.after)]:
                made[id(step.after)] = made[id(step.before)]

        def filled(steps: Iterable[_Step]) -> list[_Step]:
            new = (
                replace(step, before=made[id(step.before)], after=made[id(step.after)])
                for step in steps
            )
            return [step for step in new if step.before is not step.after]

        self._done = deque(filled(self._done), maxlen=MAX_UNDO)
        self._undone = filled(self._undone)
        self._kept = made[id(self._kept)]
        self._show(made[id(self.project)])

    def undo(self) -> None:
        """Take the last edit back."""
        self._refuse_nested()
        if self._done:
            step = self._done.pop()
            self._undone.append(step)
            self._show(step.before)

    def redo(self) -> None:
        """Bring back what was undone last."""
        self._refuse_nested()
        if self._undone:
            step = self._undone.pop()
            self._done.append(replace(step, merge_key=""))
            self._show(step.after)

    def _merges(self, edit: Edit, now_s: float) -> bool:
        if not self._done or not edit.merge_key or self._undone:
            return False
        last = self._done[-1]
        if (last.merge_key, last.drag_id) != (edit.merge_key, edit.drag_id):
            return False
        return edit.drag_id != 0 or now_s - last.done_s <= MERGE_WITHIN_S

    def _show(self, project: Project) -> None:
        change = Change(self.project, project)
        self.project, self._is_telling = project, True
        try:
            for listener in tuple(self._listeners):
                listener(change)
        finally:
            self._is_telling = False

    def _refuse_nested(self) -> None:
        if self._is_telling:
            raise NestedEditError("who listens to the document must not change it")


def sound_alike(one: Restore | None, other: Restore | None) -> bool:
    """Whether all stems of two restores sound the same, whatever else is known of them."""
    heard = (
        (each.result.stems, each.result.region, each.choice, each.amount) if each else None
        for each in (one, other)
    )
    return next(heard) == next(heard)


def opened(media: Media, track: Path | None = None) -> Project:
    """A fresh project for a video: its mix in one lane, and a track that was named before."""
    return Project(media=media, lanes=(Lane(StemName.MIX),), track=track)


def change_gain(lane_id: str, gain_db: float) -> Edit:
    """Set the gain of a lane; a drag is one edit."""
    return Edit(
        tr("Gain of {lane}", lane=lane_word(lane_id)),
        lambda project: change_lane(project, lane_id, lambda lane: replace(lane, gain_db=gain_db)),
        merge_key=f"gain {lane_id}",
    )


def mute(lane_id: str, *, muted: bool) -> Edit:
    """Mute a lane or let it sound again."""
    return Edit(
        (tr("Mute {lane}") if muted else tr("Unmute {lane}")).format(lane=lane_word(lane_id)),
        lambda project: change_lane(project, lane_id, lambda lane: replace(lane, muted=muted)),
    )


def solo(lane_id: str, *, soloed: bool) -> Edit:
    """Hear a lane alone, with others that are soloed."""
    return Edit(
        (tr("Solo {lane}") if soloed else tr("Unsolo {lane}")).format(lane=lane_word(lane_id)),
        lambda project: change_lane(project, lane_id, lambda lane: replace(lane, soloed=soloed)),
    )


def show_spectrogram(lane_id: str, *, shown: bool) -> Edit:
    """Show the frequencies of a lane, or its waveform again."""
    return Edit(
        _SPECTROGRAM[shown].format(lane=lane_word(lane_id)),
        lambda project: change_lane(
            project, lane_id, lambda lane: replace(lane, as_spectrogram=shown)
        ),
    )


def solo_only(lane_id: str) -> Edit:
    """Hear just this lane; asked again, all as before."""

    def apply(project: Project) -> Project:
        alone = [lane.lane_id for lane in project.lanes if lane.soloed] == [lane_id]
        return replace(
            project,
            lanes=tuple(
                replace(lane, soloed=lane.lane_id == lane_id and not alone)
                for lane in project.lanes
            ),
        )

    return Edit(tr("Solo {lane}", lane=lane_word(lane_id)), apply)


def choose_track(track: Path | None) -> Edit:
    """Name the known track, or forget it."""
    name = tr("Forget the known track") if track is None else tr("Choose {track}", track=track.name)
    return Edit(name, lambda project: replace(project, track=track))


def accept_restore(
    result: RestoreResult,
    choice: OstChoice | None = None,
    amount: float = 1.0,
    speech: tuple[Region, ...] | None = None,
) -> Edit:
    """Take a result in: a lane per stem, of which those that make the restored sound are heard.

    Lanes of an earlier restore keep how they are heard, all lanes how they are shown; those that
    play no stem stay as they are.

    Args:
        result: What the engine found.
        choice: The music that the user wanted kept before, of the same two.
        amount: How much of the added music was to be taken out before.
        speech: What the user said was speech before.
    """
    music = [stem for stem in _RESTORED_LANES if stem in result.stems]
    kept = music or [StemName.RESTORED]
    fresh = (
        Lane(StemName.MIX, muted=True),
        *(Lane(stem) for stem in kept),
        Lane(StemName.BGM, muted=True),
    )

    def apply(project: Project) -> Project:
        is_first = all(lane.stem in (None, StemName.MIX) for lane in project.lanes)
        old = {} if is_first else {lane.lane_id: lane for lane in project.lanes}
        seen = {lane.lane_id for lane in project.lanes if lane.as_spectrogram}
        stems = tuple(
            replace(old.get(lane.lane_id, lane), as_spectrogram=lane.lane_id in seen)
            for lane in fresh
            if lane.stem in result.stems
        )
        others = tuple(lane for lane in project.lanes if lane.stem is None)
        wanted = choice if _has_two_musics(result) else None
        restore = Restore(result, wanted, speech=speech if result.may_change_speech else None)
        if restore.may_leave_some:
            restore = replace(restore, amount=amount)
        return replace(project, lanes=stems + others, restore=restore, lost=None)

    return Edit(tr("Preview") if result.region is not None else tr("Restore"), apply)


def move_video(media: Media) -> Edit:
    """Go on with the same video where it lies now."""

    def apply(project: Project) -> Project:
        return replace(
            project,
            media=media,
            restore=_of_video(project.restore, media.path),
            lost=_of_video(project.lost, media.path),
            history=tuple(
                replace(each, result=replace(each.result, video=media.path))
                for each in project.history
            ),
        )

    return Edit(tr("Choose where the video is"), apply)


def _of_video(restore: Restore | None, video: Path) -> Restore | None:
    if restore is None:
        return None
    return replace(restore, result=replace(restore.result, video=video))


def swap_music() -> Edit:
    """Keep the other one of the two musics, and take all of this one out."""

    def apply(project: Project) -> Project:
        restore = project.restore
        if restore is None or restore.kept is None:
            return project
        choice: OstChoice = "second" if restore.kept == "first" else "first"
        return replace(project, restore=replace(restore, choice=choice))

    return Edit(tr("Swap the music"), apply)


def take_out(amount: float, drag_id: int = 0) -> Edit:
    """Take only a part of the added music out, from 0 to 1; a drag is one edit."""

    def apply(project: Project) -> Project:
        restore = project.restore
        if restore is None or not restore.may_leave_some:
            return project
        return replace(project, restore=replace(restore, amount=amount))

    name = tr("Take {percent} % out", percent=round(100 * amount))
    return Edit(name, apply, merge_key="amount", drag_id=drag_id)


def _has_two_musics(result: RestoreResult) -> bool:
    return {StemName.MUSIC1, StemName.MUSIC2} <= set(result.stems)


def change_lane(project: Project, lane_id: str, change: Callable[[Lane], Lane]) -> Project:
    """The project with another state of one lane."""
    lanes = tuple(change(lane) if lane.lane_id == lane_id else lane for lane in project.lanes)
    return replace(project, lanes=lanes)
