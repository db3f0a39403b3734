"""The records of an XML document with their places in its bytes, read as a stream.

expat tells where each piece of the document begins. Nothing outside the document is ever fetched,
and a document that declares entities is not read (`defusedxml` does the same).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn
from xml.parsers import expat

from cleanhold.core.reading import Progress
from cleanhold.errors import DeliveryError
from cleanhold.readers.xml_paths import SEPARATOR, Node, matches

#: Bytes parsed at a time.
PIECE = 1 << 18

#: More elements inside each other than this make no record.
MAX_DEPTH = 200


@dataclass(frozen=True, slots=True)
class Element:
    """A record.

    Attributes:
        start: position of its first byte. It has the bytes up to the next record.
        node: its content; None if it is nested too deeply.
    """

    start: int
    node: Node | None


class Broken(Exception):  # never leaves the readers: `bad_xml` is what becomes of it
    """The document is not well-formed.

    Args:
        why: in words.
        start: where the broken record begins, or the last whole one ends.
    """

    def __init__(self, why: str, start: int) -> None:
        self.why, self.start = why, start
        super().__init__(why)


class RecordStream:
    """Walks a document once.

    Args:
        path: the file.
        rooted: whether `steps` begin at the root.
        steps: the names that lead to a record.
        progress: called with bytes read.
    """

    def __init__(
        self, path: Path, rooted: bool, steps: tuple[str, ...], progress: Progress | None = None
    ) -> None:
        self._path, self._rooted, self._steps = path, rooted, steps
        self._progress = progress or (lambda _: None)
        self.read = 0  # bytes that progress was told of
        self.encoding = "utf-8"
        self._open: list[str] = []
        self._inside: list[Node] = []
        self._too_deep = 0  # elements that are open below the deepest one kept
        self._deep = False
        self._start = 0
        self._last: tuple[int, bool] | None = None  # the last whole record's end, and if empty
        self._done: list[Element] = []

    def __iter__(self) -> Iterator[Element]:
        """The records, in order.

        Raises:
            DeliveryError: it is no XML, has another root, declares entities, or is broken before
                its first record.
            Broken: it is broken further in; all records before that were given.
        """
        parser = self._parser()
        with self._path.open("rb") as handle:
            final = False
            while not final:
                data = handle.read(PIECE)
                final = len(data) < PIECE
                broken = self._parsed(parser, data, final)
                yield from self._done
                self._done = []
                if broken is not None:
                    raise broken
                self.read += len(data)
                self._progress(len(data))

    def _parsed(self, parser: Any, data: bytes, final: bool) -> Broken | None:
        try:
            parser.Parse(data, final)
        except expat.ExpatError as error:
            why = expat.ErrorString(error.code)
            return self._broken(f"{why}, line {error.lineno}, column {error.offset + 1}")
        except _Skipped as error:
            return self._broken(f"the entity {error} is not declared in the document")
        except (LookupError, ValueError) as error:
            raise DeliveryError(
                f"the encoding of this XML cannot be read: {error}",
                where=self._path.name,
                next="ask the sender for UTF-8",
            ) from error
        return None

    def _broken(self, why: str) -> Broken:
        if self._inside:
            return Broken(why, self._start)
        if self._last is not None:
            return Broken(why, _after_end(self._path, *self._last))
        raise DeliveryError(
            f"this is no XML that can be read: {why}",
            where=self._path.name,
            next="ask the sender to deliver it again",
        )

    def _parser(self) -> Any:
        parser = expat.ParserCreate(namespace_separator=SEPARATOR)
        parser.buffer_text = True

        def begin(name: str, attributes: dict[str, str]) -> None:
            if self._inside:
                if len(self._inside) >= MAX_DEPTH:
                    self._too_deep += 1
                    return
                node = Node(name, attributes)
                self._inside[-1].content.append(node)
                self._inside.append(node)
                return
            self._open.append(name)
            if len(self._open) == 1 and self._rooted and not matches(self._steps[0], name):
                self._wrong_root(name)
            if self._is_record():
                self._start = parser.CurrentByteIndex
                self._inside.append(Node(name, attributes))

        def end(name: str) -> None:
            del name
            if self._too_deep > 0:
                self._too_deep -= 1
                self._deep = True
                return
            if self._inside:
                node = self._inside.pop()
                if self._inside:
                    return
                kept = None if self._deep else node
                self._deep = False
                self._done.append(Element(self._start, kept))
                self._last = (parser.CurrentByteIndex, not node.content)
            self._open.pop()

        def text(data: str) -> None:
            if self._inside and not self._too_deep:
                self._inside[-1].content.append(data)

        parser.StartElementHandler, parser.EndElementHandler = begin, end
        parser.CharacterDataHandler = text
        parser.XmlDeclHandler = self._declaration
        parser.EntityDeclHandler = parser.ExternalEntityRefHandler = self._entities
        parser.SkippedEntityHandler = _skipped
        return parser

    def _is_record(self) -> bool:
        if not self._rooted:
            return matches(self._steps[0], self._open[-1])
        return len(self._open) == len(self._steps) and all(map(matches, self._steps, self._open))

    def _wrong_root(self, name: str) -> None:
        found = name.rpartition(SEPARATOR)[2]
        wanted = self._steps[0].rpartition(SEPARATOR)[2]
        raise DeliveryError(
            f"the outermost element is <{found}>, and not the <{wanted}> of the record's path",
            where=self._path.name,
            next="check that this is the right delivery, and the path (and its namespaces)",
        )

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        del version, standalone
        self.encoding = (encoding or self.encoding).lower()

    def _entities(self, *_: object) -> NoReturn:
        raise DeliveryError(
            "this XML declares entities, which can be made to fill the memory or to read files",
            where=self._path.name,
            next="ask the sender for XML without entity declarations",
        )


class _Skipped(Exception):
    """A reference to an entity that a document type elsewhere may declare."""


def _skipped(name: str, is_parameter: bool) -> None:
    if not is_parameter:
        raise _Skipped(f"&{name};")


def _after_end(path: Path, position: int, is_empty: bool) -> int:
    """Where a record ends. expat tells where its end tag begins, but of `<a/>` where it ends."""
    with path.open("rb") as handle:
        head = handle.read(2)
        order: Literal["little", "big"] = "little" if head[:1] == b"\xff" or not head[1] else "big"
        wide = 2 if 0 in head or head in (b"\xff\xfe", b"\xfe\xff") else 1
        handle.seek(position - 2 * wide)
        before = handle.read(2 * wide)
        if is_empty and [before[:wide].strip(b"\0"), before[wide:].strip(b"\0")] == [b"/", b">"]:
            return position
        while unit := handle.read(wide):
            position += wide
            if int.from_bytes(unit, order) == ord(">"):
                break
    return position
