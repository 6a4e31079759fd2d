"""What stays between the jobs of one process: the cache and the loaded models."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import torch

from engine.artifacts import ArtifactStore, cache_folder
from engine.catalog import DEFAULT_MODELS, ModelCard, data_folder
from engine.choosing import choose_models
from engine.context import RunContext
from engine.devices import Device, Runner, choose_device
from engine.dsp.side_by_side import threads, use_threads
from engine.errors import DeviceError, ModelError
from engine.identify import identify_own
from engine.models.cost import speed_gflop_per_s
from engine.models.loading import load_matcher, load_separation_model, load_voice_model
from engine.pipeline import restore
from engine.speech_edit import edit_speech, request_of
from engine.stages import mixed_music, picture_features, separator, speech
from engine.stages.beats import find_track_beats
from engine.stages.matcher import Matcher
from engine.stages.mixed_music import MixedMusicSeparator
from engine.stages.picture_cuts import find_picture_cuts
from engine.stages.separation import OVERLAP, NetworkSeparation
from engine.stages.separator import BackgroundMusicSeparator
from engine.stages.speech import SpeechExtractor, find_speech
from engine.types import (
    BeatsRequest,
    BeatsResult,
    DeviceChoice,
    IdentifyRequest,
    IdentifyResult,
    PictureCutsRequest,
    PictureCutsResult,
    RestoreRequest,
    RestoreResult,
    SpeechEditRequest,
    SpeechRequest,
    SpeechResult,
)
from engine.weights import choose, identity
from engine.workload import Workload

_Model = TypeVar("_Model")

log = logging.getLogger(__name__)

# What one request needs at most: a model a stage.
_MOST_LOADED = len(DEFAULT_MODELS)


class Session:
    """Loads models and lends them to every job; those used last stay for the next one.

    Attributes:
        store: The artifact cache.
    """

    def __init__(self, store: ArtifactStore) -> None:
        self.store = store
        self._loaded: dict[tuple[object, ...], object] = {}

    def restore(self, request: RestoreRequest, context: RunContext) -> RestoreResult:
        """Take the background music out of a video's sound."""
        return restore(request, SessionStages(self, request), self.store, context)

    def edit_speech(self, request: SpeechEditRequest, context: RunContext) -> RestoreResult:
        """Make a restore with other speech regions, by the networks that it was made by."""
        stages = SessionStages(self, request_of(request))
        return edit_speech(request, stages, self.store, context)

    def identify(self, request: IdentifyRequest, context: RunContext) -> IdentifyResult:
        """Say which tracks of the user's library sound in a video."""
        return identify_own(request, self.store, context)

    def picture_cuts(self, request: PictureCutsRequest, context: RunContext) -> PictureCutsResult:
        """Say when the picture of a video is cut."""
        return find_picture_cuts(request, self.store, context)

    def beats(self, request: BeatsRequest, context: RunContext) -> BeatsResult:
        """Say when the beats of a track are."""
        return find_track_beats(request, self.store, context)

    def find_speech(self, request: SpeechRequest, context: RunContext) -> SpeechResult:
        """Say where somebody speaks in a video, by its whole sound."""
        extractor = self.speech_extractor(DEFAULT_MODELS[speech.STAGE])
        return find_speech(request, extractor, self.store, context)

    def speech_extractor(self, name: str) -> SpeechExtractor:
        """The one with a voice detector of that name."""

        def load() -> SpeechExtractor:
            return SpeechExtractor(load_voice_model(choose(name)), self.store)

        return self.once(SpeechExtractor, name, load)

    def notices(self, request: RestoreRequest, duration_s: float) -> tuple[str, ...]:
        """Which networks a blind restore would take and why, to be said before it."""
        return SessionStages(self, request).notices(duration_s)

    def warm_up(self, device: DeviceChoice = "auto") -> Iterator[str]:
        """Load the default models that are here for a device; yields their names.

        Raises:
            DeviceError: There is no such device.
        """
        stages = SessionStages(self, RestoreRequest(Path(), device=device))
        loaders = stages.separator, stages.speech, stages.mixed_music, stages.matcher
        for name, load in zip(DEFAULT_MODELS.values(), loaders, strict=True):
            try:
                load()
            except ModelError as error:
                log.warning("not loaded: %s", error)
            else:
                yield name

    def once(
        self, kind: type[_Model], name: str, load: Callable[[], _Model], device: str = ""
    ) -> _Model:
        """What `load` makes, made only if it is not among the last that were asked for.

        What is let go lives on while a suspended job holds it. A model that was removed and
        imported anew under its old name is another one.
        """
        key = kind.__name__, name, device, identity(name)
        if key not in self._loaded:
            # First, so that the old one does not take the memory of the new one.
            while len(self._loaded) >= _MOST_LOADED:
                del self._loaded[next(iter(self._loaded))]
            self._loaded[key] = load()
        model = self._loaded[key] = self._loaded.pop(key)
        if not isinstance(model, kind):
            raise TypeError(f"{key} holds a {type(model).__name__}")
        return model


