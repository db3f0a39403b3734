"""A datasheet as a page, and as Markdown."""

from __future__ import annotations

import json
from pathlib import Path

from cleanhold.core.datasheet import Datasheet
from cleanhold.pipeline.export import replaced
from cleanhold.report.rendering import render
from cleanhold.report.writing import write_page


def datasheet_page(sheet: Datasheet) -> str:
    """A datasheet as one HTML page, without anything remote."""
    return render("datasheet.html", sheet=sheet)


def datasheet_markdown(sheet: Datasheet) -> str:
    """A datasheet as Markdown, with tables as GitHub has them; markup of others is not obeyed."""
    return render("datasheet.md", sheet=sheet)


def write_datasheet(sheet: Datasheet, format: str, out: Path | None) -> str:
    """A datasheet in a format, written to a file if one is named.

    Args:
        format: `md`, `html` or `json`.
        out: a page there that is cleanhold's, Markdown and JSON are replaced.

    Raises:
        UsageError: something else is there, or it cannot be written.
    """
    if format == "json":
        text = json.dumps(sheet.as_dict(), ensure_ascii=False, indent=2) + "\n"
    else:
        text = datasheet_page(sheet) if format == "html" else datasheet_markdown(sheet)
    if out is None:
        return text
    if format == "html":
        write_page(out, text)
    else:
        with replaced(out) as draft:
            draft.write_text(text, encoding="utf-8")
    return text
