"""The nightly flow: every source, then every feature table.

python flows/nightly.py [SOURCE…]     run it now; exits like `cleanhold run`
prefect deploy --all                  schedule it, as prefect.yaml says
"""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # Prefect reads these when it is imported
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "90")
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")

from prefect import flow

from cleanhold.orchestration.by_hand import main
from cleanhold.orchestration.flow import conclude, run_workspace

WORKSPACE = Path(__file__).resolve().parents[1]


def started() -> str:
    """Name of a run: when it began."""
    return f"{datetime.now():%a %Y-%m-%d %H:%M}"


@flow(name="nightly", flow_run_name=started, persist_result=True, result_serializer="json")
def nightly(sources: list[str] | None = None) -> dict[str, Any]:
    """Take what has arrived at every source (or at those named), then build what depends on it.

    The result is JSON: `{exit_code, outcomes: [{dataset, what, state, snapshot, account, …}]}`.
    """
    return conclude(run_workspace(WORKSPACE, sources))


if __name__ == "__main__":
    main(nightly)
