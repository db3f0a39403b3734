"""A slow, plain reading of the framing rules, byte by byte: what the fast one is tested against."""

from __future__ import annotations

from dataclasses import dataclass

LF, CR = 10, 13


@dataclass(frozen=True)
class Found:
    start: int
    end: int
    code: str  # "" for a row
    cells: tuple[str | None, ...] = ()


def lines(data: bytes) -> list[tuple[int, int, int]]:
    """(start, content end, end) of every physical line."""
    out, start, at = [], 0, 0
    while at < len(data):
        if data[at] in (LF, CR):
            end = at + (2 if data[at : at + 2] == b"\r\n" else 1)
            out.append((start, at, end))
            start = at = end
        else:
            at += 1
    if start < len(data):
        out.append((start, len(data), len(data)))
    return out


def scan(content: bytes, delimiter: int, quote: int | None) -> tuple[str, list[bytes | None]]:
    """("ok" | "open" | "stray", cells) of one record's content."""
    cells: list[bytes | None] = []
    at, size = 0, len(content)
    while True:
        if quote is not None and at < size and content[at] == quote:
            at += 1
            cell = bytearray()
            while True:
                if at >= size:
                    return "open", cells
                if content[at] != quote:
                    cell.append(content[at])
                    at += 1
                elif at + 1 < size and content[at + 1] == quote:
                    cell.append(quote)
                    at += 2
                else:
                    at += 1
                    break
            cells.append(bytes(cell))
            if at < size and content[at] != delimiter:
                return "stray", cells
        else:
            end = at
            while end < size and content[end] != delimiter:
                if content[end] == quote:
                    return "stray", cells
                end += 1
            cells.append(content[at:end] or None)
            at = end
        if at >= size:
            return "ok", cells
        at += 1


def frame(
    data: bytes, fields: int, *, delimiter: int = 44, quote: int | None = 34, limit: int = 1 << 24
) -> list[Found]:
    """The records of a file's data part, as the documentation of the reader has them."""
    physical = lines(data)
    found: list[Found] = []
    at = 0
    while at < len(physical):
        start, content_end, end = physical[at]
        if content_end == start and fields > 1:
            if found:
                found[-1] = Found(found[-1].start, end, found[-1].code, found[-1].cells)
            at += 1
            continue
        verdict, cells = scan(data[start:content_end], delimiter, quote)
        last = at
        if verdict == "open":
            joined = verdict
            while joined == "open" and last + 1 < len(physical):
                last += 1
                joined, cells = scan(data[start : physical[last][1]], delimiter, quote)
            if joined == "ok" and len(cells) == fields and physical[last][2] - start <= limit:
                verdict, end = "ok", physical[last][2]
            else:
                last = at
        found.append(_judge(data, start, end, physical[last][1], verdict, cells, fields))
        at = last + 1
    return found


def _judge(
    data: bytes,
    start: int,
    end: int,
    content_end: int,
    verdict: str,
    cells: list[bytes | None],
    fields: int,
) -> Found:
    if b"\0" in data[start:content_end]:
        return Found(start, end, "nul_byte")
    if verdict != "ok":
        return Found(start, end, f"{verdict}_quote")
    if len(cells) != fields:
        return Found(start, end, "too_few_fields" if len(cells) < fields else "too_many_fields")
    try:
        text = tuple(None if cell is None else cell.decode() for cell in cells)
    except UnicodeDecodeError:
        return Found(start, end, "undecodable")
    return Found(start, end, "", text)
