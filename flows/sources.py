"""Where deliveries arrive, and in which format."""

from cleanhold import Source, delimited, fixed_width

DAY = r"_(\d{4}-\d{2}-\d{2})\."

policies = Source(
    name="legacy.policies",
    arrives="data/samples/legacy",
    pattern="policies_*.txt",
    dated=DAY,
    reader=fixed_width(
        encoding="latin-1",
        layout=[
            ("policy_no", 1, 8),
            ("holder_id", 9, 8),
            ("holder_name", 17, 20),
            ("product", 37, 2),
            ("status", 39, 1),
            ("start_date", 40, 8),
            ("end_date", 48, 8),
            ("last_paid", 56, 7),
            ("premium", 63, 9),
            ("sum_insured", 72, 11),
            ("region", 83, 3),
            ("agent", 86, 5),
            ("filler", 91, 10),
        ],
    ),
    description="the policy system's nightly extract: every policy, fixed width",
)

contacts = Source(
    name="crm.contacts",
    arrives="data/samples/crm",
    pattern="contacts_*.csv",
    dated=DAY,
    reader=delimited(),
    description="contacts that changed since the last export",
)

opportunities = Source(
    name="crm.opportunities",
    arrives="data/samples/crm",
    pattern="opportunities_*.csv",
    dated=DAY,
    reader=delimited(),
    description="opportunities that changed since the last export",
)
