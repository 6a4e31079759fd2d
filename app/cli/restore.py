"""`reprise restore`: the same videos without the music that was laid over them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from app.cli.output import progress_on_terminal, write_json, write_json_error
from app.cli.run import DONE, FAILED, say
from engine.artifacts import ArtifactStore, cache_folder
from engine.context import RunContext
from engine.errors import EngineError
from engine.media.atomic import check_writable, make_folder
from engine.media.mux import MuxResult, check_output
from engine.media.wav import write_wav
from engine.session import Session
from engine.stages.mux import mux
from engine.types import (
    BgmMatch,
    Decision,
    Quality,
    RestoreRequest,
    RestoreResult,
    StageReport,
    StemName,
)

cli = typer.Typer(add_completion=False)


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for, the same for every input."""

    output: Path | None
    out_dir: Path | None
    bgm: tuple[Path, ...]
    library: Path | None
    stems: Path | None
    dialogue_only: Path | None
    ost: Literal["auto", "first", "second"]
    quality: Quality
    device: Literal["auto", "cpu", "cuda", "mps"]
    models: dict[str, str]
    audio_codec: str | None
    keep_original_track: bool


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """The JSON object of one input."""

    input: str
    output: str
    duration_s: float
    sample_rate_hz: int
    channels: int
    method: str
    bgm: tuple[BgmMatch, ...]
    decision: Decision | None
    speech: tuple[tuple[float, float], ...]
    stages: tuple[StageReport, ...]
    stems: dict[str, str]
    warnings: tuple[str, ...]


@cli.command()
def restore(
    videos: Annotated[list[Path], typer.Argument(help="Videos; they are never written to.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where the result goes.")
    ] = None,
    out_dir: Annotated[Path | None, typer.Option(help="Folder for the results.")] = None,
    bgm: Annotated[
        list[Path] | None, typer.Option(help="The added music, if you have the file.")
    ] = None,
    library: Annotated[
        Path | None, typer.Option(help="Folder to look for the added music in.")
    ] = None,
    blind: Annotated[
        bool, typer.Option("--blind", help="Separate without any known music.")
    ] = False,
    stems: Annotated[Path | None, typer.Option(help="Folder for the stems, as float WAV.")] = None,
    dialogue_only: Annotated[
        Path | None, typer.Option(help="A second video with nothing but speech.")
    ] = None,
    ost: Annotated[
        Literal["auto", "first", "second"], typer.Option(help="Which music to keep.")
    ] = "auto",
    quality: Annotated[Quality, typer.Option(help="How much time to spend.")] = Quality.STANDARD,
    device: Annotated[
        Literal["auto", "cpu", "cuda", "mps"], typer.Option(help="Where networks run.")
    ] = "auto",
    model: Annotated[
        list[str] | None, typer.Option(help="STAGE=NAME_OR_FILE, may be repeated.")
    ] = None,
    audio_codec: Annotated[str | None, typer.Option(help="FFmpeg's name of the codec.")] = None,
    keep_original_track: Annotated[
        bool, typer.Option("--keep-original-track", help="Keep the old sound as a second track.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object per input, one per line.")
    ] = False,
) -> int:
    """Take added background music out of videos; speech, effects and original music stay."""
    options = Options(
        output=output,
        out_dir=out_dir,
        bgm=tuple(bgm or ()),
        library=library,
        stems=stems,
        dialogue_only=dialogue_only,
        ost=ost,
        quality=quality,
        device=device,
        models=_models(model or []),
        audio_codec=audio_codec,
        keep_original_track=keep_original_track,
    )
    _check_usage(videos, options, blind=blind)
    session = Session(ArtifactStore(cache_folder()))
    codes = [_restore_one(session, video, options, json=json) for video in videos]
    session.store.trim()
    return max(codes)


def _check_usage(videos: list[Path], options: Options, *, blind: bool) -> None:
    if len(videos) > 1 and (options.output or options.dialogue_only):
        raise typer.BadParameter("-o and --dialogue-only take one input; use --out-dir")
    if options.output and options.out_dir:
        raise typer.BadParameter("-o and --out-dir exclude each other")
    if sum([bool(options.bgm), options.library is not None, blind]) > 1:
        raise typer.BadParameter("--bgm, --library and --blind exclude each other")
    if options.dialogue_only and (options.bgm or options.library):
        raise typer.BadParameter("--dialogue-only needs the blind way")


