"""What commands print: facts on standard output, messages on standard error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import typer

from cli.options import Format

if TYPE_CHECKING:
    from pandas import DataFrame

    from tasks.intake.settle import Waiting


def say(message: str) -> None:
    """Print a message for the person at the terminal; never mixed with facts."""
    typer.echo(message, err=True)


def say_waiting(files: Iterable[Waiting]) -> None:
    """Print which files have not settled yet, and how many seconds each still needs."""
    for one in files:
        say(f"waiting: {one.name}: FILE_STILL_ARRIVING ({one.seconds:.0f} s)")


def show(rows: Iterable[Mapping[Any, Any]], as_json: bool) -> None:
    """Print rows as JSON, or as aligned columns."""
    found = [dict(row) for row in rows]
    if as_json:
        typer.echo(json.dumps(found, default=str, ensure_ascii=False))
    elif found:
        _show_aligned([list(found[0]), *([str(cell) for cell in row.values()] for row in found)])
    else:
        typer.echo("(none)")


def _show_aligned(lines: list[list[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for cells in lines:
        pairs = zip(cells, widths, strict=True)
        typer.echo("  ".join(cell.ljust(width) for cell, width in pairs).rstrip())


def show_table(table: DataFrame, chosen: Format, csv: Callable[[DataFrame], str]) -> None:
    """Print a table of the contract as CSV or as JSON, with null for what is missing."""
    if chosen is Format.CSV:
        typer.echo(csv(table), nl=False)
        return
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    typer.echo(json.dumps(rows, ensure_ascii=False))


def plain_csv(table: DataFrame) -> str:
    """Return a table as CSV text."""
    return str(table.to_csv(index=False, lineterminator="\n"))
