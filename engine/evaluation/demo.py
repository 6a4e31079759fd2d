"""`make demo`: restores the sample clip both ways and says how good the results are."""

import sys
import tempfile
from pathlib import Path

import numpy as np

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.dsp.metrics import measure
from engine.evaluation.sample import BGM, FILM, ORIGINAL, sample_folder
from engine.media.atomic import make_folder
from engine.media.decode import AudioReader
from engine.session import Session
from engine.stages.mux import mux
from engine.types import RestoreRequest, RestoreResult, Samples, StemName

OUTPUT = Path(".out") / "demo"


def main() -> None:
    """Restore, write, measure, and say it."""
    # A cache of its own: what was found before says nothing about how fast or good this is now.
    with tempfile.TemporaryDirectory() as cache:
        _demonstrate(Session(ArtifactStore(Path(cache))))


def _demonstrate(session: Session) -> None:
    sample = sample_folder()
    original, mix = _read(sample / ORIGINAL), _read(sample / FILM)
    before = measure(original, mix)
    _say(f"the clip with the added music: SI-SDR {before.si_sdr_db:.1f} dB against its original")
    requests = {
        "known": RestoreRequest(sample / FILM, bgm=(sample / BGM,)),
        "blind": RestoreRequest(sample / FILM),
    }
    make_folder(OUTPUT)
    for way, request in requests.items():
        result = session.restore(request, PlainContext())
        _write(session, result, OUTPUT / f"sample.{way}.mp4", original, mix)
    _say("the original, for comparison: " + str(sample / ORIGINAL))


def _write(
    session: Session, result: RestoreResult, output: Path, original: Samples, mix: Samples
) -> None:
    restored = result.stems[StemName.RESTORED]
    mux(result.video, output, restored, session.store, PlainContext())
    figures = measure(original, _read(output), mix)
    seconds = sum(stage.seconds for stage in result.stages)
    _say(
        f"{result.method.value}: {output.absolute()}\n"
        f"    SI-SDR {figures.si_sdr_db:.1f} dB against the original, "
        f"{round(figures.si_sdr_gain_db or 0.0, 1) + 0.0:+.1f} dB above the clip, "
        f"{seconds / restored.duration_s:.2f} x real time"
    )
    for warning in result.warnings:
        _say(f"    note: {warning}")


def _read(path: Path) -> Samples:
    with AudioReader(path) as reader:
        return np.concatenate(list(reader.blocks()), axis=1)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
