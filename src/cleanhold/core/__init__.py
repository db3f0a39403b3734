"""The nouns: contract, check, finding, account, extract, run, snapshot. No side effects."""
