"""What `cleanhold explain` says of other rows: earlier and later ones, sources, what was made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cleanhold.cli import output
from cleanhold.core.provenance import Absent, Fed, MadeFrom, Rows, Version
from cleanhold.core.story import Story

#: Deliveries of a key, and rows of one table, that are listed.
_VERSIONS, _ROWS = 10, 5


def show_versions(story: Story, step: int) -> None:
    """The deliveries of the row's key, newest first."""
    output.say(f"{step}. deliveries of this key, newest first")
    for version in story.versions[:_VERSIONS]:
        told = " (this row)" if version.row_id == story.row_id else ""
        dated = f", {version.dated}" if version.dated else ""
        output.say(f"   {version.row_id}{told}  {version.name}{dated}", hang=3)
        output.say(f"     {_became(version)}", hang=3)
    _say_more(len(story.versions) - _VERSIONS, "   ")


def _became(version: Version) -> str:
    if version.became == "superseded" and not version.replaced_by:
        return "superseded: a newer one was there when it came"
    since = f" in snapshot {version.since}" if version.since else ""
    until = f", until {version.until}" if version.until else ""
    by = f": {version.replaced_by} took its place" if version.replaced_by else ""
    return f"{version.became}{since}{until}{by}"


def show_fed(fed: Fed, step: int) -> None:
    """The rows of built tables that were made of it, and who reads them."""
    output.say(f"{step}. {'what was made of it' if fed.tables else 'who reads it'}")
    for rows in fed.tables:
        _show_rows(rows)
    for dataset, consumer, owner in fed.consumers:
        who = f" ({owner})" if owner else ""
        output.say(f"   {dataset} is read by {consumer}{who}", hang=3)


def show_sources(made: MadeFrom, story: Story, step: Iterator[int], column: str | None) -> None:
    """The rows that it was made from; with a column, how."""
    output.say(f"{next(step)}. made in snapshot {made.snapshot} of {story.dataset} from")
    for rows in made.inputs:
        _show_rows(rows)
        for lost in rows.absent[:_ROWS]:
            _show_absent(lost)
        _say_more(len(rows.absent[_ROWS:]) + rows.absent_more, "   ")
    for words in made.unseen:
        output.say(f"   not seen: {words}", hang=3)
    if column is None:
        output.say("   --column NAME tells how one of its values was made", hang=3)
        return
    value = (story.values or {}).get(column)
    known = f" = {'null' if value is None else value}" if story.values else ""
    output.say(f"{next(step)}. {column}{known}, made of")
    for origin in made.columns.get(column, ()):
        told = f": {origin.told}" if origin.told else ""
        output.say(f"   {origin.column}  {str(origin.way).lower()}{told}", hang=3)
    for origin in made.filters:
        told = f": {origin.told}" if origin.told else ""
        way = str(origin.way).lower()
        output.say(f"   {origin.column}  {way} of the rows{told}", hang=3)


def _show_rows(rows: Rows) -> None:
    known = rows.count is not None
    many = "no row" if rows.count == 0 else output.rows(rows.count or 0)
    number = f" snapshot {rows.snapshot}" if rows.snapshot else ""
    by = f", by {rows.by}" if rows.by else ""
    output.say(f"   {rows.dataset}{number}" + (f": {many}{by}" if known else ""), hang=3)
    for row in rows.listed[:_ROWS]:
        output.say(f"     {'  '.join(_values(row))}", hang=3)
    _say_more((rows.count or 0) - len(rows.listed[:_ROWS]), "     ")
    for note in rows.notes:
        output.say(f"     {note}", hang=3)


def _values(row: Mapping[str, Any]) -> Iterator[str]:
    for name, value in row.items():
        yield str(value) if name == "row_id" else f"{name} {'null' if value is None else value}"


def _show_absent(lost: Absent) -> None:
    output.say(f"     not there: {lost.row_id}  {lost.name}  {lost.stands}", hang=3)
    for reason in lost.reasons:
        output.say(f"       {reason}", hang=3)
    if lost.case:
        output.say(f"       case {lost.case}: `cleanhold quarantine case {lost.case}`", hang=3)


def _say_more(left: int, indent: str) -> None:
    if left > 0:
        output.say(f"{indent}and {left:,} more")
