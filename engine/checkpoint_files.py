"""What a checkpoint file is, told from the outside: nothing is unpickled. Needs no torch."""

import json
import re
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.catalog import ModelCard, Stage, WeightFile
from engine.errors import BadCheckpointError, InputNotFoundError
from engine.published_configs import PublishedConfig, read_config, read_yaml
from engine.translation import tr

MAX_HEADER_BYTES = 100_000_000
"""The most that the safetensors library accepts as a header."""

_MAX_PICKLE_BYTES = 64_000_000
_ZIP_MAGIC = b"PK\x03\x04"
_PICKLE_MAGIC = b"\x80"
_YAML = (".yaml", ".yml")
_UNKNOWN_LICENCE = "the user's own file"


@dataclass(frozen=True, slots=True)
class DescribedCheckpoint:
    """A checkpoint of the user.

    Attributes:
        card: What could be told of it; its files carry no hashes.
        paths: Where the files lie now.
    """

    card: ModelCard
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user says of a file.

    Attributes:
        name: Name for the model; by default made from the file's name.
        config: YAML file of its configuration; by default the one beside it.
        stage: Stage that it shall serve; by default decided by its stems.
        stems: Names of its stems, in order; by default those of the configuration.
        sdr_db: How well it separates, as its author measured it; None if that is not known.
    """

    name: str = ""
    config: Path | None = None
    stage: str = ""
    stems: tuple[str, ...] = ()
    sdr_db: float | None = None


def describe_checkpoint(
    path: Path, *, name: str = "", config: Path | None = None
) -> DescribedCheckpoint:
    """Find out which network a file belongs to.

    Args:
        path: A checkpoint, or the YAML file of a demucs bag beside its checkpoints.
        name: Name for the card; by default made from the file's name.
        config: YAML file of a checkpoint that does not describe itself; by default the one beside.

    Raises:
        BadCheckpointError: It is no checkpoint, or of no network that is known here.
    """
    described = self_described(path, name=name)
    if described is not None:
        return described
    config = config or config_beside(path)
    if config is None:
        raise BadCheckpointError(
            tr("{file} does not say which network it belongs to", file=path.name),
            tr(
                "put its configuration beside it as {name}.yaml, or: reprise models import FILE",
                name=path.stem,
            ),
        )
    return with_config(path, read_config(config), name=name)


def self_described(path: Path, *, name: str = "") -> DescribedCheckpoint | None:
    """A bag, or a checkpoint that names its network inside; None if it does not."""
    name = name or _plain(path.stem)
    if path.suffix in _YAML:
        return _describe_bag(path, name)
    builder = _builder(path)
    if not builder:
        return None
    stage: Stage = "speech" if builder == "pyannote" else "separator"
    return DescribedCheckpoint(_card(name, stage, builder, [path]), (path,))


def with_config(path: Path, config: PublishedConfig, *, name: str = "") -> DescribedCheckpoint:
    """A checkpoint as its configuration describes it."""
    require_checkpoint(path)
    card = replace(
        _card(name or _plain(path.stem), "separator", config.builder, [path], config.options),
        sample_rate_hz=config.sample_rate_hz,
        stems=config.stems,
        remainder=config.remainder,
        chunk_samples=config.chunk_samples,
    )
    return DescribedCheckpoint(card, (path,))


def config_beside(path: Path) -> Path | None:
    """The configuration that lies beside a checkpoint under its name."""
    names = (path.stem, f"config_{path.stem}", f"{path.stem}_config", path.name)
    candidates = (path.with_name(name + suffix) for name in names for suffix in _YAML)
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def require_checkpoint(path: Path) -> None:
    """Raise `BadCheckpointError` unless the file begins like safetensors or a torch file."""
    head = _head(path)
    if head.startswith((_ZIP_MAGIC, _PICKLE_MAGIC)) or _header_bytes(path, head):
        return
    if head.lstrip().lower().startswith((b"<!doctype", b"<html")):
        raise BadCheckpointError(
            tr("{file} is a saved web page", file=path.name), tr("download the file itself")
        )
    if head[8:10] == b'{"' and struct.unpack("<Q", head[:8])[0] <= MAX_HEADER_BYTES:
        raise BadCheckpointError(
            tr("{file} is cut off: its end is missing", file=path.name), tr("get it anew")
        )
    raise BadCheckpointError(
        tr("{file} is no checkpoint", file=path.name),
        tr("expected is safetensors, or a file written by torch"),
    )


def begins_like_zip(path: Path) -> bool:
    """Whether the file begins as an archive does; its end may be missing."""
    return _head(path).startswith(_ZIP_MAGIC)


def is_safetensors(path: Path) -> bool:
    """Whether the file is of the kind that holds no code."""
    return _header_bytes(path, _head(path)) > 0


def read_metadata(path: Path) -> dict[str, str]:
    """The metadata of a safetensors file; empty if it has none, or is of another kind."""
    size = _header_bytes(path, _head(path))
    if not size:
        return {}
    with path.open("rb") as file:
        text = file.read(8 + size)[8:]
    try:
        metadata = json.loads(text).get("__metadata__", {})
    except (ValueError, AttributeError, RecursionError) as error:
        raise BadCheckpointError(tr("the header of {file} is damaged", file=path.name)) from error
    if not isinstance(metadata, dict):
        raise BadCheckpointError(tr("the header of {file} is damaged", file=path.name))
    return {str(key): str(value) for key, value in metadata.items()}


def claimed_checksum(path: Path) -> str:
    """The first digits of the SHA-256 that a demucs file carries in its name, or nothing."""
    found = re.search(r"-([0-9a-f]{8,64})\.th$", path.name)
    return found.group(1) if found else ""


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._+-]+", "-", name).strip("-._+")[:100] or "model"


def _head(path: Path) -> bytes:
    if not path.is_file():
        raise InputNotFoundError(tr("there is no file {path}", path=path), tr("check the path"))
    with path.open("rb") as file:
        return file.read(256)


def _header_bytes(path: Path, head: bytes) -> int:
    """Length of a safetensors header, 0 if there is none."""
    if len(head) < 10 or head[8:9] != b"{":
        return 0
    (size,) = struct.unpack("<Q", head[:8])
    return int(size) if size <= min(MAX_HEADER_BYTES, path.stat().st_size - 8) else 0


def _builder(path: Path) -> str:
    """Which builder the file names inside, if any."""
    require_checkpoint(path)
    text = read_metadata(path).get("klass", "").encode() or _pickle_text(path)
    marks = ((b"pyannote.", "pyannote"), (b"demucs.", "demucs"))
    return next((builder for mark, builder in marks if mark in text), "")


def _pickle_text(path: Path) -> bytes:
    """The pickle inside a torch file, as bytes to look at."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.endswith("data.pkl")]
            if not names:
                return b""
            with archive.open(names[0]) as member:
                return member.read(_MAX_PICKLE_BYTES)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError):
        with path.open("rb") as file:
            return file.read(1 << 20)


