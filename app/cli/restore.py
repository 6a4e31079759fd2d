"""`reprise restore`: the same videos without the music that was laid over them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.cli.library import own_folders
from app.cli.output import progress_on_terminal, speed_change, write_json, write_json_error
from app.cli.run import DONE, FAILED, cache_errors, memory_errors, say, say_error
from app.paths import find_paths, preview_path, restored_path
from app.settings import SettingsStore
from engine.artifacts import ArtifactStore
from engine.catalog import DEFAULT_MODELS
from engine.context import RunContext
from engine.errors import EngineError, LibraryError
from engine.media.atomic import check_writable, make_folder
from engine.media.mux import MuxResult, check_output, planned_output
from engine.media.probe import probe
from engine.media.replacing import replaced_input, true_path, written_twice
from engine.media.wav import write_wav
from engine.remarks import in_words
from engine.stages.mux import mux
from engine.types import (
    BgmMatch,
    Decision,
    DeviceChoice,
    Quality,
    Region,
    RestoreRequest,
    RestoreResult,
    StageReport,
    StemName,
)

if TYPE_CHECKING:
    from engine.session import Session

cli = typer.Typer(add_completion=False)


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for, the same for every input."""

    output: Path | None
    out_dir: Path | None
    bgm: tuple[Path, ...]
    libraries: tuple[Path, ...]
    own_library: bool
    stems: Path | None
    dialogue_only: Path | None
    ost: Literal["auto", "first", "second"]
    quality: Quality
    device: DeviceChoice
    models: dict[str, str]
    region: Region | None
    audio_codec: str | None
    keep_original_track: bool


@dataclass(frozen=True, slots=True)
class Places:
    """Where the results of one input go.

    Attributes:
        film: The restored video.
        speech: The video with nothing but speech, if it is wanted.
        stems: Folder of the stems, if they are wanted.
    """

    film: Path
    speech: Path | None
    stems: Path | None

    @property
    def films(self) -> tuple[Path, ...]:
        """The videos."""
        return (self.film,) if self.speech is None else (self.film, self.speech)

    @property
    def files(self) -> tuple[Path, ...]:
        """Everything that may be written, with folders in their true form."""
        stems = () if self.stems is None else tuple(_stem_path(self.stems, n) for n in StemName)
        return tuple(true_path(path) for path in (*self.films, *stems))


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
    notices: tuple[str, ...]
    region: Region | None


# Whether they can be read is told when it is their turn: one of them must not stop the others.
_Videos = Annotated[
    list[Path], typer.Argument(readable=False, help="Videos; they are never written to.")
]

_Ost = Annotated[
    Literal["auto", "first", "second"],
    typer.Option(
        help="Which of two separated musics is the video's own. Where a blind restore leaves "
        "all music together, first keeps it and second leaves nothing but speech."
    ),
]
_Quality = Annotated[
    Quality,
    typer.Option(
        help="Which networks: draft the cheapest, standard the default, best the best one "
        "that is here by its figures; and how far their chunks overlap."
    ),
]
_Preview = Annotated[
    str | None,
    typer.Option(
        metavar="START",
        help="Restore only a short stretch from START on (seconds or [H:]MM:SS) and write it "
        "as NAME.preview.EXT.",
    ),
]
_PreviewLength = Annotated[float, typer.Option(min=0.1, help="Length of the preview in seconds.")]


@cli.command()
def restore(
    videos: _Videos,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where the result goes.")
    ] = None,
    out_dir: Annotated[Path | None, typer.Option(help="Folder for the results.")] = None,
    bgm: Annotated[
        list[Path] | None,
        typer.Option(
            readable=False, help="File of the added music; may be repeated, once for each track."
        ),
    ] = None,
    library: Annotated[
        Path | None,
        typer.Option(
            help="Folder to look for the added music in; by default those of reprise library."
        ),
    ] = None,
    blind: Annotated[
        bool, typer.Option("--blind", help="Separate without any known music.")
    ] = False,
    stems: Annotated[
        Path | None,
        typer.Option(help="Folder for the stems, as float WAV; several videos get one each in it."),
    ] = None,
    dialogue_only: Annotated[
        Path | None,
        typer.Option(
            help="A second video with nothing but speech; known music is taken out before."
        ),
    ] = None,
    ost: _Ost = "auto",
    quality: _Quality = Quality.STANDARD,
    device: Annotated[DeviceChoice, typer.Option(help="Where networks run.")] = "auto",
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="STAGE=NAME_OR_FILE, may be repeated; stages are separator, speech, mixed_music "
            "and matcher, names are those of reprise models list."
        ),
    ] = None,
    audio_codec: Annotated[str | None, typer.Option(help="FFmpeg's name of the codec.")] = None,
    keep_original_track: Annotated[
        bool, typer.Option("--keep-original-track", help="Keep the old sound as a second track.")
    ] = False,
    preview: _Preview = None,
    preview_length: _PreviewLength = 10.0,
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object per input, one per line.")
    ] = False,
) -> int:
    """Take added background music out of videos; speech, effects and original music stay."""
    options = Options(
        output=output,
        out_dir=out_dir,
        # A track that is named twice is one track.
        bgm=tuple(dict.fromkeys(true_path(path.absolute()) for path in bgm or ())),
        libraries=_libraries(library, alone=not (bgm or blind)),
        own_library=library is None,
        stems=stems,
        dialogue_only=dialogue_only,
        ost=ost,
        quality=quality,
        device=device,
        models=models_by_stage(model or []),
        region=_region(preview, preview_length),
        audio_codec=audio_codec,
        keep_original_track=keep_original_track,
    )
    _check_usage(videos, options, blind=blind)
    places = [_places(video.absolute(), options, alone=len(videos) == 1) for video in videos]
    _check_places(videos, options.bgm, places)
    _check_places(videos, options.bgm, _final(videos, places, options))
    return _restore_all(videos, options, places, json=json)


