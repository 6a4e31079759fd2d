"""The document's sounds -> the transport that plays them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.document import Change, Document, Project
from app.jobs import JobRunner
from app.messages import Messages
from app.playback.devices import SYSTEM_DEFAULT
from app.playback.metering import LoudnessWatch
from app.playback.mixer import Mixer, MixerLane, Part
from app.playback.resample import resampled
from app.playback.sound import SoundOutput
from app.playback.transport import Transport
from app.sounds import UNTOUCHED, Sound, lane_sound, project_gains, unseen_sounds, untouched
from engine.context import PlainContext, RunContext
from engine.media.raw_audio import map_samples, raw_audio_path

OpenOutput = Callable[[int, str], SoundOutput]
"""Opens a device at a wanted rate, by its name; slow, called in a worker."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where it plays, or stands."""

    position_s: float = 0.0
    is_playing: bool = False


@dataclass(frozen=True, slots=True)
class _Opened:
    """A device, what it was opened for, and the words of the one that went away."""

    output: SoundOutput
    number: int
    place: _Place
    lost: str = ""


@dataclass(frozen=True, slots=True)
class _Mapped:
    """Lanes at a device's rate, and the project they are of."""

    lanes: tuple[MixerLane, ...]
    project: Project
    borrowed: Mapping[str, Sound]
    transport: Transport


class SoundController(QObject):
    """Keeps a transport that plays what the document says.

    Attributes:
        device: Name of the device that is wanted; counts for the next one that is opened.
        transport: None while nothing is open or the device is being opened.
        loudness: Measures what it plays.

    Signals:
        transport_changed: `transport` is another one or none.
        loaded: It plays the sounds there are by now.
    """

    transport_changed = Signal()
    loaded = Signal()

    def __init__(
        self,
        document: Document,
        jobs: JobRunner,
        messages: Messages,
        cache: Path,
        open_output: OpenOutput,
    ) -> None:
        super().__init__()
        self.device = SYSTEM_DEFAULT
        self.transport: Transport | None = None
        self.loudness: LoudnessWatch | None = None
        self._document, self._jobs, self._messages = document, jobs, messages
        self._cache, self._open_output = cache, open_output
        self._pending: _Opened | None = None
        self._compared: Mapping[str, float] | None = None
        self._borrowed: Mapping[str, Sound] = {}
        # How often a device was asked for, and where to go on when the newest one is there.
        self._number, self._place = 0, _Place()
        document.listen(self._on_change)

    def compare(self, gains: Mapping[str, float] | None) -> None:
        """Play versions by these linear gains instead of the lanes as they are set.

        Args:
            gains: By stem, 0 for those not named; None goes back to the lanes.
        """
        self._compared = gains
        if self.transport is not None:
            self.transport.mixer.set_gains(self._gains())

    def borrow(self, sounds: Mapping[str, Sound]) -> None:
        """Have other sounds ready as well, by names for `compare`; `loaded` says when they are."""
        if sounds or self._borrowed:
            self._borrowed = dict(sounds)
            self._load()

    @property
    def is_silent(self) -> bool:
        """Whether nothing can be heard: there is no device, or it is not open yet."""
        return self.transport is None or self.transport.output.is_silent

    def reopen(self, *, from_start: bool = False) -> None:
        """Open the device anew, and go on where the old one was; it may have gone away."""
        media, device = self._document.project.media, self.device
        self._number += 1
        if media is None:
            self.close()
            return
        if from_start:
            self._place = _Place()
        elif self.transport is not None and self._pending is None:
            self._place = _place_of(self.transport)
        number, place = self._number, self._place
        lost = self.transport.output if self.transport and self.transport.output.is_lost else None
        if lost is None:
            self.close()
        else:
            # Closing what is not there any more may take a while.
            self._let_go()

        def work(_: RunContext) -> _Opened:
            if lost is not None:
                lost.close()
            output = self._open_output(media.mix.sample_rate_hz, device)
            return _Opened(output, number, place, lost.words if lost is not None else "")

        job = self._jobs.run_in_thread("Opening the sound device", work)
        job.succeeded.connect(self._on_opened)
        job.failed.connect(self._on_failed)

    def retry(self) -> None:
        """Where nothing can be heard, go on with a device as soon as one opens."""
        silent, media, device = self.transport, self._document.project.media, self.device
        if silent is None or media is None:
            return

        def work(_: RunContext) -> SoundOutput:
            return self._open_output(media.mix.sample_rate_hz, device)

        def take(output: SoundOutput) -> None:
            if output.is_silent or self.transport is not silent:
                output.close()
                return
            self._number += 1
            opened = _Opened(output, self._number, _place_of(silent))
            self.close()
            self._on_opened(opened)
            self._messages.notice(f"Sound is heard again, through {output.words}.")

        job = self._jobs.run_in_thread("Looking for a sound device", work)
        job.succeeded.connect(take)

    def close(self) -> None:
        """Give the device back."""
        if self.transport is not None:
            self.transport.close()
            self._let_go()

    def _let_go(self) -> None:
        if self.loudness is not None:
            self.loudness.close()
        self.loudness = self.transport = None
        self.transport_changed.emit()

    def _on_change(self, change: Change) -> None:
        if change.media:
            self.reopen(from_start=True)
        elif change.sounds:
            self._load()
        elif change.lanes and self.transport is not None:
            self.transport.mixer.set_gains(self._gains())

    def _gains(self) -> Mapping[str, float]:
        return project_gains(self._document.project) if self._compared is None else self._compared

    def _on_opened(self, opened: _Opened) -> None:
        if opened.number != self._number:
            opened.output.close()
            return
        self.loudness = LoudnessWatch(opened.output.sample_rate_hz)
        self.transport, self._pending = Transport(opened.output, self.loudness), opened
        self._load()

    def _load(self) -> None:
        transport, project, cache = self.transport, self._document.project, self._cache
        if transport is None or project.media is None:
            return
        rate_hz, borrowed = transport.sample_rate_hz, self._borrowed

        def work(context: RunContext) -> _Mapped:
            lanes = _mapped_lanes(project, borrowed, rate_hz, cache, context)
            return _Mapped(lanes, project, borrowed, transport)

        if rate_hz == project.media.mix.sample_rate_hz:
            self._on_mapped(work(PlainContext()))
            return

        job = self._jobs.run_in_thread("Fitting the sound to the device", work)
        job.succeeded.connect(self._on_mapped)
        job.failed.connect(self._on_failed)

    def _on_mapped(self, mapped: _Mapped) -> None:
        project, transport = self._document.project, mapped.transport
        is_current = (
            transport is self.transport
            and project.media is mapped.project.media
            and project.restore is mapped.project.restore
            and project.rivals == mapped.project.rivals
            and self._borrowed is mapped.borrowed
        )
        if not is_current:
            return
        transport.load(Mixer(mapped.lanes, transport.sample_rate_hz, self._gains()))
        pending, self._pending = self._pending, None
        if pending is not None:
            transport.seek(pending.place.position_s)
            transport.start()
            if pending.place.is_playing:
                transport.play()
            self.transport_changed.emit()
            if pending.lost and pending.lost != transport.output.words:
                self._messages.warn(f"The sound device went away: {pending.lost}.", self._instead())
        self.loaded.emit()

    def _instead(self) -> str:
        """What is heard now that the device is gone."""
        output = self.transport.output if self.transport is not None else None
        if output is None or output.is_silent:
            return "Nothing can be heard until there is one again; playing goes on where it is."
        returns = "" if self.device == SYSTEM_DEFAULT else " until it is there again"
        return f"{output.words} takes its place{returns}."

    def _on_failed(self, error: Exception) -> None:
        self._messages.error(error)


