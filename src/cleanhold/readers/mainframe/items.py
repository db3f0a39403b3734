"""The sentences of a copybook → a tree of data items.

IBM Enterprise COBOL for z/OS, Language Reference, "Data division: data description entry".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from cleanhold.readers.mainframe.copybook_text import Word, mistaken, sentences
from cleanhold.readers.mainframe.pictures import Picture, picture

#: USAGE words → the usage they mean. COMP-9 is COMP in little-endian order.
USAGES = {
    **dict.fromkeys(("DISPLAY", "DISPLAY-1", "NATIONAL"), "display"),
    **dict.fromkeys(
        (
            *("COMP", "COMP-0", "COMP-4", "BINARY"),
            *("COMPUTATIONAL", "COMPUTATIONAL-0", "COMPUTATIONAL-4"),
        ),
        "binary",
    ),
    **dict.fromkeys(("COMP-5", "COMPUTATIONAL-5"), "native"),
    **dict.fromkeys(("COMP-9", "COMPUTATIONAL-9"), "little"),
    **dict.fromkeys(("COMP-1", "COMPUTATIONAL-1"), "float"),
    **dict.fromkeys(("COMP-2", "COMPUTATIONAL-2"), "double"),
    **dict.fromkeys(("COMP-3", "COMPUTATIONAL-3", "PACKED-DECIMAL"), "packed"),
    **dict.fromkeys(("COMP-6", "COMPUTATIONAL-6", "COMP-3U", "COMPUTATIONAL-3U"), "unsigned"),
}

_CLAUSES = {
    *("REDEFINES", "PIC", "PICTURE", "USAGE", "SIGN", "LEADING", "TRAILING", "OCCURS", "VALUE"),
    *("VALUES", "JUSTIFIED", "JUST", "BLANK", "SYNC", "SYNCHRONIZED", "EXTERNAL", "GLOBAL"),
    *USAGES,
}


@dataclass(frozen=True, slots=True)
class Occurs:
    """How often an item occurs: at most `most` times; as often as the field `counted_by` says."""

    most: int
    least: int
    counted_by: str | None = None


@dataclass(eq=False, slots=True)
class Item:
    """A data item: a group of items, or a field with a picture.

    Attributes:
        level: 1 to 49, or 77.
        name: as written; empty for FILLER.
        line: where it is in the copybook.
        usage: a value of `USAGES`; None if not written.
        sign: `leading` or `trailing`, where the SIGN clause says so.
        separate: the sign is a character of its own.
        redefines: name of the item whose bytes it describes again.
        values: condition names (level 88) → their values as written.
    """

    level: int
    name: str
    line: int
    picture: Picture | None = None
    written: str = ""
    usage: str | None = None
    sign: str | None = None
    separate: bool = False
    occurs: Occurs | None = None
    redefines: str | None = None
    synchronized: bool = False
    values: dict[str, list[str]] = field(default_factory=dict)
    children: list[Item] = field(default_factory=list)


def items(text: str) -> list[Item]:
    """The items of level 01 (or what stands at the top) with what is below them.

    Raises:
        UsageError: the text is no copybook; with the line.
    """
    top: list[Item] = []
    path: list[Item] = []
    for sentence in sentences(text):
        level = _level(sentence[0])
        if level in (66, 78):
            continue
        if level == 88:
            if not path or len(sentence) < 2:
                raise mistaken("a condition (88) without a name or an item", sentence[0].line)
            name, *values = (word.text for word in sentence[1:])
            path[-1].values[name] = [
                value for value in values if value.upper() not in ("VALUE", "VALUES", "IS", "ARE")
            ]
            continue
        item = _item(level, sentence)
        while path and (path[-1].level >= level or level == 77):
            path.pop()
        if path and path[-1].written:
            raise mistaken(f"{path[-1].name} has a picture and items below it", item.line)
        siblings = path[-1].children if path else top
        siblings.append(item)
        path.append(item)
    if not top:
        raise mistaken("it has no data items", None)
    for item in top:
        _settle(item, None, None, False)
    return top


def records_of(text: str, name: str | None = None) -> list[Item]:
    """The records a copybook describes: items of level 01, which all mean the same bytes.

    Args:
        text: the copybook; without a level 01 all of it is one record.
        name: only the record of that name.

    Raises:
        UsageError: the text is no copybook, or has no such record.
    """
    top = items(text)
    top = [item for item in top if item.level != 77] or top
    if top[0].level not in (1, 77):
        top = [Item(1, "", top[0].line, children=top)]
    if name is None:
        return top
    found = [item for item in top if item.name.upper() == name.upper()]
    if not found:
        raise mistaken(f"it has no record {name!r} at level 01", None)
    return found


def _level(word: Word) -> int:
    text = word.text
    if text.upper() in ("COPY", "REPLACE", "EXEC"):
        raise mistaken(f"{text.upper()} is not carried out; put the text itself there", word.line)
    if not (text.isascii() and text.isdigit()) or not (
        1 <= int(text) <= 49 or int(text) in (66, 77, 78, 88)
    ):
        raise mistaken(f"{text!r} is no level number", word.line)
    return int(text)


def _item(level: int, sentence: list[Word]) -> Item:
    line = sentence[0].line
    words = _Words(sentence[1:], line)
    name = "" if words.next in _CLAUSES or words.next is None else words.take()
    item = Item(level, "" if name.upper() == "FILLER" else name, line)
    while words.next is not None:
        _clause(item, words)
    return item


class _Words:
    """The words of a sentence that are still to be read."""

    def __init__(self, words: list[Word], line: int) -> None:
        self._words: Iterator[Word] = iter(words)
        self.line = line
        self._step()

    def _step(self) -> None:
        self._word = next(self._words, None)
        self.line = self._word.line if self._word else self.line

    @property
    def next(self) -> str | None:
        return self._word.upper if self._word else None

    def take(self) -> str:
        if self._word is None:
            raise mistaken("a clause has no end", self.line)
        text = self._word.text
        self._step()
        return text

    def skip(self, *words: str) -> bool:
        """Take the next word if it is one of these, and say so."""
        found = self.next in words
        if found:
            self._step()
        return found

    def number(self) -> int:
        line, text = self.line, self.take()
        if not (text.isascii() and text.isdigit() and len(text) < 8):
            raise mistaken(f"{text!r} is no number of times", line)
        return int(text)


def _clause(item: Item, words: _Words) -> None:
    line, word = words.line, words.take().upper()
    if word == "USAGE":
        words.skip("IS")
        word = words.take().upper()
    if word in USAGES:
        item.usage = USAGES[word]
    elif word == "REDEFINES":
        item.redefines = words.take()
    elif word in ("PIC", "PICTURE"):
        words.skip("IS")
        item.written = words.take()
        try:
            item.picture = picture(item.written)
        except ValueError as error:
            raise mistaken(f"{item.written!r} is no picture: {error}", line) from error
    elif word in ("SIGN", "LEADING", "TRAILING"):
        if word == "SIGN":
            words.skip("IS")
            word = words.take().upper()
        if word not in ("LEADING", "TRAILING"):
            raise mistaken(f"a sign is LEADING or TRAILING, not {word}", line)
        item.sign = word.lower()
        if words.skip("SEPARATE"):
            item.separate = True
            words.skip("CHARACTER")
    elif word == "OCCURS":
        item.occurs = _occurs(words)
    elif word in ("VALUE", "VALUES"):
        while words.next is not None and words.next not in _CLAUSES:
            words.take()
    elif word in ("JUSTIFIED", "JUST"):
        words.skip("RIGHT")
    elif word == "BLANK":
        words.skip("WHEN")
        words.skip("ZERO", "ZEROS", "ZEROES")
    elif word in ("SYNC", "SYNCHRONIZED"):
        words.skip("LEFT", "RIGHT")
        item.synchronized = True
    elif word in ("EXTERNAL", "GLOBAL"):
        pass
    else:
        raise mistaken(f"{word!r} is no clause that is known here", line)


def _occurs(words: _Words) -> Occurs:
    least = most = words.number()
    if words.skip("TO"):
        most = words.number()
    words.skip("TIMES")
    counted_by = None
    if words.skip("DEPENDING"):
        words.skip("ON")
        counted_by = words.take()
        while words.skip("OF", "IN"):
            words.take()
        least = least if least < most else 0
    while words.next in ("ASCENDING", "DESCENDING", "INDEXED"):
        words.take()
        words.skip("KEY")
        words.skip("BY", "IS")
        while words.next is not None and words.next not in (
            *_CLAUSES,
            "ASCENDING",
            "DESCENDING",
            "INDEXED",
        ):
            words.take()
    if most < 1:
        raise mistaken("an item occurs at least once at most", words.line)
    return Occurs(most, least, counted_by)


def _settle(item: Item, usage: str | None, sign: str | None, separate: bool) -> None:
    """Hand usage and sign down from groups, and see that every field can be read."""
    item.usage = item.usage or usage
    if item.sign is None:
        item.sign, item.separate = sign, separate
    for child in item.children:
        _settle(child, item.usage, item.sign, item.separate)
    if item.children:
        return
    if item.usage in ("float", "double"):
        if item.picture:
            raise mistaken(f"{item.name} is a float and has a picture", item.line)
    elif item.picture is None:
        raise mistaken(
            f"{item.name or 'FILLER'} has neither a picture nor items below it", item.line
        )
    elif item.usage not in (None, "display") and (
        item.picture.kind != "number" or item.picture.point is not None
    ):
        raise mistaken(
            f"{item.name} is {item.usage}, but its picture {item.written} is no number", item.line
        )
