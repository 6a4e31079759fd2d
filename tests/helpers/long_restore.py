"""A process that restores a film on small networks, to be watched."""

import os
import sys
from pathlib import Path

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.pipeline import restore
from engine.stages.mux import mux
from engine.types import RestoreRequest, StemName
from tests.helpers.restores import SmallStages


def main() -> None:
    """The whole blind way, with the real matcher, from a film to a film."""
    film = Path(sys.argv[1])
    store = ArtifactStore(Path(os.environ["REPRISE_CACHE"]))
    context = PlainContext()
    result = restore(RestoreRequest(film), SmallStages(store, None), store, context)
    mux(film, film.with_stem("restored"), result.stems[StemName.RESTORED], store, context)


if __name__ == "__main__":
    main()
