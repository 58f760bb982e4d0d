"""Commands that take returns in, and what an authority is answered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_ROOT, JsonOption, RootOption, opened
from cli.printing import say, say_files, say_outdated, say_waiting, show

if TYPE_CHECKING:
    from warehouse.root import Root

_REJECTED = 3


def samples(
    out: Annotated[Path, typer.Argument(help="Folder to write to; must not exist or be empty.")],
    authorities: Annotated[str, typer.Option(help="How many, or codes with commas.")] = "17",
    first: Annotated[str, typer.Option("--from", help="First quarter.")] = "2019-20Q1",
    last: Annotated[str, typer.Option("--to", help="Last quarter.")] = "2023-24Q4",
    children: Annotated[int, typer.Option(help="Referrals per authority and year.")] = 1500,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 1,
    faults: Annotated[str, typer.Option(help="none or realistic.")] = "none",
    fault: Annotated[
        list[str] | None,
        typer.Option(help="Rate of one kind of fault, as zeros_lost=0.1; may be repeated."),
    ] = None,
    year_end_only: Annotated[
        bool, typer.Option("--year-end-only", help="Only fourth-quarter returns.")
    ] = False,
    cadence: Annotated[
        str, typer.Option(help="DueCalendar the returns follow: quarterly or year_ends.")
    ] = "quarterly",
) -> None:
    """Write invented returns in the real formats, with the truth alongside.

    With --faults realistic every kind of fault has a rate: how likely it is in one authority's
    returns of one quarter. truth/faults.csv lists what was planted, truth/outcomes.csv holds the
    figures without it and truth/outcomes_with_faults.csv those with it.

    Example: sfp samples var/samples --authorities 2 --from 2022-23Q1 --to 2023-24Q4
    """
    from samples.choose import chosen_authorities
    from samples.faults import asked_rates
    from samples.write import write_samples
    from schemas.quarter import Quarter

    missing = write_samples(
        out,
        authorities=chosen_authorities(authorities),
        first=Quarter.parse(first),
        last=Quarter.parse(last),
        children=children,
        seed=seed,
        faults=faults,
        fault_rates=asked_rates(fault or ()),
        year_end_only=year_end_only,
        cadence=cadence,
        progress=say,
    )
    for kind in missing:
        say(
            f"no {kind} was planted: no return that was written can have it, or chance drew none. "
            "Ask for more quarters or authorities, or a higher rate."
        )
    say(f"written to {out}; copy {out}/drop into a root's drop folder")


def templates(
    out: Annotated[Path, typer.Argument(help="Folder to write to.")],
    year: Annotated[int, typer.Option(help="Collection year: the one its 31 March is in.")] = 2026,
) -> None:
    """Write a template workbook per return, with a data dictionary and drop-down codes.

    Example: sfp templates var/templates --year 2026
    """
    from tasks.operate.template_workbooks import write_templates

    for path in write_templates(out, year=year):
        typer.echo(str(path))


def sweep(
    root: RootOption = DEFAULT_ROOT,
    as_json: JsonOption = False,
    wait: Annotated[
        bool, typer.Option(help="Wait for files still settling, at most one settle window.")
    ] = True,
) -> None:
    """Take in everything that has settled in the drop folder, once, without a server.

    Example: sfp sweep --root var/live
    """
    raise typer.Exit(swept_code(opened(root), as_json=as_json, wait=wait))


def swept_code(root: Root, *, as_json: bool, wait: bool) -> int:
    """Sweep, print what came of it, and return the exit code."""
    from tasks.intake.sweep import sweep_once
    from tasks.operate.reconcile import orphan_words

    say_outdated()
    swept = sweep_once(root, wait=wait, progress=say)
    say_files("not taken", swept.refused)
    say_waiting(swept.waiting)
    show((found.row() for found in swept.taken), as_json)
    say(swept.summary())
    if swept.has_unavailable:
        say(
            "DROP_FOLDER_UNAVAILABLE: the folder of an authority named above is gone or cannot be "
            "read. Mount it, let it be read, or make it again with `sfp init`; its files are taken "
            "in by the next sweep."
        )
    if words := orphan_words(root):
        say(f"sfp: {words}")
    if words or swept.has_internal_errors or swept.has_unavailable:
        return 1
    return _REJECTED if swept.has_rejections else 0


def findings(
    submission: Annotated[str, typer.Argument(help="Submission id, from `sfp status`.")],
    root: RootOption = DEFAULT_ROOT,
    as_json: JsonOption = False,
) -> None:
    """Show every rule's status on a submission; the values are in the authority's own pack.

    Example: sfp findings 0123456789abcdef --root var/live
    """
    from tasks.operate.status import rule_statuses

    show(rule_statuses(opened(root), submission), as_json)


def rules(
    code: Annotated[str, typer.Argument(help="One rule; all when left out.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Show every rule: code, words, reach, fields, years.

    Example: sfp rules 101
    """
    from expectations.book import rule_rows

    show(rule_rows(code), as_json)
