"""The command line as a person types it, in this process."""

import io
import os
import sys
import tomllib
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from pathlib import Path

HOME = Path(__file__).parents[2]


def sfp(*words, stdin=""):
    """Return what a command prints on standard output; fail when it does not end with 0."""
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
    assert not code, f"sfp {words[0]} ended with {code}: {messages.getvalue()}"
    return out.getvalue()


def front_door():
    """Return the function behind the console command."""
    project = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]
    module, _, function = project["scripts"]["sfp"].partition(":")
    return getattr(import_module(module), function)


def expect_only(root, codes):
    """Let a root expect the authorities given and no other."""
    settings = root / "settings.toml"
    lines = settings.read_text("utf-8").splitlines(keepends=True)
    assert any(line.startswith("authorities = ") for line in lines)
    registered = f"authorities = {list(codes)}\n".replace("'", '"')
    changed = (registered if line.startswith("authorities = ") else line for line in lines)
    settings.write_text("".join(changed), "utf-8")
