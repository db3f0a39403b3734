"""`--wait`: another run of the same dataset is waited for, and the person told of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cleanhold.cli import output
from cleanhold.core.span import in_words, parse_span
from cleanhold.errors import RunInProgress, UsageError

if TYPE_CHECKING:
    from cleanhold.pipeline.turn import Patience

DEFAULT_WAIT = "10min"

WaitOption = Annotated[
    str,
    typer.Option(
        "--wait",
        help="How long to wait where another run is at the same dataset: 30s, 10min, 2h; 0: not.",
    ),
]


def patience(wait: str) -> Patience:
    """The patience that an option asks for; who is waited for is told on standard error."""
    from cleanhold.pipeline.turn import Patience

    seconds = parse_span(wait)
    if seconds is None:
        raise UsageError(f"--wait {wait!r} is no span of time", next="write 30s, 10min, 2h or 0")
    return Patience(seconds, _tell)


def _tell(busy: RunInProgress, left: float) -> None:
    line = f"waiting up to {in_words(left)}: {busy.what}"
    print(output.plain(f"{line} ({busy.where})" if busy.where else line), file=sys.stderr)
