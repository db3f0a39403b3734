"""The team's own checks, one theme per file."""
