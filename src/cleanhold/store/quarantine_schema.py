"""The tables of `quarantine.duckdb`, made to be asked by people. All times are UTC.

`held`: one row per held row.
    status        `held`, or `superseded` once a later delivery settled it
    superseded_by the run that did, or the row id of the same content delivered again
    raw, parsed   JSON objects: column as delivered → text; contract column → value
    first_seen    when this content was first held; `times_seen` counts its deliveries
    delivered     the order of its extract (business date, time of landing)
`findings`: why. One row per check that failed on a row in one run, warnings of rows that
    passed included; those of a held row's newest verdict have its `run_id`.
`refused`: records that could not become rows, with their bytes and an error code.
`batches`: what was fed: one row per run.
"""

from __future__ import annotations

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
    status           varchar not null check (status in ('held', 'superseded')),
    first_seen       timestamp not null,
    last_seen        timestamp not null,
    times_seen       integer not null,
    byte_offset      ubigint,
    byte_length      ubigint,
    content_hash     varchar,
    superseded_by    varchar,
    contract_version varchar not null,
    delivered        varchar not null,
    primary key (dataset, row_id)
);
create table if not exists findings (
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
    delivered        varchar not null,
    primary key (dataset, row_id)
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

TABLES = ("held", "findings", "refused", "batches")
