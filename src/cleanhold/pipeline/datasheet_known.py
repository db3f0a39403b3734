"""datasheet_known: what the sections of a datasheet are written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from cleanhold.core.contract import Contract
from cleanhold.core.feature import Feature
from cleanhold.core.snapshot import Manifest, Snapshot
from cleanhold.pipeline.dossier import Dossier
from cleanhold.pipeline.stores import Stores


@dataclass(frozen=True, slots=True)
class Known:
    """One snapshot, and all that is declared around it.

    Attributes:
        contract: of the dataset as it is declared today; None if it is no longer.
        feature: that builds it; None if a source delivers it.
        features: of the workspace, by dataset.
    """

    stores: Stores
    dossier: Dossier
    contract: Contract | None
    feature: Feature | None
    features: Mapping[str, Feature]

    @property
    def snapshot(self) -> Snapshot:
        return self.dossier.snapshot

    @property
    def manifest(self) -> Manifest:
        return self.dossier.manifest

    @property
    def dataset(self) -> str:
        return self.snapshot.dataset

    @property
    def written_in(self) -> str:
        """The file of the contract, for who has to add to it."""
        where = self.contract.where if self.contract else ""
        return f"contracts/{where.rpartition('/')[2].partition(':')[0]}" if where else "contracts/"

    def unless(self, stated: object, what: str, how: str) -> tuple[str, ...]:
        """That something is not stated, and how to say it; nothing if it is."""
        return () if stated else (f"{what}: say it by {how} in {self.written_in}",)


def facts(**given: object) -> tuple[tuple[str, str], ...]:
    """What is known, in the order given: names with blanks for `_`; what is empty is left out."""
    return tuple(
        (name.replace("_", " "), str(value)) for name, value in given.items() if value not in _NONE
    )


_NONE: tuple[object, ...] = (None, "", ())


def span_of(time: timedelta | None) -> str:
    """A span in words, `26 hours`, `3 days`; empty for none."""
    if time is None:
        return ""
    hours = time.total_seconds() / 3600
    return f"{hours / 24:.1f} days" if hours >= 48 else f"{hours:.1f} hours"
