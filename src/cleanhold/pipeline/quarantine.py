"""quarantine: held rows, for the people who look after them."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from cleanhold.core.case import in_general
from cleanhold.core.contract import MASK, Contract
from cleanhold.errors import LedgerError, StateError, UsageError
from cleanhold.pipeline.anchoring import anchored
from cleanhold.pipeline.known import unknown
from cleanhold.pipeline.masking import Personal, personal
from cleanhold.pipeline.person import who_acts
from cleanhold.pipeline.reveals import REVEALED
from cleanhold.pipeline.stores import Stores
from cleanhold.readers.refusals import MESSAGES
from cleanhold.store.feeding import catch_up
from cleanhold.store.ledger import utc_now
from cleanhold.store.quarantine import Quarantine

_log = logging.getLogger(__name__)

#: How the checks begin that stand for refused records.
_REFUSED = "refused:"


@dataclass(frozen=True, slots=True)
class Review:
    """The quarantine of a workspace as one person sees it.

    Every method that takes a dataset raises `UnknownDataset` if there is none of that name.

    Attributes:
        datasets: names that may be asked for.
        revealed: personal values are shown, for a reason that was recorded.
    """

    quarantine: Quarantine
    contracts: Mapping[str, Contract]
    datasets: frozenset[str] = field(default=frozenset())
    revealed: bool = False

    def summary(self, dataset: str | None = None) -> pl.DataFrame:
        """What waits: `dataset, check, column, severity, rows, oldest, newest`, and what each is in
        words, `says`, null for a check that the contract has no more.
        """
        found = self.quarantine.summary(self.known(dataset))
        says = [self._says(*each) for each in found.select("dataset", "check", "column").rows()]
        return found.with_columns(pl.Series("says", says, dtype=pl.String))

    def _says(self, dataset: str, check: str, column: str | None) -> str | None:
        if check.startswith(_REFUSED):
            told = {code.code: message for code, message in MESSAGES.items()}
            message = told.get(check.removeprefix(_REFUSED))
            return in_general(message) if message else None
        contract = self.contracts.get(dataset)
        declared = contract.checks if contract else ()
        found = (c.says for c in declared if c.name == check and c.column == column)
        return next(map(in_general, found), None)

    def counts(self, dataset: str | None = None) -> dict[str, int]:
        """Rows held and superseded, records refused."""
        return self.quarantine.counts(self.known(dataset))

    def rows(
        self,
        dataset: str | None = None,
        check: str | None = None,
        status: str | None = "held",
        limit: int | None = 20,
        after: str | None = None,
        case: str | None = None,
    ) -> list[dict[str, Any]]:
        """A page of held rows, each with `raw` as a mapping, `checks` and `messages`; of refused
        records, without `raw`, if `check` is one that the summary has for them.
        """
        with self.quarantine.reading():
            page = (str(self.row(after)["dataset"]), after) if after else None
            if check is not None and check.startswith(_REFUSED):
                code = check.removeprefix(_REFUSED)
                counting = status and "refused"
                records = self.quarantine.refused(self.known(dataset), code, counting, limit, page)
                told = ({**r, "business_key": None, "checks": [check]} for r in records.to_dicts())
                return [self.seen({**row, "messages": [row["message"]]}) for row in told]
            found = self.quarantine.rows(self.known(dataset), check, status, limit, page, case)
        return [self.seen(row) for row in found.to_dicts()]

    def row(self, row_id: str) -> dict[str, Any]:
        """One held row or refused record, with everything that is known of it.

        Raises:
            UsageError: it is neither.
        """
        found = self.quarantine.row(row_id)
        if found is None:
            raise UsageError(
                f"no row {row_id!r} is in quarantine",
                next="`cleanhold quarantine rows` lists them; `cleanhold explain` also finds rows "
                "that were published",
            )
        return self.seen(found)

    def export(
        self, dataset: str | None = None, check: str | None = None, status: str | None = "held"
    ) -> pl.DataFrame:
        """One line per finding on a held row and per refused record, whose check is
        `refused:<code>` and whose value is its bytes as text. The raw values are columns if all
        rows are of one dataset.
        """
        found = self.quarantine.export(self.known(dataset), check, status)
        parts = [self._exported(part) for part in found.partition_by("dataset")]
        if len(parts) == 1:
            return _unnested(parts[0])
        return pl.concat(parts) if parts else found

    def stats(self, dataset: str | None = None) -> pl.DataFrame:
        """What each check caught and what became of it; see `Quarantine.stats`. Checks of today's
        contracts that never held a row are there with zeros.
        """
        found = self.quarantine.stats(self.known(dataset))
        fired = set(found.select("dataset", "check", "column").iter_rows())
        never = [
            {"dataset": name, "check": check.name, "column": check.column}
            for name, contract in self.contracts.items()
            if dataset in (None, name)
            for check in contract.checks
            if (name, check.name, check.column) not in fired
        ]
        counts = pl.exclude("dataset", "check", "column", "hours_until_decided")
        silent = pl.DataFrame(never, schema=dict(list(found.schema.items())[:3]))
        together = pl.concat([found, silent], how="diagonal")
        return together.with_columns(counts.fill_null(0))

    def personal(self, dataset: str) -> Personal:
        """What this person must not see of a dataset."""
        return Personal() if self.revealed else personal(self.contracts.get(dataset))

    def require(self, dataset: str) -> None:
        """Raise `UnknownDataset` if there is none of that name."""
        self.known(dataset)

    def known(self, dataset: str | None) -> str | None:
        """The same name, or none."""
        if dataset is None or dataset in self.datasets:
            return dataset
        raise unknown(f"there is no dataset {dataset!r}", dataset, self.datasets)

    def _exported(self, found: pl.DataFrame) -> pl.DataFrame:
        """Lines of one dataset, with what must not be seen masked."""
        dataset = str(found["dataset"][0])
        hidden = self.personal(dataset)
        if hidden.none:
            return found
        raw = [_encoded(hidden.masked(json.loads(row or "{}"))) for row in found["raw"]]
        refused = found["check"].str.starts_with(_REFUSED)  # nobody knows what is in its bytes
        blamed = pl.Series([hidden.has(column) for column in found["column"]], dtype=pl.Boolean)
        hide = blamed | refused
        mask = pl.lit(MASK)
        frame = found.with_columns(
            pl.Series("raw", raw, dtype=pl.String),
            value=pl.when(pl.lit(hide) & pl.col("value").is_not_null())
            .then(mask)
            .otherwise("value"),
        )
        if self._key_is_hidden(dataset, hidden):
            frame = frame.with_columns(business_key=mask)
        return frame

    def seen(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row with its JSON decoded and what must not be seen masked."""
        row = dict(row)
        for name in ("raw", "parsed"):
            if isinstance(row.get(name), str):
                row[name] = json.loads(row[name])
        dataset = str(row["dataset"])
        hidden = self.personal(dataset)
        if hidden.none:
            return row
        for name in ("raw", "parsed"):
            if row.get(name) is not None:
                row[name] = hidden.masked(row[name])
        if row.get("bytes") is not None:
            row["bytes"] = MASK.encode()  # nobody knows which of them are personal
        if row.get("business_key") and self._key_is_hidden(dataset, hidden):
            row["business_key"] = MASK
        for finding in row.get("findings", ()):
            if hidden.has(finding["column"]) and finding["value"] is not None:
                finding["value"] = MASK
        return row

    def _key_is_hidden(self, dataset: str, hidden: Personal) -> bool:
        contract = self.contracts.get(dataset)
        return contract is None or any(hidden.has(name) for name in contract.key)


