"""Known errors: what can go wrong with inputs and machines, worded for the user.

A known error says in one line what happened (`message`) and what to do about it (`hint`). Anything
else that is raised is a bug and goes to the top level uncaught.
"""

from typing import ClassVar


class EngineError(Exception):
    """Base of all known errors.

    Attributes:
        code: Stable word for scripts.
        message: What happened, one line.
        hint: What to do about it, one line, may be empty.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """One line for a terminal or a log."""
        return f"{self.message} ({self.hint})" if self.hint else self.message


class InputNotFoundError(EngineError):
    """The input does not exist or may not be read."""

    code = "input_not_found"


class NotMediaError(EngineError):
    """FFmpeg does not recognise the file, or it is damaged beyond use."""

    code = "not_media"


class NoAudioError(EngineError):
    """The file has no sound track."""

    code = "no_audio"


class NoVideoError(EngineError):
    """The file has no picture, and one is needed."""

    code = "no_video"


class EmptyMediaError(EngineError):
    """The sound track holds no samples."""

    code = "empty_media"


class RegionError(EngineError):
    """The stretch that was asked for is not in the film."""

    code = "region"


class OutputError(EngineError):
    """The output cannot be written where it should go."""

    code = "output"


class DiskFullError(OutputError):
    """There is not enough space."""

    code = "disk_full"


class MemoryShortError(EngineError):
    """The machine has not enough memory for what was asked."""

    code = "memory"


class CodecError(EngineError):
    """FFmpeg cannot write the wanted codec or container."""

    code = "codec"


class ArtifactMissingError(EngineError):
    """A sound in the cache was removed while something still needed it."""

    code = "artifact_missing"


class BgmNotFoundError(EngineError):
    """None of the given tracks was found in the mix."""

    code = "bgm_not_found"


class LibraryError(EngineError):
    """The list of the user's tracks cannot be used."""

    code = "library"


class ToolMissingError(EngineError):
    """A program or package that this work needs is not installed."""

    code = "tool_missing"


class CorpusError(EngineError):
    """A training corpus is missing, too small, or not what was asked for."""

    code = "corpus"


class TrainingError(EngineError):
    """A training cannot go on, or is not the one that was asked for."""

    code = "training"


class ModelError(EngineError):
    """Base of what goes wrong with models and weights."""

    code = "model"


class UnknownModelError(ModelError):
    """No card has that name and no file lies there."""

    code = "unknown_model"


class WeightsMissingError(ModelError):
    """The weights are not on this machine."""

    code = "weights_missing"


class ChecksumError(ModelError):
    """A file is not the one that its card names."""

    code = "checksum"


class BadCheckpointError(ModelError):
    """A checkpoint is damaged, of another network, or holds numbers that are not finite."""

    code = "bad_checkpoint"


class HostileCheckpointError(BadCheckpointError):
    """A checkpoint wants to run code; it was not opened."""

    code = "hostile_checkpoint"


class DownloadError(ModelError):
    """A download failed."""

    code = "download"


class DeviceError(EngineError):
    """The wanted device is not there, or has no memory left even for the smallest work."""

    code = "device"


class EngineProcessError(EngineError):
    """The engine process died or speaks another protocol version."""

    code = "engine_process"


class CancelledError(Exception):
    """The user cancelled the work."""
