"""The whole editor for tests: the real window and engine protocol, a device made of numpy."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from app.bootstrap import Application, Arguments, Desktop, Dialogs, build
from app.desktop.awake import NoWakefulness
from app.history import restored
from app.messages import Message
from app.paths import Paths
from app.playback.sound import SoundOutput
from app.playback.transport import Transport
from engine.types import RestoreRequest, Samples
from engine.urgency import Urgency
from tests.helpers.sound import StubOutput
from widgets.export_sheet import ExportWish
from widgets.questions import Recovery

WAIT_MS = 15_000
RATE_HZ = 8000


@dataclass
class Answers:
    """What the user answers to file dialogs; None is Cancel."""

    files: tuple[Path, ...] = ()
    videos: tuple[Path, ...] = ()
    moved: Path | None = None
    project: Path | None = None
    track: Path | None = None
    output: Path | None = None
    folder: Path | None = None
    wish: ExportWish | None = field(default_factory=ExportWish)
    report: Path | None = None
    rival: Path | None = None
    music: Path | None = None
    network: Path | None = None
    listeners: tuple[Path, ...] = ()
    recover: Recovery = Recovery.START_EMPTY
    marker_text: str | None = None
    opened_folders: list[Path] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    wants_less_motion: bool = False
    told: list[str] = field(default_factory=list)

    def desktop(self) -> Desktop:
        """A desktop that hears what it is told, whatever runs the tests."""

        def send(title: str, text: str) -> bool:
            self.told.append(f"{title}: {text}")
            return True

        return Desktop(send, NoWakefulness, lambda: self.wants_less_motion)

    def dialogs(self) -> Dialogs:
        return Dialogs(
            files=lambda *_: self.files,
            videos=lambda *_: self.videos,
            moved=lambda *_: self.moved,
            project=lambda *_: self.project,
            track=lambda *_: self.track,
            export=lambda *_: self.wish,
            export_video=lambda *_: self.output,
            export_folder=lambda *_: self.folder,
            report=lambda *_: self.report,
            rival=lambda *_: self.rival,
            music=lambda *_: self.music,
            network=lambda *_: self.network,
            listeners=lambda *_: self.listeners,
            recover=lambda *_: self.recover,
            marker_text=lambda *_: self.marker_text,
            open_folder=self.opened_folders.append,
            show_text=lambda *words: self.texts.append(words[-1]),
        )


@dataclass
class Editor:
    """One running editor.

    Attributes:
        app: The editor itself.
        qtbot: Waits.
        answers: To dialogs.
        outputs: Sound devices that were opened, oldest first.
        messages: Everything that was said to the user.
        devices: Names of the sound devices that are there; empty is the system's default.
    """

    app: Application
    qtbot: QtBot
    answers: Answers
    outputs: list[StubOutput]
    messages: list[Message] = field(default_factory=list)
    devices: list[str] = field(default_factory=lambda: [""])

    @property
    def transport(self) -> Transport:
        """What plays."""
        assert self.app.sound.transport is not None
        return self.app.sound.transport

    def open(self, path: Path) -> None:
        """Open a film and wait until it can be played and its waveforms are drawn."""
        self.app.media.open(path)
        self.qtbot.waitUntil(lambda: self.app.sound.transport is not None, timeout=WAIT_MS)
        self.settle()

    def settle(self) -> None:
        """Wait until no job runs."""
        self.qtbot.waitUntil(lambda: not self.app.jobs.active_jobs, timeout=WAIT_MS)

    def restore(self) -> None:
        """Restore the blind way and wait for the result."""
        self.app.window.restore_panel.restore_blind_requested.emit()
        self.qtbot.waitUntil(lambda: self.app.document.project.restore is not None, timeout=WAIT_MS)
        self.settle()

    def keep_only_speech(self, video: Path) -> None:
        """Take in what the queue makes of a film of which only the speech is wanted."""
        request = RestoreRequest(video, ost="second")
        job = self.app.jobs.submit("Restore", Urgency.QUEUE, request)
        with self.qtbot.waitSignal(job.succeeded, timeout=WAIT_MS) as done:
            pass
        (result,) = done.args
        self.app.document.do(restored(result, request.quality, 1e9, request.ost))
        self.settle()

    def hear(self, num_samples: int) -> Samples:
        """Let the device play on: (2, num_samples) float32."""
        return self.outputs[-1].pull(num_samples).T

    def heard_lanes(self) -> list[str]:
        """The lanes that would be heard without solo."""
        return [lane.lane_id for lane in self.app.document.project.lanes if not lane.muted]


@contextmanager
def running_editor(
    folder: Path,
    qtbot: QtBot,
    answers: Answers | None = None,
    workload: str = "tests.helpers.restore_workload:load",
    *,
    files: tuple[Path, ...] = (),
    welcomes: bool = False,
) -> Iterator[Editor]:
    """Run an editor whose files lie in `folder`; REPRISE_CACHE must be `folder / "cache"`."""
    outputs: list[StubOutput] = []
    devices = [""]

    def open_output(wanted_rate_hz: int, device: str) -> SoundOutput:
        there = (name for name in (device, "") if name in devices)
        outputs.append(StubOutput(wanted_rate_hz, device=next(there, None)))
        return outputs[-1]

    def look_for_outputs(_: str) -> tuple[str, ...]:
        return tuple(name for name in devices if name)

    answers = answers or Answers()
    paths = Paths(
        folder / "settings.json",
        folder / "cache",
        folder / "engine.log",
        folder / "window.log",
        folder / "autosave",
    )
    app = build(
        Arguments(
            paths,
            files,
            engine_in_thread=True,
            workload=workload,
            open_output=open_output,
            look_for_outputs=look_for_outputs,
            dialogs=answers.dialogs(),
            desktop=answers.desktop(),
            welcomes=welcomes,
        )
    )
    editor = Editor(app, qtbot, answers, outputs, devices=devices)
    app.messages.listen(editor.messages.append)
    app.window.show()
    try:
        yield editor
    finally:
        app.close()
        app.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