def review(
    stores: Stores, reveal: str | None = None, *, what: str = "", datasets: Collection[str] = ()
) -> Review:
    """Open the quarantine for a person, filled in as far as can be.

    Where it cannot be written, or a file that it is filled from is damaged, it is as it is, and a
    warning says so.

    Args:
        reveal: the reason to see personal values; it is recorded in the audit log, with the
            person's name.
        what: what the person asks to see, for the same record; without values.
        datasets: whose values are shown, for the same record; empty if nobody knows.

    Raises:
        UsageError: the reason is blank.
    """
    if reveal is not None:
        if not reveal.strip():
            raise UsageError(
                "personal values are shown for a reason only",
                next="say why: --reveal 'call the customer about policy P0000017'",
            )
        asked = {
            "who": who_acts(),
            "why": reveal.strip(),
            "what": what,
            "datasets": sorted(datasets),
            "at": utc_now().isoformat(),
        }
        stores.ledger.record_act(REVEALED, asked)
        anchored(stores)
    datasets = frozenset({*stores.contracts, *stores.ledger.datasets()})
    quarantine = Quarantine(stores.state)
    _fill(stores, quarantine)
    return Review(quarantine, stores.contracts, datasets, reveal is not None)


def _fill(stores: Stores, quarantine: Quarantine) -> None:
    """What was committed and is not in it must not look as if nothing waited."""
    try:
        catch_up(stores.state, stores.ledger, quarantine)
    except LedgerError:
        raise
    except (StateError, OSError) as error:
        _log.warning("the quarantine may lack rows that were held since: %s", error)


def _encoded(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False)


def _unnested(found: pl.DataFrame) -> pl.DataFrame:
    """Raw values as columns, named as delivered (after `raw: ` where a name is taken)."""
    rows = [json.loads(row or "{}") for row in found["raw"]]
    if not any(rows):
        return found.drop("raw")
    raw = pl.DataFrame(rows, infer_schema_length=None)
    taken = set(found.columns)
    named = [
        raw[name].cast(pl.String, strict=False).alias(f"raw: {name}" if name in taken else name)
        for name in raw.columns
    ]
    return found.drop("raw").hstack(named)
