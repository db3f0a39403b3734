"""doctor: whether the end of the audit log is noted outside, as the settings ask."""

from __future__ import annotations

from collections.abc import Iterator

from cleanhold.pipeline.anchoring import end_of, last_outside
from cleanhold.pipeline.stores import Stores
from cleanhold.workspace.symptom import Health, Symptom

_TOPIC = "anchors"


def log_symptoms(stores: Stores) -> Iterator[Symptom]:
    """What the last try to note it came to; nothing where it is noted nowhere."""
    if not (stores.anchoring.file or stores.anchoring.command):
        return
    last, end = last_outside(stores), end_of(stores)
    for problem in last.problems:
        says = f"the end of the audit log was not noted outside: {problem}"
        mend = "mend `file` or `command` in [tool.cleanhold.anchor], then cleanhold log anchor"
        yield Symptom(_TOPIC, Health.WARN, says, mend)
    if not last.problems:
        said = f"entry {last.entries:,} of {end.entries:,} is noted outside"
        behind = last.entries < end.entries
        mend = "cleanhold log anchor" if behind else ""
        yield Symptom(_TOPIC, Health.WARN if behind else Health.OK, said, mend)
