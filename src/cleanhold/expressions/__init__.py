"""Polars' expressions and patterns, read into parts, for whoever writes them in another language.

`cleanhold.online` writes them in Python, `cleanhold.plan.portable` in narwhals.
"""
