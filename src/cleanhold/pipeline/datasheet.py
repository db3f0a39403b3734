"""datasheet: all that is known of a dataset, for those who answer for what is made of it."""

from __future__ import annotations

from collections.abc import Mapping

from cleanhold.core.datasheet import Datasheet
from cleanhold.core.datasheet_standards import STANDARDS
from cleanhold.core.feature import Feature
from cleanhold.core.snapshot import Channel
from cleanhold.pipeline import datasheet_found, datasheet_made, datasheet_used
from cleanhold.pipeline.datasheet_known import Known
from cleanhold.pipeline.dossier import dossier
from cleanhold.pipeline.stores import Stores

#: The sections, in order.
SECTIONS = (
    datasheet_made.identity,
    datasheet_made.purpose,
    datasheet_made.owners,
    datasheet_made.origin,
    datasheet_made.collection,
    datasheet_made.columns,
    datasheet_made.preparation,
    datasheet_made.assumptions,
    datasheet_found.checks,
    datasheet_found.audits,
    datasheet_found.bias,
    datasheet_found.drift,
    datasheet_found.gaps,
    datasheet_found.let_through,
    datasheet_used.consumers,
    datasheet_used.gates,
    datasheet_used.privacy,
    datasheet_used.retention,
    datasheet_used.price,
    datasheet_used.evidence,
)


def datasheet(
    stores: Stores, features: Mapping[str, Feature], dataset: str, number: int | None = None
) -> Datasheet:
    """The datasheet of a snapshot: of what readers have if no number is given, else the newest.

    Nothing is audited again, and no value of a row is in it.

    Args:
        features: of the workspace, by dataset.

    Raises:
        UnknownDataset: there is no contract and no snapshot of that name.
        NeverPublished: there is no such snapshot.
    """
    current = stores.ledger.snapshot(dataset, channel=Channel.PRODUCTION)
    found = dossier(stores, dataset, number or (current.number if current else None))
    known = Known(stores, found, stores.contracts.get(dataset), features.get(dataset), features)
    return Datasheet(
        dataset,
        found.snapshot.number,
        str(found.standing),
        found.at,
        tuple(write(known) for write in SECTIONS),
        STANDARDS,
    )
