"""What a driver says when it fails, as an error of ours that shows no secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cleanhold.deliveries.databases.url import DatabaseUrl
from cleanhold.errors import CleanholdError, DeliveryError, DeliveryUnavailable, SourceError


@dataclass(frozen=True, slots=True)
class _Advice:
    pattern: str
    what: str
    next: str
    error: type[CleanholdError] = DeliveryError


#: Looked for in the message, in this order. SQLSTATE: PostgreSQL's manual, appendix A.
_ADVICE = (
    _Advice(
        r"SQLSTATE: 28|password authentication|no password|Access denied|Login failed|ORA-01017",
        "the database does not let this user in",
        "correct the user and the password in the URL",
    ),
    _Advice(
        r"SQLSTATE: 42501|permission (was )?denied|command denied|ORA-00942|ORA-01031",
        "the database does not let this user read that",
        "have its owner grant the right to select",
    ),
    _Advice(
        r"SQLSTATE: 57014|timeout expired|statement timeout|max_statement_time|interrupted",
        "the database took too long",
        "raise timeout=, read less at a time (watermark=, partition_on=), or index what is asked",
    ),
    _Advice(
        r"SQLSTATE: 22",
        "a value makes the query fail",
        "have the query treat that value, or mend it in the database",
    ),
    _Advice(
        r"SQLSTATE: 42|syntax error|no such (table|column)|(Parser|Binder|Catalog) Error"
        r"|ERROR \d+ \(42|ORA-009|Invalid (object|column) name|ambiguous",
        "the database does not understand the query",
        "correct query= or table= in the source",
        SourceError,
    ),
    _Advice(
        r"[Cc]onnection refused|[Tt]imed out|could not translate|No such file|unreachable"
        r"|[Cc]ould not connect|connection to server .* failed|failed to open|lock on file",
        "the database cannot be reached",
        "check that it runs, and its host, port and name; then run again",
        DeliveryUnavailable,
    ),
    _Advice(
        r"cannot locate|DPI-1047",
        "the database's client library is not installed",
        "install it on this machine: see docs/sql.md",
        SourceError,
    ),
    _Advice(
        "",
        "the database failed",
        "run again: nothing of this delivery was landed",
        DeliveryUnavailable,
    ),
)


def failure(error: BaseException, url: DatabaseUrl) -> CleanholdError:
    """The error for something that a driver raised."""
    said = str(error)
    advice = next(advice for advice in _ADVICE if re.search(advice.pattern, said))
    shown = f"{advice.what}: {_first_line(url.without_secrets(said))}"
    return advice.error(shown, where=url.shown, next=advice.next)


def _first_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if not lines:
        return "it does not say why"
    # What the driver was doing comes before what the database said.
    return re.sub(r"\s+", " ", re.sub(r".*\b(ERROR|FATAL): ", "", lines[0]))[:300]


@contextmanager
def told_by(url: DatabaseUrl, *vendors: type[BaseException]) -> Iterator[None]:
    """Errors of a driver become ours. Not `from` theirs: their text may hold the password."""
    try:
        yield
    except CleanholdError:
        raise
    except vendors as error:
        told = failure(error, url)
    else:
        return
    raise told from None
