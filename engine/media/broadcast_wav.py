"""Time stamps in WAV files: Broadcast Wave, EBU Tech 3285, version 1.

Editors put such a file back where it belongs ("spot to time stamp"). The stamp itself can hold
ASCII alone, so what the file is called in full stands in two chunks more: iXML, which editors
read, and INFO, which players read; both in UTF-8.
"""

import struct
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

from engine.media.ascii_words import in_ascii
from engine.media.tags import one_line

_BEXT = struct.Struct("<256s32s32s10s8sQH64s190s")
_MAX_DESCRIPTION = 256
_ORIGINATOR = b"Reprise"
_IXML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    "<BWFXML><IXML_VERSION>1.61</IXML_VERSION><NOTE>{note}</NOTE></BWFXML>\n"
)
_RIFF_SIZE_AT = 4
_RF64_SIZE_AT = 20


def stamp(
    path: Path, start_sample: int, name: str, made_at: datetime, *, details: str = ""
) -> None:
    """Say in a WAV or RF64 file where on the timeline it begins.

    Args:
        path: The file; it holds no time stamp yet.
        start_sample: Its first sample, counted from midnight at its own rate.
        name: What it is. The stamp has it in ASCII and not always to its end.
        made_at: When it was made.
        details: What follows the name, in ASCII; kept in any case.

    Raises:
        ValueError: It is no WAV file.
    """
    name = one_line(name)
    room = max(_MAX_DESCRIPTION - len(details), 0)
    bext = _BEXT.pack(
        (in_ascii(name)[:room] + details).encode("ascii", "replace"),
        _ORIGINATOR,
        b"",
        made_at.strftime("%Y-%m-%d").encode(),
        made_at.strftime("%H:%M:%S").encode(),
        start_sample,
        1,
        b"",
        b"",
    )
    ixml = _IXML.format(note=escape(name + details)).encode()
    info = b"INFO" + _chunk(b"INAM", name.encode() + b"\0")
    _append(path, _chunk(b"bext", bext) + _chunk(b"iXML", ixml) + _chunk(b"LIST", info))


def _chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk; the next one begins at an even place."""
    return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _append(path: Path, chunks: bytes) -> None:
    with path.open("r+b") as file:
        kind = file.read(4)
        if kind not in (b"RIFF", b"RF64"):
            raise ValueError(f"{path} is no WAV file")
        end = file.seek(0, 2)
        file.write(b"\0" * (end % 2) + chunks)
        size = file.tell() - 8
        if kind == b"RIFF":
            file.seek(_RIFF_SIZE_AT)
            file.write(struct.pack("<I", size))
        else:
            file.seek(_RF64_SIZE_AT)
            file.write(struct.pack("<Q", size))