def _describe_bag(path: Path, name: str) -> DescribedCheckpoint:
    """A demucs bag: `models` (signatures, some perhaps twice), and perhaps `weights`, `segment`."""
    bag = read_yaml(path)
    signatures = bag.get("models")
    if not isinstance(signatures, list) or not signatures:
        raise BadCheckpointError(
            tr("{file} is no demucs bag: it lists no models", file=path.name),
            tr("for the configuration of a checkpoint: reprise models import FILE --config YAML"),
        )
    unique = list(dict.fromkeys(str(signature) for signature in signatures))
    paths = tuple(find_signature(path.parent, signature) for signature in unique)
    config = {key: bag[key] for key in ("weights", "segment") if bag.get(key) is not None}
    if len(unique) < len(signatures):
        config["members"] = [unique.index(str(signature)) for signature in signatures]
    return DescribedCheckpoint(_card(name, "separator", "demucs", paths, config), paths)


def find_signature(folder: Path, signature: str) -> Path:
    """The checkpoint of a demucs signature: `SIG.th`, `SIG-CHECKSUM.th` or `SIG.safetensors`."""
    if not re.fullmatch(r"[A-Za-z0-9_]+", signature):
        raise BadCheckpointError(tr("{signature!r} is no demucs signature", signature=signature))
    pattern = re.compile(re.escape(signature) + r"(-[0-9a-f]+)?\.(th|safetensors)")
    found = sorted(path for path in folder.iterdir() if pattern.fullmatch(path.name))
    if not found:
        raise InputNotFoundError(
            tr("{folder} holds no checkpoint of {signature}", folder=folder, signature=signature),
            tr("put it beside the bag's YAML file"),
        )
    return found[0]


def _card(
    name: str,
    stage: Stage,
    builder: str,
    paths: Sequence[Path],
    config: dict[str, Any] | None = None,
) -> ModelCard:
    files = tuple(
        WeightFile(_plain(path.name), sha256=claimed_checksum(path), size_bytes=path.stat().st_size)
        for path in paths
    )
    title = f"{paths[0].name} (imported)"
    return ModelCard(name, title, stage, builder, _UNKNOWN_LICENCE, files, config=config or {})
