"""Every `sfp COMMAND --option` that a page, docstring, message, unit or script names exists."""

import re
import subprocess
from pathlib import Path

from typer.main import get_command

from cli.app import app

HOME = Path(__file__).parents[2]
LEFT_OUT = {"CHANGELOG.md", Path(__file__).name}
"""What tells of commands that went, and this file, which names some that never were."""
COMMANDS = get_command(app).commands
READ = {".py", ".md", ".yaml", ".service", ".sh", ".j2", ".toml"}
# A command in code marks, at the start of a line, after a prompt's path, or in a unit.
NAMED = re.compile(
    r"(?:`|^ *(?:Example: )?|\.venv/bin/|-m (?=cli))(?:sfp|cli) ([a-z]+)((?: [^`#|\n]*)?)",
    re.MULTILINE,
)
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


def texts():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=HOME, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.split():
        path = HOME / name
        if path.suffix in READ and path.exists() and path.name not in LEFT_OUT:
            yield name, path.read_text("utf-8")


def unknown(command, rest):
    """Return what of one use of the command line does not exist."""
    if command not in COMMANDS:
        return [f"sfp {command}"]
    known = {text for one in COMMANDS[command].params for text in (*one.opts, *one.secondary_opts)}
    return [f"sfp {command} {o}" for o in OPTION.findall(rest) if o not in known | {"--help"}]


def test_every_command_and_option_that_is_named_exists():
    uses = [(name, *found) for name, text in texts() for found in NAMED.findall(text)]
    assert len(uses) > 100
    assert {command for _, command, _ in uses} >= set(COMMANDS)
    assert [(name, bad) for name, *use in uses for bad in unknown(*use)] == []


def test_a_command_or_an_option_that_does_not_exist_is_found():
    (use,) = NAMED.findall("run `sfp sweep --root var/live --fast`")
    assert unknown(*use) == ["sfp sweep --fast"]
    (use,) = NAMED.findall("    .venv/bin/sfp swipe --root var/live")
    assert unknown(*use) == ["sfp swipe"]
