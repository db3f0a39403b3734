"""The team's own expectations of the whole table, asked by Great Expectations."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from cleanhold.audits.answers import Answer, told
from cleanhold.audits.contract_suite import promises
from cleanhold.core.audit import AuditResult, Candidate, Verdict
from cleanhold.core.system import system_error
from cleanhold.errors import UsageError


def expectations(candidate: Candidate) -> AuditResult:
    """Stop a candidate that fails an expectation, or one whose expectations cannot be asked.

    Where the team has written none, nothing is asked: what the contract promises was proven row by
    row. Where it has, the promises are asked with them, so that the report is whole.

    Raises:
        UsageError: Great Expectations is not installed.
    """
    if not candidate.contract.expectations:
        return AuditResult("expectations", Verdict.PASS, "the team has written no expectations")
    with quietly():
        return told(candidate.contract, _asked(candidate))


def _asked(candidate: Candidate) -> list[Answer]:
    try:
        from cleanhold.audits.gx_checkpoint import ask
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the expectations of {candidate.contract.dataset} need {error.name}, which is not "
            "installed",
            where=candidate.contract.expectations[0].where,
            next="pip install 'cleanhold[audits]'",
        ) from error
    try:
        return ask(candidate, promises(candidate.contract))
    except Exception as error:  # it asks anybody's expectations, and may raise anything
        if refused := system_error(error):
            raise refused from error
        where = candidate.contract.expectations[0].where
        return [Answer("great_expectations", {}, where, error=f"{type(error).__name__}: {error}")]


@contextmanager
def quietly() -> Iterator[None]:
    """Great Expectations without telemetry, and without warnings about its own code."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
