"""What PostgreSQL says when it fails, as an error of ours that shows no password."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

from sqlalchemy.exc import DBAPIError

from cleanhold.errors import LedgerError


@dataclass(frozen=True, slots=True)
class _Advice:
    states: str
    says: str
    what: str
    next: str


#: Looked for in this order: first letters of the SQLSTATE (PostgreSQL's manual, appendix A), or,
#: where a connection never came to be and there is none, the message.
_ADVICE = (
    _Advice(
        "28",
        r"password|authentication|no pg_hba.conf entry|role .* does not exist",
        "the ledger's server does not let this user in",
        "correct the user and the password in the ledger's URL (or PGPASSWORD, ~/.pgpass)",
    ),
    _Advice(
        "3D000",
        r"database .* does not exist",
        "the ledger's server has no such database",
        "create it (createdb), or correct the name in the ledger's URL",
    ),
    _Advice(
        "42501",
        r"permission denied",
        "the ledger's server does not allow this user that",
        "have its owner create the schema and grant usage and create on it, and own its tables",
    ),
    _Advice(
        "25006",
        r"read-only transaction|during recovery",
        "the ledger's server takes no writes: it is a replica, or set to read only",
        "give the URL of the primary server (libpq: target_session_attrs=read-write)",
    ),
    _Advice(
        "55P03",
        r"lock timeout",
        "another process has held the ledger for too long",
        "run again; if it stays so, pg_stat_activity shows who holds an advisory lock",
    ),
    _Advice(
        "53",
        r"too many clients|remaining connection slots|No space left",
        "the ledger's server has no room",
        "free connections or disk there, and run again: nothing is half-done",
    ),
    _Advice(
        "0A|2[0-7]|42|P0|XX",
        r"$^",
        "the ledger refused",
        "nothing was changed; please report this with the message",
    ),
    _Advice(
        "",
        "",
        "the ledger's server cannot be reached, or the connection was lost",
        "check that it runs, and host, port and network; then run again: what was committed is "
        "kept, and nothing is half-done",
    ),
)


def failure(error: DBAPIError, where: str, password: str | None) -> LedgerError:
    """The error for something that the driver raised.

    Args:
        password: to be blotted out, should it be in the message.
    """
    state = getattr(error.orig, "sqlstate", None) or ""
    said = _first_line(str(error.orig))
    for secret in {password, quote(password, safe=""), quote_plus(password)} if password else ():
        said = said.replace(secret, "***")
    found = next(a for a in _ADVICE if _fits(a, state, said))
    return LedgerError(f"{found.what}: {said}", where=where, next=found.next)


def _fits(advice: _Advice, state: str, said: str) -> bool:
    if state:
        return bool(re.match(advice.states, state))
    return bool(re.search(advice.says, said))


def _first_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    # With several addresses of a host the driver lists each; what the server said counts.
    told = next((line for line in lines if "FATAL:" in line), lines[0] if lines else "it is silent")
    return re.sub(r"\s+", " ", re.sub(r".*\b(ERROR|FATAL): ", "", told)).strip()[:300]
