"""Separated sound as it grows, in a file that survives the death of its writer.

Layout, all little-endian: a header (magic, version, stems, channels, batch size, CRC-32), then a
record a step: magic, number of samples n, number of orders, CRC-32 of all the rest; the orders,
one byte a stem; the samples (stems, channels, n) float32. A record counts only when it is wholly
there; what follows the last one that is gets cut off when the file is opened again.
"""

import os
import secrets
import struct
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from engine.media.atomic import disk_errors
from engine.media.file_lock import try_lock

SUFFIX = ".chunks"

_HEADER = struct.Struct("<4sIIII")
_RECORD = struct.Struct("<4sIII")
_CHECKSUM = struct.Struct("<I")
_MAGIC, _VERSION = b"RPCL", 1
_STEP = b"STEP"
_PATIENCE_S, _PAUSE_S = 0.25, 0.01

Stems = NDArray[np.float32]
"""(stems, channels, samples)."""


class _Step(NamedTuple):
    orders: tuple[tuple[int, ...], ...]
    stems: Stems


class ChunkLog:
    """The finished part of a separation; use it in a `with` block.

    What an earlier process has left is there again on entry. Leaving the block normally removes
    the file, for its content is elsewhere by then; leaving it by an error keeps it for the next
    one. Where another process works on the same file, this one takes a file of its own that nobody
    finds again.

    Attributes:
        num_samples: Samples that are there.
        orders: Orders of the chunks that were added, see `engine.dsp.overlap_add`.
        batch_size: As many items as the network got at once, from the first step on.
    """

    def __init__(self, path: Path, stems: int, channels: int) -> None:
        self.num_samples = 0
        self.orders: tuple[tuple[int, ...], ...] = ()
        self.batch_size = 0
        self._path = path
        self._shape = stems, channels
        self._is_private = False
        self._is_empty = True

    def __enter__(self) -> Self:
        """Open the file, lock it, and read what is there."""
        with disk_errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("a+b")
            if not _try_lock_patiently(self._file):
                self._file.close()
                self._is_private = True
                self._path = self._path.with_stem(f"{self._path.stem}-{secrets.token_hex(6)}")
                self._file = self._path.open("a+b")
                try_lock(self._file)
            self._is_empty = os.fstat(self._file.fileno()).st_size == 0
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file; it stays if an error leaves something for the next one."""
        # What a full disk did not take is tried once more here.
        with suppress(OSError):
            self._file.close()
        if kind is None or self._is_private or self._is_empty:
            self._path.unlink(missing_ok=True)

    def resume(self, check: Callable[[], None]) -> bool:
        """Read what an earlier process has left, and cut off what is not whole.

        Args:
            check: Called at each step; may raise.

        Returns:
            Whether there is anything; if so `batch_size` is that of the earlier process.
        """
        with disk_errors(self._path):
            batch_size, end = self._read_header(), 0
            if batch_size:
                end = self._file.tell()
                for step in self._steps():
                    check()
                    self.orders += step.orders
                    self.num_samples += step.stems.shape[-1]
                    end = self._file.tell()
            self._file.truncate(end)
        self.batch_size = batch_size if self.orders else 0
        return bool(self.orders)

    def begin(self, batch_size: int) -> None:
        """Begin anew, with that batch size."""
        self.batch_size, self.num_samples, self.orders = batch_size, 0, ()
        self._is_empty = True
        fields = _HEADER.pack(_MAGIC, _VERSION, *self._shape, batch_size)
        with disk_errors(self._path):
            self._file.truncate(0)
            self._file.write(fields + _CHECKSUM.pack(zlib.crc32(fields)))
            self._file.flush()

    def append(self, stems: Stems, orders: Sequence[tuple[int, ...]]) -> None:
        """Add a step at the end.

        Args:
            stems: (stems, channels, n) float32.
            orders: Orders of the chunks that it added.

        Raises:
            DiskFullError: There is no space for it.
        """
        body = bytes(i for order in orders for i in order)
        samples = np.ascontiguousarray(stems, "<f4").data
        counts = stems.shape[-1], len(orders)
        with disk_errors(self._path):
            self._file.write(_RECORD.pack(_STEP, *counts, _checksum(counts, body, samples)))
            self._file.write(body)
            self._file.write(samples)
            self._file.flush()
        self.num_samples += stems.shape[-1]
        self.orders += tuple(orders)
        self._is_empty = False

    def stems(self) -> Iterator[Stems]:
        """All that is there, in order, as blocks (stems, channels, n)."""
        with disk_errors(self._path):
            self._read_header()
        yield from (step.stems for step in self._steps())

    def _read_header(self) -> int:
        """The batch size, or 0 if this is no such file."""
        self._file.seek(0)
        content = self._file.read(_HEADER.size + _CHECKSUM.size)
        if len(content) < _HEADER.size + _CHECKSUM.size:
            return 0
        magic, version, stems, channels, batch_size = _HEADER.unpack_from(content)
        is_ours = (magic, version, (stems, channels)) == (_MAGIC, _VERSION, self._shape)
        checksum = _CHECKSUM.pack(zlib.crc32(content[: _HEADER.size]))
        is_whole = content.endswith(checksum)
        return int(batch_size) if is_ours and is_whole else 0

    def _steps(self) -> Iterator[_Step]:
        """The steps from here on, up to the first that is not whole."""
        size = os.fstat(self._file.fileno()).st_size
        while len(header := self._file.read(_RECORD.size)) == _RECORD.size:
            magic, num_samples, num_orders, checksum = _RECORD.unpack(header)
            num_stems, channels = self._shape
            num_bytes = 4 * num_stems * channels * num_samples
            if magic != _STEP or self._file.tell() + num_stems * num_orders + num_bytes > size:
                return
            body = self._file.read(num_stems * num_orders)
            samples = self._file.read(num_bytes)
            if _checksum((num_samples, num_orders), body, samples) != checksum:
                return
            orders = tuple(tuple(body[i : i + num_stems]) for i in range(0, len(body), num_stems))
            stems = np.frombuffer(samples, "<f4").reshape(num_stems, channels, num_samples)
            yield _Step(orders, stems)


def _try_lock_patiently(file: IO[bytes]) -> bool:
    """Lock a file; whoever only asks whether it has an owner holds it for a moment."""
    deadline_s = time.monotonic() + _PATIENCE_S
    while not try_lock(file):
        if time.monotonic() > deadline_s:
            return False
        time.sleep(_PAUSE_S)
    return True


def _checksum(counts: tuple[int, int], body: bytes, samples: bytes | memoryview) -> int:
    return zlib.crc32(samples, zlib.crc32(body, zlib.crc32(struct.pack("<II", *counts))))
