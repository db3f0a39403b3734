"""The Avro object container: its header, and its blocks one at a time.

Source: Apache Avro 1.12 specification, "Object Container Files".
"""

from __future__ import annotations

import bz2
import json
import lzma
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

MAGIC = b"Obj\x01"

#: The longest block once it is decompressed, in bytes.
MAX_BLOCK = 512 * 2**20

_SYNC = 16

#: Bytes that may be asked for without a look at how many there are.
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before the first block.

    Attributes:
        schema: the writer's schema, as JSON gives it.
        codec: how blocks are compressed.
        sync: the mark that ends every block.
        end: position of the first block.
    """

    schema: Any
    codec: str
    sync: bytes
    end: int


def read_header(file: BinaryIO) -> Header:
    """Read the header; raises `ValueError` (or a kind of it) if it is damaged."""
    if file.read(len(MAGIC)) != MAGIC:
        raise ValueError("it does not begin like an Avro file")
    found: dict[str, bytes] = {}
    while count := _long(file):
        if count < 0:
            count = -count
            _long(file)  # the bytes of this part, for those who skip it
        for _ in range(count):
            key = _exactly(file, _long(file)).decode()
            found[key] = _exactly(file, _long(file))
    sync = _exactly(file, _SYNC)
    if "avro.schema" not in found:
        raise ValueError("it has no schema")
    codec = found.get("avro.codec", b"null").decode()
    return Header(json.loads(found["avro.schema"]), codec, sync, file.tell())


def blocks(file: BinaryIO, header: Header) -> Iterator[tuple[int, bytes]]:
    """How many records each block has, and its bytes, decompressed.

    Raises:
        ValueError: the file is cut off or contradicts itself, or its codec is not known.
    """
    file.seek(header.end)
    while file.read(1):
        file.seek(-1, 1)
        count, size = _long(file), _long(file)
        packed = _exactly(file, size)
        if _exactly(file, _SYNC) != header.sync:
            raise ValueError("a block does not end where it should")
        try:
            data = _unpacked(packed, header.codec)
        except (zlib.error, lzma.LZMAError, EOFError) as error:
            raise ValueError(f"a block cannot be decompressed ({error})") from error
        if count < 0 or count > max(len(data), 1 << 20):
            raise ValueError(f"a block of {len(data):,} bytes says that it has {count:,} records")
        yield count, data


def _unpacked(packed: bytes, codec: str) -> bytes:
    if codec == "null":
        data = packed
    elif codec == "deflate":
        data = zlib.decompressobj(-15).decompress(packed, MAX_BLOCK + 1)
    elif codec == "bzip2":
        data = bz2.BZ2Decompressor().decompress(packed, MAX_BLOCK + 1)
    elif codec == "xz":
        data = lzma.LZMADecompressor().decompress(packed, MAX_BLOCK + 1)
    elif codec == "zstandard":
        import io

        import zstandard

        try:
            with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(packed)) as stream:
                data = stream.read(MAX_BLOCK + 1)
        except zstandard.ZstdError as error:
            raise ValueError(f"a block cannot be decompressed ({error})") from error
    elif codec == "snappy":
        data = _unsnapped(packed)
    else:
        raise ValueError(f"its codec {codec!r} is not known")
    if len(data) > MAX_BLOCK:
        raise ValueError(f"a block is larger than {MAX_BLOCK >> 20} MiB")
    return data


def _unsnapped(packed: bytes) -> bytes:
    """Snappy, which begins with the length, and the checksum that Avro puts behind it."""
    import pyarrow as pa

    body, length, shift = packed[:-4], 0, 0
    for byte in body[:5]:
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    if length > MAX_BLOCK:
        raise ValueError(f"a block is larger than {MAX_BLOCK >> 20} MiB")
    data: bytes = pa.decompress(body, length, codec="snappy", asbytes=True)
    if zlib.crc32(data) != int.from_bytes(packed[-4:], "big"):
        raise ValueError("the checksum of a block is wrong")
    return data


def _long(file: BinaryIO) -> int:
    """A number of at most 64 bits: zigzag, seven bits a byte, the lowest first."""
    number = 0
    for shift in range(0, 70, 7):
        byte = _exactly(file, 1)[0]
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (number >> 1) ^ -(number & 1)
    raise ValueError("a number is longer than 64 bits")


def _left(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size - file.tell()


def _exactly(file: BinaryIO, size: int) -> bytes:
    # A damaged size is not believed: `read` would make room for it before it looks.
    data = file.read(size) if 0 <= size <= _PIECE or 0 <= size <= _left(file) else b""
    if len(data) != size:
        raise ValueError("it was cut off while it was written or sent")
    return data