def _place_of(transport: Transport) -> _Place:
    return _Place(transport.position_s(), transport.is_playing)


def _mapped_lanes(
    project: Project,
    borrowed: Mapping[str, Sound],
    sample_rate_hz: int,
    cache: Path,
    context: RunContext,
) -> tuple[MixerLane, ...]:
    """The lanes of a project, and what was borrowed, as memory-mapped sounds of one rate."""
    lanes = []
    seen = ((lane.lane_id, lane_sound(project, lane)) for lane in project.lanes)
    for lane_id, sound in (*seen, *unseen_sounds(project).items(), *borrowed.items()):
        if sound is None:
            continue
        refs = [resampled(part.ref, sample_rate_hz, cache, context) for part in sound.parts]
        ratio = sample_rate_hz / sound.sample_rate_hz
        start = round(sound.start * ratio)
        room = None if sound.length is None else round(sound.length * ratio) - start
        parts = tuple(
            Part(map_samples(raw_audio_path(cache, ref.key), ref)[:, :room], part.weight, start)
            for ref, part in zip(refs, sound.parts, strict=True)
        )
        lanes.append(MixerLane(lane_id, parts))
    return (*lanes, _untouched_lane(project, sample_rate_hz, cache, context))


def _untouched_lane(
    project: Project, sample_rate_hz: int, cache: Path, context: RunContext
) -> MixerLane:
    """The mix where nothing has been restored."""
    media, stretches = project.media, untouched(project)
    if media is None or not stretches:
        return MixerLane(UNTOUCHED, ())
    ref = resampled(media.mix, sample_rate_hz, cache, context)
    samples = map_samples(raw_audio_path(cache, ref.key), ref)
    ratio = ref.sample_rate_hz / media.mix.sample_rate_hz
    edges = [[round(at * ratio) for at in each] for each in stretches]
    return MixerLane(
        UNTOUCHED, tuple(Part(samples[:, start:end], start=start) for start, end in edges)
    )
