"""Commands that run the pipeline: once, as a service, or as a demonstration."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.intake import swept_code
from cli.options import DEFAULT_ROOT, DEMO_ROOT, JsonOption, RootOption, opened
from cli.printing import say, say_outdated

if TYPE_CHECKING:
    from warehouse.root import Root


def run(root: RootOption = DEFAULT_ROOT, as_json: JsonOption = False) -> None:
    """Sweep, refresh and publish a draft: what a schedule does.

    Example: sfp run --root var/live
    """
    from tasks.cut.refresh import refresh_now
    from tasks.publish.publish_cut import publish_now

    at = opened(root)
    code = swept_code(at, as_json=as_json, wait=True)
    say(refresh_now(at, everything=False, progress=say))
    say(f"draft: {publish_now(at, name='', is_final=False, cut='latest')}")
    raise typer.Exit(code)


def serve(
    root: RootOption = DEFAULT_ROOT,
    port: Annotated[int, typer.Option(help="Port of the Prefect server.")] = 4200,
) -> None:
    """Run the server, work pool, deployments, worker and watcher; Ctrl-C stops them all.

    Example: sfp serve --root var/live
    """
    from flows.service.serve import serve as serve_all

    at = opened(root)
    _refuse_lost(at)
    say_outdated()
    serve_all(str(at.path), port=port, say=say)


def deploy(root: RootOption = DEFAULT_ROOT) -> None:
    """Put work pool, deployments and automations on the root's running server; safe to repeat.

    Example: sfp deploy --root var/live (PREFECT_API_URL names the server)
    """
    at = _let_in(root)
    from flows.service.deploy import deploy as put_in_place

    put_in_place(str(at.path), say=say)


def worker(
    root: RootOption = DEFAULT_ROOT,
    queue: Annotated[
        list[str] | None, typer.Option(help="Queue to take from; both by default.")
    ] = None,
    name: Annotated[str, typer.Option(help="Name in Prefect's pages.")] = "",
) -> None:
    """Take runs of the root from its work pool and run them.

    Example: sfp worker --root var/live --queue intake (PREFECT_API_URL names the server)
    """
    at = _let_in(root)
    from flows.service.work import work

    work(str(at.path), queues=queue or (), name=name, say=say)


def watch(root: RootOption = DEFAULT_ROOT) -> None:
    """Watch the drop folder and tell the server when uploads have gone quiet.

    Example: sfp watch --root var/live (PREFECT_API_URL names the server)
    """
    at = _let_in(root)
    from flows.service.pool import refuse_other_root
    from flows.service.watch import watch as watch_drop

    refuse_other_root(str(at.path), who="watch")
    say_outdated()
    watch_drop(str(at.path), say=say)


def demo(root: RootOption = DEMO_ROOT) -> None:
    """Take invented returns of the 17 authorities through the whole pipeline, by events.

    Example: sfp demo
    """
    from cli.demo import run_demo

    raise typer.Exit(run_demo(opened(root).path, say=say))


def _let_in(folder: Path) -> Root:
    """Return a root that was set up, once Prefect's client has the secret of its server.

    The secret that the environment names comes first. Prefect reads its settings when it is
    imported, so nothing that knows it may be imported earlier.
    """
    from tasks.operate.server_secret import known_server_secret

    at = opened(folder)
    _refuse_lost(at)
    if "PREFECT_API_AUTH_STRING" not in os.environ and (known := known_server_secret(str(at.path))):
        os.environ["PREFECT_API_AUTH_STRING"] = known
    return at


def _refuse_lost(root: Root) -> None:
    """Refuse, before anything starts, a root that was not set up or lost its ledger.

    Nothing imported here knows Prefect, which reads its settings when it is imported.
    """
    from tasks.operate.set_up import refuse_lost_ledger

    refuse_lost_ledger(root)
