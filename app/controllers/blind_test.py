"""Blind tests: the user's wish -> trials that are heard -> a session of the document."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from app.controllers.anchors import AnchorsController
from app.controllers.compare import CompareController
from app.controllers.playback import PlaybackController
from app.controllers.sound import SoundController
from app.document import Change, Document
from app.messages import Messages
from app.project import Media, Project
from app.review.edits import add_session, forget_session
from app.review.findings import finding, power_in_words
from app.review.listening import MAX_SEED, Answer, Plan, Session, as_compared
from app.review.versions import sound_keys, versions
from engine.translation import tr
from widgets.main_window import MainWindow
from widgets.review_view import BlindTestWish, FindingView, Question, TrialView
from widgets.wording import tick_label

_LETTERS = {Question.ABX: "ABX", Question.PREFERENCE: "123", Question.RATING: "12345"}


@dataclass(slots=True)
class _Trial:
    """What happens in the trial that is going on.

    Attributes:
        plays: The version behind each button.
        began_s: When it began.
        heard: The button that is listened to.
        known: Those that have been listened to.
        switches: How often another one was.
    """

    plays: tuple[str, ...]
    began_s: float
    heard: int = 0
    known: set[int] = field(default_factory=lambda: {0})
    switches: int = 0

    def listen(self, index: int) -> None:
        """Turn to another button."""
        if index != self.heard:
            self.heard = index
            self.switches += 1
            self.known.add(index)


class BlindTestController(QObject):
    """Runs one test at a time; while it runs the window shows nothing that tells what is heard.

    Attributes:
        session: The test that goes on; None when none does.

    Signals:
        running_changed: A test began or ended.
    """

    running_changed = Signal()

    def __init__(
        self,
        window: MainWindow,
        document: Document,
        compare: CompareController,
        playback: PlaybackController,
        sound: SoundController,
        anchors: AnchorsController,
        messages: Messages,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._window, self._document, self._messages = window, document, messages
        self._compare, self._playback, self._clock_s = compare, playback, clock_s
        self._sound, self._anchors = sound, anchors
        self.session: Session | None = None
        self._trial: _Trial | None = None
        self._connect()
        self._tell_power(window.review_panel.blind_card.question.value, 16)

    def start(self, wish: BlindTestWish) -> None:
        """Begin as soon as there is all that is to be heard; the stretch is looped."""
        sounds = {each.version_id: each.sound for each in versions(self._document.project)}
        if len({sounds[version_id] for version_id in wish.version_ids}) < len(wish.version_ids):
            self._messages.warn(
                tr("Two of these versions are one and the same sound."), tr("Choose others.")
            )
            return
        names = {v.version_id: v.name for v in self._compare.view().versions}
        gains_db = self._compare.gains_db()
        plan = Plan(
            wish.question,
            tuple(as_compared(v, names[v], gains_db[v], sounds[v].key) for v in wish.version_ids),
            wish.num_trials,
            self._compare.region,
            wish.listener,
            secrets.randbelow(MAX_SEED),
            wish.has_reference,
            wish.anchors_hz,
            wish.without_sound,
        )
        self._anchors.make(plan, self._begin)

    def _begin(self, plan: Plan) -> None:
        self.session = Session(plan)
        self._playback.audition(plan.region, is_looped=True)
        self._show_blind(blind=True)
        self._next_trial()

    def stop(self) -> None:
        """Give the test up; what was answered is kept, but shows nothing."""
        if self.session is not None:
            self._finish(self.session)

    def _connect(self) -> None:
        panel = self._window.review_panel
        panel.blind_card.start_requested.connect(self.start)
        panel.blind_card.trials_changed.connect(self._tell_power)
        panel.trial_card.chosen.connect(self._choose)
        panel.trial_card.rated.connect(self._rate)
        panel.trial_card.loop_requested.connect(self._playback.toggle)
        panel.trial_card.stop_requested.connect(self.stop)
        panel.findings_card.forget_requested.connect(self._forget)
        self._window.trial_stage.listen_requested.connect(self._listen)
        self._window.version_requested.connect(self._on_number)
        self._sound.transport_changed.connect(self._show_trial)
        self._document.listen(self._on_change)

    def _on_number(self, number: int) -> None:
        if self._trial is None:
            self._compare.hear_number(number)
        else:
            self._window.trial_stage.press_number(number)

    def _listen(self, index: int) -> None:
        if self._trial is not None:
            self._trial.listen(index)
            self._show_trial()

    def _choose(self, index: int) -> None:
        self._answer(choice=index)

    def _rate(self, ratings: tuple[int, ...]) -> None:
        self._answer(ratings=ratings)

    def _answer(self, *, choice: int | None = None, ratings: tuple[int, ...] = ()) -> None:
        session, trial = self.session, self._trial
        if session is None or trial is None or self._is_deaf(session.plan):
            return
        listened_s = round(self._clock_s() - trial.began_s, 3)
        answer = Answer(trial.plays, choice, ratings, listened_s, trial.switches)
        self.session = session = session.answered(answer)
        if session.is_complete:
            self._finish(session)
        else:
            self._next_trial()

    def _next_trial(self) -> None:
        if self.session is not None:
            plays = self.session.plan.plays(len(self.session.answers))
            self._trial = _Trial(plays, self._clock_s())
            self._show_trial()

    def _finish(self, session: Session) -> None:
        self._end()
        self._keep(session, self._document.project.media)

    def _keep(self, session: Session, media: Media | None) -> None:
        if session.answers and self._document.project.media is media:
            self._document.do(add_session(session.finished(_now())))

    def _end(self) -> None:
        self.session = self._trial = None
        self._show_blind(blind=False)
        self._window.review_panel.show_trial(None)
        self._window.trial_stage.show_trial(None)
        self._compare.take_back()
        self._anchors.give_back()
        self._playback.end_audition()

    def _show_trial(self) -> None:
        session, trial = self.session, self._trial
        if session is None or trial is None:
            return
        plan, version_id = session.plan, trial.plays[trial.heard]
        gains_db = {each.version_id: each.gain_db for each in plan.rated}
        self._compare.lend(version_id, gains_db[version_id])
        start, end = (tick_label(s, 0.1) for s in (plan.region.start_s, plan.region.end_s))
        view = TrialView(
            plan.question,
            len(session.answers) + 1,
            plan.num_trials,
            _letters(plan),
            plan.num_open,
            trial.heard,
            can_answer=len(trial.known) == len(trial.plays) and not self._is_deaf(plan),
            is_silent=self._is_deaf(plan),
            stretch=tr("Loop {start} to {end}", start=start, end=end),
        )
        self._window.review_panel.show_trial(view)
        self._window.trial_stage.show_trial(view)

    def _is_deaf(self, plan: Plan) -> bool:
        """Whether nobody can hear what is asked about, although that was meant."""
        return self._sound.is_silent and not plan.without_sound

    def _show_blind(self, *, blind: bool) -> None:
        self._window.timeline.set_blind(blind=blind)
        self._window.transport_bar.set_blind(blind=blind)
        self.running_changed.emit()

    def _tell_power(self, question: str, num_trials: int) -> None:
        words = power_in_words(Question(question), num_trials)
        self._window.review_panel.blind_card.show_power(words)

    def _forget(self, index: int) -> None:
        self._document.do(forget_session(index))

    def _on_change(self, change: Change) -> None:
        session = self.session
        if session is not None and _is_heard_otherwise(session, change):
            self._end()
            # Listeners must not edit; and answers about a video that has gone go with it.
            if not change.media:
                QTimer.singleShot(0, self, partial(self._keep, session, change.after.media))
            self._messages.warn(
                tr("The blind test was given up: what it compared is another sound.")
            )
        if change.sessions or change.sounds:
            self._window.review_panel.findings_card.show_findings(_findings(change.after))


def _findings(project: Project) -> tuple[FindingView, ...]:
    """What the tests showed, and of which sounds."""
    shown = sound_keys(project)
    return tuple(finding(each, each.plan.made_with(shown)) for each in project.sessions)


def _is_heard_otherwise(session: Session, change: Change) -> bool:
    """Whether anything that a test compares is another sound now."""
    if change.media or not change.sounds:
        return change.media
    compared = {each.version_id for each in session.plan.compared}
    before, after = (
        {version for version in versions(project) if version.version_id in compared}
        for project in (change.before, change.after)
    )
    return before != after


def _letters(plan: Plan) -> tuple[str, ...]:
    """What stands on the buttons."""
    asked = _LETTERS[plan.question][: len(plan.rated) + (plan.question is Question.ABX)]
    return (*("R" * plan.num_open), *asked)


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")
