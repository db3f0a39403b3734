"""A flow run by hand: quiet, in the words and with the exit codes of `cleanhold run`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from typing import Any, NoReturn, cast

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.flows import Flow
from prefect.settings import PREFECT_API_URL, PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from cleanhold.errors import CleanholdError, StateError
from cleanhold.pipeline import report

#: Exit code of a command stopped with Ctrl-C, as shells have it: 128 + SIGINT.
INTERRUPTED = 130


def main(flow: Flow[..., Any], arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a flow that takes `sources` and ends with `conclude`; print what happened; exit.

    Exit codes: 0 done, 1 data was held back from readers, 2 configuration, 3 technical failure.

    Args:
        arguments: names of sources; those of the command line if None.
    """
    parser = argparse.ArgumentParser(description="Run this flow now, once.")
    parser.add_argument("source", nargs="*", help="sources to take; all of them if none is named")
    names = parser.parse_args(arguments).source
    try:
        _reach_prefect()
        sys.exit(_run(flow, names))
    except CleanholdError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("stopped; nothing is half-done, run it again to go on", file=sys.stderr)
        sys.exit(INTERRUPTED)


def _reach_prefect() -> None:
    """Reach the Prefect server, or start one for as long as this process lives."""
    if not PREFECT_API_URL.value():
        print("starting Prefect, 5 to 20 seconds …", file=sys.stderr, flush=True)
    try:
        with get_client(sync_client=True) as client:
            error = client.api_healthcheck()
    except (RuntimeError, ValueError) as raised:
        error = raised
    if error is not None:
        raise StateError(
            f"Prefect cannot be reached: {error or type(error).__name__}",
            where=PREFECT_API_URL.value() or "a server of its own",
            next="start that server, or unset PREFECT_API_URL; "
            "`cleanhold run` does the same without Prefect",
        ) from error


def _final(flow: Any, sources: list[str] | None) -> State[Any]:
    # Prefect's overloads cannot tell what a flow of any parameters gives.
    return cast("State[Any]", flow(sources=sources, return_state=True))


def _run(flow: Flow[..., Any], names: Sequence[str]) -> int:
    started = time.monotonic()
    # The heartbeat tells a server that a machine has died. Somebody who waits sees that, and
    # ending it takes a second.
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        state = _final(flow, list(names) or None)
    result = state.result(raise_on_failure=False)
    if isinstance(result, CleanholdError):
        raise result
    if not isinstance(result, dict):
        raise StateError(state.message or f"the flow ended as {state.name}", next="see the log")
    outcomes = result["outcomes"]
    for outcome in outcomes:
        print(*report.in_words(outcome), sep="\n")
    print()
    print(*report.conclusion(outcomes, time.monotonic() - started), sep="\n")
    return int(result["exit_code"])
