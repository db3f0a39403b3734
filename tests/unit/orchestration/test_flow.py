import json
import shutil
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from prefect.artifacts import Artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import State

from cleanhold.pipeline import report
from cleanhold.pipeline.publish import Outcome
from cleanhold.workspace.workspace import Workspace

pytestmark = pytest.mark.usefixtures("prefect_server")

SECOND_DAY = "*_2026-11-03.*"
CHURN = "features.customer_churn"


def published(root: Path) -> list[tuple]:
    """What a workspace's ledger and channels say, without times."""
    with Workspace.find(root).open() as stores:
        return [
            (s.dataset, s.number, str(s.channel), s.manifest, s.run, s.rows, s.account)
            for s in stores.ledger.snapshots()
        ]


def states(outcomes: list[dict]) -> list[tuple[str, str, str]]:
    return [(o["dataset"], o["what"], o["state"]) for o in outcomes]


def ended(load_flow, root: Path, **parameters) -> tuple[State, dict]:
    state = load_flow(root)(**parameters, return_state=True)
    return state, state.result(raise_on_failure=False)


def tags_of(state: State, runs: int) -> dict[str, set[str]]:
    """Tags of a flow's task runs by name; the server records them some seconds later."""
    flow_run = FlowRunFilter(id=FlowRunFilterId(any_=[state.state_details.flow_run_id]))
    found = []
    with get_client(sync_client=True) as client:
        while len(found) < runs:
            time.sleep(0.2)
            found = client.read_task_runs(flow_run_filter=flow_run)
    return {run.name: set(run.tags) for run in found}


def without_prefect(root: Path, *names: str) -> list[Outcome]:
    return list(Workspace.find(root).run(names))


def test_a_flow_gives_what_a_run_without_prefect_gives(
    make_workspace: Callable[[str], Path], load_flow
) -> None:
    plain, flow = make_workspace("plain"), make_workspace("flow")
    expected = [report.as_dict(o) for o in without_prefect(plain)]
    state, result = ended(load_flow, flow)
    assert (state.name, state.is_completed()) == ("Completed", True)
    assert result["exit_code"] == 0
    assert result["outcomes"] == expected
    assert published(flow) == published(plain)
    assert Workspace.find(flow).read(CHURN).collect().height == 1057


def test_night_after_night_gives_the_same_too(
    make_workspace: Callable[[str], Path], tmp_path: Path, load_flow
) -> None:
    plain, flow = make_workspace("plain"), make_workspace("flow")
    late: dict[Path, Path] = {}
    for root in (plain, flow):
        for file in root.rglob(SECOND_DAY):
            late[file] = file.rename(tmp_path / f"{root.name}-{file.name}")
    assert len(late) == 6
    for _ in range(2):
        expected = [report.as_dict(o) for o in without_prefect(plain)]
        assert ended(load_flow, flow)[1]["outcomes"] == expected
        assert expected[-1]["dataset"] == CHURN
        assert expected[-1]["state"] == "published"
        for place, file in late.items():
            if file.exists():
                shutil.move(file, place)
    assert published(flow) == published(plain)
    assert Workspace.find(flow).read(CHURN).collect().height == 1057


def test_again_changes_nothing(workspace: Path, load_flow) -> None:
    ended(load_flow, workspace)
    before = published(workspace)
    state, result = ended(load_flow, workspace)
    assert {o["state"] for o in result["outcomes"]} == {"unchanged"}
    assert (state.name, result["exit_code"]) == ("Completed", 0)
    assert state.message == "7 unchanged"
    assert published(workspace) == before


def test_a_source_alone_brings_what_depends_on_it(workspace: Path, load_flow) -> None:
    ended(load_flow, workspace)
    _, result = ended(load_flow, workspace, sources=["crm.contacts"])
    assert [o["dataset"] for o in result["outcomes"]] == ["crm.contacts", "crm.contacts", CHURN]


def test_the_result_is_json_and_can_be_read_later(workspace: Path, load_flow) -> None:
    state, result = ended(load_flow, workspace)
    assert json.loads(json.dumps(result)) == result
    with get_client(sync_client=True) as client:
        later = client.read_flow_run(state.state_details.flow_run_id).state
    assert later.result(raise_on_failure=False) == result


def test_a_flow_run_has_its_artifacts(workspace: Path, load_flow) -> None:
    state, _ = ended(load_flow, workspace)
    run = state.state_details.flow_run_id
    table, text = Artifact.get("insurer-accounts"), Artifact.get("insurer-what-happened")
    assert table.flow_run_id == text.flow_run_id == run
    rows = json.loads(table.data)
    assert len(rows) == 7
    policies = next(row for row in rows if row["extract"] == "policies_2026-11-02.txt")
    assert (policies["records"], policies["clean"]) == (1293, 1253)
    assert (policies["held"], policies["refused"]) == (36, 4)
    assert text.data.startswith("# insurer: everything is published\n")
    assert "1,293 records = 1,253 clean + 36 held + 4 refused" in text.data


