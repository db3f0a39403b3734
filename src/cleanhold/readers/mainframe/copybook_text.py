"""The text of a copybook → its sentences: lines, comments, continuations, words.

Reference format: IBM Enterprise COBOL for z/OS, Language Reference, "Reference format": columns 1–6
are a sequence number, column 7 an indicator (`*` and `/` comment, `-` continuation), columns 8–72
the text, the rest identifies the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from cleanhold.errors import UsageError

_TEXT_STARTS, _TEXT_ENDS, _IDENTIFIES = 6, 72, 8

#: A level number and a name within the first six columns: there are no sequence numbers.
_FREE = re.compile(r"\s{0,4}[0-9]{1,2}\s+[A-Za-z]")

#: Literals, the period that ends a sentence, and words (`9(8).99` is one).
_WORD = re.compile(r"\"[^\"]*\"?|'[^']*'?|\.(?=\s|$)|(?:[^\s.\"']|\.(?!\s|$))+")

#: Statements that only move the paper of a listing.
_LISTING = re.compile(r"(?i)\s*(?:EJECT|SKIP[123])\s*\.?\s*")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the copybook as written, and the line it is on (the first is 1)."""

    text: str
    line: int

    @property
    def upper(self) -> str:
        return self.text.upper()


def copybook_text(copybook: str | Path) -> str:
    """A copybook given as its text, or as the file it is in.

    Raises:
        UsageError: there is no such file, or it is no text.
    """
    if isinstance(copybook, str) and "\n" in copybook:
        return copybook
    if not isinstance(copybook, str | Path) or not str(copybook).strip():
        raise mistaken("it is neither a text nor a file", None)
    path = Path(copybook)
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise UsageError(
            f"the copybook {str(copybook)!r} cannot be read: "
            f"{getattr(error, 'strerror', None) or error}",
            next="give the path of a copybook, or its text in several lines",
        ) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")  # only comments are not ASCII


def sentences(text: str) -> Iterator[list[Word]]:
    """The sentences, without the periods that end them."""
    sentence: list[Word] = []
    for word in _words(text):
        if word.text != ".":
            sentence.append(word)
        elif sentence:
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def mistaken(why: str, line: int | None) -> UsageError:
    """The error for a copybook that does not say where its fields are."""
    return UsageError(
        f"the copybook is mistaken: {why}",
        where="the copybook" if line is None else f"the copybook, line {line}",
        next="correct it; it needs level numbers and PICTURE clauses as COBOL compilers take them",
    )


def _words(text: str) -> Iterator[Word]:
    for number, line in _lines(text):
        for found in _WORD.finditer(line):
            word = found.group()
            if word.startswith("*>"):
                break
            if word[0] not in "'\"":
                word = word.rstrip(",;")
            if word:
                yield Word(word, number)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that say something, continuations joined, each with its number."""
    numbered = list(zip(count(1), text.replace("\x1a", "").splitlines(), strict=False))
    is_free = _is_free(line for _, line in numbered)
    waiting: tuple[int, str] | None = None
    for number, line in numbered:
        indicator, content = (" ", line) if is_free else (line[6:7], line[_TEXT_STARTS:_TEXT_ENDS])
        is_comment = indicator in ("*", "/") or content.lstrip().startswith("*")
        if is_comment or not content.strip() or _LISTING.fullmatch(content):
            continue
        beyond = "" if is_free else line[_TEXT_ENDS:].rstrip()
        if len(beyond) > _IDENTIFIES or (beyond and not (content + beyond)[65:67].count(" ")):
            raise mistaken("a line goes on after column 72, where its text ends", number)
        if indicator == "-" and waiting:
            waiting = (waiting[0], _continued(waiting[1], content[1:].lstrip()))
            continue
        if waiting:
            yield waiting
        waiting = (number, content)
    if waiting:
        yield waiting


def _continued(before: str, after: str) -> str:
    """A line and the next; a literal is continued from column 72, and reopens its quote."""
    for quote in "'\"":
        if before.count(quote) % 2 and after.startswith(quote):
            return before.ljust(_TEXT_ENDS - _TEXT_STARTS) + after[1:]
    return before.rstrip() + after


def _is_free(lines: Iterator[str]) -> bool:
    """Whether level numbers stand where sequence numbers would."""
    for line in lines:
        if line.strip() and not line.lstrip().startswith("*") and line[6:7] not in ("*", "/"):
            return bool(_FREE.match(line)) and not line[:6].isspace()
    return False
