"""Compressed streams: known by their first bytes, unpacked piece by piece, verified to the end.

Formats: gzip (RFC 1952), bzip2, xz (The .xz File Format 1.2) and Zstandard (RFC 8878); each may
hold several streams one after the other. The libraries that read them verify every checksum and
length; what is verified here is that nothing is missing and nothing is left over.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from cleanhold.core.limits import UNPACKED_ANYWAY, Limits
from cleanhold.errors import DeliveryError

#: Most bytes that come out at once.
PIECE = 1 << 20

#: Zstandard cannot be told how much to give at once: 2 KiB in can be no more than 64 MiB out.
_ZSTD_PIECE = 2048

#: Memory that an xz stream may ask for; `xz -9` asks for 65 MiB.
_XZ_MEMORY = 512 << 20

#: First bytes that are needed to know a stream.
HEAD = 10


class _Engine(Protocol):
    """One stream being unpacked, as `bz2` and `lzma` have it."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


class _Gzip:
    """zlib's gzip stream in that shape; checks the CRC-32 and the length."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def needs_input(self) -> bool:
        return not self._stream.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def decompress(self, data: bytes, max_length: int = PIECE, /) -> bytes:
        return self._stream.decompress(self._stream.unconsumed_tail + data, max_length)


class _Zstd:
    """A Zstandard frame in that shape; checks the content checksum if the frame has one."""

    def __init__(self) -> None:
        import zstandard

        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._rest = b""
        self.unused_data = b""

    @property
    def eof(self) -> bool:
        return self._frame.eof

    @property
    def needs_input(self) -> bool:
        return not self._rest

    def decompress(self, data: bytes, max_length: int = PIECE, /) -> bytes:
        import zstandard

        data = self._rest + data
        head, self._rest = data[:_ZSTD_PIECE], data[_ZSTD_PIECE:]
        try:
            out = self._frame.decompress(head)
        except zstandard.ZstdError as error:
            raise ValueError(error) from error
        if self._frame.eof:
            self.unused_data, self._rest = self._frame.unused_data + self._rest, b""
        return out


@dataclass(frozen=True, slots=True)
class Codec:
    """One kind of compressed stream.

    Attributes:
        suffixes: endings of names that promise it.
        padding: zero bytes that may follow a stream come in multiples of this; 0: none may.
        unchecked: whether a stream that begins so has no checksum of what is in it.
    """

    name: str
    suffixes: tuple[str, ...]
    new: Callable[[], _Engine]
    begins: Callable[[bytes], bool]
    padding: int = 0
    unchecked: Callable[[bytes], bool] = lambda head: False

    def method(self, head: bytes) -> str:
        """How receipts call it."""
        return f"{self.name} (no checksum)" if self.unchecked(head) else self.name


def _is_bzip2(head: bytes) -> bool:
    # Digits of pi before a block, of its square root at the end of an empty stream.
    return (
        head[:3] == b"BZh"
        and head[3:4] in b"123456789"
        and (head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"))
    )


def _is_zstd(head: bytes) -> bool:
    skippable = head[1:4] == b"\x2a\x4d\x18" and 0x50 <= head[0] <= 0x5F
    return head[:4] == b"\x28\xb5\x2f\xfd" or (skippable and len(head) >= 8)


def _is_unchecked_zstd(head: bytes) -> bool:
    return head[:4] == b"\x28\xb5\x2f\xfd" and len(head) > 4 and not head[4] & 0x4


CODECS = (
    Codec("gzip", (".gz", ".gzip", ".tgz"), _Gzip, lambda h: h[:3] == b"\x1f\x8b\x08", padding=1),
    Codec("bzip2", (".bz2", ".bzip2"), bz2.BZ2Decompressor, _is_bzip2),
    Codec(
        "xz",
        (".xz",),
        lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY),
        lambda h: h[:6] == b"\xfd7zXZ\x00",
        padding=4,
        unchecked=lambda h: h[7:8] == b"\0",
    ),
    Codec("zstd", (".zst", ".zstd"), _Zstd, _is_zstd, unchecked=_is_unchecked_zstd),
)


def codec_of(head: bytes) -> Codec | None:
    """The codec of a stream that begins with these bytes (`HEAD` of them, or all there are)."""
    return next((codec for codec in CODECS if codec.begins(head)), None)


@dataclass(slots=True)
class Meter:
    """Counts what comes out of one delivery, and stops it where it is too much."""

    limits: Limits
    delivered: int
    total: int = field(default=0, init=False)

    def count(self, size: int) -> None:
        """Count bytes that came out.

        Raises:
            DeliveryError: it is more than the limits allow.
        """
        self.total += size
        if self.total > self.limits.unpacked:
            raise too_much(
                f"more than {self.limits.unpacked:,} bytes come out of the delivery", "unpacked"
            )
        most = max(UNPACKED_ANYWAY, self.limits.ratio * self.delivered)
        if self.total > most:
            raise too_much(
                f"more than {self.limits.ratio} times its size comes out of the delivery: it "
                f"looks like a bomb ({self.delivered:,} bytes came)",
                "ratio",
            )


def too_much(what: str, limit: str) -> DeliveryError:
    """The error for a delivery that is beyond a limit of the workspace."""
    return DeliveryError(
        what, next=f"if it is meant to be so, raise `{limit}` in [tool.cleanhold.limits]"
    )


def unpacked(blocks: Iterator[bytes], codec: Codec, meter: Meter) -> Iterator[bytes]:
    """What comes out of compressed streams, in pieces of at most some megabytes.

    Args:
        blocks: the compressed bytes.

    Raises:
        DeliveryError: they are damaged, cut off, followed by something else, or too much.
    """
    stream: _Engine | None = None
    padding = 0
    for block in blocks:
        data = block
        while data or (stream is not None and not stream.needs_input):
            if stream is None:
                data, zeros = _without_padding(data, codec)
                padding += zeros
                if not data:
                    break
                _require_whole_padding(padding, codec)
                stream, padding = codec.new(), 0
            piece = _next_piece(stream, data, codec)
            meter.count(len(piece))
            if piece:
                yield piece
            data = b""
            if stream.eof:
                data, stream = stream.unused_data, None
    if stream is not None:
        raise _damaged(codec, "its end is missing")
    _require_whole_padding(padding, codec)


def _next_piece(stream: _Engine, data: bytes, codec: Codec) -> bytes:
    try:
        return stream.decompress(data, PIECE)
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
        raise _damaged(codec, f"{error}") from error


def _without_padding(data: bytes, codec: Codec) -> tuple[bytes, int]:
    if not codec.padding:
        return data, 0
    rest = data.lstrip(b"\0")
    return rest, len(data) - len(rest)


def _require_whole_padding(padding: int, codec: Codec) -> None:
    if padding and padding % codec.padding:
        raise _damaged(codec, "something else follows it")


def _damaged(codec: Codec, why: str) -> DeliveryError:
    return DeliveryError(
        f"the delivery is damaged: its {codec.name} stream cannot be unpacked to the end ({why})",
        next="have it delivered again; if it is not compressed at all, say compression='none' in "
        "its source",
    )
