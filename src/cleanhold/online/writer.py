"""Python source, written line by line, with the names it refers to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cleanhold.core.parsing import DataType


@dataclass(frozen=True, slots=True)
class Term:
    """A value in the code that is written: a name or a literal, without side effects.

    Attributes:
        code: Python source.
        dtype: Polars dtype of the value.
        nullable: whether it may be None.
        dynamic: a bare number, which takes the dtype of what it meets.
        value: what a literal is worth; `...` for anything else.
    """

    code: str
    dtype: DataType
    nullable: bool = True
    dynamic: bool = False
    value: Any = ...

    @property
    def is_literal(self) -> bool:
        return self.value is not ...


@dataclass
class Writer:
    """The body of a function."""

    lines: list[str] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)
    _depth: int = 1
    _count: int = 0
    _known: list[dict[bytes, Term]] = field(default_factory=lambda: [{}])

    def line(self, code: str) -> None:
        self.lines.append("    " * self._depth + code)

    def fresh(self) -> str:
        self._count += 1
        return f"v{self._count}"

    def let(self, code: str) -> str:
        """A new variable with this value."""
        name = self.fresh()
        self.line(f"{name} = {code}")
        return name

    def constant(self, value: Any) -> str:
        """A name for an object that the code needs."""
        name = f"k{len(self.names)}"
        self.names[name] = value
        return name

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """An indented block. What is computed in it is not known after it."""
        self.line(head)
        self._depth += 1
        self._known.append({})
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.line("pass")
        self._known.pop()
        self._depth -= 1

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Lines that are taken back if writing them raises."""
        lines, depth, layers = len(self.lines), self._depth, len(self._known)
        self._known.append({})
        try:
            yield
        except BaseException:
            del self.lines[lines:], self._known[layers:]
            self._depth = depth
            raise
        self._known[layers - 1].update(self._known.pop())

    def recall(self, key: bytes) -> Term | None:
        """The term of an expression that was written already and holds here."""
        return next((known[key] for known in reversed(self._known) if key in known), None)

    def remember(self, key: bytes, term: Term) -> Term:
        self._known[-1][key] = term
        return term
