"""Opens checkpoints without running what is in them.

A pickle is a program. It is read by torch's restricted reader, which knows tensors, plain values
and the names that a caller adds; wherever it can, a caller lets a name stand for something harmless
instead of the real class. TorchScript archives are code by design and are refused.
"""

import pickle
import pickletools
import re
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import safetensors
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from engine.checkpoint_files import (
    begins_like_zip,
    is_safetensors,
    read_metadata,
    require_checkpoint,
)
from engine.errors import BadCheckpointError, HostileCheckpointError
from engine.translation import tr

WRAPPERS = ("state", "state_dict", "model_state_dict", "model")
"""Keys under which training programs put the weights."""

_PREFIXES = ("module.", "_orig_mod.", "model.")
"""What DataParallel, `torch.compile` and training programs put before every key."""

SHOWN = 5
"""Keys that an error names."""

_DAMAGED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    pickle.PickleError,
    struct.error,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
)
"""What readers of pickles raise when the bytes are not what they should be."""

_CUT_OFF = re.compile(
    "central directory|not fully covered|unexpected EOF|ran out of input|truncated",
    re.IGNORECASE,
)
"""What readers say of files whose end is missing."""

_FORBIDDEN = re.compile(
    r"unsupported global:? (?:GLOBAL )?(\S+)|reduce for unrecognized function (\S+)"
    r"|(?:new object for|Can only build)[^\n]*",
    re.IGNORECASE,
)

_UNKNOWN_OPERATION = re.compile("unsupported operand", re.IGNORECASE)
"""What torch says of pickles that it did not write."""


