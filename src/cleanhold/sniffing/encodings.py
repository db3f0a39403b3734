"""Which encoding a text is written in."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass

#: Byte order marks, longer ones first: UTF-32's begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

#: Encodings that legacy systems write, for charset-normalizer to choose from.
_LEGACY = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp850",
    "cp852", "cp866", "cp437", "mac_roman", "koi8_r", "iso8859_2", "iso8859_5", "iso8859_7",
    "iso8859_15", "big5", "cp932", "gb18030", "euc_jp", "euc_kr",
)  # fmt: skip

#: Bytes of lines with characters beyond ASCII that are shown to charset-normalizer.
_MOST = 64_000

#: Characters that Western text has in cp1252.
_WESTERN = re.compile("[À-ÖØ-öø-ÿŠšŽžŒœŸ€–—‘’“”„…•™°²³µ§©®«»¡¿ºª½¼¾£¥\u00a0´·±×]")

#: A character beyond ASCII in UTF-8 (its shape: overlong forms count too).
_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)

#: Printable in EBCDIC (code page 037), the bytes that text has: blank, letters, digits, marks.
_EBCDIC = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,-/&+".encode("cp037")
)


@dataclass(frozen=True, slots=True)
class SniffedEncoding:
    """An encoding, why, and how sure it is.

    Attributes:
        name: as Python calls it.
        sure: whether nothing speaks against it.
        because: the evidence, in words.
        broken: bytes of the sample that mean nothing in it.
    """

    name: str
    sure: bool
    because: str
    broken: int = 0


def sniff_encoding(pieces: Sequence[bytes]) -> SniffedEncoding:
    """The encoding of a text, from pieces of it; the first one is its start.

    UTF-8 is checked on all bytes of the pieces. What is not Unicode is a guess: the same bytes
    are other letters in another code page.
    """
    for mark, name in _MARKS:
        if pieces[0].startswith(mark):
            broken = 0 if name != "utf-8" else _broken_utf8(pieces)
            return SniffedEncoding(name, not broken, "it begins with a byte order mark", broken)
    if (wide := _wide(pieces[0])) is not None:
        return wide
    if all(piece.isascii() for piece in pieces):
        return SniffedEncoding("utf-8", True, "only ASCII characters in the sample")
    broken, sequences = _broken_utf8(pieces), _sequences(pieces)
    if not broken:
        return SniffedEncoding("utf-8", True, f"{sequences:,} characters beyond ASCII, all valid")
    if sequences > 2 * broken:
        because = f"{sequences:,} characters beyond ASCII are valid, {broken:,} bytes are not"
        return SniffedEncoding("utf-8", False, because, broken)
    return _legacy(pieces)


def looks_like_ebcdic(piece: bytes) -> bool:
    """Whether most bytes are printable in EBCDIC, and hardly any is printable ASCII."""
    if not piece:
        return False
    ascii_text = sum(map(piece.count, (bytes([b]) for b in range(0x20, 0x7F) if b != 0x40)))
    written = sum(map(piece.count, (bytes([b]) for b in _EBCDIC)))
    return written > 0.5 * len(piece) and ascii_text < 0.35 * len(piece) and written > ascii_text


def decode(piece: bytes, encoding: str) -> str:
    """Text of a piece, for looking at only: what means nothing becomes U+FFFD."""
    return piece.decode(encoding, errors="replace").removeprefix("\ufeff")


def _wide(start: bytes) -> SniffedEncoding | None:
    """UTF-16 without a mark: marks, digits and Latin letters have a zero byte on one side."""
    look = start[:4096]
    half = len(look) / 2
    zeros = (look[0::2].count(0), look[1::2].count(0))
    for name, end, many, few in (
        ("utf-16-le", b"\n\0", zeros[1], zeros[0]),
        ("utf-16-be", b"\0\n", zeros[0], zeros[1]),
    ):
        ends = end in look or end.replace(b"\n", b"\r") in look
        if ends and many > 0.2 * half and few < 0.02 * half:
            because = (
                f"{100 * many / half:.0f} % of every second byte is zero, and there is no mark"
            )
            return SniffedEncoding(name, False, because)
    return None


def _broken_utf8(pieces: Sequence[bytes]) -> int:
    """Bytes that are part of no character, but for characters cut off at a piece's ends."""
    count = 0
    for number, piece in enumerate(pieces):
        body = piece.lstrip(bytes(range(0x80, 0xC0)))[:] if number else piece
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        count += decoder.decode(body).count("\ufffd") - body.count("\ufffd".encode())
        if number == len(pieces) - 1 and decoder.getstate()[0]:
            count += 1
    return count


def _sequences(pieces: Sequence[bytes]) -> int:
    return sum(len(_SEQUENCE.findall(piece)) for piece in pieces)


def _legacy(pieces: Sequence[bytes]) -> SniffedEncoding:
    from charset_normalizer import from_bytes

    lines: list[bytes] = []
    size = 0
    for piece in pieces:
        for line in re.findall(rb"[^\r\n]{0,2000}[\x80-\xff][^\r\n]{0,2000}", piece):
            if size > _MOST:
                break
            lines.append(line)
            size += len(line) + 1
    shown = b"\n".join(lines)
    high = sum(byte > 0x7F for byte in shown)
    western = shown.decode("cp1252", errors="replace")
    odd = [c for c in western if ord(c) > 0x7F and not _WESTERN.fullmatch(c)]
    letters = re.findall(r"[A-Za-z][à-öø-ÿ]|[à-öø-ÿ][a-z]", western)
    if not odd and letters:
        said = f"the {high:,} bytes beyond ASCII that were looked at are Western letters in it"
        return SniffedEncoding("cp1252", False, said)
    best = from_bytes(shown, cp_isolation=list(_LEGACY), threshold=0.5).best()
    name = best.encoding if best else "cp1252"
    name = "cp1252" if name in ("latin_1", "cp1252") else name
    said = f"charset-normalizer finds it likeliest for {high:,} bytes beyond ASCII"
    broken = shown.decode(name, errors="replace").count("\ufffd")
    return SniffedEncoding(name, False, said if best else "nothing fits better", broken)
