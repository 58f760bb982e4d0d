"""The command line as a person types it, in this process."""

import io
import os
import sys
import tomllib
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

HOME = Path(__file__).parents[2]


def sfp(*words, stdin=""):
    """Return what a command prints on standard output; fail when it does not end with 0."""
    ended = ending(*words, stdin=stdin)
    assert not ended.returncode, f"sfp {words[0]} ended with {ended.returncode}: {ended.stderr}"
    return ended.stdout


class Ending(NamedTuple):
    """How a command ended, under the names that a finished process has."""

    returncode: int
    stdout: str
    stderr: str


def ending(*words, stdin=""):
    """Return how a command ended, and what it printed on either side."""
    out, messages = io.StringIO(), io.StringIO()
    code = 0
    given, fed, umask = sys.argv, sys.stdin, os.umask(0o077)
    sys.argv, sys.stdin = ["sfp", *map(str, words)], io.StringIO(stdin)
    try:
        with redirect_stdout(out), redirect_stderr(messages):
            front_door()()
    except SystemExit as ended:
        code = ended.code
    finally:
        sys.argv, sys.stdin = given, fed
        os.umask(umask)
    return Ending(code or 0, out.getvalue(), messages.getvalue())


def front_door():
    """Return the function behind the console command."""
    project = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]
    module, _, function = project["scripts"]["sfp"].partition(":")
    return getattr(import_module(module), function)


def expect_only(root, codes):
    """Let a root expect the authorities given and no other."""
    registered = tomllib.loads((root / "settings.toml").read_text("utf-8"))["authorities"]
    others = sorted({*registered} - {*codes})
    assert others
    sfp("init", "--unregister", ",".join(others), "--root", root)