def _restore_all(videos: list[Path], options: Options, places: list[Places], *, json: bool) -> int:
    """One after the other; an input at fault does not stop the others."""
    paths = find_paths()
    quota_bytes = SettingsStore(paths.settings_file).current.cache_quota_bytes
    store = ArtifactStore(paths.cache, quota_bytes)
    open_session = cache(partial(_open_session, store))
    codes = []
    for video, place in zip(videos, places, strict=True):
        codes.append(_restore_one(open_session, video, options, place, json=json))
        store.trim()
    return max(codes)


def _open_session(store: ArtifactStore) -> "Session":
    # Slow to import; help, wrong usage and files that cannot be read need none of it.
    from engine.session import Session

    return Session(store)


def _check_usage(videos: list[Path], options: Options, *, blind: bool) -> None:
    if len(videos) > 1 and (options.output or options.dialogue_only):
        raise typer.BadParameter("-o and --dialogue-only take one input; use --out-dir")
    if options.output and (not options.output.name or options.output.is_dir()):
        raise typer.BadParameter("-o wants the name of a file; for a folder there is --out-dir")
    if options.output and options.out_dir:
        raise typer.BadParameter("-o and --out-dir exclude each other")
    if sum([bool(options.bgm), bool(options.libraries), blind]) > 1:
        raise typer.BadParameter("--bgm, --library and --blind exclude each other")


def _libraries(chosen: Path | None, *, alone: bool) -> tuple[Path, ...]:
    """The folders to look for the added music in: those of the user's library if none is named."""
    if chosen is not None:
        return (chosen.resolve(),)
    try:
        return own_folders() if alone else ()
    except LibraryError as error:
        # Nobody asked for it: the blind way is left.
        say(f"note: your library was not searched: {error}")
        return ()


def models_by_stage(choices: list[str]) -> dict[str, str]:
    """What the user chose with `--model STAGE=NAME`."""
    models = {stage: name for stage, _, name in (choice.partition("=") for choice in choices)}
    if not all(models.values()):
        raise typer.BadParameter("--model wants STAGE=NAME_OR_FILE")
    if unknown := models.keys() - DEFAULT_MODELS.keys():
        raise typer.BadParameter(
            f"no stage called {min(unknown)} has a model; these have: {', '.join(DEFAULT_MODELS)}"
        )
    return models


def _region(start: str | None, length_s: float) -> Region | None:
    """The stretch of a preview, from seconds or [H:]MM:SS."""
    if start is None:
        return None
    if not re.fullmatch(r"(\d+:){0,2}\d+(\.\d+)?", start):
        raise typer.BadParameter("--preview wants seconds or [H:]MM:SS, such as 90 or 1:30")
    start_s = 0.0
    for part in start.split(":"):
        start_s = 60 * start_s + float(part)
    return Region(start_s, start_s + length_s)


def _places(video: Path, options: Options, *, alone: bool) -> Places:
    stems = options.stems and options.stems.absolute()
    usual = restored_path if options.region is None else preview_path
    return Places(
        film=options.output.absolute() if options.output else usual(video, options.out_dir),
        speech=options.dialogue_only and options.dialogue_only.absolute(),
        stems=stems and (stems if alone else stems / video.stem),
    )


def _check_places(videos: Sequence[Path], bgm: Sequence[Path], places: Sequence[Places]) -> None:
    """Refuse results that would replace each other, or one of the inputs."""
    results = [path for place in places for path in place.files]
    if (twice := written_twice(results)) is not None:
        raise typer.BadParameter(f"two results would be written to {twice}; name other places")
    if (replaced := replaced_input(results, (*videos, *bgm))) is not None:
        raise typer.BadParameter(f"a result would replace the input {replaced}")


