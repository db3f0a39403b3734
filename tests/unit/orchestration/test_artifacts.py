from cleanhold.orchestration.artifacts import accounts, key, what_happened

ACCOUNT = {
    "records": 1293,
    "clean": 1253,
    "held": 36,
    "refused": 4,
    "superseded": 0,
    "warned": 2,
}


def told(state: str, dataset: str = "crm.contacts", what: str = "contacts.csv", **more):
    return {
        "dataset": dataset,
        "what": what,
        "state": state,
        "snapshot": None,
        "run": None,
        "account": None,
        "contract_version": None,
        "reasons": [],
        "owner": "",
        "error": None,
        **more,
    }


def test_keys_are_what_prefect_accepts() -> None:
    assert key("Müller & Söhne_2", "accounts") == "m-ller-s-hne-2-accounts"
    assert key("reference", "what-happened") == "reference-what-happened"


def test_accounts_have_a_row_per_outcome_and_no_invented_numbers() -> None:
    rows = accounts(
        [
            told("published", snapshot=3, account=ACCOUNT),
            told("waiting", dataset="features.churn", what="features.churn"),
        ]
    )
    assert rows[0] == {
        "dataset": "crm.contacts",
        "extract": "contacts.csv",
        "state": "published",
        "snapshot": 3,
        **ACCOUNT,
    }
    assert rows[1]["extract"] == ""
    assert rows[1]["snapshot"] is rows[1]["records"] is rows[1]["held"] is None


def test_what_needs_a_person_comes_first() -> None:
    text = what_happened(
        "insurer",
        [
            told("published", snapshot=1, account=ACCOUNT),
            told("unchanged", snapshot=1, account=ACCOUNT),
            told("waiting"),
            told("candidate", snapshot=2, account=ACCOUNT, owner="a@insurer.example"),
            told("failed", error={"what": "gone", "where": "a/b", "next": "make it"}),
        ],
    )
    titles = [line for line in text.splitlines() if line.startswith("#")]
    assert titles == [
        "# insurer: something failed",
        "## Failed",
        "## Stopped at candidate",
        "## Waiting",
        "## Published",
        "## Unchanged",
        "## Look at next",
    ]
    assert "    - where: a/b\n    - next: make it\n" in text
    assert "    - owner: a@insurer.example\n" in text
    assert ": snapshot 2, 1,293 records = 1,253 clean + 36 held + 4 refused\n" in text
    assert "cleanhold quarantine\n" in text


def test_the_verdict_says_how_it_stands() -> None:
    assert what_happened("w", []).startswith("# w: nothing has arrived\n")
    assert what_happened("w", [told("unchanged")]).startswith("# w: everything is published\n")
    assert what_happened("w", [told("waiting")]).startswith("# w: something was held back")


def test_what_was_not_told_is_listed() -> None:
    text = what_happened("w", [told("published")], ["lineage: disk full"])
    assert "## Not told yet\n\n- lineage: disk full\n" in text
    assert "## Not told yet" not in what_happened("w", [told("published")])


def test_names_and_messages_are_shown_as_they_are() -> None:
    text = what_happened("w", [told("failed", what="a_*[x](http://evil)|.csv\n# owned")])
    assert "a\\_\\*\\[x\\](http://evil)\\|.csv \\# owned" in text
