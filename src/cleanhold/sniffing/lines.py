"""Lines of text: whole ones, those of several pieces, and how they end."""

from __future__ import annotations

from cleanhold.sniffing.sample import PIECE


def whole_lines(text: str, *, complete: bool) -> str:
    """Without the last line, which may be cut off."""
    end = max(text.rfind("\n"), text.rfind("\r"))
    return text if complete or end < 0 else text[: end + 1]


def joined(pieces: tuple[bytes, ...], encoding: str, whole: bool) -> bytes:
    """Whole lines of all pieces, as one text."""
    if whole:
        return pieces[0]
    if encoding.startswith(("utf-16", "utf-32")):  # where a line begins depends on what precedes it
        return pieces[0][: PIECE // 4 * 4]
    end = b"\n" if b"\n" in pieces[0] else b"\r"
    parts = []
    for number, piece in enumerate(pieces):
        first = piece.find(end) + 1 if number else 0
        last = piece.rfind(end) + 1
        if number == len(pieces) - 1 and len(pieces) > 1:
            last = len(piece)  # the file's own end
        parts.append(piece[first:last] if last > first else b"")
    return b"".join(parts) or pieces[0]


def is_prose(text: str) -> bool:
    """Whether many lines have more words than fields of a table have."""
    lines = [line for line in text.splitlines()[:200] if line.strip()]
    return sum(len(line.split()) > 5 for line in lines) > 0.3 * len(lines)


def line_endings(start: bytes) -> tuple[str, bool, str]:
    """How most lines end, whether there is any line end to tell it, and the evidence."""
    both = start.count(b"\r\n")
    alone = {"CRLF": both, "LF": start.count(b"\n") - both, "CR": start.count(b"\r") - both}
    used = {name: count for name, count in alone.items() if count}
    if not used:
        return "none", False, "one line only"
    most = max(used, key=lambda name: used[name])
    if len(used) == 1:
        return most, True, "all lines end so"
    counted = ", ".join(f"{count:,} {name}" for name, count in used.items())
    return f"mostly {most}", True, f"{counted}; the reader takes all of them"
