"""The account of a run: where every record of an extract ended."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from cleanhold.errors import AccountUnbalanced


@dataclass(frozen=True, slots=True)
class Account:
    """Counts of records; `records = clean + held + refused + superseded` must hold.

    Attributes:
        records: records found in the extract.
        clean: rows that passed and are in the snapshot.
        held: rows in quarantine, with findings.
        refused: records that could not become rows, with their bytes.
        superseded: rows that passed, but a newer row of the same key is already published.
        warned: rows that passed with a finding of severity `warn`: a part of `clean` and
            `superseded`.
    """

    records: int
    clean: int
    held: int
    refused: int
    superseded: int = 0
    warned: int = 0

    @property
    def balances(self) -> bool:
        return self.records == self.clean + self.held + self.refused + self.superseded

    @property
    def lost_share(self) -> float:
        """Share of records held or refused, 0.0 to 1.0 (0.0 for an empty extract)."""
        return (self.held + self.refused) / self.records if self.records else 0.0

    def require_balance(self, where: str) -> None:
        """Raise `AccountUnbalanced` unless every record is accounted for exactly once."""
        if not self.balances:
            raise AccountUnbalanced(
                f"the account does not balance: {self.records} records, but {self.clean} clean + "
                f"{self.held} held + {self.refused} refused + {self.superseded} superseded",
                where=where,
                next="nothing was published; please report this with the extract's SHA-256",
            )

    def as_dict(self) -> dict[str, int]:
        return asdict(self)
