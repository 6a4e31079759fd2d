"""The document's sounds -> the transport that plays them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.document import Change, Document
from app.gain_curves import GainCurve
from app.jobs import JobRunner
from app.messages import Messages
from app.playback.devices import SYSTEM_DEFAULT
from app.playback.metering import LoudnessWatch
from app.playback.mixer import Mixer, MixerLane, Part
from app.playback.resample import resampled
from app.playback.sound import SoundOutput
from app.playback.transport import Transport
from app.project import Project
from app.sounds import (
    UNTOUCHED,
    Sound,
    lane_sound,
    plain_id,
    plain_stems,
    project_gains,
    unseen_sounds,
    untouched,
)
from app.sounds import Part as SoundPart
from engine.context import PlainContext, RunContext
from engine.errors import EngineError
from engine.media.raw_audio import map_samples, raw_audio_path
from engine.translation import tr

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
        self._mapped: _Mapped | None = None
        self._compared: Mapping[str, float] | None = None
        self._borrowed: Mapping[str, Sound] = {}
        # How often a device was asked for, and where to go on when the newest one is there.
        self._number, self._place = 0, _Place()
        document.listen(self._on_change)

    def compare(self, gains: Mapping[str, float] | None) -> None:
        """Play versions by these linear gains instead of the lanes as they are set.

        Args:
            gains: By version, 0 for those not named; None goes back to the lanes. Stems are heard
                as they are, without the gains of their lanes.
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

        job = self._jobs.run_in_thread(tr("Opening the sound device"), work, is_prompt=True)
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
            self._messages.notice(
                tr("Sound is heard again, through {device}.", device=output.words)
            )

        job = self._jobs.run_in_thread(tr("Looking for a sound device"), work, is_prompt=True)
        job.succeeded.connect(take)

    def close(self) -> None:
        """Give the device back."""
        if self.transport is not None:
            self.transport.close()
            self._let_go()

    def _let_go(self) -> None:
        if self.loudness is not None:
            self.loudness.close()
        self.loudness = self.transport = self._mapped = None
        self.transport_changed.emit()

    def _on_change(self, change: Change) -> None:
        if change.media:
            self.reopen(from_start=True)
        elif change.sounds:
            self._load()
        elif change.curves:
            self._reshape()
        elif change.lanes and self.transport is not None:
            self.transport.mixer.set_gains(self._gains())

    def _gains(self) -> Mapping[str, float]:
        project, compared = self._document.project, self._compared
        if compared is None:
            return project_gains(project)
        plain = plain_stems(project)
        names = {version_id: plain_id(version_id) for version_id in compared}
        return {
            name if name in plain else version_id: compared[version_id]
            for version_id, name in names.items()
        }

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
            try:
                mapped = work(PlainContext())
            except EngineError as error:
                # Whoever else listens to the document has to hear of the change all the same.
                self._on_failed(error)
                return
            self._on_mapped(mapped)
            return

        job = self._jobs.run_in_thread(tr("Fitting the sound to the device"), work)
        job.succeeded.connect(self._on_mapped)
        job.failed.connect(self._on_failed)

    def _reshape(self) -> None:
        """Play what is mapped by other gains over time."""
        mapped, project = self._mapped, self._document.project
        sounds = _all_sounds(project)
        if mapped is None or _unshaped(_all_sounds(mapped.project)) != _unshaped(sounds):
            # Other sounds are on their way.
            self._load()
            return
        rate_hz = mapped.transport.sample_rate_hz
        heard = {**sounds, **mapped.borrowed}
        lanes = tuple(_reshaped(lane, heard.get(lane.lane_id), rate_hz) for lane in mapped.lanes)
        self._play(_Mapped(lanes, project, mapped.borrowed, mapped.transport))

    def _on_mapped(self, mapped: _Mapped) -> None:
        project, transport = self._document.project, mapped.transport
        is_current = (
            transport is self.transport
            and project.media is mapped.project.media
            and _all_sounds(project) == _all_sounds(mapped.project)
            and untouched(project) == untouched(mapped.project)
            and self._borrowed is mapped.borrowed
        )
        if is_current:
            self._play(mapped)

    def _play(self, mapped: _Mapped) -> None:
        """Have the device play it, from where it is."""
        transport, media = mapped.transport, mapped.project.media
        self._mapped = mapped
        rate_hz = transport.sample_rate_hz
        length = round(media.mix.duration_s * rate_hz) if media is not None else 0
        transport.load(Mixer(mapped.lanes, rate_hz, self._gains(), length))
        pending, self._pending = self._pending, None
        if pending is not None:
            transport.seek(pending.place.position_s)
            transport.start()
            if pending.place.is_playing:
                transport.play()
            self.transport_changed.emit()
            if pending.lost and pending.lost != transport.output.words:
                self._messages.warn(
                    tr("The sound device went away: {device}.", device=pending.lost),
                    self._instead(),
                )
        self.loaded.emit()

    def _instead(self) -> str:
        """What is heard now that the device is gone."""
        output = self.transport.output if self.transport is not None else None
        if output is None or output.is_silent:
            return tr("Nothing can be heard until there is one again; playing goes on where it is.")
        if self.device == SYSTEM_DEFAULT:
            words = tr("{device} takes its place.")
        else:
            words = tr("{device} takes its place until it is there again.")
        return words.format(device=output.words)

    def _on_failed(self, error: Exception) -> None:
        self._messages.error(error)