def _final(videos: Sequence[Path], places: Sequence[Places], options: Options) -> list[Places]:
    """The places under the names that the films will get in the end."""
    final = []
    for video, place in zip(videos, places, strict=True):
        try:
            final.append(_planned(video.absolute(), place, options))
        except EngineError:
            # Told when it is this video's turn.
            final.append(place)
    return final


def _planned(video: Path, places: Places, options: Options) -> Places:
    film, *speech = [
        planned_output(
            video,
            path,
            audio_codec=options.audio_codec,
            keep_original_track=options.keep_original_track,
        )
        for path in places.films
    ]
    return replace(places, film=film, speech=speech[0] if speech else None)


def _stem_path(folder: Path, name: StemName) -> Path:
    return folder / f"{name}.wav"


def _restore_one(
    open_session: Callable[[], "Session"],
    video: Path,
    options: Options,
    places: Places,
    *,
    json: bool,
) -> int:
    try:
        with memory_errors():
            _check_files(video.absolute(), options, places)
            session = open_session()
            _say_before(session, video, options)
            with progress_on_terminal(video.name) as context:
                report = _restored(session, video.absolute(), options, places, context)
    except EngineError as error:
        write_json_error(video, error) if json else say_error(video, error)
        return FAILED
    if json:
        write_json(report)
    else:
        _say_report(report, notices=not _is_surely_blind(options))
    return DONE


def _request(video: Path, options: Options) -> RestoreRequest:
    return RestoreRequest(
        video=video,
        bgm=tuple(path.absolute() for path in options.bgm),
        libraries=options.libraries,
        own_library=options.own_library,
        ost=options.ost,
        quality=options.quality,
        device=options.device,
        models=options.models,
        region=options.region,
        with_dialogue=options.dialogue_only is not None,
    )


def _is_surely_blind(options: Options) -> bool:
    return not options.bgm and not options.libraries


def _say_before(session: "Session", video: Path, options: Options) -> None:
    """Say which networks were chosen before the work, where it is certain that they will run."""
    if not _is_surely_blind(options):
        return
    request = _request(video, options)
    duration_s = probe(video).duration_s
    if options.region is not None:
        duration_s = min(duration_s, options.region.duration_s)
    for notice in session.notices(request, duration_s):
        say(notice)


def _restored(
    session: "Session", video: Path, options: Options, places: Places, context: RunContext
) -> RestoreReport:
    with cache_errors():
        result = session.restore(_request(video, options), context)
    mixed = _mux(session, video, result, StemName.RESTORED, places.film, options, context)
    warnings = (*_useless(options, result), *mixed.warnings)
    if places.speech:
        spoken = _mux(session, video, result, StemName.DIALOGUE, places.speech, options, context)
        warnings += spoken.warnings
    stems = _write_stems(result, places.stems, session.store)
    return _report(result, mixed.output, stems, warnings)


def _check_files(video: Path, options: Options, places: Places) -> None:
    """Find out before the work what cannot be read, and what could not be written after it."""
    for track in options.bgm:
        probe(track)
    planned = _planned(video, places, options)
    if options.out_dir:
        make_folder(options.out_dir)
    for path in planned.films:
        check_output(video, path)
        check_writable(path)
    if planned.stems:
        make_folder(planned.stems)
        check_writable(_stem_path(planned.stems, StemName.MIX))


def _useless(options: Options, result: RestoreResult) -> tuple[str, ...]:
    """Say what was asked for in vain."""
    if options.ost == "auto" or result.method != "known_bgm":
        return ()
    return (f"--ost {options.ost} chooses nothing where the added music is known",)


def _mux(
    session: "Session",
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
        region=result.region,
    )


def _write_stems(
    result: RestoreResult, folder: Path | None, store: ArtifactStore
) -> dict[str, str]:
    if folder is None:
        return {}
    make_folder(folder)
    written = {}
    for name, ref in result.stems.items():
        path = _stem_path(folder, name)
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
        notices=result.notices,
        region=result.region,
    )


def _say_report(report: RestoreReport, *, notices: bool) -> None:
    for match in report.bgm:
        say(
            f"found {match.track.name} from {match.track_start_s:z.1f} s under "
            f"{match.video_start_s:.1f} - {match.video_end_s:.1f} s{speed_change(match)} "
            f"(confidence {match.confidence:.2f})"
        )
    # The user's own choice is no news, and a doubt is among the warnings.
    if (
        report.decision is not None
        and report.decision.verdict == report.decision.ost
        and (report.decision.confidence < 1)
    ):
        say(
            f"kept the {report.decision.ost} music ({report.decision.confidence:.0%} sure); "
            "--ost first and --ost second choose"
        )
    for line in (*(report.notices if notices else ()), *report.warnings):
        say(f"note: {in_words(line)}")
    say(f"wrote {report.output}")