class Name:
    """Stands for a class while a pickle is read; it cannot be called.

    Attributes:
        name: What it stands for.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *_: object) -> None:
        """Refuse: a pickle that builds objects wants more than to name their class."""
        raise HostileCheckpointError(
            tr("the checkpoint wants to build a {kind}", kind=self.name), tr("do not use this file")
        )


class Ignored:
    """Takes the place of numbers that a training program saved beside the weights."""

    def __init__(self, *_: object) -> None:
        """Keep nothing."""

    def __setstate__(self, state: object) -> None:
        """Keep nothing."""


_NUMPY = ("numpy.core.multiarray", "numpy._core.multiarray")
_BESIDE_WEIGHTS: Mapping[str, Callable[..., Any]] = {
    **{f"{module}.{name}": Ignored for module in _NUMPY for name in ("scalar", "_reconstruct")},
    "numpy.dtype": Ignored,
    "numpy.ndarray": Ignored,
}
"""Scores and losses of whole training checkpoints; none of them is looked at."""


def plain_fraction(*parts: object) -> Fraction:
    """Build a fraction from a pickle: small numbers only, for a huge exponent would never end."""
    text = "/".join(map(str, parts))
    if not re.fullmatch(r"-?\d{1,9}(/[1-9]\d{0,8})?", text):
        raise BadCheckpointError(
            tr("the checkpoint holds the odd fraction {fraction!r}", fraction=text[:40])
        )
    return Fraction(text)


def load_state_dict(path: Path) -> dict[str, Tensor]:
    """Read weights: safetensors, or a file written by `torch.save`, wrapped or not.

    Tensors are mapped from the file where its kind allows it, so that nothing is in memory twice.

    Raises:
        HostileCheckpointError: The file wants to run code.
        BadCheckpointError: It is damaged, no checkpoint, or holds numbers that are not finite.
    """
    if is_safetensors(path):
        content: Any = load_safetensors(path)
    else:
        content = load_pickle(path, _BESIDE_WEIGHTS)
    return checked_state(without_prefixes(unwrapped(content)), path)


def load_safetensors(path: Path) -> dict[str, Tensor]:
    """Read a safetensors file; the numbers are not checked."""
    read_metadata(path)
    try:
        return load_file(path)
    except (safetensors.SafetensorError, *_DAMAGED) as error:
        raise _damaged(path, error) from error


def load_pickle(path: Path, allowed: Mapping[str, Callable[..., Any]]) -> Any:
    """Read a file written by `torch.save`.

    Args:
        path: The file.
        allowed: What the file may name besides tensors and plain values, by full name, and what
            is used in its place.

    Raises:
        HostileCheckpointError: It names something else.
        BadCheckpointError: It is damaged.
    """
    require_checkpoint(path)
    is_zip = _is_archive(path)
    if is_zip:
        _check_archive(path)
    stand_ins: list[Callable[..., Any] | tuple[Callable[..., Any], str]] = [
        (stand_in, name) for name, stand_in in allowed.items()
    ]
    try:
        with torch.serialization.safe_globals(stand_ins), warnings.catch_warnings():
            # Torch warns of what makes it fail a moment later, and of kinds refused below.
            warnings.simplefilter("ignore", UserWarning)
            return torch.load(path, map_location="cpu", weights_only=True, mmap=is_zip)
    except _DAMAGED as error:
        found = _FORBIDDEN.search(str(error))
        if found is not None:
            what = next(filter(None, found.groups()), tr("objects of its own"))
        elif not is_zip and _UNKNOWN_OPERATION.search(str(error)):
            what = _first_name(path)
        else:
            what = ""
        if not what:
            raise _damaged(path, error) from error
        raise HostileCheckpointError(
            tr(
                "{file} was not opened: it asks for {what}, which no weights need",
                file=path.name,
                what=what,
            ),
            tr("do not use this file unless you know who made it"),
        ) from error


def unwrapped(content: Any) -> Any:
    """The weights inside what a training program saved."""
    if isinstance(content, Mapping):
        for key in WRAPPERS:
            if isinstance(content.get(key), Mapping):
                return content[key]
    return content


def without_prefixes(state: Any) -> Any:
    """The same weights under the keys of the network itself."""
    while isinstance(state, Mapping) and state:
        shared = [p for p in _PREFIXES if all(str(key).startswith(p) for key in state)]
        if not shared:
            break
        state = {str(key).removeprefix(shared[0]): tensor for key, tensor in state.items()}
    return state


def checked_state(state: Any, path: Path) -> dict[str, Tensor]:
    """Make sure of plain dense tensors with finite numbers under text keys.

    Raises:
        BadCheckpointError: The first key that is something else.
    """
    if not isinstance(state, Mapping) or not state:
        raise BadCheckpointError(tr("{file} holds no weights", file=path.name))
    for key, tensor in state.items():
        if not isinstance(key, str) or not isinstance(tensor, Tensor):
            raise BadCheckpointError(
                tr("{file} holds {key!r}, which is no weight", file=path.name, key=key)
            )
        if tensor.layout != torch.strided or tensor.is_quantized:
            raise BadCheckpointError(
                tr("{key} in {file} is no plain tensor", key=key, file=path.name)
            )
        # A view that repeats one number could claim any size.
        if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
            raise BadCheckpointError(
                tr("{key} in {file} claims more numbers than the file has", key=key, file=path.name)
            )
        if bad := int(tensor.numel() - torch.isfinite(tensor).sum()):
            raise BadCheckpointError(
                tr(
                    "{key} in {file} is not finite: {bad} of its {all} numbers are NaN or infinite",
                    key=key,
                    file=path.name,
                    bad=bad,
                    all=tensor.numel(),
                ),
                tr("get the file anew"),
            )
    return dict(state)


def load_into(module: nn.Module, state: Mapping[str, Tensor], source: str) -> None:
    """Put weights into a network; every key and shape has to agree.

    Args:
        module: The network; keeps its own precision. If it was built on the device "meta", it takes
            over the tensors instead of their numbers, where they have that precision.
        state: Weights.
        source: Name of the file, for the message.

    Raises:
        BadCheckpointError: Says what is missing, too much or of another shape.
    """
    own = module.state_dict()
    problems = [
        listed(tr("missing"), own.keys() - state.keys()),
        listed(tr("unexpected"), state.keys() - own.keys()),
        listed(
            tr("of another kind of number"),
            (
                f"{key} {_instead(_kind(state[key]), _kind(tensor))}"
                for key, tensor in own.items()
                if key in state and state[key].is_floating_point() != tensor.is_floating_point()
            ),
        ),
        listed(
            tr("of another shape"),
            (
                f"{key} {_instead(_sizes(state[key]), _sizes(tensor))}"
                for key, tensor in own.items()
                if key in state and state[key].shape != tensor.shape
            ),
        ),
    ]
    if any(problems):
        raise BadCheckpointError(
            tr(
                "{source} is of another network: {problems}",
                source=source,
                problems="; ".join(filter(None, problems)),
            ),
            tr("choose the configuration that belongs to the file"),
        )
    if any(parameter.is_meta for parameter in module.parameters()):
        precise = {key: tensor.to(own[key].dtype) for key, tensor in state.items()}
        module.load_state_dict(precise, assign=True)
    else:
        module.load_state_dict(dict(state))


def listed(what: str, keys: Iterable[str]) -> str:
    """How many keys are what, with the first of them; nothing if none is."""
    names = sorted(keys)
    some = ", ".join(names[:SHOWN])
    if len(names) > SHOWN:
        some = tr("{names} and {more} more", names=some, more=len(names) - SHOWN)
    return f"{len(names)} {what}: {some}" if names else ""


def _instead(found: str, expected: str) -> str:
    return tr("(found {found}, expected {expected})", found=found, expected=expected)


def _sizes(tensor: Tensor) -> str:
    return "x".join(map(str, tensor.shape)) or "1"


def _kind(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _is_archive(path: Path) -> bool:
    """Whether it is a zip, which `torch.save` writes since version 1.6, and not a bare pickle."""
    try:
        is_zip = zipfile.is_zipfile(path)
    except zipfile.BadZipFile as error:  # Its own check lets this one through.
        raise _damaged(path, error) from error
    if not is_zip and begins_like_zip(path):
        # The list of members stands at the end.
        raise _cut_off(path)
    return is_zip


def _first_name(path: Path) -> str:
    """The first thing of Python that a bare pickle asks for, found without running it."""
    texts: list[str] = []
    try:
        with path.open("rb") as file:
            for operation, argument, _ in pickletools.genops(file):
                if operation.name == "GLOBAL":
                    return str(argument).replace(" ", ".")
                if operation.name == "STACK_GLOBAL":
                    return ".".join(texts[-2:])
                if isinstance(argument, str):
                    texts.append(argument)
    except _DAMAGED:
        return ""
    return ""


def _check_archive(path: Path) -> None:
    """Look at the zip's list of members: what torch never writes is not read."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except _DAMAGED as error:
        raise _damaged(path, error) from error
    names = [member.filename for member in members]
    if any(name.endswith("/constants.pkl") or "/code/" in name for name in names):
        raise HostileCheckpointError(
            tr("{file} was not opened: it is a TorchScript program, not weights", file=path.name),
            tr("only weights can be imported"),
        )
    if len(set(names)) != len(names) or sum(n.endswith("data.pkl") for n in names) != 1:
        raise BadCheckpointError(tr("{file} is no archive that torch wrote", file=path.name))
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise BadCheckpointError(tr("{file} is packed, which torch never does", file=path.name))


def _damaged(path: Path, error: Exception) -> BadCheckpointError:
    if isinstance(error, EOFError) or _CUT_OFF.search(str(error)):
        return _cut_off(path)
    # Torch puts advice for programmers before what it found.
    reason = str(error).rpartition("WeightsUnpickler error:")[2].strip().partition("\n")[0][:160]
    return BadCheckpointError(
        tr("{file} cannot be read: {reason}", file=path.name, reason=reason),
        tr("get the file anew"),
    )


def _cut_off(path: Path) -> BadCheckpointError:
    return BadCheckpointError(
        tr("{file} is cut off: its end is missing", file=path.name), tr("get it anew")
    )