class SessionStages:
    """The stages of one request, on the session's models."""

    def __init__(self, session: Session, request: RestoreRequest) -> None:
        self._session = session
        self._quality = request.quality
        self._device: Device = choose_device(request.device)
        self._choices = choose_models(request.quality, request.models, self._times_real_time)
        self._models = {stage: choice.model for stage, choice in self._choices.items()}

    def notices(self, duration_s: float) -> tuple[str, ...]:
        """Which networks were chosen and why, where there is something to say.

        Args:
            duration_s: Length of the sound.
        """
        lines = (choice.words(self._quality, duration_s) for choice in self._choices.values())
        return tuple(filter(None, lines))

    def separator(self) -> BackgroundMusicSeparator:
        """Voices apart from the rest."""
        return BackgroundMusicSeparator(self._separation(separator.STAGE), self._session.store)

    def speech(self) -> SpeechExtractor:
        """Speech apart from singing and noise."""
        return self._session.speech_extractor(self._models[speech.STAGE])

    def mixed_music(self) -> MixedMusicSeparator | None:
        """One music apart from the other; None where the user wants no network for it."""
        if choose(self._models[mixed_music.STAGE]).card.builder == mixed_music.UNDIVIDED:
            return None
        return MixedMusicSeparator(self._separation(mixed_music.STAGE), self._session.store)

    def matcher(self) -> Matcher:
        """Which music belongs to the picture."""
        name = self._models[picture_features.STAGE]

        def load() -> Matcher:
            weights = choose(name)
            return Matcher(load_matcher(weights), self._session.store, weights.card.name)

        return self._session.once(Matcher, name, load)

    def _times_real_time(self, card: ModelCard) -> float:
        """Seconds of work that a network takes here for a second of sound; 0 if unknown."""
        if not card.gflop_per_s:
            return 0.0
        speed = speed_gflop_per_s(self._device, data_folder() / "speed.json")
        return card.gflop_per_s / (1 - OVERLAP[self._quality]) / speed

    def _separation(self, stage: str) -> NetworkSeparation:
        name = self._models[stage]

        def load() -> NetworkSeparation:
            model = load_separation_model(choose(name))
            device = self._device.finer() if model.needs_digits else self._device
            return NetworkSeparation(model, Runner(model.network, device), self._session.store)

        return self._session.once(NetworkSeparation, name, load, self._device.kind)


def standard_workload(device: DeviceChoice = "auto") -> Workload:
    """What the engine process does for the window.

    Args:
        device: The one that the user prefers; the models are loaded there. If it is not here, that
            is an error only of the restore that wants it.
    """
    session = Session(ArtifactStore(cache_folder()))
    try:
        words = choose_device(device).words
    except DeviceError as error:
        log.warning("%s", error)
        device, words = "auto", choose_device("auto").words
    models = tuple(session.warm_up(device))
    all_threads, all_processors = torch.get_num_threads(), threads()

    def leave_cores(count: int) -> None:
        torch.set_num_threads(max(1, all_threads - count))
        use_threads(max(1, all_processors - count))

    return Workload(
        handlers={
            RestoreRequest: session.restore,
            SpeechEditRequest: session.edit_speech,
            IdentifyRequest: session.identify,
            PictureCutsRequest: session.picture_cuts,
            BeatsRequest: session.beats,
            SpeechRequest: session.find_speech,
        },
        device=words,
        models=models,
        leave_cores=leave_cores,
    )
