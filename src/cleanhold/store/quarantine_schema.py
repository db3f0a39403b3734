"""The tables of `quarantine.duckdb`, made to be asked by people. All times are UTC.

`held`: one row per held row.
    status        `held`; `corrected` or `waived`: waits for a replay; `rejected`; `superseded` by a
                  later delivery; `released`: a replay published it
    superseded_by the run that did, or the row id of the same content delivered again
    patch         JSON object, raw column → its corrected text; null if it was not corrected
    waived        the checks that do not hold it, up to `waived_until` (null: for ever)
    assigned      whose task it is
    case_id       the case it is one of: rows held for what seems to be one cause
    raw, parsed   JSON objects: column as delivered → text; contract column → value
    first_seen    when this content was first held; `times_seen` counts its deliveries
    delivered     the order of its extract (business date, time of landing)
    first_finding the number of the first finding of its newest verdict; there are `found`, in a row
    warned        JSON list: the checks that failed in it without holding the row
`findings`: why. One row per check that failed on a row in one run, warnings of rows that
    passed included; those of a held row's newest verdict have its `run_id`.
`cases`: what defines each case; see `quarantine_cases`.
`refused`: records that could not become rows, with their bytes and an error code.
`history`: each change of a held row's status, and comments; never changed. `cause` is a run or
    `decision <id>`.
`decisions`: what stewards decided.
`batches`: the runs that were fed.
`fed`: runs and decisions in the order in which they were fed.

There is one row a `dataset, row_id` in `held` and in `refused`: feeding sees to it. An index of
millions of texts would have to be in memory whole, and every insert would look into it.
"""

from __future__ import annotations

import hashlib

SCHEMA = """
create table if not exists held (
    row_id           varchar not null,
    run_id           varchar not null,
    dataset          varchar not null,
    source           varchar not null,
    extract          varchar not null,
    extract_name     varchar not null,
    record           ubigint not null,
    business_key     varchar,
    raw              json,
    parsed           json,
    status           varchar not null check (status in
        ('held', 'corrected', 'waived', 'rejected', 'superseded', 'released')),
    first_seen       timestamp not null,
    last_seen        timestamp not null,
    times_seen       integer not null,
    byte_offset      ubigint,
    byte_length      ubigint,
    content_hash     uuid,
    superseded_by    varchar,
    contract_version varchar not null,
    delivered        varchar not null,
    patch            json,
    waived           varchar[],
    waived_until     date,
    assigned         varchar,
    case_id          varchar,
    first_finding    bigint,
    found            integer not null,
    warned           json
);
create table if not exists history (
    row_id           varchar not null,
    dataset          varchar not null,
    happened         timestamp not null,
    what             varchar not null,
    cause            varchar not null,
    who              varchar,
    why              varchar
);
create table if not exists decisions (
    id               integer primary key,
    act              varchar not null,
    dataset          varchar not null,
    rows             bigint not null,
    applied          bigint not null,
    who              varchar not null,
    why              varchar not null,
    happened         timestamp not null,
    terms            json not null
);
create table if not exists fed (
    number           integer primary key,
    entry            varchar not null unique
);
create table if not exists findings (
    number           bigint not null,
    row_id           varchar not null,
    run_id           varchar not null,
    dataset          varchar not null,
    "check"          varchar not null,
    "column"         varchar,
    value            varchar,
    message          varchar,
    severity         varchar not null,
    contract_version varchar not null
);
create table if not exists cases (
    case_id          varchar primary key,
    dataset          varchar not null,
    source           varchar not null,
    checks           varchar[] not null,
    "column"         varchar,
    pattern          varchar not null,
    is_value         boolean not null,
    example          varchar
);
create table if not exists refused (
    row_id           varchar not null,
    run_id           varchar not null,
    dataset          varchar not null,
    source           varchar not null,
    extract          varchar not null,
    extract_name     varchar not null,
    record           ubigint not null,
    byte_offset      ubigint,
    byte_length      ubigint,
    code             varchar not null,
    message          varchar,
    bytes            blob,
    status           varchar not null check (status in ('refused', 'superseded')),
    superseded_by    varchar,
    first_seen       timestamp not null,
    delivered        varchar not null
);
create table if not exists batches (
    run_id           varchar primary key,
    dataset          varchar not null,
    source           varchar not null,
    extract          varchar not null,
    contract_version varchar not null,
    published        boolean not null,
    seen_at          timestamp not null,
    fed_at           timestamp not null,
    held             bigint not null,
    findings         bigint not null,
    refused          bigint not null
);
"""

TABLES = ("held", "history", "decisions", "findings", "cases", "refused", "batches", "fed")

#: Which tables these are; a file with others was made by another version of cleanhold.
VERSION = hashlib.sha256(SCHEMA.encode()).hexdigest()[:16]
