"""Results of a Bulk query job as CSV on disk, readable at any row and compressible without touching rows again.

Rows are written once, in order; the byte offset of every row is kept, so that a page of any start and length is one
contiguous piece of the file. A sealed result can also hold its rows as independent deflate blocks, from which a gzip
answer of any page is put together with only its first and last piece compressed on the way.

A Rendering is used under the lock of its job; `chunks` reads through a file handle of its own and needs no lock.
"""

from __future__ import annotations

import csv
import os
import struct
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

BLOCK_ROWS = 1000
CHUNK_BYTES = 256 * 1024
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"

DELIMITERS = {"COMMA": ",", "BACKQUOTE": "`", "CARET": "^", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}


class _Lines:
    """A file for csv.writer that keeps each row's text apart: the writer calls write() once per row."""

    def __init__(self) -> None:
        self.rows: list[str] = []

    def write(self, text: str) -> int:
        self.rows.append(text)
        return len(text)


def csv_lines(rows: Iterable[Sequence[str | int | float | None]], delimiter: str, line_ending: str) -> list[bytes]:
    """Each row as one CSV record in UTF-8, every value quoted, as Bulk API 2.0 writes it."""
    sink = _Lines()
    csv.writer(sink, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator=line_ending).writerows(rows)
    return [text.encode() for text in sink.rows]


class Rendering:
    """The rows of one result, growing until it is sealed."""

    def __init__(self, folder: Path, name: str, delimiter: str, line_ending: str) -> None:
        self._csv = folder / f"{name}.csv"
        self._index = folder / f"{name}.idx"
        self._blocks = folder / f"{name}.z"
        self._block_index = folder / f"{name}.zidx"
        self._delimiter = delimiter
        self._line_ending = line_ending
        self._offsets = array("Q", [0])
        self._block_offsets: array[int] | None = None
        self.sealed = False
        if self._index.exists():
            self._offsets = _read_array(self._index)
            self.sealed = True
            if self._block_index.exists():
                self._block_offsets = _read_array(self._block_index)
        else:
            # Left over from a process that was stopped while it rendered: begun anew.
            self._csv.unlink(missing_ok=True)

    @property
    def rows(self) -> int:
        """Rows written so far."""
        return len(self._offsets) - 1

    @property
    def compressed(self) -> bool:
        """Whether the rows are there as deflate blocks too."""
        return self._block_offsets is not None

    def append(self, rows: Iterable[Sequence[str | int | float | None]]) -> None:
        """Write the next rows."""
        self.append_lines(csv_lines(rows, self._delimiter, self._line_ending))

    def append_lines(self, lines: Sequence[bytes]) -> None:
        """Write the next rows, which are CSV records of this rendering's delimiter and line ending already."""
        position = self._offsets[-1]
        offsets = self._offsets
        new = array("Q")
        for line in lines:
            position += len(line)
            new.append(position)
        with self._csv.open("ab") as file:
            file.write(b"".join(lines))
        offsets.extend(new)

    def seal(self, *, compress: bool) -> None:
        """No more rows will come; keep the index. With `compress`, make the deflate blocks too."""
        if not self._csv.exists():
            self._csv.touch()
        if compress and self._block_offsets is None:
            self._compress()
        if not self.sealed:
            _write_array(self._index, self._offsets)
            self.sealed = True

    def share_with(self, folder: Path, name: str) -> None:
        """Give another job the same sealed files, without copying them."""
        assert self.sealed
        for path in (self._csv, self._index, self._blocks, self._block_index):
            if path.exists():
                os.link(path, folder / f"{name}{path.suffix}")

    def remove(self) -> None:
        """Delete the files."""
        for path in (self._index, self._csv, self._blocks, self._block_index):
            path.unlink(missing_ok=True)

    def size(self, start: int, count: int) -> int:
        """Bytes of these rows, header line not counted."""
        return self._offsets[start + count] - self._offsets[start]

    def chunks(self, start: int, count: int, header: bytes) -> Iterator[bytes]:
        """Header line and rows in pieces of some 256 KiB. The rows have to be written already."""
        begin, end = self._offsets[start], self._offsets[start + count]
        return self._raw(begin, end, header)

    def gzip_chunks(self, start: int, count: int, header: bytes) -> Iterator[bytes]:
        """The same, as one gzip member. Blocks that lie wholly inside are taken as they are."""
        return self._zipped(start, count, header)

    def _raw(self, begin: int, end: int, header: bytes) -> Iterator[bytes]:
        pending = header
        if begin < end:
            with self._csv.open("rb") as file:
                file.seek(begin)
                left = end - begin
                while left > 0:
                    piece = file.read(min(CHUNK_BYTES, left))
                    if not piece:
                        raise OSError(f"{self._csv.name} is shorter than its index")
                    left -= len(piece)
                    yield pending + piece
                    pending = b""
        if pending:
            yield pending

    def _zipped(self, start: int, count: int, header: bytes) -> Iterator[bytes]:
        crc, size = zlib.crc32(header), len(header)
        pending = _GZIP_HEADER + _deflate(header)
        row, last = start, start + count
        blocks = self._block_offsets
        with self._csv.open("rb") as plain:
            zipped = self._blocks.open("rb") if blocks is not None else None
            try:
                while row < last:
                    block, inside = divmod(row, BLOCK_ROWS)
                    until = min(last, (block + 1) * BLOCK_ROWS)
                    begin, end = self._offsets[row], self._offsets[until]
                    plain.seek(begin)
                    data = plain.read(end - begin)
                    crc, size = zlib.crc32(data, crc), size + len(data)
                    whole = inside == 0 and until - row == min(BLOCK_ROWS, self.rows - row)
                    if blocks is not None and zipped is not None and whole:
                        zipped.seek(blocks[block])
                        pending += zipped.read(blocks[block + 1] - blocks[block])
                    else:
                        pending += _deflate(data)
                    row = until
                    if len(pending) >= CHUNK_BYTES // 2:
                        yield pending
                        pending = b""
            finally:
                if zipped is not None:
                    zipped.close()
        end_block = zlib.compressobj(1, zlib.DEFLATED, -15).flush(zlib.Z_FINISH)
        yield pending + end_block + struct.pack("<II", crc & 0xFFFFFFFF, size & 0xFFFFFFFF)

    def _compress(self) -> None:
        offsets = array("Q", [0])
        with self._csv.open("rb") as plain, self._blocks.open("wb") as zipped:
            for row in range(0, self.rows, BLOCK_ROWS):
                until = min(self.rows, row + BLOCK_ROWS)
                piece = _deflate(plain.read(self._offsets[until] - self._offsets[row]))
                zipped.write(piece)
                offsets.append(offsets[-1] + len(piece))
        _write_array(self._block_index, offsets)
        self._block_offsets = offsets


def _deflate(data: bytes) -> bytes:
    """Raw deflate that ends on a byte border and refers to nothing before it, so that pieces can be joined."""
    engine = zlib.compressobj(1, zlib.DEFLATED, -15)
    return engine.compress(data) + engine.flush(zlib.Z_FULL_FLUSH)


def _read_array(path: Path) -> array[int]:
    values = array("Q")
    values.frombytes(path.read_bytes())
    return values


def _write_array(path: Path, values: array[int]) -> None:
    temporary = path.with_suffix(path.suffix + ".new")
    temporary.write_bytes(values.tobytes())
    temporary.replace(path)
