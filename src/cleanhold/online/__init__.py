"""A contract for one record at a time: the plan's expressions as one Python function.

The plan stays the source of truth. What cannot be translated without a doubt is left to Polars.
"""
