"""doctor: the server of a ledger that is not in the state folder."""

from __future__ import annotations

from collections.abc import Iterator

from cleanhold.errors import CleanholdError
from cleanhold.store.looking import look
from cleanhold.workspace.ledger_url import tells_password
from cleanhold.workspace.settings import FILE
from cleanhold.workspace.symptom import Health, Symptom, from_error
from cleanhold.workspace.workspace import Workspace

_TOPIC = "ledger server"


def ledger_symptoms(workspace: Workspace) -> Iterator[Symptom]:
    """Whether it can be reached and written to, and keeps what it says it keeps."""
    if tells_password(workspace.settings.ledger):
        mend = "write ${LEDGER_PASSWORD} in its place, and export that"
        yield Symptom(_TOPIC, Health.WARN, f"the password stands in {FILE}", mend)
    try:
        if not (url := workspace.ledger):
            return
        seen = look(url)
    except CleanholdError as error:
        yield from_error(_TOPIC, error)
        return
    if seen.problem:
        yield Symptom(_TOPIC, Health.STATE, f"{seen.says}: {seen.problem}", seen.mend)
    else:
        yield Symptom(_TOPIC, Health.OK, seen.says)
