"""Prefect over the verbs: tasks, what a flow is made of, its artifacts, and runs by hand.

Only this package and a workspace's `flows/` import Prefect; `pip install 'cleanhold[flows]'`.
"""
