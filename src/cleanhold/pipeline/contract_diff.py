"""contract_diff: two versions of a contract, or one beside what readers have."""

from __future__ import annotations

from dataclasses import replace

from cleanhold.core.contract import Contract
from cleanhold.core.revision import Revision, revision
from cleanhold.errors import NeverPublished, UsageError
from cleanhold.pipeline.stores import Stores
from cleanhold.plan.load import load_beside, root_of_spec


def compare_files(old: str, new: str) -> Revision:
    """Compare the contracts at `PATH[:Name]` each.

    Raises:
        ContractError: one of them cannot be used.
    """
    after = load_beside(new, root_of_spec(new))
    return revision(load_beside(old, root_of_spec(new)), after)


def compare_published(stores: Stores, after: Contract) -> Revision:
    """Compare a contract with the one that the published snapshot of its dataset was made with.

    A snapshot keeps that contract's version and fingerprint. It is known if it is still the one
    that the workspace declares, or the given one itself.

    Raises:
        NeverPublished: readers have no snapshot of the dataset.
        UsageError: the workspace declares another contract by now.
    """
    current = stores.ledger.head(after.dataset)
    if current is None:
        raise NeverPublished(
            f"{after.dataset} has no published snapshot to compare with",
            next="name the older contract too: cleanhold contract diff OLD NEW",
        )
    made_with = stores.manifest(current).contract_fingerprint
    present = stores.contracts.get(after.dataset)
    asked = present.expectations if present else ()  # of the workspace, not of the file
    for known in (present, replace(after, expectations=asked), after):
        if known is not None and known.fingerprint() == made_with:
            return revision(known, after)
    raise UsageError(
        f"snapshot {current.number} of {after.dataset} was made with contract "
        f"{current.contract_version}, which the workspace does not declare any more",
        next="name that file too: cleanhold contract diff OLD NEW (git show REVISION:FILE has it)",
    )
