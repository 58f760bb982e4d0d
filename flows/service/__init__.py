"""Long-lived processes, which are no flows: server, worker, watcher, deployment."""

from pathlib import Path

HOME = Path(__file__).parents[2]
"""The checkout, which every process of the service runs in."""
START_SECONDS = 120.0
"""How long a Prefect server may take to answer after it was started."""
RUNS_AT_ONCE = 8
"""Runs a worker takes up together: one of each kind. Where Prefect's records are in SQLite, more
than fifteen that ask at once for a place that is taken use up all connections of its server, and
it stands still for a minute."""
