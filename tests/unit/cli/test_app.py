"""The front door itself: help, wrong usage, faults, and how soon it answers."""

import subprocess
import sys

import pytest
import typer

from cli import app as front_door
from tests.support.command_line import HOME, sfp

SECRET = "child 12345 born 01/02/2010"
COMMANDS = typer.main.get_command(front_door.app).commands


def test_the_commands_of_the_contract_are_there():
    assert set(COMMANDS) == {
        *("init", "samples", "templates", "sweep", "refresh", "publish", "run", "serve", "deploy"),
        *(
            "worker",
            "watch",
            "status",
            "findings",
            "rules",
            "outcomes",
            "effects",
            "estimate",
            "costs",
        ),
        *("training", "cuts", "editions", "diff", "erase", "rotate", "retain", "verify"),
        *("backup", "restore", "demo", "worker"),
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example(command):
    assert f"Example: sfp {command}" in " ".join(COMMANDS[command].help.split())


def test_help_lists_every_command_in_its_group():
    shown = sfp("--help")
    assert shown.returncode == 0
    assert shown.stdout.startswith("Usage: sfp ")
    sections = shown.stdout.split("\n\n")[3:]
    groups = {head: rows for head, *rows in (section.splitlines() for section in sections)}
    assert list(groups) == ["Service:", "Intake:", "Analysis:", "Publication:", "Operation:"]
    listed = [row.split()[0] for rows in groups.values() for row in rows]
    assert sorted(listed) == sorted(COMMANDS)
    assert "  verify     Check that ledger, files" in "\n".join(groups["Operation:"])


def test_help_of_a_command_is_printed():
    shown = sfp("sweep", "--help")
    assert shown.returncode == 0
    assert "Usage: sfp sweep [OPTIONS]" in shown.stdout


def test_an_option_that_does_not_exist_is_wrong_usage():
    assert sfp("sweep", "--nonsense").returncode == 2


def test_the_text_of_an_unforeseen_error_is_never_printed(monkeypatch, capsys):
    def fail(**_):
        raise ValueError(SECRET)

    monkeypatch.setattr(front_door, "app", fail)
    with pytest.raises(SystemExit) as stopped:
        front_door.main()
    shown = capsys.readouterr()
    assert stopped.value.code == 1
    assert "internal error: ValueError" in shown.err
    assert SECRET not in shown.err + shown.out


def test_help_and_rules_are_quick_because_nothing_heavy_is_imported():
    code = """
import sys, cli.app
heavy = {"pandas", "prefect", "sqlalchemy", "great_expectations"}
assert heavy.isdisjoint(sys.modules), heavy & sys.modules.keys()
import expectations.book
assert "great_expectations" not in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=HOME, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
