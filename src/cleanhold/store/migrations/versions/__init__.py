"""One file per version of the ledger. A version that was released never changes."""
