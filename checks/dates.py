"""Checks about the order of events."""

from cleanhold import Expr, col


def not_before(later: str, earlier: str) -> Expr:
    """`later` is on or after `earlier`; a missing date is not judged."""
    return col(later) >= col(earlier)


def before(earlier: str, later: str) -> Expr:
    """`earlier` is strictly before `later`; a missing date is not judged."""
    return col(earlier) < col(later)
