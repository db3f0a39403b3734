"""cleanhold contract: what contracts ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cleanhold.cli import contract_diff, output
from cleanhold.cli.output import JsonOption

if TYPE_CHECKING:
    from cleanhold.pipeline.lint import Lint

app = typer.Typer(
    help="What contracts ask, and what a new version of one changes.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


@app.callback()
def _group() -> None:
    """What contracts ask, and what a new version of one changes."""


app.command("diff")(contract_diff.diff)


@app.command("lint")
def lint(
    contract: Annotated[
        str, typer.Argument(metavar="FILE[:Name]", help="The contract file, or one contract of it.")
    ],
    json: JsonOption = False,
) -> int:
    """Say which checks are portable, and what keeps the others from it.

    A portable check gives the same bits on Polars and on DuckDB. The others are right too, in
    Polars, which judges every run. Exits 1 if a check is not portable, 2 if the contract cannot be
    used.

    **Examples**

    `cleanhold contract lint contracts/crm_contacts.py`

    `cleanhold contract lint contracts.py:Orders --json`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.lint import lint as look_at
    from cleanhold.plan.load import load_all

    found = [look_at(declared) for declared in load_all(contract)]
    if json:
        output.emit_json([one.as_dict() for one in found])
    else:
        for place, one in enumerate(found):
            if place:
                output.say()
            _show(one)
    return output.HELD_BACK if any(one.flagged for one in found) else output.DONE


def _show(found: Lint) -> None:
    portable = len(found.checks) - len(found.flagged)
    output.say(
        f"{found.contract} {found.version}: {portable} of {len(found.checks)} checks are portable; "
        f"{found.while_reading} more are over once values are read"
    )
    output.say()
    output.show_table(
        ["check", "column", "portable", "what is not"],
        [
            [c.check, c.column or "(row)", "yes" if c.portable else "no", c.because or ""]
            for c in found.checks
        ],
    )
    remarks = [c for c in found.checks if c.remark]
    if remarks:
        output.say()
    for one in remarks:
        label = f"{one.column}.{one.check}" if one.column else one.check
        output.say(f"note: {label} {one.remark}", hang=6)
