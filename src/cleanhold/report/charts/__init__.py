"""Charts: pure functions from numbers to SVG, one file per kind."""
