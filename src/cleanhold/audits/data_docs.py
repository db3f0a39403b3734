"""Data Docs: the pages of Great Expectations about what contracts and teams expect of tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import great_expectations as gx
from great_expectations.core.expectation_validation_result import ExpectationValidationResult
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context.data_context.ephemeral_data_context import (
    EphemeralDataContext,
)
from great_expectations.expectations.expectation import Expectation

from cleanhold.audits.answers import Answer, error_shown, may_show
from cleanhold.audits.contract_suite import promises
from cleanhold.audits.gx_checkpoint import answer_of, checked, expectations_of, new_context
from cleanhold.core.contract import Contract

#: Name of the one site.
_SITE = "cleanhold"

#: What a result has of rows that tells no value.
_COUNTS = (
    "element_count", "missing_count", "missing_percent", "unexpected_count", "unexpected_percent",
    "unexpected_percent_total", "unexpected_percent_nonmissing",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Documented:
    """A snapshot that pages are made of.

    Attributes:
        number: of the snapshot; `made_at` when it was made.
        data: its files, in order.
    """

    contract: Contract
    number: int
    made_at: datetime
    data: Sequence[Path]


def build_data_docs(tables: Sequence[Documented], folder: Path) -> list[Answer]:
    """Ask the expectations of each table, and write pages of them; personal values are masked.

    Args:
        folder: for the pages; they are added to what earlier ones are there.

    Returns:
        Those that Great Expectations could not even make, and so are on no page.
    """
    store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)}
    site = {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": store,
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
    }
    context = new_context(data_docs_sites={_SITE: site})
    left = [answer for table in tables for answer in _asked(context, table)]
    context.build_data_docs()
    return left


def _asked(context: EphemeralDataContext, table: Documented) -> Iterator[Answer]:
    """Ask the expectations of one table, and keep the results; gives what cannot be asked."""
    contract = table.contract
    suite = gx.ExpectationSuite(name=contract.dataset)
    for _, one in expectations_of(contract, promises(contract)):
        if isinstance(one, Expectation):
            one.id = None
            suite.add_expectation(one)
        else:
            yield one
    run = RunIdentifier(run_name=f"snapshot {table.number}", run_time=table.made_at)
    with checked(context, suite, table.data, run=run) as done:
        for key, found in done.run_results.items():
            for result in found.results:
                _mask(result, contract)
            context.validation_results_store.set(key, found)


def _mask(result: ExpectationValidationResult, contract: Contract) -> None:
    """Leave no personal value in a result."""
    answer = answer_of("", result.to_json_dict())
    if not may_show(answer, contract):
        result.result = {name: result.result[name] for name in _COUNTS if name in result.result}
    if answer.error:
        result.exception_info = _told(error_shown(answer, contract))


def _told(error: str) -> dict[str, Any]:
    return {"raised_exception": True, "exception_message": error, "exception_traceback": ""}
