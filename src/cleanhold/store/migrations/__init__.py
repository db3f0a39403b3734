"""Migrations of the ledger, run by `Ledger.migrate`; they travel inside the package."""
