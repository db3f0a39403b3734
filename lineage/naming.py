"""What this insurer calls things in lineage, and where its events go."""

from cleanhold.tracing import Folder, Naming

naming = Naming(
    namespace="insurer",
    sources={
        "legacy": "file://legacy-host",  # the policy system's nightly fixed-width extracts
        "crm": "salesforce://insurer",  # exports of contacts and opportunities
    },
    # Owners come from the contracts; a line here overrides them: "crm": "team:sales-operations"
    owners={},
    transport=Folder("lineage"),
)
