from pathlib import Path

import pytest
from prefect.states import Failed

from cleanhold.errors import (
    DeliveryError,
    DeliveryUnavailable,
    RunInProgress,
    SourceError,
    StateError,
)
from cleanhold.orchestration import tasks
from cleanhold.workspace.workspace import Workspace

CONTACTS = ("crm.contacts", "contacts_2026-11-02.csv")


@pytest.mark.parametrize(
    ("state", "again"),
    [
        (Failed(name="Unavailable", data={}), True),
        (Failed(data={}), False),
        (Failed(data=OSError("no space left")), True),
        (Failed(data=RunInProgress("busy")), True),
        (Failed(data=TimeoutError("two hours")), False),
        (Failed(data=DeliveryUnavailable("it changes")), True),
        (Failed(data=DeliveryError("a link")), False),
        (Failed(data=SourceError("no folder")), False),
        (Failed(data=StateError("damaged")), False),
        (Failed(data=ValueError("a defect")), False),
    ],
)
def test_only_what_may_pass_is_tried_again(state: Failed, again: bool) -> None:
    assert tasks.may_pass(state) is again


@pytest.mark.parametrize(
    "task", [tasks.land, tasks.publish_extract, tasks.publish_feature, tasks.project_outbox]
)
def test_every_task_has_retries_with_delays_and_a_timeout(task) -> None:
    assert len(task.retry_delay_seconds) == task.retries >= 2
    assert task.timeout_seconds > 0
    assert task.persist_result is False


def land(root: Path, source: str) -> list[str]:
    return tasks.land(str(root), source, return_state=True).result()["extracts"]


def sha_of(root: Path, file: str) -> str:
    with Workspace.find(root).open() as stores:
        return next(e.sha256 for e in stores.ledger.extracts() if e.name == file)


def claimed(root: Path, seconds: float) -> None:
    """Another run of the dataset, by a process that lives."""
    with Workspace.find(root).open() as stores:
        stores.ledger.claim("f" * 64, CONTACTS[0], lease_seconds=seconds)


def test_a_run_in_progress_is_waited_for(prefect_server: str, workspace: Path) -> None:
    land(workspace, "crm.contacts")
    source, file = CONTACTS
    claimed(workspace, seconds=2)
    patient = tasks.publish_extract.with_options(retries=40, retry_delay_seconds=0.5)
    state = patient(str(workspace), source, sha_of(workspace, file), file, return_state=True)
    assert state.name == "Published"
    assert state.result()["account"]["records"] == 903


def test_what_stays_busy_ends_as_unavailable(prefect_server: str, workspace: Path) -> None:
    land(workspace, "crm.contacts")
    source, file = CONTACTS
    claimed(workspace, seconds=600)
    hasty = tasks.publish_extract.with_options(retries=1, retry_delay_seconds=0)
    state = hasty(str(workspace), source, sha_of(workspace, file), file, return_state=True)
    assert (state.name, state.is_failed()) == ("Unavailable", True)
    told = state.result(raise_on_failure=False)
    assert told["state"] == "failed"
    assert "in progress" in told["error"]["what"]


def test_states_say_what_became_of_it(prefect_server: str, workspace: Path) -> None:
    source, file = CONTACTS
    extracts = land(workspace, source)
    assert len(extracts) == 2
    sha256 = sha_of(workspace, file)
    first = tasks.publish_extract(str(workspace), source, sha256, file, return_state=True)
    again = tasks.publish_extract(str(workspace), source, sha256, file, return_state=True)
    assert (first.name, again.name) == ("Published", "Unchanged")
    assert "903 records = 865 clean + 38 held" in first.message
    waiting = tasks.publish_feature(str(workspace), "features.customer_churn", return_state=True)
    assert waiting.name == "Waiting"


def test_an_extract_that_the_ledger_does_not_know(prefect_server: str, workspace: Path) -> None:
    state = tasks.publish_extract(
        str(workspace), "crm.contacts", "0" * 64, "gone.csv", return_state=True
    )
    assert state.name == "Failed"
    assert "knows no extract" in state.result(raise_on_failure=False)["reasons"][0]


