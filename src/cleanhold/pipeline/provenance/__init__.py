"""Provenance of one row: each module tells one thing of it, `pipeline.explain` all of them."""
