"""cleanhold sniff: what a file seems to be, and a first contract and source from that."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption

if TYPE_CHECKING:
    from cleanhold.pipeline.sniff import Drafts, Sniffed
    from cleanhold.sniffing.columns import SniffedColumn

_MOST_COLUMNS, _MOST_NOTES = 40, 8


def sniff(
    file: Annotated[Path, typer.Argument(help="The file to look at.")],
    name: Annotated[
        str | None,
        typer.Option("--name", help="Write a first contract and source for this dataset: "
                     "crm.contacts."),
    ] = None,
    out: Annotated[
        Path,
        typer.Option("--out", help="Folder that gets contracts/… and flows/…; this one if not "
                     "given.", show_default=False),
    ] = Path(),
    json: JsonOption = False,
) -> int:  # fmt: skip
    """Look at a file and propose its format, encoding, dialect, columns and a first contract.

    Some MB are looked at: from the start, the middle and the end of a large file. Everything is
    a proposal, with its evidence; nothing is sniffed when a source runs.

    **Examples**

    `cleanhold sniff contacts.csv`

    `cleanhold sniff contacts.csv --name crm.contacts`

    `cleanhold sniff old.dat --json`
    """
    from cleanhold.pipeline.sniff import draft
    from cleanhold.pipeline.sniff import sniff as look

    found = look(file)
    drafts = draft(found, name, out) if name is not None else None
    if json:
        written = {"contract": str(drafts.contract), "source": str(drafts.source)} if drafts else {}
        output.emit_json({**found.as_dict(), "drafts": written})
    else:
        _show(found, file, drafts)
    return output.DONE


def _show(found: Sniffed, file: Path, drafts: Drafts | None) -> None:
    all_of_it = "all of it" if found.whole else f"{output.size(found.looked_at)} of it"
    output.say(f"{found.name}: {output.size(found.size)}, {all_of_it} looked at")
    output.say()
    facts = [[f.what, output.plain(f.found), f.confidence, f.because] for f in found.facts]
    output.show_table(["", "", "how sure", "why"], facts)
    if found.columns:
        output.say()
        _show_columns(found)
    if found.refused:
        counted = ", ".join(f"{count:,} {code}" for code, count in found.refused.items())
        output.say(f"refused in the sample: {counted}", hang=4)
    for note in found.notes[:_MOST_NOTES]:
        output.say(f"note: {note}", hang=6)
    for advice in found.advice:
        output.say(f"ask:  {advice}", hang=6)
    _show_next(found, file, drafts)


def _show_columns(found: Sniffed) -> None:
    shown = found.columns[:_MOST_COLUMNS]
    output.show_table(
        ["column", "type", "filled", "different", "what it seems to be"],
        [[_cut(c.header), _type(c), output.share(c.values, c.rows), c.distinct, _says(c)]
         for c in shown],
    )  # fmt: skip
    output.say()
    if len(found.columns) > len(shown):
        output.say(f"{len(found.columns) - len(shown):,} more columns; --json lists them all")
    key = f"key: {found.key.header}, unique in" if found.key else "key: no column is unique in"
    output.say(f"{key} {found.rows:,} rows")


def _type(column: SniffedColumn) -> str:
    return column.reading.annotation if column.reading else "-"


def _says(column: SniffedColumn) -> str:
    """The column in words. No values: they may be personal."""
    reading = column.reading
    parts = [column.says] if column.says != "text" else []
    if column.matches == "EMAIL":
        parts.append("e-mail addresses")
    elif column.matches:
        parts.append(f"all like {column.matches}")
    if reading and reading.parse:
        parts.append(reading.parse)
    if reading and reading.nulls:
        parts.append(f"no value: {' '.join(reading.nulls)}")
    if column.privacy:
        parts.append(f"personal ({column.privacy})?")
    parts += column.remarks
    return "; ".join(filter(None, parts))


def _show_next(found: Sniffed, file: Path, drafts: Drafts | None) -> None:
    if drafts is not None:
        output.say()
        output.say(f"wrote {drafts.contract} and {drafts.source}: edit them")
        command = f"cleanhold check {_word(file)} -c {_word(drafts.contract)}"
        output.say(f"next: {command} --source {_word(drafts.source)}", hang=6)
    elif found.format is not None and found.columns:
        output.say()
        output.say("next: add --name crm.contacts (say) to write a first contract and source")


def _word(path: Path) -> str:
    import shlex

    return shlex.quote(str(path))


def _cut(text: str) -> str:
    plain = output.plain(text)
    return plain if len(plain) <= 40 else plain[:39] + "…"