def _place_of(transport: Transport) -> _Place:
    return _Place(transport.position_s(), transport.is_playing)


def _all_sounds(project: Project) -> dict[str, Sound]:
    """What can be heard, by lane or version."""
    seen = ((lane.lane_id, lane_sound(project, lane)) for lane in project.lanes)
    found = {lane_id: sound for lane_id, sound in seen if sound is not None}
    return found | unseen_sounds(project) | plain_stems(project)


def _unshaped(sounds: Mapping[str, Sound]) -> dict[str, Sound]:
    """The same without gains."""
    return {
        lane_id: replace(
            sound, parts=tuple(replace(part, weight=1.0, curves=()) for part in sound.parts)
        )
        for lane_id, sound in sounds.items()
    }


def _reshaped(lane: MixerLane, sound: Sound | None, sample_rate_hz: int) -> MixerLane:
    """A lane by the gains of a sound that has the same parts; as it is where there is none."""
    if sound is None:
        return lane
    parts = (
        replace(part, weight=by.weight, curves=_curves(by, sample_rate_hz))
        for part, by in zip(lane.parts, sound.parts, strict=True)
    )
    return replace(lane, parts=tuple(parts))


def _curves(part: SoundPart, sample_rate_hz: int) -> tuple[GainCurve, ...]:
    """The gains of a part over the samples of another rate."""
    ratio = sample_rate_hz / part.ref.sample_rate_hz
    return part.curves if ratio == 1 else tuple(curve.scaled(ratio) for curve in part.curves)


def _mapped_lanes(
    project: Project,
    borrowed: Mapping[str, Sound],
    sample_rate_hz: int,
    cache: Path,
    context: RunContext,
) -> tuple[MixerLane, ...]:
    """The lanes of a project, and what was borrowed, as memory-mapped sounds of one rate."""
    lanes = []
    for lane_id, sound in {**_all_sounds(project), **borrowed}.items():
        parts = tuple(_mapped(part, sample_rate_hz, cache, context) for part in sound.parts)
        lanes.append(MixerLane(lane_id, parts))
    return (*lanes, _untouched_lane(project, sample_rate_hz, cache, context))


def _mapped(part: SoundPart, sample_rate_hz: int, cache: Path, context: RunContext) -> Part:
    ref = resampled(part.ref, sample_rate_hz, cache, context)
    ratio = sample_rate_hz / part.ref.sample_rate_hz
    first, last = round(part.skip * ratio), round((part.skip + part.num_samples) * ratio)
    samples = map_samples(raw_audio_path(cache, ref.key), ref)[:, first:last]
    return Part(samples, part.weight, round(part.start * ratio), _curves(part, sample_rate_hz))


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
