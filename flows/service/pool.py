"""The work pool of a root, and the server that holds it: both known by the root's identity."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import PrefectHTTPStatusError
from prefect.settings import PREFECT_API_URL

from flows.service import START_SECONDS
from schemas.errors import PipelineError
from tasks.operate.identity import root_identity

UNNAMED: Final = "sfpc"
"""Pool of every root until pools were named by the root's identity; `deploy` removes it."""
POOL_TYPE: Final = "sfpc"
"""A type of our own, so that no worker but ours (flows/service/work.py) takes from the pool."""
TEMPLATE: Final[dict[str, Any]] = {
    "job_configuration": {"stream_output": True},
    "variables": {"type": "object", "properties": {}, "additionalProperties": False},
}
"""What a run may set about the process that runs it: nothing."""


def pool_name(root: str) -> str:
    """Return the name of a root's work pool, which carries the root's identity."""
    return f"{UNNAMED}-{root_identity(root)[:8]}"


@contextmanager
def own_server(root: str, *, who: str) -> Iterator[SyncPrefectClient]:
    """Hand over a client of the server at PREFECT_API_URL, once it answers and is the root's own.

    Raises:
        PipelineError: no server answers there, or it belongs to another root.
    """
    address = _await_server(who)
    with get_client(sync_client=True) as client:
        try:
            others = roots_held(client, root) - {pool_name(root)}
        except PrefectHTTPStatusError as error:
            if error.response.status_code != httpx.codes.UNAUTHORIZED:
                raise
            others = {"it does not know the secret given, this root's or PREFECT_API_AUTH_STRING"}
        if others:
            raise PipelineError(
                f"{who}: the Prefect server at {address} belongs to another root "
                f"({', '.join(sorted(others))}). Set PREFECT_API_URL to the server of {root}, or "
                "give this root a server of its own on another port."
            )
        yield client


def refuse_other_root(root: str, *, who: str) -> None:
    """Raise where the server at PREFECT_API_URL is not the root's own, as `own_server` does."""
    with own_server(root, who=who):
        pass


def _await_server(who: str) -> str:
    """Return the address of the server once it answers: it and `who` are often started together.

    Raises:
        PipelineError: PREFECT_API_URL is not set, or nothing answers there.
    """
    address = str(PREFECT_API_URL.value() or "")
    if not address:
        raise PipelineError(f"{who}: PREFECT_API_URL does not say where the server is. Set it.")
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{address}/health", timeout=2.0).is_success:
                return address
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    raise PipelineError(f"{who}: no Prefect server answers at {address}. Start it first.")


def roots_held(client: SyncPrefectClient, root: str) -> set[str]:
    """Return the pools of roots on the server, but `root`'s own of earlier versions."""
    named = {pool.name for pool in client.read_work_pools(limit=200)}
    found = {name for name in named if name.startswith(f"{UNNAMED}-")}
    if UNNAMED in named and not _is_unnamed_of(client, root):
        found.add(UNNAMED)
    return found


def _is_unnamed_of(client: SyncPrefectClient, root: str) -> bool:
    """Return whether no deployment in the unnamed pool works on another root."""
    deployments = client.read_deployments(limit=200)
    in_pool = [one for one in deployments if one.work_pool_name == UNNAMED]
    return all(one.parameters.get("root", root) == root for one in in_pool)
