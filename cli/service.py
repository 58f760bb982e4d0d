"""Commands that run the pipeline: once, as a service, or as a demonstration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.intake import swept_code
from cli.options import DEFAULT_ROOT, JsonOption, RootOption, opened
from cli.printing import say


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
    at.settings()  # a root that was not set up is refused before anything starts
    serve_all(str(at.path), port=port, say=say)


def deploy() -> None:
    """Put work pool, deployments and automations on a running server; safe to repeat.

    Example: sfp deploy (PREFECT_API_URL names the server, SFP_ROOT the root its runs work on)
    """
    from flows.service.deploy import deploy as put_in_place

    put_in_place(say=say)


def watch(root: RootOption = DEFAULT_ROOT) -> None:
    """Watch the drop folder and tell the server when uploads have gone quiet.

    Example: sfp watch --root var/live (PREFECT_API_URL names the server)
    """
    from flows.service.watch import watch as watch_drop

    at = opened(root)
    at.settings()  # as in `serve`
    watch_drop(str(at.path), say=say)


def demo(root: RootOption = Path("var/demo")) -> None:
    """Take invented returns of the 17 authorities through the whole pipeline, by events.

    Example: sfp demo
    """
    from cli.demo import run_demo

    raise typer.Exit(run_demo(root.absolute(), say=say))
