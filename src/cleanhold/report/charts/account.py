"""The account as one bar: where every record ended."""

from __future__ import annotations

from markupsafe import Markup

from cleanhold.core.account import Account
from cleanhold.report.charts.svg import box, drawing
from cleanhold.report.numbers import counted, share

#: Width; and of what is there at all, however little it is.
_WIDTH, _LEAST = 1_000.0, 6.0


def parts_of(account: Account) -> dict[str, int]:
    """Where records ended, and how many."""
    return {
        "clean": account.clean,
        "held": account.held,
        "refused": account.refused,
        "superseded": account.superseded,
    }


def account_bar(account: Account) -> Markup:
    """A bar of all records, in the parts where they ended."""
    there = {name: rows for name, rows in parts_of(account).items() if rows}
    widths = {name: max(_LEAST, _WIDTH * rows / account.records) for name, rows in there.items()}
    scale = _WIDTH / sum(widths.values()) if widths else 0.0
    found, x = [], 0.0
    for name, rows in there.items():
        told = f"{name}: {counted(rows, 'record')}, {share(rows, account.records)}"
        found.append(box(x, 0, widths[name] * scale, 28, f"part {name}", told))
        x += widths[name] * scale
    if not found:
        found.append(box(0, 0, _WIDTH, 28, "part none"))
    says = ", ".join(f"{rows:,} {name}" for name, rows in there.items()) or "no records"
    return drawing(int(_WIDTH), 28, f"{account.records:,} records", says, found, "bar")
