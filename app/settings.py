"""What the user prefers, declared once, kept as JSON."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from engine.artifacts import DEFAULT_QUOTA_BYTES
from engine.errors import OutputError
from engine.media.atomic import atomic_output, make_folder
from engine.translation import tr
from engine.types import DeviceChoice, Quality

_log = logging.getLogger(__name__)

_MAX_RECENT = 10


@dataclass(frozen=True, slots=True)
class Settings:
    """All preferences; a file may name any of them.

    Attributes:
        version: Of the file's form.
        theme: Name of a theme.
        language: Its code; empty for the system's.
        quality: Of the blind way.
        device: Where the networks run.
        engine_command: Starts the engine process; empty for this program's own.
        cache_quota_bytes: Size that the cache is kept to.
        sound_device: Name of the output device; empty for the system's default.
        sound_offsets_ms: By device: how much later than it says the sound is heard.
        key_set: Name of a key set.
        own_keys: By key set and command: the keys that the user has instead.
        last_folder: Where files were opened last.
        recent_files: Videos and projects that were opened or saved last, newest first.
        signer: Who signed a report last.
        tall_lanes: Lanes are high enough for spectrograms.
        snapping: Drags hold on to markers, cuts and edges.
        envelopes: All lanes show a line of gain that can be changed.
        only_speech: Of a video of the queue in which no track is found, only the speech is kept.
        motion: How much moves in the window.
        welcomed: What works here has been shown and closed.
        blind_cost: By quality: seconds of work a second of sound, as the last blind restore had it.
    """

    version: Literal[1] = 1
    theme: Literal["dark", "light", "contrast"] = "dark"
    language: Literal["", "en", "de", "ko"] = ""
    quality: Quality = Quality.STANDARD
    device: DeviceChoice = "auto"
    engine_command: tuple[str, ...] = ()
    cache_quota_bytes: int = DEFAULT_QUOTA_BYTES
    sound_device: str = ""
    sound_offsets_ms: dict[str, int] = field(default_factory=dict)
    key_set: Literal["reprise", "premiere", "resolve"] = "reprise"
    own_keys: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    last_folder: Path | None = None
    recent_files: tuple[Path, ...] = ()
    signer: str = ""
    tall_lanes: bool = False
    snapping: bool = True
    envelopes: bool = False
    only_speech: bool = False
    welcomed: bool = False
    motion: Literal["system", "reduced", "full"] = "system"
    blind_cost: dict[Quality, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """What was set; listeners look at the parts they show."""

    before: Settings
    after: Settings


class SettingsStore:
    """Reads the settings once, writes every change and tells it.

    Attributes:
        current: The settings as they are now.
        problem: Why the file could not be read; empty when it could.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._listeners: list[Callable[[SettingsChange], None]] = []
        self.problem = ""
        self.current = Settings()
        try:
            content = msgspec.json.decode(path.read_bytes())
            self.current = msgspec.convert(content, Settings, dec_hook=_read_path)
        except FileNotFoundError:
            pass
        except (OSError, msgspec.MsgspecError) as error:
            self.problem = tr(
                "The settings in {path} cannot be read: {error}", path=path, error=error
            )
            _log.warning("%s", self.problem)

    def listen(self, listener: Callable[[SettingsChange], None]) -> None:
        """Call `listener` after every change."""
        self._listeners.append(listener)

    def change(self, **changes: object) -> None:
        """Set some of the preferences by name and write the file.

        A file that could not be read is kept beside the new one.
        """
        values = msgspec.to_builtins(self.current, enc_hook=str)
        values |= msgspec.to_builtins(changes, enc_hook=str)
        before = self.current
        # Through the decoder, so that a change is validated like a file.
        self.current = msgspec.convert(values, Settings, dec_hook=_read_path)
        try:
            self._write(msgspec.json.format(msgspec.json.encode(values), indent=2))
        except (OutputError, UnicodeEncodeError) as error:
            _log.warning("the settings are not kept: %s", error)
        if self.current != before:
            for listener in tuple(self._listeners):
                listener(SettingsChange(before, self.current))

    def remember(self, file: Path) -> None:
        """Note that a file was opened or saved."""
        others = tuple(known for known in self.current.recent_files if known != file)
        self.change(last_folder=file.parent, recent_files=(file, *others)[:_MAX_RECENT])

    def _write(self, content: bytes) -> None:
        make_folder(self._path.parent)
        with atomic_output(self._path) as part:
            part.write_bytes(content)
            if self.problem:
                self._path.replace(self._path.with_suffix(".unreadable.json"))
                self.problem = ""


def _read_path(kind: type, value: object) -> object:
    """JSON knows no paths, so they are kept as text."""
    if kind is not Path or not isinstance(value, str):
        raise TypeError(f"expected {kind.__name__}, got {value!r}")
    return Path(value)
