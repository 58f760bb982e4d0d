"""The process of one run: begun by the worker, it runs one flow of this checkout to its end."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from uuid import UUID

from prefect._internal.control_listener import configure_from_env
from prefect.engine import handle_engine_signals
from prefect.flow_engine import load_flow_run, run_flow


def main(stem: str) -> None:
    """Run the flow of the file `flows/<stem>.py` as the run that the environment names.

    As Prefect's own engine does, but for two things: the flow is ours and not what the server
    names, and no result is asked for. That of a run which somebody set to completed is loaded from
    where its state says, by unpickling it.
    """
    run_id = UUID(os.environ["PREFECT__FLOW_RUN_ID"])
    configure_from_env()  # before the flow is imported, so that a cancellation is not missed
    with handle_engine_signals(run_id):
        flow_run = load_flow_run(run_id)
        flow = getattr(import_module(f"flows.{stem}"), stem)
        run_flow(flow, flow_run=flow_run, return_type="state")


if __name__ == "__main__":
    main(sys.argv[1])
