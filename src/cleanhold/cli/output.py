"""What every command shares: options, JSON or plain words, tables, progress bars."""

from __future__ import annotations

import json
import math
import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from cleanhold.report.numbers import size as size

#: Exit codes; see docs/cli.md.
DONE, HELD_BACK, USAGE, FAILED = 0, 1, 2, 3

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document and nothing else.")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; it is kept in the audit log.")]
WorkspaceOption = Annotated[
    Path,
    typer.Option(
        "--workspace",
        "-w",
        help="The workspace, if it is not this folder or one above.",
        show_default=False,
    ),
]

#: Between two columns of a table; least width at which the last column is wrapped.
_GAP, _LEAST = 2, 24

#: Stands for a blank that must not become a line end; no text has it once it is `plain`.
_TIED = "\x1f"

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

#: Where the one JSON document goes while standard output is turned away.
_document: ContextVar[TextIO | None] = ContextVar("document", default=None)


def plain(text: object) -> str:
    """Text with its control characters made visible: a value must not drive the terminal."""
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], str(text))


def say(text: object = "", *, hang: int = 0, style: str = "", whole: bool = False) -> None:
    """Print lines for people; on a terminal they are wrapped between words.

    Args:
        hang: how far lines that continue one are indented beyond it.
        style: of the first word, on a terminal.
        whole: the style is of all of it.
    """
    if not sys.stdout.isatty():
        print(plain(text))
        return
    console = Console(markup=False, highlight=False, emoji=False)
    for line in plain(text).split("\n"):
        for number, piece in enumerate(_wrapped(line, console.width, hang)):
            shown = Text(piece)
            if whole or not number:
                shown.stylize(style, 0, len(piece) if whole else len(piece.split(" ", 1)[0]))
            console.print(shown, soft_wrap=True)


def _wrapped(line: str, width: int, hang: int) -> list[str]:
    """A line in pieces that fit: broken between groups (two blanks apart), then words.

    Words longer than the width stay whole.
    """
    indent = len(line) - len(line.lstrip()) + hang
    indent = indent if indent < width // 2 else 4
    wrap = textwrap.TextWrapper(
        width=width,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    groups = re.split(r"(\s{2,})", line)
    kept = (g.replace(" ", _TIED) if len(g) <= width - indent and g.strip() else g for g in groups)
    return [piece.replace(_TIED, " ") for piece in wrap.wrap("".join(kept))] or [""]


def width() -> int | None:
    """Columns of the terminal; None if standard output is none."""
    return Console().width if sys.stdout.isatty() else None


def show_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; columns of numbers align right.

    Where it is wider than the terminal its last column is wrapped between words; where that is
    not enough each row becomes a block of lines.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(columns, *cells, strict=True)]
    numeric = [
        bool(rows) and all(isinstance(row[n], int | float) for row in rows)
        for n in range(len(columns))
    ]
    hang = sum(widths[:-1]) + _GAP * (len(widths) - 1)
    if sys.stdout.isatty() and Console().width < hang + min(widths[-1], _LEAST):
        _show_blocks(columns, cells)
        return
    for number, row in enumerate([columns, *cells]):
        padded = [_padded(*cell) for cell in zip(row, widths, numeric, strict=True)]
        line = (" " * _GAP).join(padded).rstrip()
        say(line, hang=hang, style="" if number else "bold", whole=True)


def _padded(text: str, width: int, right: bool) -> str:
    fill = " " * (width - cell_len(text))
    return fill + text if right else text + fill


def _show_blocks(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    """Each row as lines, the first cell as its heading."""
    longest = max(map(cell_len, columns))
    for row in cells:
        say(row[0], style="bold", whole=True)
        for name, text in zip(columns[1:], row[1:], strict=True):
            say(f"  {name:<{longest}}  {text}", hang=longest + 2)


def emit_json(value: Any) -> None:
    """Print one JSON document."""
    out = _document.get() or sys.stdout
    is_unicode = (out.encoding or "").lower().replace("-", "") == "utf8"
    print(json.dumps(_finite(value), ensure_ascii=not is_unicode, default=str, indent=2), file=out)


@contextmanager
def only_json() -> Iterator[None]:
    """Meanwhile only `emit_json` writes to standard output.

    Contracts, sources and features are anybody's code: what they print goes to standard error.
    """
    before = _document.set(sys.stdout)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        _document.reset(before)


def _finite(value: Any) -> Any:
    """JSON knows neither NaN nor infinity: they become text, as dates do."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="backslashreplace")
    return value


def share(part: int, whole: int) -> str:
    """A percentage for people: `2.6 %`; never rounds something down to nothing."""
    if not whole or not part:
        return "0 %"
    percent = 100 * part / whole
    return "< 0.1 %" if percent < 0.1 else f"{percent:.1f} %"


def rows(count: int) -> str:
    """`1 row`, `1,204 rows`."""
    return "1 row" if count == 1 else f"{count:,} rows"


@contextmanager
def progress(what: str, total: int | None, *, quiet: bool = False) -> Iterator[Any]:
    """A progress bar on a terminal, nothing elsewhere; gives a function of bytes advanced."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(),
               DownloadColumn(), TimeElapsedColumn())  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(plain(what), total=total)
        yield lambda advanced: bar.update(task, advance=advanced)


@contextmanager
def working(*, quiet: bool = False) -> Iterator[Callable[[str, Callable[[], None]], None]]:
    """A spinner on a terminal while steps follow each other.

    Gives a function of the spinner's next text and of something that prints: the spinner makes
    way for it.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda text, show: show()
        return
    with Console(stderr=True, markup=False).status("working") as status:

        def step(text: str, show: Callable[[], None]) -> None:
            status.stop()
            show()
            status.update(Text(plain(text)))
            status.start()

        yield step


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return plain(value).replace("\n", "\\n")