def _models(choices: list[str]) -> dict[str, str]:
    pairs = [choice.partition("=") for choice in choices]
    if any(not stage or not name for stage, _, name in pairs):
        raise typer.BadParameter("--model wants STAGE=NAME_OR_FILE")
    return {stage: name for stage, _, name in pairs}


def _restore_one(session: Session, video: Path, options: Options, *, json: bool) -> int:
    try:
        with progress_on_terminal(video.name) as context:
            report = _restored(session, video.absolute(), options, context)
    except EngineError as error:
        write_json_error(video, error) if json else say(f"{video}: {error}")
        return FAILED
    if json:
        write_json(report)
    else:
        _say_report(report)
    return DONE


def _restored(
    session: Session, video: Path, options: Options, context: RunContext
) -> RestoreReport:
    output = _output_path(video, options)
    for path in filter(None, (output, options.dialogue_only)):
        check_output(video, path)
        check_writable(path)
    request = RestoreRequest(
        video=video,
        bgm=tuple(path.absolute() for path in options.bgm),
        library=options.library,
        ost=options.ost,
        quality=options.quality,
        device=options.device,
        models=options.models,
    )
    result = session.restore(request, context)
    mixed = _mux(session, video, result, StemName.RESTORED, output, options, context)
    warnings = mixed.warnings
    if options.dialogue_only:
        path = options.dialogue_only.absolute()
        spoken = _mux(session, video, result, StemName.DIALOGUE, path, options, context)
        warnings += spoken.warnings
    stems = _write_stems(result, options.stems, session.store)
    return _report(result, mixed.output, stems, warnings)


def _output_path(video: Path, options: Options) -> Path:
    """`NAME.restored.EXT` beside the input, unless the user said otherwise."""
    if options.output:
        return options.output.absolute()
    folder = options.out_dir.absolute() if options.out_dir else video.parent
    if options.out_dir:
        make_folder(folder)
    return folder / f"{video.stem}.restored{video.suffix}"


def _mux(
    session: Session,
    video: Path,
    result: RestoreResult,
    stem: StemName,
    output: Path,
    options: Options,
    context: RunContext,
) -> MuxResult:
    return mux(
        video,
        output,
        result.stems[stem],
        session.store,
        context,
        audio_codec=options.audio_codec,
        keep_original_track=options.keep_original_track,
    )


def _write_stems(
    result: RestoreResult, folder: Path | None, store: ArtifactStore
) -> dict[str, str]:
    if folder is None:
        return {}
    make_folder(folder)
    written = {}
    for name, ref in result.stems.items():
        path = folder.absolute() / f"{name}.wav"
        write_wav(path, store.blocks(ref), ref.num_samples, ref.channels, ref.sample_rate_hz)
        written[name.value] = str(path)
    return written


def _report(
    result: RestoreResult, output: Path, stems: dict[str, str], warnings: tuple[str, ...]
) -> RestoreReport:
    mix = result.stems[StemName.MIX]
    return RestoreReport(
        input=str(result.video),
        output=str(output),
        duration_s=mix.duration_s,
        sample_rate_hz=mix.sample_rate_hz,
        channels=mix.channels,
        method=result.method,
        bgm=result.bgm,
        decision=result.decision,
        speech=tuple((region.start_s, region.end_s) for region in result.speech),
        stages=result.stages,
        stems=stems,
        warnings=(*result.warnings, *warnings),
    )


def _say_report(report: RestoreReport) -> None:
    for match in report.bgm:
        say(
            f"found {Path(match.track).name} from {match.track_start_s:.1f} s under "
            f"{match.video_start_s:.1f} - {match.video_end_s:.1f} s ({match.confidence:.0%} sure)"
        )
    if report.decision is not None:
        say(
            f"kept the {report.decision.ost} music ({report.decision.confidence:.0%} sure); "
            "--ost first and --ost second choose"
        )
    for warning in report.warnings:
        say(f"note: {warning}")
    say(f"wrote {report.output}")
