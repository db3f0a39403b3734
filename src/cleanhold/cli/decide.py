"""cleanhold quarantine correct, waive, release, reject, reopen, assign, comment."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cleanhold.cli.deciding import decides, no_suggestion

if TYPE_CHECKING:
    from cleanhold.core.correction import Correction

LabelsOption = Annotated[
    list[str] | None,
    typer.Option("--waives", help="COLUMN.CHECK that may fail (repeatable); else those that do."),
]


@decides()
def correct(
    put: Annotated[
        list[str] | None, typer.Option("--set", help="COLUMN=VALUE; COLUMN= for no value.")
    ] = None,
    mapped: Annotated[
        list[str] | None, typer.Option("--map", help="COLUMN:OLD=NEW (repeatable).")
    ] = None,
    reread: Annotated[
        list[str] | None,
        typer.Option("--reread", help="COLUMN:LAYOUT=LAYOUT: dates written in the first, such as "
                     "%d.%m.%Y, as the second has them."),
    ] = None,
    suggestion: Annotated[
        int | None, typer.Option("--suggestion", help="One of the case's, by its number.")
    ] = None,
) -> dict[str, Any]:  # fmt: skip
    """Give held rows other raw values; a replay judges them again.

    Columns are named as they were delivered. What it would do is shown first.

    **Examples**

    `cleanhold quarantine correct -d crm.contacts -c parse --reread "Birthdate:%d.%m.%Y=%Y-%m-%d"
    --reason "the agency writes dates the German way"`

    `cleanhold quarantine correct 6f0c2a91d3b7e845-17 -d crm.contacts --set "Country=DE"
    --reason "asked the customer"`

    `cleanhold quarantine correct -d crm.contacts --case cb705be0e3bd --suggestion 1 --preview
    --reason "it says what it means"`
    """
    correction = _correction(put, mapped, reread)
    if suggestion is not None and correction is not None:
        raise no_suggestion()
    return {"act": "correct", "correction": correction, "suggestion": suggestion}


@decides()
def waive(
    until: Annotated[str, typer.Option("--until", help="Its last day, in UTC: 2026-12-31.")],
    at_most: Annotated[
        int | None,
        typer.Option(
            "--at-most", min=1, help="Rows it may let through, later deliveries included."
        ),
    ] = None,
    waives: LabelsOption = None,
) -> dict[str, Any]:
    """Let held rows through at the next replay although checks fail, until a day.

    **Example**

    `cleanhold quarantine waive -d crm.contacts -c email_matches --until 2026-12-31 --reason "…"`
    """
    return {
        "act": "waive",
        "checks": tuple(waives or ()),
        "until": day_of(until),
        "at_most": at_most,
    }


@decides()
def release(
    waives: LabelsOption = None,
) -> dict[str, Any]:
    """Say that held rows are right as they are: the next replay lets them through for good.

    **Example**

    `cleanhold quarantine release 6f0c2a91d3b7e845-17 -d crm.contacts --reason "a real name"`
    """
    return {"act": "release", "checks": tuple(waives or ())}


@decides()
def reject() -> dict[str, Any]:
    """Close held rows that will never be right. They stay in quarantine, with the reason."""
    return {"act": "reject"}


@decides()
def reopen(
    decision: Annotated[
        int | None, typer.Option("--decision", help="Every row of this decision, by its number.")
    ] = None,
) -> dict[str, Any]:
    """Take back what was decided about rows: they wait again, as they were delivered.

    Rows that are published already are found by their ids or their decision; the next run takes
    them out of the table, unless they pass by now. Neither their content nor the same content of a
    later delivery is decided on again by itself.

    **Examples**

    `cleanhold quarantine reopen 6f0c2a91d3b7e845-17 -d crm.contacts --reason "it was no test"`

    `cleanhold quarantine reopen --decision 12 -d crm.contacts --reason "other countries"`
    """
    return {"act": "reopen", "decision": decision}


@decides("reason")
def assign(
    to: Annotated[str, typer.Option("--to", help="Whose task the rows are.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "assigned",
) -> dict[str, Any]:
    """Make held rows somebody's task."""
    return {"act": "assign", "to": to, "why": reason}


@decides("reason")
def comment(
    text: Annotated[str, typer.Option("--text", help="What to remember about the rows.")],
) -> dict[str, Any]:
    """Keep a remark in the history of held rows."""
    return {"act": "comment", "why": text}


def day_of(text: str) -> date:
    """The day that a text names."""
    from cleanhold.errors import UsageError

    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no day", next="write it as 2026-12-31") from error


def _correction(
    put: list[str] | None, mapped: list[str] | None, reread: list[str] | None
) -> Correction | None:
    from cleanhold.core.correction import Correction

    if not (put or mapped or reread):
        return None
    maps: dict[str, dict[str, str | None]] = {}
    for column, old, new in (_parts(text, "--map", "COLUMN:OLD=NEW") for text in mapped or []):
        maps.setdefault(column, {})[old] = new or None
    return Correction(
        put={
            c: v or None for c, _, v in (_parts(t, "--set", "COLUMN=VALUE", 2) for t in put or [])
        },
        mapped=maps,
        reread={
            c: (old, new)
            for c, old, new in (_parts(t, "--reread", "COLUMN:LAYOUT=LAYOUT") for t in reread or [])
        },
    )


def _parts(text: str, option: str, shape: str, count: int = 3) -> tuple[str, str, str]:
    from cleanhold.errors import UsageError

    left, equals, value = text.partition("=")
    column, colon, old = left.partition(":") if count == 3 else (left, ":", "")
    if not (equals and colon and column):
        raise UsageError(
            f"{option} {text!r} is not {shape}",
            next="columns are named as delivered; put quotes around values with blanks",
        )
    return column, old, value
