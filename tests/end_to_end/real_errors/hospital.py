"""Hospital quality measures; the dependencies are those published with the data."""

import pandera.polars as pa

from cleanhold import contract, field
from cleanhold.checks import determines

STATES = ["al", "ak"]
TYPES = ["acute care hospitals"]
OWNERS = [
    "government - federal",
    "government - hospital district or authority",
    "government - local",
    "government - state",
    "proprietary",
    "voluntary non-profit - church",
    "voluntary non-profit - other",
    "voluntary non-profit - private",
]
CONDITIONS = [
    "children s asthma care",
    "heart attack",
    "heart failure",
    "pneumonia",
    "surgical infection prevention",
]


@contract(
    "hospital.measures",
    version="1",
    owner="hospitals@example.org",
    key="index",
    nulls=("", "empty"),
    checks=[
        determines(["condition", "measure_name"], "type"),
        determines("name", "zip"),
        determines("name", "phone"),
        determines("measure_code", "measure_name"),
        determines(["state", "measure_code"], "state_average"),
        determines("provider_number", "name"),
        determines("measure_code", "condition"),
        determines("name", "address_1"),
        determines("name", "owner"),
        determines("name", "provider_number"),
        determines(["name", "phone", "owner"], "state"),
        determines("city", "county"),
        determines("zip", "emergency_service"),
        determines("name", "city"),
        determines("measure_name", "measure_code"),
    ],
)
class Hospital(pa.DataFrameModel):
    index: int = field()
    provider_number: str = field(matches="[0-9]{5}")
    name: str = field()
    address_1: str = field()
    address_2: str = field(nullable=True)
    address_3: str = field(nullable=True)
    city: str = field()
    state: str = field(isin=STATES)
    zip: str = field(matches="[0-9]{5}")
    county: str = field()
    phone: str = field(matches="[0-9]{10}")
    type: str = field(isin=TYPES)
    owner: str = field(isin=OWNERS)
    emergency_service: str = field(isin=["yes", "no"])
    condition: str = field(isin=CONDITIONS)
    measure_code: str = field(matches="[a-z]+(-[a-z]+)?-[0-9][a-z]?")
    measure_name: str = field()
    score: str = field(nullable=True, matches="[0-9]{1,3}%")
    sample: str = field(nullable=True, matches="[0-9]+ patients")
    state_average: str = field(matches="(al|ak)_[a-z]+(-[a-z]+)?-[0-9][a-z]?")
