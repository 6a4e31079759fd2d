"""The document: edits that change the project, done and undone, and what they changed."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from app.clips import Fade
from app.project import Media, Project, Restore, sound_alike
from engine.translation import tr

MERGE_WITHIN_S = 1.0
MAX_UNDO = 500

_SPECTROGRAM = {True: tr("Show {lane} as spectrogram"), False: tr("Show {lane} as waveform")}


@dataclass(frozen=True, slots=True)
class Edit:
    """A named change.

    Attributes:
        name: For the undo menu, e.g. "Mute BGM".
        apply: The change itself.
        merge_key: Edits with the same key in quick succession become one; empty never does.
        drag_id: Of a drag, 0 for none. Each step of a drag takes the place of the one before: it
            is applied to the project as it was before the drag, so a way back leads back.
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
    def listener_files(self) -> bool:
        """Where the tests of other listeners are."""
        return self.before.listener_files != self.after.listener_files

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
        # What could be redone before the last step, as long as that may still be taken back.
        self._forgotten: list[_Step] = []
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
        for step in (*self._done, *self._undone, *self._forgotten):
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
        self._undone, self._forgotten = [], []
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
        """Apply an edit; one that changes nothing, or leads back, leaves no trace."""
        now_s = self._clock_s()
        is_more = self._merges(edit, now_s)
        before = self._done[-1].before if is_more else self.project
        after = edit.apply(before if edit.drag_id else self.project)
        if after == self.project:
            return
        self._refuse_nested()
        if is_more and after == before:
            self._take_back()
            return
        if is_more:
            self._done.pop()
        else:
            self._forgotten = self._undone if edit.merge_key or edit.drag_id else []
            self._undone = []
        step = _Step(edit.name, before, after, edit.merge_key, now_s, edit.drag_id)
        self._done.append(step)
        self._show(after)

    def give_up(self, drag_id: int) -> None:
        """Take back what a drag did, as if it had never been."""
        self._refuse_nested()
        if self._done and self._done[-1].drag_id == drag_id:
            self._take_back()

    def _take_back(self) -> None:
        """Be as before the last step, also in what can be redone."""
        self._undone, self._forgotten = self._forgotten, []
        self._show(self._done.pop().before)

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
        later = (*reversed(self._undone), *reversed(self._forgotten))
        for step in (*self._done, *later):
            if made[id(step.before)] == made[id(step.after)]:
                made[id(step.after)] = made[id(step.before)]

        def filled(steps: Iterable[_Step]) -> list[_Step]:
            new = (
                replace(step, before=made[id(step.before)], after=made[id(step.after)])
                for step in steps
            )
            return [step for step in new if step.before is not step.after]

        done = filled(self._done)
        # They belong to the last step, which may be among those that are forgotten.
        self._forgotten = filled(self._forgotten) if len(done) == len(self._done) else []
        self._done = deque(done, maxlen=MAX_UNDO)
        self._undone = filled(self._undone)
        self._kept = made[id(self._kept)]
        self._show(made[id(self.project)])

    def undo(self) -> None:
        """Take the last edit back."""
        self._refuse_nested()
        if self._done:
            step = self._done.pop()
            self._undone.append(step)
            self._forgotten = []
            self._show(step.before)

    def redo(self) -> None:
        """Bring back what was undone last."""
        self._refuse_nested()
        if self._undone:
            step = self._undone.pop()
            self._done.append(replace(step, merge_key="", drag_id=0))
            self._show(step.after)

    def _merges(self, edit: Edit, now_s: float) -> bool:
        """Whether an edit takes the place of the last step, or goes on with it."""
        if not self._done or self._undone:
            return False
        last = self._done[-1]
        if edit.drag_id or last.drag_id:
            return edit.drag_id == last.drag_id
        is_soon = now_s - last.done_s <= MERGE_WITHIN_S
        return bool(edit.merge_key) and edit.merge_key == last.merge_key and is_soon

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
