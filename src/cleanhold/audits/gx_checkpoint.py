"""A checkpoint of Great Expectations over a candidate: expectations in, answers out."""

from __future__ import annotations

import json
import logging
import tempfile
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import great_expectations as gx
from great_expectations.checkpoint.checkpoint import CheckpointResult
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context.data_context.ephemeral_data_context import (
    EphemeralDataContext,
)
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

from cleanhold.audits.answers import Answer
from cleanhold.audits.contract_suite import CHECK
from cleanhold.audits.gx_duckdb import VIEW, CandidateSource, opened
from cleanhold.core.audit import Candidate
from cleanhold.core.contract import Contract
from cleanhold.core.expected import Expected
from cleanhold.core.finding import RECORD_NUMBER, ROW_ID

#: In `meta`, while it runs: which of the expectations it is.
_NUMBER = "cleanhold"

#: How much is asked of what is unexpected: counts, and at most 20 values.
_RESULTS = {"result_format": "SUMMARY", "partial_unexpected_count": 20}

#: What is no argument of its own: Great Expectations sets it, or it is told elsewhere.
_NOT_ASKED = ("batch_id", "result_format", "catch_exceptions")

_NOT_IN_SQL = (
    "Great Expectations has no SQL for it; docs/from_great_expectations.md says what a contract "
    "asks in its place"
)

logging.getLogger("great_expectations").setLevel(logging.CRITICAL)  # answers say what went wrong


def ask(candidate: Candidate, promised: Sequence[Mapping[str, Any]]) -> list[Answer]:
    """Ask the team's expectations and those of the contract of a candidate's rows.

    Args:
        promised: expectations of the contract, as JSON objects.
    """
    found = expectations_of(candidate.contract, promised)
    can = [(where, one) for where, one in found if isinstance(one, Expectation)]
    results = _results(candidate, [one for _, one in can])
    asked = {id(one): result for (_, one), result in zip(can, results, strict=True)}
    told = ((where, one if isinstance(one, Answer) else asked[id(one)]) for where, one in found)
    return [
        one if isinstance(one, Answer) else answer_of(where, one)
        for where, one in told
        if one is not None
    ]


def expectations_of(
    contract: Contract, promised: Sequence[Mapping[str, Any]]
) -> list[tuple[str, Expectation | Answer]]:
    """The team's expectations and those of the contract, or why one cannot be asked.

    Each with where it is written.
    """
    found = [pair for one in contract.expectations for pair in _own(one)]
    return [*found, *((f"contract: {one['meta'][CHECK]}", _made(one)) for one in promised)]


def _own(expected: Expected) -> Iterator[tuple[str, Expectation | Answer]]:
    """Where each expectation is written, and the expectation, or why it cannot be asked."""
    if expected.gives is None:
        for where, text in expected.suite:
            yield where, _made(json.loads(text), where)
        return
    name = getattr(expected.gives, "__name__", "the function")
    try:
        given = expected.gives()
    except Exception as error:  # noqa: BLE001 - anybody's function may raise anything
        yield expected.where, _failed(name, {}, _line(expected, error), error)
        return
    if not isinstance(given, list | tuple):
        told = f"the function gives {type(given).__name__}, not a list of expectations"
        yield expected.where, Answer(name, {}, expected.where, error=told)
        return
    for one in given:
        if isinstance(one, Expectation):
            yield expected.where, one
        else:
            told = f"the list has {one!r}, which is no expectation"
            yield expected.where, Answer(name, {}, expected.where, error=told)


def _made(one: Mapping[str, Any], where: str = "") -> Expectation | Answer:
    """An expectation from its JSON."""
    kwargs = dict(one.get("kwargs") or {})
    given = {k: one[k] for k in ("meta", "notes", "description", "severity") if one.get(k)}
    try:
        return ExpectationConfiguration(type=one["type"], kwargs=kwargs, **given).to_domain_obj()
    except Exception as error:  # noqa: BLE001 - of several kinds: unknown types, arguments, values
        return _failed(one["type"], kwargs, where, error)