def feature_that(workspace: Path, does: str) -> Path:
    """Publishes all, then lets the feature's function note each call in a file and do that."""
    for _ in Workspace.find(workspace).run():
        pass
    seen = workspace / "calls.txt"
    file = workspace / "flows/features.py"
    lines = file.read_text().splitlines()
    doc = next(i for i, line in enumerate(lines) if line.startswith('    """One row per contact'))
    lines[doc + 1 : doc + 1] = [
        "    import pathlib, time",
        f"    calls = pathlib.Path({str(seen)!r})",
        "    calls.write_text((calls.read_text() if calls.exists() else '') + 'called ')",
        f"    {does}",
    ]
    file.write_text("\n".join(lines) + "\n")
    return seen


def test_a_mistake_in_a_declaration_is_not_tried_again(
    prefect_server: str, workspace: Path
) -> None:
    seen = feature_that(workspace, "raise ValueError('a typo')")
    state = tasks.publish_feature(str(workspace), "features.customer_churn", return_state=True)
    assert state.name == "Failed"
    assert seen.read_text() == "called "
    assert "ValueError: a typo" in state.message


def test_a_step_that_takes_too_long_is_stopped_once(prefect_server: str, workspace: Path) -> None:
    slow = "for _ in range(6000): time.sleep(0.01)"
    seen = feature_that(workspace, slow)
    hasty = tasks.publish_feature.with_options(timeout_seconds=1)
    state = hasty(str(workspace), "features.customer_churn", return_state=True)
    assert (state.name, state.is_failed()) == ("TimedOut", True)
    assert seen.read_text() == "called "
    with Workspace.find(workspace).open() as stores:
        assert not stores.ledger.live_claims()


def test_landing_tells_why_it_failed(prefect_server: str, workspace: Path) -> None:
    file = workspace / "data/samples/crm/contacts_2026-11-03.csv"
    real = file.rename(workspace / "real.csv")
    file.symlink_to(real)
    hasty = tasks.land.with_options(retries=1, retry_delay_seconds=0)
    state = hasty(str(workspace), "crm.contacts", return_state=True)
    assert (state.name, state.is_failed()) == ("Failed", True)
    landed = state.result(raise_on_failure=False)
    assert len(landed["extracts"]) == 1
    (told,) = landed["failures"]
    assert "symbolic link" in told["error"]["what"]


def test_a_source_may_have_its_url_in_a_secret_block(prefect_server: str, tmp_path: Path) -> None:
    """The only room that knows Prefect reads the block; `cleanhold run` cannot."""
    import sqlite3

    from prefect.blocks.system import Secret

    from cleanhold import Workspace

    connection = sqlite3.connect(tmp_path / "crm.db")
    with connection:
        connection.execute("create table contacts as select 1 as id")
    connection.close()
    for name, text in {
        "pyproject.toml": "[tool.cleanhold]\n",
        "contracts/contacts.py": "import pandera.polars as pa\n"
        "from cleanhold import contract, field\n"
        "@contract('crm.contacts', version='1.0.0', owner='o@example.org', key='id')\n"
        "class Contacts(pa.DataFrameModel):\n"
        "    id: int = field()\n",
        "flows/sources.py": "from cleanhold import Source, sql\n"
        "place = sql(url_block='crm-url', table='contacts')\n"
        "contacts = Source(name='crm.contacts', arrives=place)\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    missing = tasks.land.with_options(retries=0)(str(tmp_path), "crm.contacts", return_state=True)
    assert missing.name == "Unavailable"
    Secret(value=f"sqlite:///{tmp_path}/crm.db").save("crm-url", overwrite=True)
    assert len(land(tmp_path, "crm.contacts")) == 1
    by_hand, landed_before = Workspace.find(tmp_path).run()
    assert "only be read within a flow" in by_hand.reasons[0]
    assert landed_before.state == "published"
