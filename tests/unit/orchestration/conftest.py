"""A Prefect server for the session, and copies of the reference workspace to run flows in."""

import os
import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

# Prefect reads these when it is imported.
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")

# The flows are an extra: without it there is nothing to test here.
collect_ignore_glob = [] if find_spec("prefect") else ["test_*.py"]

ROOT = Path(__file__).parents[3]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "prefect_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a server with a database of its own; what flows persist stays in it, too."""
    from prefect.settings import (
        PREFECT_API_URL,
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
        PREFECT_HOME,
        PREFECT_LOCAL_STORAGE_PATH,
        PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW,
        temporary_settings,
    )
    from prefect.testing.utilities import prefect_test_harness

    home = tmp_path_factory.mktemp("prefect")
    ours = {
        PREFECT_HOME: home,
        PREFECT_LOCAL_STORAGE_PATH: home / "storage",
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
        PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW: "ignore",  # tests call tasks alone as well
    }
    with temporary_settings(ours), prefect_test_harness(server_startup_timeout=90):
        yield PREFECT_API_URL.value()


@pytest.fixture
def make_workspace(tmp_path: Path) -> Callable[[str], Path]:
    """Copies what the reference workspace declares, and its samples, to a folder of that name."""

    def make(name: str) -> Path:
        root = tmp_path / name
        for folder in ("contracts", "checks", "flows", "lineage"):
            shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__*__"))
        for folder in ("crm", "legacy"):
            shutil.copytree(ROOT / "data/samples" / folder, root / "data/samples" / folder)
        (root / "pyproject.toml").write_text('[tool.cleanhold]\nname = "insurer"\n')
        return root

    return make


@pytest.fixture
def workspace(make_workspace: Callable[[str], Path]) -> Path:
    return make_workspace("workspace")


@pytest.fixture
def load_flow(prefect_server: str) -> Callable[[Path], ModuleType]:
    """Loads the nightly flow of a workspace as Prefect's runner does, without placeholders."""
    from prefect.flows import load_flow_from_entrypoint

    def load(root: Path):
        entrypoint = f"{root / 'flows/nightly.py'}:nightly"
        return load_flow_from_entrypoint(entrypoint, use_placeholder_flow=False)

    return load
