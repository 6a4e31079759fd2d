"""An engine that does what the real one does, on a moving mean in the place of networks."""

from engine.artifacts import ArtifactStore, cache_folder
from engine.context import RunContext
from engine.pipeline import restore
from engine.speech_edit import edit_speech
from engine.types import (
    IdentifyRequest,
    PictureCutsRequest,
    RestoreRequest,
    RestoreResult,
    SpeechEditRequest,
    Verdict,
)
from engine.workload import Workload
from tests.helpers.restore_workload import identify, picture_cuts
from tests.helpers.restores import SmallStages, answer


def load() -> Workload:
    """What the engine is started with."""
    store = ArtifactStore(cache_folder())
    stages = SmallStages(store, answer(Verdict.FIRST))

    def separate(request: RestoreRequest, context: RunContext) -> RestoreResult:
        return restore(request, stages, store, context)

    def separate_again(request: SpeechEditRequest, context: RunContext) -> RestoreResult:
        return edit_speech(request, stages, store, context)

    return Workload(
        {
            RestoreRequest: separate,
            SpeechEditRequest: separate_again,
            IdentifyRequest: identify,
            PictureCutsRequest: picture_cuts,
        },
        "Small device",
        ("moving mean",),
        lambda _: None,
    )
