"""The command line `sfp`, assembled from its groups of commands.

Facts go to standard output, progress and messages to standard error. Exit codes: 0 done; 1 a fault
in the run; 2 wrong usage; 3 done, and at least one submission was rejected or held.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup

from cli import analysis, intake, operation, publication, service
from cli.isolation import at_home, isolate
from cli.printing import say

_MARGINS = 6  # as Typer counts them: indent, spacing and a little air
_GROUPS: dict[str, tuple[Callable[..., None], ...]] = {
    "Service": (
        service.demo,
        service.serve,
        service.run,
        service.deploy,
        service.worker,
        service.watch,
    ),
    "Intake": (intake.sweep, intake.findings, intake.rules, intake.templates, intake.samples),
    "Analysis": (
        analysis.refresh,
        analysis.cuts,
        analysis.outcomes,
        analysis.effects,
        analysis.costs,
        analysis.training,
        analysis.estimate,
    ),
    "Publication": (publication.publish, publication.editions, publication.diff),
    "Operation": (
        operation.init,
        operation.status,
        operation.verify,
        operation.erase,
        operation.retain,
        operation.rotate,
        operation.backup,
        operation.restore,
    ),
}


class _Grouped(TyperGroup):
    """Commands whose help lists them group by group; plain text, as Typer's own needs Rich."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write one section per group, in the order in which the commands were added."""
        width = max(map(len, self.commands))
        sections: dict[str, list[tuple[str, str]]] = {}
        for name, command in self.commands.items():
            group = str(getattr(command, "rich_help_panel", ""))
            words = command.get_short_help_str(formatter.width - width - _MARGINS)
            sections.setdefault(group, []).append((name.ljust(width), words))
        for group, rows in sections.items():
            with formatter.section(group):
                formatter.write_dl(rows)


def _assembled() -> typer.Typer:
    made = typer.Typer(
        cls=_Grouped,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        help="Returns of children's social care: take them in, compute outcomes, publish.",
    )
    for group, commands in _GROUPS.items():
        for command in commands:
            made.command(rich_help_panel=group)(at_home(command))
    return made


app = _assembled()


def main() -> None:
    """Run the command line; faults we raise on purpose are printed in one line, without a trace."""
    isolate()
    from schemas.environment import seek_cycles_less
    from schemas.errors import PipelineError, UsageError

    seek_cycles_less()
    _keep_to_owner()
    try:
        app(prog_name="sfp")
    except UsageError as error:
        _stop(str(error), 2)
    except PipelineError as error:
        _stop(str(error), 1)
    except KeyboardInterrupt:
        _stop("interrupted", 1)
    except Exception as error:  # its text may quote a row: only kind and place are printed
        from tasks.runtime.faults import words_for

        _stop(words_for(error), 1)


def _keep_to_owner() -> None:
    """Keep what any library writes under a root, Prefect's server included, to its owner.

    Except where the service was started with a umask that lets its group in and no one else
    (deploy/systemd): then each folder says what its group may read (warehouse/root.py).
    """
    given = os.umask(0o077)
    if given & 0o007 == 0o007:
        os.umask(given)


def _stop(message: str, code: int) -> None:
    say(f"sfp: {message}")
    sys.exit(code)
