"""The doctor's look at lineage: what its servers have not got, and why."""

from __future__ import annotations

from collections.abc import Iterator

from cleanhold.errors import CleanholdError
from cleanhold.pipeline.send import sent_events
from cleanhold.pipeline.stores import Stores
from cleanhold.store.sent import SentEvents
from cleanhold.tracing.channels import require_ready
from cleanhold.workspace.symptom import Health, Symptom, from_error


def lineage_symptoms(stores: Stores) -> Iterator[Symptom]:
    """What waits for each destination, and what it refused; nobody is asked over the network."""
    for to in stores.naming.destinations:
        try:
            require_ready(to)
        except CleanholdError as error:
            yield from_error("lineage", error, to.name)
    for name, kept in sent_events(stores).items():
        yield from _symptoms(name, kept)


def _symptoms(name: str, kept: SentEvents) -> Iterator[Symptom]:
    waiting, refusals, outage = kept.count(), kept.refusals(), kept.outage()
    if outage:
        says = f"{waiting} events wait for {name} since {outage.since:%F %H:%M} UTC: {outage.why}"
        yield Symptom("lineage", Health.WARN, says, "cleanhold recover, when it answers")
    elif waiting:
        says = f"{waiting} events are not sent to {name} yet"
        yield Symptom("lineage", Health.WARN, says, "cleanhold recover")
    if refusals:
        event, why = next(iter(refusals.items()))
        says = f"{name} refused {len(refusals)} events, such as {event}: {why}"
        yield Symptom("lineage", Health.WARN, says, "cleanhold recover sends them again")
    if not (waiting or refusals):
        yield Symptom("lineage", Health.OK, f"{name} has every event")
