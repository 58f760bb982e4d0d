"""Long-lived processes, which are no flows: server, worker, watcher, deployment."""

from pathlib import Path

HOME = Path(__file__).parents[2]
"""The checkout, which every process of the service runs in."""
POOL = "sfpc"
"""The work pool that deployments name and workers take from."""
START_SECONDS = 120.0
"""How long a Prefect server may take to answer after it was started."""
