"""The configuration that runs used, in the audit log: told whenever a commit has another one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from cleanhold.core.run import canonical_json
from cleanhold.store import auditlog
from cleanhold.store.tables import audit_log, utc_text

#: The act of the audit log.
CHANGED = "configuration_changed"

#: What a commit's entry calls the digest of its configuration.
DIGEST = "configuration"


def digest(configuration: Mapping[str, str]) -> str:
    """Hex SHA-256 of a configuration."""
    return hashlib.sha256(canonical_json(dict(configuration))).hexdigest()


def tell(
    connection: Connection,
    configuration: Mapping[str, str],
    *,
    dataset: str,
    run: str,
    who: str,
    at: datetime,
) -> None:
    """Append what is otherwise than in the commit before, if anything is.

    Args:
        configuration: what is set → how, as texts without secrets.
        dataset, run: of the commit that uses it.
    """
    if _last_digest(connection) == digest(configuration):
        return
    before = _last(connection)
    if before == configuration:
        return
    names = sorted({*before, *configuration})
    changed = [
        [name, before.get(name), configuration.get(name)]
        for name in names
        if before.get(name) != configuration.get(name)
    ]
    told = {
        "dataset": dataset,
        "run": run,
        "who": who,
        "first": not before,
        "changed": changed if before else [],
        "configuration": dict(configuration),
        "at": utc_text(at),
    }
    auditlog.append(connection, CHANGED, told)


def _last_digest(connection: Connection) -> str:
    """Of the newest commit."""
    found = _newest(connection, *auditlog.COMMITS)
    return str(found.get(DIGEST, "")) if found else ""


def _last(connection: Connection) -> dict[str, str]:
    found = _newest(connection, CHANGED)
    return dict(found["configuration"]) if found else {}


def _newest(connection: Connection, *acts: str) -> dict[str, Any] | None:
    is_one = or_(*(audit_log.c.body.contains(f'"act":"{act}"') for act in acts))
    newest = select(audit_log.c.body).where(is_one).order_by(audit_log.c.number.desc())
    with closing(connection.execute(newest.execution_options(yield_per=1)).scalars()) as found:
        for text in found:
            body: dict[str, Any] = json.loads(text)
            if body["act"] in acts:  # the words may be anywhere in it
                return body
    return None
