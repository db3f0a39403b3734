"""cleanhold datasheet: all that is known of a dataset, for whoever answers for a model."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, WorkspaceOption


class Format(StrEnum):
    """How a datasheet is written."""

    MD = "md"
    HTML = "html"
    JSON = "json"


def datasheet(
    dataset: Annotated[str, typer.Argument(help="Its name: features.customer_churn.")],
    snapshot: Annotated[
        int | None, typer.Option("--snapshot", help="One version; what readers have if not given.")
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.MD,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A file for it; printed if not given.")
    ] = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """All that is known of a dataset: origin, preparation, checks, gaps, bias, use, evidence.

    What nobody has stated is said, with how to state it. Tables say which part tells of which point
    of the EU AI Act, ISO/IEC 5259, the NIST AI RMF and the GDPR. Nothing is audited again, and no
    personal value is in it.

    **Examples**

    `cleanhold datasheet features.customer_churn`

    `cleanhold datasheet crm.contacts --snapshot 2 --format html --out contacts.html`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.datasheet import datasheet as make
    from cleanhold.report.datasheet_page import write_datasheet
    from cleanhold.workspace.workspace import Workspace

    found = Workspace.find(workspace)
    with found.open() as stores:
        sheet = make(stores, found.catalogue.features, dataset, snapshot)
    if json or (format is Format.JSON and out is None):
        output.emit_json(sheet.as_dict())
        return output.DONE
    text = write_datasheet(sheet, str(format), out)
    if out is None:
        output.say(text)
    else:
        output.say(f"{out} tells of {dataset}, snapshot {sheet.snapshot}")
        if sheet.missing:
            output.say(f"{sheet.missing} things are not stated; it says how to state them", hang=4)
    return output.DONE
