"""The store: ledger, landed extracts, snapshots, publication, quarantine.

One concept per module; importing this package alone loads no database driver.

    layout       where everything lies in the state folder
    ledger       the system of record (SQLite): runs, accounts, snapshots, outbox, audit log
    landing      deliveries become extracts
    unpacking    what is in a delivery; compression and archive know the formats
    receipts     what was landed, and what was last seen at each place
    snapshots    immutable files and manifests
    publication  the protocol that makes a snapshot, all or nothing
    outbox       what is projected from the ledger afterwards
    recovery     what start-up cleans
    quarantine   held rows, findings and refused records, to be asked (DuckDB)
"""
