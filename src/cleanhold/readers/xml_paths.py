"""Paths into XML: where the records of a document are, and what of a record is a cell.

A path is a short form of XPath: names with slashes between them, `@name` for an attribute, a name
with a declared prefix for a namespace. A name without prefix is looked for in every namespace.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cleanhold.errors import UsageError

#: Between the namespace and the name of an element or attribute; in neither.
SEPARATOR = "\n"

_NIL = f"http://www.w3.org/2001/XMLSchema-instance{SEPARATOR}nil"


@dataclass(slots=True)
class Node:
    """An element.

    Attributes:
        name: with its namespace, `SEPARATOR` between them.
        attributes: the same, and their values.
        content: its texts and elements, in order.
    """

    name: str
    attributes: dict[str, str]
    content: list[str | Node] = field(default_factory=list)

    def elements(self) -> list[Node]:
        """The elements directly in it."""
        return [part for part in self.content if isinstance(part, Node)]

    def own_text(self) -> str:
        """The text directly in it."""
        return "".join(part for part in self.content if isinstance(part, str))

    def whole_text(self) -> str:
        """All text in it."""
        return "".join(p if isinstance(p, str) else p.whole_text() for p in self.content)

    def is_nil(self) -> bool:
        """Whether it says that it has no value (XML Schema, part 1, section 2.6.2)."""
        return self.attributes.get(_NIL) in ("true", "1")

    def as_json(self) -> Any:
        """A text, or an object: attributes as `@name`, elements by name, text as `#text`."""
        elements = self.elements()
        if self.is_nil():
            return None
        if not elements and not self.attributes:
            return self.own_text()
        found: dict[str, Any] = {f"@{local(k)}": v for k, v in self.attributes.items()}
        listed: dict[str, list[Any]] = {}
        for element in elements:
            listed.setdefault(local(element.name), []).append(element.as_json())
        found |= {name: each[0] if len(each) == 1 else each for name, each in listed.items()}
        text = self.own_text()
        if text.strip() or (text and not elements):
            found["#text"] = text
        return found


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition(SEPARATOR)[2]


@dataclass(frozen=True, slots=True)
class Path:
    """What of a record is a cell.

    Attributes:
        steps: names of elements, from the record down; with a namespace where one is asked for.
        attribute: the name of an attribute of the last one, or "".
        many: always a JSON list, however often it is there.
        plain: nothing for an element that holds elements only: others speak of those.
    """

    steps: tuple[str, ...]
    attribute: str = ""
    many: bool = False
    plain: bool = False

    def cell(self, record: Node) -> str | None:
        """The cell: null if nothing is there, a JSON list of what is there several times."""
        nodes = [record]
        for step in self.steps:
            nodes = [
                part
                for node in nodes
                for part in node.content
                if isinstance(part, Node) and (part.name == step or local(part.name) == step)
            ]
        if self.attribute:
            found: list[Any] = [
                value
                for node in nodes
                for name, value in node.attributes.items()
                if matches(self.attribute, name)
            ]
        elif self.many or len(nodes) > 1:
            found = [node.as_json() for node in nodes]
        else:
            return self._value(nodes[0]) if nodes else None
        if not found:
            return None
        if len(found) == 1 and not self.many:
            return str(found[0])
        return json.dumps(found, ensure_ascii=False)

    def _value(self, node: Node) -> str | None:
        if node.attributes and node.is_nil():
            return None
        content = node.content
        if len(content) == 1 and isinstance(content[0], str):
            return content[0]
        if not node.elements():
            return node.own_text()
        if node.own_text().strip():
            return node.whole_text()
        return None if self.plain else json.dumps(node.as_json(), ensure_ascii=False)


def matches(wanted: str, name: str) -> bool:
    """Whether an element's or attribute's name is the wanted one."""
    return name == wanted or (SEPARATOR not in wanted and local(name) == wanted)


def record_steps(path: str, namespaces: Mapping[str, str]) -> tuple[bool, tuple[str, ...]]:
    """Whether a record's path begins at the root (`/a/b`, not `//b`), and its names."""
    anywhere = path.startswith("//")
    parts = path[2:].split("/") if anywhere else path[1:].split("/")
    if not path.startswith("/") or not all(parts) or (anywhere and len(parts) > 1):
        raise UsageError(
            f"{path!r} is no path of records",
            next="write all names from the root, like /orders/order, or //order for any place",
        )
    return not anywhere, tuple(_resolved(part, namespaces) for part in parts)


def column_path(text: str, namespaces: Mapping[str, str]) -> Path:
    """The path of a column: `@id`, `address/city`, `item/@sku`, `tag[]`, `.` for the record."""
    many = text.endswith("[]")
    parts = text.removesuffix("[]").split("/")
    attribute = ""
    if parts[-1].startswith("@"):
        attribute = _resolved(parts.pop()[1:], namespaces)
    if parts == ["."]:
        parts = []
    if not all(parts) or any(part[0] in "@." or "[" in part for part in parts):
        raise UsageError(
            f"{text!r} is no path into a record",
            next="write it like '@id', 'address/city', 'item/@sku', 'tag[]', or '.'",
        )
    return Path(tuple(_resolved(part, namespaces) for part in parts), attribute, many)


def _resolved(name: str, namespaces: Mapping[str, str]) -> str:
    prefix, colon, rest = name.partition(":")
    if not colon:
        return name
    if prefix not in namespaces or not rest:
        raise UsageError(
            f"the prefix {prefix!r} of {name!r} is not declared",
            next="name its namespace: namespaces={'" + prefix + "': 'urn:...'}",
        )
    return f"{namespaces[prefix]}{SEPARATOR}{rest}"


@dataclass(slots=True)
class Survey:
    """What the records of a document hold, in the order it first appears.

    Attributes:
        found: names from the record down; the last may be an attribute (`@name`).
        repeated: names of elements that are there several times in one element.
    """

    found: dict[tuple[str, ...], None] = field(default_factory=dict)
    repeated: set[tuple[str, ...]] = field(default_factory=set)

    def add(self, node: Node, at: tuple[str, ...] = ()) -> None:
        """Look at a record."""
        for name in node.attributes:
            if name != _NIL:
                self.found[(*at, f"@{local(name)}")] = None
        elements = node.elements()
        if at and (not elements or node.own_text().strip()):
            self.found[at] = None
        elif not at and node.own_text().strip():
            self.found[()] = None
        seen = set()
        for element in elements:
            below = (*at, local(element.name))
            if below in seen:
                self.repeated.add(below)
            seen.add(below)
            self.add(element, below)

    def columns(self) -> Iterator[tuple[str, Path]]:
        """Names and paths: what is repeated is one column, a JSON list."""
        listed = set()
        for at in self.found:
            cut = next((n for n in range(1, len(at) + 1) if at[:n] in self.repeated), None)
            if cut is None:
                attribute = at[-1][1:] if at and at[-1].startswith("@") else ""
                steps = at[:-1] if attribute else at
                yield (
                    ".".join((*steps, attribute or "")).strip(".") or "text",
                    Path(steps, attribute, plain=True),
                )
            elif at[:cut] not in listed:
                listed.add(at[:cut])
                yield ".".join(at[:cut]), Path(at[:cut], many=True)