def _failed(name: str, kwargs: Mapping[str, Any], where: str, error: Exception) -> Answer:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return Answer(name, kwargs, where, error=f"{type(error).__name__}: {' '.join(lines)}")


def _line(expected: Expected, error: Exception) -> str:
    """The innermost line of the function's file that was running."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f.lineno for f in frames if Path(f.filename).as_posix().endswith(expected.file)]
    return f"{expected.file}:{lines[-1]}" if lines else expected.where


def new_context(**more: Any) -> EphemeralDataContext:
    """A context of Great Expectations that keeps nothing; `more` of its configuration."""
    return gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
            **more,
        ),
    )


def _results(candidate: Candidate, wanted: Sequence[Expectation]) -> list[Mapping[str, Any] | None]:
    """The result of each expectation; None for one that repeats an earlier one."""
    context = new_context()
    suite = gx.ExpectationSuite(name=VIEW)
    for number, one in enumerate(wanted):
        one.id = None
        one.meta = {**(one.meta or {}), _NUMBER: number}
        suite.add_expectation(one)
    found: dict[int, Mapping[str, Any]] = {}
    for result in _run(candidate, context, suite) if suite.expectations else ():
        found[result["expectation_config"]["meta"][_NUMBER]] = result
    if len(found) != len(suite.expectations):
        raise RuntimeError(f"{len(found)} of {len(suite.expectations)} expectations were answered")
    return [found.get(number) for number in range(len(wanted))]


def _run(
    candidate: Candidate, context: EphemeralDataContext, suite: gx.ExpectationSuite
) -> list[Mapping[str, Any]]:
    """The results of one suite, as JSON objects."""
    with checked(context, suite, candidate.data, beside=candidate.data[-1].parent) as done:
        return [r.to_json_dict() for one in done.run_results.values() for r in one.results]


@contextmanager
def checked(
    context: EphemeralDataContext,
    suite: gx.ExpectationSuite,
    data: Sequence[Path],
    *,
    run: RunIdentifier | None = None,
    beside: Path | None = None,
) -> Iterator[CheckpointResult]:
    """Run a checkpoint of a suite over a table's files; everything is called as the suite is.

    Args:
        data: the files, in order.
        run: what the results are called; a name of the moment if nothing is given.
        beside: the folder that what does not fit into memory is written under.
    """
    name = suite.name
    with (
        tempfile.TemporaryDirectory(dir=beside) as spill,
        opened(data, [ROW_ID, RECORD_NUMBER], Path(spill)) as url,
    ):
        source = CandidateSource(name=name, connection_string=url)
        context.data_sources.add_cleanhold(source)
        rows = source.add_table_asset(name, table_name=VIEW)
        validation = context.validation_definitions.add(
            gx.ValidationDefinition(
                name=name,
                data=rows.add_batch_definition_whole_table(name),
                suite=context.suites.add(suite),
            )
        )
        checkpoint = context.checkpoints.add(
            gx.Checkpoint(name=name, validation_definitions=[validation], result_format=_RESULTS)
        )
        done = checkpoint.run(run_id=run)
        source.get_execution_engine().close()
        yield done


def answer_of(where: str, result: Mapping[str, Any]) -> Answer:
    """What came of an expectation, from its result as a JSON object."""
    config = result["expectation_config"]
    is_own = not where.startswith("contract: ")
    kwargs = {k: v for k, v in config["kwargs"].items() if k not in _NOT_ASKED}
    error = _raised(result["exception_info"])
    return Answer(
        config["type"],
        kwargs,
        where,
        own=is_own,
        severity=str(config.get("severity") or "critical"),
        holds=result["success"] is True and not error,
        error=error,
        description=str(config.get("description") or ""),
        result=result["result"] or {},
    )


def _raised(info: Mapping[str, Any] | None) -> str:
    """What an expectation raised; Great Expectations tells it in one of two forms."""
    if not info:
        return ""
    each = [info] if "raised_exception" in info else [v for v in info.values() if v]
    said = [e.get("exception_message") for e in each if e.get("raised_exception")]
    if said and str(said[0]).startswith("No provider found"):
        return _NOT_IN_SQL
    return str(said[0] or "it raised an error") if said else ""
