"""Time stamps in WAV files: Broadcast Wave, EBU Tech 3285, version 1.

Editors put such a file back where it belongs ("spot to time stamp").
"""

import struct
from datetime import datetime
from pathlib import Path

_BEXT = struct.Struct("<256s32s32s10s8sQH64s190s")
_ORIGINATOR = "Reprise"
_RIFF_SIZE_AT = 4
_RF64_SIZE_AT = 20


def stamp(path: Path, start_sample: int, description: str, made_at: datetime) -> None:
    """Say in a WAV or RF64 file where on the timeline it begins.

    Args:
        path: The file; it holds no time stamp yet.
        start_sample: Its first sample, counted from midnight at its own rate.
        description: What it is; 256 bytes at most are kept.
        made_at: When it was made.

    Raises:
        ValueError: It is no WAV file.
    """
    chunk = _BEXT.pack(
        _ascii(description, 256),
        _ascii(_ORIGINATOR, 32),
        b"",
        made_at.strftime("%Y-%m-%d").encode(),
        made_at.strftime("%H:%M:%S").encode(),
        start_sample,
        1,
        b"",
        b"",
    )
    with path.open("r+b") as file:
        kind = file.read(4)
        if kind not in (b"RIFF", b"RF64"):
            raise ValueError(f"{path} is no WAV file")
        end = file.seek(0, 2)
        # Chunks begin at even places.
        file.write(b"\0" * (end % 2) + b"bext" + struct.pack("<I", len(chunk)) + chunk)
        size = file.tell() - 8
        if kind == b"RIFF":
            file.seek(_RIFF_SIZE_AT)
            file.write(struct.pack("<I", size))
        else:
            file.seek(_RF64_SIZE_AT)
            file.write(struct.pack("<Q", size))


def _ascii(text: str, length: int) -> bytes:
    return text.encode("ascii", "replace")[:length]
