"""How a check gets into the catalogue: with examples, which are its tests and its documentation."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from cleanhold.core.rule import ColumnRule, Rule, TableRule

#: What `field` and `@contract` take.
AnyRule = ColumnRule | TableRule

Make = TypeVar("Make", bound=Callable[..., AnyRule])

_MARK = "__cleanhold_check__"


@dataclass(frozen=True, slots=True)
class Listed:
    """One check of the catalogue.

    An example is a value for a check of one column, a row (column → value) for a check of the
    row, and a whole table (column → values) or column (a list) for one that compares rows. Every
    row of a table in `passes` is good; at least one of a table in `fails` is not. For a check of
    changes it is two tables: the one published `before`, and the one that comes `after`; their
    key is the columns that the check does not read. For one that refers to another dataset it is
    two as well: the `rows`, and what is `there`.

    Attributes:
        make: the function users call.
        arguments: what it is called with in the examples; `options` by name.
    """

    make: Callable[..., AnyRule]
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]
    passes: Sequence[Any]
    fails: Sequence[Any]

    @property
    def name(self) -> str:
        return self.make.__name__

    @property
    def family(self) -> str:
        """Name of the module it is written in."""
        return self.make.__module__.rpartition(".")[2]

    @property
    def summary(self) -> str:
        """What it checks: the first paragraph of the function's docstring."""
        first = inspect.cleandoc(self.make.__doc__ or "").split("\n\n", 1)[0]
        return " ".join(first.split())

    @property
    def rule(self) -> AnyRule:
        """The rule of the examples."""
        return self.make(*self.arguments, **self.options)

    @property
    def call(self) -> str:
        """The call of the examples, as Python."""
        given = [f"{a.name}(…)" if isinstance(a, Rule) else repr(a) for a in self.arguments]
        given += [f"{name}={value!r}" for name, value in self.options.items()]
        return f"{self.name}({', '.join(given)})"


def listed(
    *arguments: Any, passes: Sequence[Any], fails: Sequence[Any], **options: Any
) -> Callable[[Make], Make]:
    """Put a function that makes a rule into the catalogue. It stays a plain function.

        @listed(passes=["GB82WEST12345698765432"], fails=["GB82WEST12345698765433"])
        def iban() -> ColumnRule: ...

    Args:
        arguments: what it is called with in the examples; `options` by name.
        passes: examples that are good; `fails`: that are not. See `Listed`.
    """

    def declare(make: Make) -> Make:
        setattr(make, _MARK, Listed(make, arguments, options, passes, fails))
        return make

    return declare


def listed_as(value: object) -> Listed | None:
    """The entry a function was given by `listed`, or None."""
    found = getattr(value, _MARK, None)
    return found if isinstance(found, Listed) else None
