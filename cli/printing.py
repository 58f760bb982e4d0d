"""What commands print: facts on standard output, messages on standard error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import typer

from cli.options import Format
from schemas.file_kinds import counted_files

if TYPE_CHECKING:
    from pandas import DataFrame

    from tasks.intake.settle import Waiting


def say(message: str) -> None:
    """Print a message for the person at the terminal; never mixed with facts."""
    typer.echo(message, err=True)


def say_outdated() -> None:
    """Print what this machine runs with that lacks a fix which matters here."""
    from schemas.patch_levels import outdated, running_versions

    for sentence in outdated(running_versions()):
        say(f"warning: {sentence}")


def say_files(what: str, found: Iterable[tuple[str, str]]) -> None:
    """Print what became of files, by path and code, without the names an authority gave them."""
    for place, files, code in counted_files(found):
        say(": ".join(word for word in (what, place, files, code) if word))


def say_waiting(files: Iterable[Waiting]) -> None:
    """Print how many files have not settled yet, and in how many seconds the last of them will."""
    found = list(files)
    say_files("waiting", ((one.name, "FILE_STILL_ARRIVING") for one in found))
    if found:
        say(f"waiting: the last will have settled in {max(one.seconds for one in found):.0f} s")


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
