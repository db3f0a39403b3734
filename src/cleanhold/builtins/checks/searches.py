"""Patterns that text has in it, or has not: regular expressions, and SQL's LIKE."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from cleanhold.builtins.checks.conditions import literal
from cleanhold.builtins.checks.listing import listed
from cleanhold.builtins.checks.shapes import text_rule, whole
from cleanhold.core.rule import ColumnRule
from cleanhold.errors import ContractError

_LIKE = re.compile(r"\\(.)|([%_])|(.)", re.DOTALL)


@listed("^EUR ", "[0-9]€", passes=["EUR 5", "5€", "1 5€ 1"], fails=["5 EUR", "", "€"])
def contains_any(*patterns: str) -> ColumnRule:
    r"""Text that one of several regular expressions finds something in. They may match anywhere;
    `\A` and `\z` hold them to the beginning and the end. (The whole text: `field(matches=…)`.)

    Raises:
        ContractError: there is no pattern, or one that is not understood.
    """
    _require_regexes(patterns, "contains_any")
    return text_rule(
        "contains_any",
        f"has {_listed(patterns, 'none of the patterns ', 'nothing like ')} in it",
        lambda text: pl.any_horizontal([text.str.contains(p) for p in patterns]),
    )


@listed("[A-Z]", "[0-9]", passes=["A1", "1A"], fails=["A", "1", "a1", ""])
def contains_all(*patterns: str) -> ColumnRule:
    """Text that each of several regular expressions finds something in, anywhere.

    Raises:
        ContractError: there is no pattern, or one that is not understood.
    """
    _require_regexes(patterns, "contains_all")
    return text_rule(
        "contains_all",
        f"does not have {_listed(patterns, 'all the patterns ', '')} in it",
        lambda text: pl.all_horizontal([text.str.contains(p) for p in patterns]),
    )


@listed(r"\s\s", "^test", passes=["a b", "a test", ""], fails=["a  b", "test 1"])
def contains_none(*patterns: str) -> ColumnRule:
    """Text that none of some regular expressions finds anything in.

    Raises:
        ContractError: there is no pattern, or one that is not understood.
    """
    _require_regexes(patterns, "contains_none")
    return text_rule(
        "contains_none",
        f"has {_listed(patterns, 'one of the patterns ', '')} in it",
        lambda text: ~pl.any_horizontal([text.str.contains(p) for p in patterns]),
    )


@listed("C-%", "X_", passes=["C-1", "C-", "X1", "Xé", "C-\n"], fails=["c-1", "AC-1", "X", "X12"])
def like(*patterns: str) -> ColumnRule:
    """Text like one of some patterns of SQL: `%` is any text, `_` any one character, and a
    backslash before them takes them as they are. Upper and lower case differ.

    Source: ISO/IEC 9075-2, 8.5 (like predicate).

    Raises:
        ContractError: there is no pattern.
    """
    regex = _regex(patterns, "like")
    meant = f"is not like {_listed(patterns, 'any of ', '')}"
    return text_rule("like", meant, lambda text: whole(text, regex))


@listed("test%", r"100\%", passes=["a test", "1000", ""], fails=["test", "test\n1", "100%"])
def not_like(*patterns: str) -> ColumnRule:
    """Text like none of some patterns of SQL; see `like`.

    Raises:
        ContractError: there is no pattern.
    """
    regex = _regex(patterns, "not_like")
    meant = f"is like {_listed(patterns, 'one of ', '')}"
    return text_rule("not_like", meant, lambda text: ~whole(text, regex))


def _listed(patterns: Sequence[str], several: str, one: str) -> str:
    return (several if len(patterns) > 1 else one) + literal(", ".join(patterns))


def _require_some(patterns: Sequence[str], name: str, example: str) -> None:
    if not patterns:
        raise ContractError(f"{name} needs patterns", next=f"write {name}({example!r})")


def _require_regexes(patterns: Sequence[str], name: str) -> None:
    _require_some(patterns, name, "^A")
    for pattern in patterns:
        try:
            pl.select(pl.lit("").str.contains(pattern))
        except pl.exceptions.ComputeError as error:
            raise ContractError(
                f"{name} has a pattern that is not understood: {pattern}",
                next="write it without look-around and back-references; what a text must not have "
                "in it is a check of its own: contains_none('…')",
            ) from error


def _regex(patterns: Sequence[str], name: str) -> str:
    """One regular expression for all the patterns of LIKE."""
    _require_some(patterns, name, "A%")
    wild = {"%": r"[\s\S]*", "_": r"[\s\S]"}
    return "|".join(
        "".join(wild[w] if w else re.escape(e or c) for e, w, c in _LIKE.findall(pattern))
        for pattern in patterns
    )
