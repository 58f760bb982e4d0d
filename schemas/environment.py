"""What every process of the pipeline finds in its environment, however it was started.

The command line puts it there before it imports anything else and everything it starts inherits it;
`deploy/sfp.env` says the same to the services of a production host.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping

EVERY_PROCESS: Mapping[str, str] = {
    # The folder a command is typed in, or a process works in, is no place that modules come from.
    "PYTHONSAFEPATH": "1",
    # Prefect, its server and Great Expectations report to their makers unless they are told not to.
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "GX_ANALYTICS_ENABLED": "false",
}


def seek_cycles_less() -> None:
    """Let Python look for cycles of objects less often than after every 700 new ones.

    Our libraries make millions at import that stay. It was a tenth of the time of `sfp run` of
    nothing and a sixth of that of the tests of editions; no more memory is used without it.
    """
    gc.set_threshold(50_000, 20, 100)
