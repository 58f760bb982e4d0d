"""The command line as a shell starts it."""

import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).parents[2]


def sfp(*words):
    """Return the finished process of one command: exit code, standard output, standard error."""
    return subprocess.run(
        [sys.executable, "-m", "cli", *map(str, words)],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=False,
    )
