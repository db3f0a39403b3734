"""heal_limits: for how many rows cleanhold makes a decision again by itself."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cleanhold.core.contract import Contract
from cleanhold.core.decision import Decision
from cleanhold.pipeline.policy import never_waived


def allowed(
    contract: Contract, root: Decision, made: Sequence[Decision], rows: pl.DataFrame
) -> tuple[pl.DataFrame, str]:
    """The first of the rows, as many as a decision may be made again for; and why not for all.

    What the contract lets nobody waive by now is not waived again. A waiver ends with the rows
    that it may let through, later deliveries included. For more rows at once than one person may
    decide on, and than the decision was about, somebody must look.

    Args:
        root: the decision.
        made: decisions of the dataset.
        rows: that it would be made again for.
    """
    if never := never_waived(contract, root.terms.get("checks", ())):
        return rows.clear(), (
            f"decision {root.id} let {never[0]} fail, which the contract does not any more"
        )
    limit, at_most = contract.approval_above, root.terms.get("at_most")
    if limit is not None and rows.height > max(limit, root.rows):
        return rows.clear(), (
            f"decision {root.id} was about {root.rows:,} rows, and not made again for "
            f"{rows.height:,}: that is more than one person may decide on"
        )
    if at_most is None:
        return rows, ""
    passed = sum(d.rows for d in made if root.id in (d.id, d.terms.get("again")))
    room = max(0, at_most - passed)
    if rows.height <= room:
        return rows, ""
    return rows.head(room), (
        f"the waiver of decision {root.id} lets {at_most:,} rows through, later deliveries "
        "included, and has"
    )
