import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from prefect.client.schemas.schedules import CronSchedule
from prefect.flows import load_flow_from_entrypoint

ROOT = Path(__file__).parents[3]
NIGHTLY = ROOT / "flows/nightly.py"
DEPLOYMENTS = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]


def by_hand(root: Path, server: str, *names: str, elsewhere: Path) -> subprocess.CompletedProcess:
    """`python flows/nightly.py` from another folder, as a person would call it."""
    return subprocess.run(
        [sys.executable, root / "flows/nightly.py", *names],
        cwd=elsewhere,
        env={**os.environ, "PREFECT_API_URL": server, "PREFECT_HOME": str(elsewhere / "prefect")},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_by_hand_it_prints_what_happened(
    prefect_server: str, workspace: Path, tmp_path: Path
) -> None:
    done = by_hand(workspace, prefect_server, elsewhere=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("published  crm.contacts             snapshot 1       903 records")
    assert "features.customer_churn" in lines[6]
    assert "cleanhold snapshots" in done.stdout


def test_by_hand_it_exits_like_cleanhold_run(
    prefect_server: str, workspace: Path, tmp_path: Path
) -> None:
    (workspace / "data/samples/legacy").rename(tmp_path / "legacy")
    failed = by_hand(workspace, prefect_server, "legacy.policies", elsewhere=tmp_path)
    assert failed.returncode == 3
    assert "next:  make it, or correct `arrives`" in failed.stdout
    contract = workspace / "contracts/crm_contacts.py"
    contract.write_text(contract.read_text().replace('tolerance="10%"', 'tolerance="1%"'))
    stopped = by_hand(workspace, prefect_server, "crm.contacts", elsewhere=tmp_path)
    assert stopped.returncode == 1
    assert "readers keep the last good snapshot" in stopped.stdout
    mistaken = by_hand(workspace, prefect_server, "legacy.police", elsewhere=tmp_path)
    assert mistaken.returncode == 2
    assert "error: there is no source 'legacy.police'" in mistaken.stderr
    unreached = by_hand(workspace, "http://127.0.0.1:9/api", elsewhere=tmp_path)
    assert unreached.returncode == 3
    assert "error: Prefect cannot be reached" in unreached.stderr
    assert "`cleanhold run` does the same" in unreached.stderr


def test_the_entrypoint_loads_from_another_folder(tmp_path: Path) -> None:
    """With placeholders, Prefect hides that a module of the workspace was not found."""
    loads = (
        "from prefect.flows import load_flow_from_entrypoint as load\n"
        f"flow = load({f'{NIGHTLY}:nightly'!r}, use_placeholder_flow=False)\n"
        "print(flow.name, flow.fn.__globals__['WORKSPACE'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", loads],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.split() == ["nightly", str(ROOT)], done.stderr


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda d: d["name"])
def test_deployments_are_valid(deployment: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    flow = load_flow_from_entrypoint(deployment["entrypoint"], use_placeholder_flow=False)
    flow.validate_parameters(deployment.get("parameters", {}))
    for schedule in deployment["schedules"]:
        CronSchedule.model_validate(schedule)
    assert deployment["concurrency_limit"]["limit"] == 1
    assert deployment["work_pool"]["name"] == "cleanhold"


def test_deployments_name_sources_that_exist() -> None:
    from cleanhold.workspace.workspace import Workspace

    known = Workspace.find(ROOT).catalogue.sources
    named = [s for d in DEPLOYMENTS for s in d.get("parameters", {}).get("sources", [])]
    assert named
    assert set(named) <= set(known)


def test_only_flows_and_this_room_import_prefect() -> None:
    imports = (
        "import sys, cleanhold.cli.main, cleanhold.workspace.workspace, cleanhold.pipeline.run"
    )
    found = subprocess.run(
        [sys.executable, "-c", f"{imports}\nprint('prefect' in sys.modules)"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert found.stdout.strip() == "False"