def test_lineage_knows_an_attempt_of_a_flow_run(workspace: Path, load_flow) -> None:
    state, _ = ended(load_flow, workspace)
    files = (workspace / ".cleanhold" / "lineage").rglob("*.json")
    told = [json.loads(file.read_bytes()) for file in files]
    (attempt,) = {e["run"]["runId"] for e in told if e["job"]["name"].startswith("flow.")}
    assert attempt == str(uuid.uuid5(state.state_details.flow_run_id, "1"))


def test_a_flow_run_links_to_the_lineage_graph(workspace: Path, load_flow) -> None:
    pages = workspace / ".cleanhold" / "pages"
    ended(load_flow, workspace)
    assert Artifact.get("insurer-pages").data == (
        f"- [the lineage graph](<{(pages / 'lineage.html').as_uri()}>)\n"
    )
    assert "features.customer_churn" in (pages / "lineage.html").read_text(encoding="utf-8")
    (pages / "report").mkdir()
    (pages / "report" / "index.html").write_text("")
    settings = workspace / "pyproject.toml"
    settings.write_text(settings.read_text() + 'pages = "https://example.org/insurer/"\n')
    ended(load_flow, workspace)
    assert Artifact.get("insurer-pages").data == (
        "- [the lineage graph](<https://example.org/insurer/lineage.html>)\n"
        "- [the audit report](<https://example.org/insurer/report/index.html>)\n"
    )


def test_a_page_that_cannot_be_written_fails_nothing(workspace: Path, load_flow) -> None:
    (workspace / ".cleanhold").mkdir(exist_ok=True)
    (workspace / ".cleanhold" / "pages").write_text("in the way")
    state, _ = ended(load_flow, workspace)
    assert state.name == "Completed"


def test_a_technical_failure_fails_the_flow_and_stops_nothing_else(
    workspace: Path, load_flow
) -> None:
    shutil.rmtree(workspace / "data/samples/legacy")
    state, result = ended(load_flow, workspace)
    assert (state.name, state.is_failed()) == ("Failed", True)
    assert result["exit_code"] == 3
    assert states(result["outcomes"])[0] == ("legacy.policies", "legacy.policies", "failed")
    assert result["outcomes"][0]["error"]["next"] == "make it, or correct `arrives`"
    assert [o["state"] for o in result["outcomes"][1:]] == ["published"] * 4 + ["waiting"]
    assert "does not exist" in Artifact.get("insurer-what-happened").data
    with get_client(sync_client=True) as client:
        later = client.read_flow_run(state.state_details.flow_run_id).state
    assert later.result(raise_on_failure=False) == result, "a failed run has a result as well"


def test_a_stop_at_candidate_completes_and_says_so(workspace: Path, load_flow) -> None:
    contract = workspace / "contracts/crm_contacts.py"
    declared = contract.read_text()
    assert 'tolerance="10%"' in declared
    contract.write_text(declared.replace('tolerance="10%"', 'tolerance="1%"'))
    state, result = ended(load_flow, workspace)
    assert (state.name, state.is_completed()) == ("HeldBack", True)
    assert result["exit_code"] == 1
    found = {(o["what"], o["state"]) for o in result["outcomes"]}
    assert ("contacts_2026-11-02.csv", "candidate") in found
    assert ("opportunities_2026-11-02.csv", "waiting") in found
    text = Artifact.get("insurer-what-happened").data
    assert "## Stopped at candidate" in text
    assert "owner: sales-operations@insurer.example" in text
    again, _ = ended(load_flow, workspace)
    assert again.name == "HeldBack", "nothing was decided in between"


def test_a_mistake_of_a_person_fails_the_flow_in_their_words(workspace: Path, load_flow) -> None:
    state, error = ended(load_flow, workspace, sources=["crm.contact"])
    assert state.is_failed()
    assert "there is no source 'crm.contact'" in state.message
    assert error.exit_code == 2


def test_a_concurrency_limit_of_a_dataset_is_kept_to(workspace: Path, load_flow) -> None:
    tag = "insurer:crm.contacts"
    with get_client(sync_client=True) as client:
        client.create_concurrency_limit(tag, 1)
        state, result = ended(load_flow, workspace, sources=["crm.contacts"])
        limit = client.read_concurrency_limit_by_tag(tag)
        client.delete_concurrency_limit_by_tag(tag)
    assert [o["state"] for o in result["outcomes"]] == ["published", "published", "waiting"]
    assert limit.active_slots == [], "a slot was not given back"
    assert tags_of(state, runs=6) == {
        "land crm.contacts": {tag},
        "publish crm.contacts ← contacts_2026-11-02.csv": {tag},
        "publish crm.contacts ← contacts_2026-11-03.csv": {tag},
        "heal crm.contacts": {tag},
        f"publish {CHURN}": set(),
        "project": set(),
    }
