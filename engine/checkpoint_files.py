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

import yaml

from engine.catalog import ModelCard, Stage, WeightFile
from engine.errors import BadCheckpointError, InputNotFoundError

MAX_HEADER_BYTES = 100_000_000
"""The most that the safetensors library accepts as a header."""

_MAX_PICKLE_BYTES = 64_000_000
_ZIP_MAGIC = b"PK\x03\x04"
_PICKLE_MAGIC = b"\x80"
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


class _ConfigLoader(yaml.SafeLoader):
    """Plain YAML and Python tuples, which published BS-RoFormer configurations hold."""


def _tuple(loader: yaml.SafeLoader, node: yaml.Node) -> list[Any]:
    if not isinstance(node, yaml.SequenceNode):
        raise yaml.constructor.ConstructorError(None, None, "a tuple must be a list")
    return loader.construct_sequence(node)


_ConfigLoader.add_constructor("tag:yaml.org,2002:python/tuple", _tuple)


def describe_checkpoint(
    path: Path, *, name: str = "", config: Path | None = None
) -> DescribedCheckpoint:
    """Find out which network a file belongs to.

    Args:
        path: A checkpoint, or the YAML file of a demucs bag beside its checkpoints.
        name: Name for the card; by default made from the file's name.
        config: YAML file of a BS-RoFormer checkpoint; by default the one of the same name beside.

    Raises:
        BadCheckpointError: It is no checkpoint, or of no network that is known here.
    """
    name = name or _plain(path.stem)
    if path.suffix in (".yaml", ".yml"):
        return _describe_bag(path, name)
    builder = "" if config else _builder(path)
    if builder:
        stage: Stage = "speech" if builder == "pyannote" else "separator"
        return DescribedCheckpoint(_card(name, stage, builder, [path]), (path,))
    beside = path.with_suffix(".yaml")
    if config is None and not beside.is_file():
        raise BadCheckpointError(
            f"{path.name} does not say which network it belongs to",
            "a BS-RoFormer checkpoint needs its configuration: --config FILE.yaml",
        )
    content = _read_yaml(config or beside)
    return DescribedCheckpoint(_roformer_card(path, name, content), (path,))


def require_checkpoint(path: Path) -> None:
    """Raise `BadCheckpointError` unless the file begins like safetensors or a torch file."""
    head = _head(path)
    if head.startswith((_ZIP_MAGIC, _PICKLE_MAGIC)) or _header_bytes(path, head):
        return
    if head.lstrip().lower().startswith((b"<!doctype", b"<html")):
        raise BadCheckpointError(f"{path.name} is a saved web page", "download the file itself")
    raise BadCheckpointError(
        f"{path.name} is no checkpoint", "expected is safetensors, or a file written by torch"
    )


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
        raise BadCheckpointError(f"the header of {path.name} is damaged") from error
    if not isinstance(metadata, dict):
        raise BadCheckpointError(f"the header of {path.name} is damaged")
    return {str(key): str(value) for key, value in metadata.items()}


def claimed_checksum(path: Path) -> str:
    """The first digits of the SHA-256 that a demucs file carries in its name, or nothing."""
    found = re.search(r"-([0-9a-f]{8,64})\.th$", path.name)
    return found.group(1) if found else ""


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._+-]+", "-", name).strip("-._+")[:100] or "model"


def _head(path: Path) -> bytes:
    if not path.is_file():
        raise InputNotFoundError(f"there is no file {path}", "check the path")
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


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        content = _ConfigLoader(path.read_bytes()).get_single_data()
    except OSError as error:
        problem = f"{path} cannot be read" if path.exists() else f"there is no file {path}"
        raise InputNotFoundError(problem, "check the path") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadCheckpointError(f"{path.name} is no YAML file that can be read") from error
    if not isinstance(content, dict):
        raise BadCheckpointError(f"{path.name} is no model configuration")
    return content


def _describe_bag(path: Path, name: str) -> DescribedCheckpoint:
    """A demucs bag: `models` (signatures), and perhaps `weights` and `segment`."""
    bag = _read_yaml(path)
    signatures = bag.get("models")
    if not isinstance(signatures, list) or not signatures:
        raise BadCheckpointError(f"{path.name} lists no models")
    paths = tuple(find_signature(path.parent, str(signature)) for signature in signatures)
    config = {key: bag[key] for key in ("weights", "segment") if bag.get(key) is not None}
    return DescribedCheckpoint(_card(name, "separator", "demucs", paths, config), paths)


def find_signature(folder: Path, signature: str) -> Path:
    """The checkpoint of a demucs signature: `SIG.th`, `SIG-CHECKSUM.th` or `SIG.safetensors`."""
    if not re.fullmatch(r"[A-Za-z0-9_]+", signature):
        raise BadCheckpointError(f"{signature!r} is no demucs signature")
    pattern = re.compile(re.escape(signature) + r"(-[0-9a-f]+)?\.(th|safetensors)")
    found = sorted(path for path in folder.iterdir() if pattern.fullmatch(path.name))
    if not found:
        raise InputNotFoundError(
            f"{folder} holds no checkpoint of {signature}", "put it beside the bag's YAML file"
        )
    return found[0]


def _roformer_card(path: Path, name: str, content: dict[str, Any]) -> ModelCard:
    """Card of a BS-RoFormer checkpoint with its published configuration."""
    require_checkpoint(path)
    model = content.get("model")
    if not isinstance(model, dict) or "dim" not in model or "depth" not in model:
        raise BadCheckpointError("the configuration has no model section of a BS-RoFormer")
    if "num_bands" in model:
        raise BadCheckpointError(
            f"{path.name} is a Mel-band RoFormer", "only the band-split kind is known here"
        )
    audio, stems = _section(content, "audio"), _stems(_section(content, "training"))
    stage: Stage = "mixed_music" if len(stems) == 2 and "vocals" not in stems else "separator"
    return replace(
        _card(name, stage, "bs_roformer", [path], model),
        sample_rate_hz=_whole(audio, "sample_rate", 44_100),
        stems=stems,
        chunk_samples=_whole(audio, "chunk_size", 0),
    )


def _section(content: dict[str, Any], key: str) -> dict[str, Any]:
    section = content.get(key, {})
    if not isinstance(section, dict):
        raise BadCheckpointError(f"{key} in the configuration is no section")
    return section


def _stems(training: dict[str, Any]) -> tuple[str, ...]:
    target = training.get("target_instrument")
    stems = [target] if target else training.get("instruments", [])
    if not isinstance(stems, list) or not all(isinstance(stem, str) for stem in stems):
        raise BadCheckpointError("instruments in the configuration is no list of names")
    return tuple(stems)


def _whole(section: dict[str, Any], key: str, default: int) -> int:
    """A number above 0, or the default if the section does not say."""
    number = section.get(key, default)
    if key in section and (type(number) is not int or number <= 0):
        raise BadCheckpointError(f"{key} in the configuration is no whole number above 0")
    return int(number)


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
